"""People who do not sign, and real pictures without their hands."""

from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pytest

from models.evaluation.live import Eyes
from models.evaluation.silence import panned, resting
from models.evaluation.silence.panned import PannedView, region_beside, views_without_hand
from models.evaluation.silence.resting import RESTS, Stillness, rest
from models.evaluation.silence.silence import silence_figures
from overlay.core.errors import SigncapError
from overlay.media.frame import Pixels
from overlay.recognition.hands.detector_choice import open_detector
from overlay.recognition.hands.hand_detector import Hand

pytestmark = pytest.mark.unit


def hand_at(x: float, y: float, size: float) -> Hand:
    """A hand whose landmarks fill a square."""
    points = np.random.default_rng(0).uniform(-size / 2, size / 2, (21, 3)) + np.array([x, y, 0])
    points[0], points[1] = (x - size / 2, y - size / 2, 0), (x + size / 2, y + size / 2, 0)
    return Hand(points.astype(np.float32), "right", 0.9)


def test_the_region_beside_a_hand_is_the_largest_that_it_does_not_reach() -> None:
    assert region_beside(hand_at(100, 200, 100), 600, 400) == (175, 0, 600, 400)
    assert region_beside(hand_at(300, 320, 100), 600, 400) == (0, 0, 600, 245)
    assert region_beside(hand_at(300, 200, 300), 600, 400) is None


@pytest.fixture
def pictures(tmp_path: Path, photograph: Callable[..., Pixels]) -> Path:
    """Two pictures of a hand on the left, and one that is none."""
    folder = tmp_path / "rest"
    for letter in "BL":
        (folder / "ann" / letter).mkdir(parents=True)
        cv2.imwrite(str(folder / "ann" / letter / "0.jpg"), photograph(letter))
    (folder / "ann" / "B" / "1.jpg").write_bytes(b"no picture")
    return folder


@pytest.mark.integration
def test_views_pan_over_what_is_beside_the_hand(pictures: Path, hand_model: Path) -> None:
    views = views_without_hand(pictures, hand_model, 5)
    assert len(views) == 2
    assert len(views_without_hand(pictures, hand_model, 1)) == 1
    panned = PannedView(views[0], 3.0, 1)
    first, later = panned.render(0.0), panned.render(2.0)
    assert first.shape == (480, 640, 3)
    assert np.abs(first.astype(int) - later).mean() > 2
    assert np.array_equal(first, panned.render(0.0))
    with open_detector(hand_model, video=False) as finder:
        assert finder.find(first, 0.0) is None


@pytest.mark.integration
def test_a_folder_without_such_pictures_is_refused(tmp_path: Path, hand_model: Path) -> None:
    cv2.imwrite(str(tmp_path / "wall.jpg"), np.full((240, 320, 3), 90, np.uint8))
    with pytest.raises(SigncapError, match="enough beside it"):
        views_without_hand(tmp_path, hand_model, 2)


@pytest.mark.integration
def test_a_resting_hand_does_nothing_else() -> None:
    names = {kind.__name__ for kind, _ in RESTS}
    assert {span.letter for span in rest(30.0, 3).gestures} <= names


def test_a_still_person_is_not_an_empty_room() -> None:
    somebody, nobody = (Stillness(1.0, 5, person=person).render(0.0) for person in (True, False))
    assert somebody.shape == (480, 640, 3)
    assert np.abs(somebody.astype(int) - nobody).mean() > 5


@pytest.mark.integration
@pytest.mark.slow
def test_letters_are_counted_by_situation_and_in_all(
    pictures: Path, few_frames: Eyes, monkeypatch: pytest.MonkeyPatch
) -> None:
    for trial in (panned, resting):
        monkeypatch.setattr(trial, "SIZE", (320, 240))
    figures = silence_figures(few_frames, 0.08, pictures)
    assert len(figures["situations"]) == 4
    assert figures["all"]["minutes"] == pytest.approx(0.08)
    assert figures["all"]["letters"] == sum(one["letters"] for one in figures["situations"].values())
    assert figures["all"]["letters"] == sum(figures["all"]["which"].values())
    still = figures["situations"]["nobody, or a person with hands down"]
    assert still["a_minute"] == 0
