"""Both ways of finding hands, on the synthetic signer."""

import functools
import gc
import sys
import threading
from pathlib import Path
from typing import Any, get_args

import numpy as np
import pytest

from overlay.core.errors import SigncapError
from overlay.media.frame import Pixels
from overlay.recognition.hands.detector_choice import Way, open_detector
from overlay.recognition.hands.hand_detector import CONNECTIONS, Hand
from overlay.recognition.hands.mediapipe_hands import MediaPipeHands
from overlay.synthesis.signer import SignerLook, SyntheticSigner

pytestmark = pytest.mark.integration


@pytest.fixture(params=get_args(Way))
def way(request: pytest.FixtureRequest) -> Way:
    """Each way of finding hands."""
    found: Way = request.param
    return found


@functools.cache
def pictures(handedness: str) -> list[tuple[float, Pixels]]:
    """Of a signer who spells with this hand, with their times."""
    look = SignerLook(handedness=handedness)  # type: ignore[arg-type]
    signer = SyntheticSigner("ABLOW", look=look, size=(320, 240))
    moments = [float(at) for _, start, end in signer.letters for at in np.linspace(start, end, 3)]
    return [(at, signer.render(at)) for at in moments]


@functools.cache
def found(way: Way, hand_model: Path, handedness: str, *, mirrored: bool = False, video: bool = True) -> list[Hand]:
    """The hands found while a signer with this hand spells, the picture mirrored as a selfie or not."""
    hands = []
    with open_detector(hand_model, video=video, way=way) as finder:
        for at, pixels in pictures(handedness):
            hand = finder.find(np.ascontiguousarray(pixels[:, ::-1]) if mirrored else pixels, at)
            if hand is not None:
                hands.append(hand)
    assert len(hands) >= 12
    return hands


@pytest.mark.parametrize("handedness", ["right", "left"])
def test_an_unmirrored_picture_gives_the_hand_that_the_signer_uses(
    way: Way, handedness: str, hand_model: Path
) -> None:
    """The sense of MediaPipe's label has changed between its versions: this pins it."""
    labels = [hand.handedness for hand in found(way, hand_model, handedness)]
    assert labels.count(handedness) >= 0.9 * len(labels)  # type: ignore[arg-type]


def test_a_mirrored_picture_turns_the_label_round(way: Way, hand_model: Path) -> None:
    labels = [hand.handedness for hand in found(way, hand_model, "right", mirrored=True)]
    assert labels.count("left") >= 0.9 * len(labels)


@pytest.mark.parametrize("video", [True, False])
def test_landmarks_come_in_pixels_scores_as_probabilities(way: Way, video: bool, hand_model: Path) -> None:
    for hand in found(way, hand_model, "right", video=video):
        assert hand.landmarks.shape == (21, 3)
        assert hand.landmarks.dtype == np.float32
        assert 10 < np.ptp(hand.landmarks[:, 1]) < 240
        assert 0.4 < hand.score <= 1


def test_time_that_stands_still_is_no_error(way: Way, hand_model: Path) -> None:
    pixels = SyntheticSigner("L", size=(320, 240)).render(1.2)
    with open_detector(hand_model, way=way) as finder:
        for _ in range(3):
            finder.find(pixels, 1.0)


@pytest.mark.unit
def test_a_file_that_is_no_hand_model_is_one_sentence(tmp_path: Path) -> None:
    bad = tmp_path / "hand.task"
    bad.write_bytes(b"nothing")
    with pytest.raises(SigncapError):
        open_detector(bad)


@pytest.mark.unit
def test_connections_reach_every_landmark() -> None:
    assert {end for pair in CONNECTIONS for end in pair} == set(range(21))


def test_an_image_whose_making_was_interrupted_goes_quietly(
    hand_model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from mediapipe import Image

    MediaPipeHands(hand_model).close()
    complaints: list[Any] = []
    monkeypatch.setattr(sys, "unraisablehook", complaints.append)
    unmade = Image.__new__(Image)
    del unmade
    gc.collect()
    assert not complaints


@pytest.fixture(scope="module")
def close() -> np.ndarray:
    """A hand that fills the picture and reaches over its edges."""
    signer = SyntheticSigner("L", look=SignerLook(hand_scale=1.5), size=(640, 480))
    _, start, end = signer.letters[0]
    at = (start + end) / 2
    points = signer.landmarks(at)
    assert points is not None
    (left, top), (right, bottom) = points[:, :2].min(0).astype(int), points[:, :2].max(0).astype(int)
    return np.ascontiguousarray(signer.render(at)[top + 5 : bottom - 5, left + 5 : right - 5])


def test_a_hand_that_fills_the_picture_is_found_in_another_view(
    way: Way, hand_model: Path, close: np.ndarray, monkeypatch: pytest.MonkeyPatch
) -> None:
    with open_detector(hand_model, video=False, way=way) as finder:
        hand = finder.find(close, 0.0)
        if way == "mediapipe":  # Signcap's detector finds this one as it is
            monkeypatch.setattr("overlay.recognition.hands.search.VIEWS", ())
            assert finder.find(close, 0.0) is None, "it is found as it is, and another view is not needed"
    assert hand is not None
    height, width = close.shape[:2]
    low, high = hand.landmarks[:, :2].min(0), hand.landmarks[:, :2].max(0)
    assert np.abs(low).max() < 0.12 * height, "its landmarks are in the pixels of the picture"
    assert np.abs(high - (width, height)).max() < 0.12 * height


def test_in_a_video_it_is_found_within_a_third_of_a_second_and_kept(
    way: Way, hand_model: Path, close: np.ndarray
) -> None:
    with open_detector(hand_model, way=way) as finder:
        seen = [finder.find(close, k / 30) is not None for k in range(20)]
    assert any(seen[:10])
    assert all(seen[seen.index(True) :])


def test_a_signer_who_sits_far_away_is_found_in_a_video(way: Way, hand_model: Path) -> None:
    """At a quarter of the usual size; a frame as it is shows the detector no hand."""
    signer = SyntheticSigner("L", size=(320, 180))
    _, start, end = signer.letters[0]
    room = np.full((720, 1280, 3), (196, 204, 208), np.uint8)
    room[270:450, 480:800] = signer.render((start + end) / 2)
    truth = signer.landmarks((start + end) / 2)
    assert truth is not None
    with open_detector(hand_model, way=way) as finder:
        found = [finder.find(room, k / 10) for k in range(20)]
    assert found[0] is None
    assert found[-1] is not None
    assert np.abs(found[-1].landmarks[:, :2] - truth[:, :2] - (480, 270)).mean() < 5


def test_a_picture_is_read_whatever_came_before(way: Way, hand_model: Path, close: np.ndarray) -> None:
    signer = SyntheticSigner("L", size=(320, 240))
    _, start, end = signer.letters[0]
    other = signer.render((start + end) / 2)
    with open_detector(hand_model, video=False, way=way) as finder:
        first = finder.find(other, 0.0)
        finder.find(close, 0.0)
        again = finder.find(other, 0.0)
        assert finder.find(np.full((240, 320, 3), 90, np.uint8), 0.0) is None
    assert first is not None
    assert again is not None
    np.testing.assert_allclose(first.landmarks, again.landmarks, atol=0.5)


def test_pictures_are_let_go_of_where_ctrl_c_is_not_heard(hand_model: Path) -> None:
    """Python drops what is raised in a destructor, and Ctrl-C is raised in the main thread."""
    with MediaPipeHands(hand_model) as finder:
        made_in, kind = [], finder._image

        class Noted(kind):  # type: ignore[misc]
            def __del__(self) -> None:
                made_in.append(threading.current_thread())
                super().__del__()

        finder._image = Noted
        finder.find(np.zeros((120, 160, 3), np.uint8), 1.0)
    assert made_in
    assert threading.main_thread() not in made_in
