"""Reading pictures and videos of synthetic people, and the figures that come of it."""

from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pytest

from models.evaluation.evaluate import Answer, Answers, figures_of, read_all
from models.training.data.tree import Entry
from models.training.export.model_card import write_card
from overlay.core.errors import SigncapError
from overlay.media.frame import Picture, Pixels
from overlay.mp4.video_writer import VideoWriter
from overlay.synthesis.signer import SyntheticSigner

pytestmark = pytest.mark.unit

Photograph = Callable[..., Pixels]


def film(path: Path, text: str) -> None:
    """Write a video of somebody who spells."""
    signer = SyntheticSigner(text, size=(320, 240), lead=0.4, tail=0.5)
    writer = VideoWriter(path, 15)
    for index in range(round(signer.duration * 15)):
        pixels = signer.render(index / 15)
        i420 = np.asarray(cv2.cvtColor(pixels, cv2.COLOR_BGR2YUV_I420), np.uint8)
        writer.send(Picture(i420, index, index / 15))
    writer.close()


@pytest.mark.integration
@pytest.mark.slow
def test_pictures_count_as_held_and_videos_are_right_when_just_their_letter_is_read(
    tmp_path: Path, hand_model: Path, photograph: Photograph
) -> None:
    folder = tmp_path / "ann"
    for letter in "BJL":
        (folder / letter).mkdir(parents=True)
    cv2.imwrite(str(folder / "B" / "right.png"), photograph("B"))
    cv2.imwrite(str(folder / "B" / "wrong.png"), photograph("L"))
    cv2.imwrite(str(folder / "B" / "empty.png"), np.full((240, 320, 3), 90, np.uint8))
    (folder / "B" / "broken.png").write_bytes(b"no picture")
    cv2.imwrite(str(folder / "B" / "long.png"), np.zeros((9000, 2, 3), np.uint8))
    cv2.imwrite(str(folder / "J" / "frozen.png"), photograph("J"))
    film(folder / "J" / "moving.mp4", "J")
    film(folder / "L" / "right.mp4", "L")
    film(folder / "L" / "two.mp4", "LY")
    (folder / "L" / "broken.mp4").write_bytes(b"no video")
    answers = read_all(tmp_path, model=None, hand_model=hand_model)
    assert answers.left_out == 1
    read = {entry.path.removeprefix("ann/"): answer for entry, answer in answers.by_entry.items()}
    assert {path: (answer.found, answer.text) for path, answer in read.items()} == {
        "B/broken.png": (False, ""),
        "B/empty.png": (False, ""),
        "B/long.png": (False, ""),
        "B/right.png": (True, "B"),
        "B/wrong.png": (True, "L"),
        "J/moving.mp4": (True, "J"),
        "L/broken.mp4": (False, ""),
        "L/right.mp4": (True, "L"),
        "L/two.mp4": (True, "LY"),
    }
    assert 0.5 < (read["B/right.png"].confidence or 0) <= 1
    assert read["L/right.mp4"].confidence is None
    figures = figures_of(answers)
    assert figures["signers"]["ann"] == {"accuracy": 3 / 9, "found_accuracy": 3 / 5, "images": 9, "found": 5}
    assert (figures["pictures"], figures["videos"]) == (5, 4)
    assert figures["missed"] == ["ann/B/broken.png", "ann/B/empty.png", "ann/B/long.png", "ann/L/broken.mp4"]
    assert figures["letters"]["L"] == {"precision": 1 / 2, "recall": 1 / 3, "f1": pytest.approx(0.4), "support": 3}


@pytest.mark.integration
def test_frozen_motion_is_left_out_unless_asked_for(tmp_path: Path, hand_model: Path, photograph: Photograph) -> None:
    (tmp_path / "J").mkdir()
    cv2.imwrite(str(tmp_path / "J" / "0.png"), photograph("J"))
    with pytest.raises(SigncapError, match="only pictures of J and Z"):
        read_all(tmp_path, model=None, hand_model=hand_model)
    answers = read_all(tmp_path, model=None, hand_model=hand_model, moving_pictures=True)
    assert (len(answers.by_entry), answers.left_out) == (1, 0)


def answers_of(*read: tuple[str, str, str, float | None]) -> Answers:
    """Answers from (signer, letter, text, confidence); a text of "-" is a picture without a hand."""
    return Answers(
        {
            Entry(signer, letter, "", k, f"{signer}/{letter}/{k}.jpg"): Answer(
                text != "-", text.strip("-"), confidence
            )
            for k, (signer, letter, text, confidence) in enumerate(read)
        }
    )


def test_signers_count_alike_however_many_pictures_they_have() -> None:
    figures = figures_of(answers_of(*[("ann", "A", "A", 0.9)] * 8, ("bob", "A", "A", 0.9), ("bob", "A", "-", None)))
    assert figures["mean"] == pytest.approx(0.75)
    assert (figures["worst"], figures["worst_signer"]) == (0.5, "bob")
    assert (figures["found_mean"], figures["found_worst"]) == (1.0, 1.0)


def test_letters_have_precision_recall_and_f1_against_the_definitions() -> None:
    figures = figures_of(
        answers_of(
            *[("ann", "A", "A", 0.9)] * 3,
            ("ann", "A", "B", 0.9),
            ("ann", "A", "", None),
            ("ann", "A", "-", None),
            ("ann", "B", "B", 0.9),
            ("ann", "B", "AB", 0.9),
            ("ann", "C", "", None),
        )
    )
    assert figures["letters"]["A"] == {"precision": 1.0, "recall": 0.5, "f1": pytest.approx(2 / 3), "support": 6}
    assert figures["letters"]["B"] == {"precision": 0.5, "recall": 0.5, "f1": 0.5, "support": 2}
    assert figures["letters"]["C"] == {"precision": 0.0, "recall": 0.0, "f1": 0.0, "support": 1}
    assert figures["macro"] == {
        "precision": 0.5,
        "recall": pytest.approx(1 / 3),
        "f1": pytest.approx((2 / 3 + 0.5) / 3),
    }
    assert sorted(figures["confusions"]) == [
        ["A", "B", 1],
        ["A", "nothing", 1],
        ["B", "AB", 1],
        ["C", "nothing", 1],
    ]


def test_calibration_compares_confidence_with_what_was_right() -> None:
    figures = figures_of(
        answers_of(
            *[("ann", "A", "A", 0.95)] * 3,
            ("ann", "A", "B", 0.95),
            ("ann", "A", "A", 0.65),
            ("ann", "A", "", None),
            ("ann", "A", "A", 1.0),
        )
    )
    calibration = figures["calibration"]
    assert calibration["counted"] == 6
    assert calibration["error"] == pytest.approx(5 / 6 * abs(4.8 / 5 - 4 / 5) + 1 / 6 * 0.35)
    assert [one["count"] for one in calibration["bins"]] == [0] * 6 + [1, 0, 0, 5]
    assert calibration["bins"][9] == {
        "from": 0.9,
        "to": 1.0,
        "count": 5,
        "confidence": pytest.approx(0.96),
        "accuracy": pytest.approx(0.8),
    }
    assert figures_of(answers_of(("ann", "A", "", None)))["calibration"]["error"] is None


def test_the_card_says_only_what_was_measured(tmp_path: Path) -> None:
    figures = figures_of(answers_of(("ann", "A", "A", 0.95), ("ann", "B", "A", 0.9)))
    untried = dict.fromkeys(("speed", "takes", "silence", "strokes", "tones", "spelling"))
    write_card(tmp_path / "card.md", {"model": "someone's", **figures, **untried})
    card = (tmp_path / "card.md").read_text()
    assert card.startswith("# Model card: someone's\n")
    assert "| A | 50.0 % | 100.0 % | 66.7 % | 1 |" in card
    assert "| 0.9 to 1.0 | 2 | 92.5 % | 50.0 % |" in card
    assert "It is not calibrated" not in card
    assert "ann's letters are right in 50.0 % only" in card
    assert "how often is not measured" in card
    assert "J and Z as motion by real people: not measured." in card
    for heading in ("Running spelling", "Letters where nobody signs", "Motion", "By skin tone", "Speed"):
        assert f"## {heading}" not in card
    nothing = figures_of(answers_of(("ann", "A", "", None)))
    write_card(tmp_path / "card.md", {"model": "someone's", **nothing, **untried})
    assert "It is not calibrated" in (tmp_path / "card.md").read_text()
