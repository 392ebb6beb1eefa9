"""When the letters of a text were made."""

from collections.abc import Callable

import numpy as np
import pytest
import torch
from torch import Tensor

from models.training.data.rows import DELAY, IGNORED
from models.training.networks.shipped import Encoder, Temporal
from models.training.shipped.running_material import align, align_takes, running_examples
from overlay.recognition.landmark_file import RunningTake
from overlay.recognition.letter_model import BLANK, CLASSES, LETTERS
from overlay.synthesis.signer import SyntheticSigner

pytestmark = pytest.mark.unit


def probabilities(steps: str, confidence: float = 0.9) -> np.ndarray:
    rows = np.full((len(steps), CLASSES), (1 - confidence) / (CLASSES - 1))
    for row, symbol in zip(rows, steps, strict=True):
        row[BLANK if symbol == "-" else LETTERS.index(symbol)] = confidence
    return rows


def labels(text: str) -> list[int]:
    return [LETTERS.index(letter) for letter in text]


@pytest.mark.parametrize(
    ("steps", "text", "places"),
    [
        ("--AAA-BB-", "AB", "--000-11-"),
        ("AABB", "AB", "0011"),  # without anything in between
        ("-LL--LLL-", "LL", "-00--111-"),  # the same twice
        ("---", "", "---"),
    ],
)
def test_letters_are_placed_where_they_are_seen(steps: str, text: str, places: str) -> None:
    wanted = [-1 if place == "-" else int(place) for place in places]
    assert align(probabilities(steps), labels(text)).tolist() == wanted


def test_a_letter_that_was_hardly_seen_has_its_step_all_the_same() -> None:
    placed = align(probabilities("-AAAA-----CCCC-"), labels("ABC"))
    assert set(placed.tolist()) == {-1, 0, 1, 2}
    assert (np.diff(placed[placed >= 0]) >= 0).all()


def test_too_few_steps_for_a_text_are_told() -> None:
    with pytest.raises(ValueError, match="too few steps"):
        align(probabilities("AA"), labels("AABB"))


def take(text: str) -> RunningTake:
    signer = SyntheticSigner("HELLO", letters_per_second=2, size=(640, 480))
    frames = []
    for at in np.arange(0, signer.duration, 1 / 30):
        points = signer.landmarks(float(at))
        frames.append(np.full((21, 3), np.nan) if points is None else points / np.array([640, 480, 640]))
    return RunningTake(np.array(frames, np.float32), text, 30.0, 4 / 3, "ann")


def knowing(text: str, frames: int) -> Callable[[Tensor], Tensor]:
    """What a network says that has seen a text spelled, `DELAY` steps behind."""
    each = (frames - 20) // len(text)
    steps = "-" * 10 + "".join((each - 2) * letter + "--" for letter in text)
    said = probabilities((steps + frames * "-")[:frames])

    def every_step(rows: Tensor) -> Tensor:
        shifted = np.concatenate([probabilities(DELAY * "-"), said])
        assert rows.shape[1] == len(shifted)
        return torch.from_numpy(shifted).log()[None]

    return every_step


def test_takes_are_labelled_where_their_text_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    one = take("HELLO")
    temporal = Temporal()
    monkeypatch.setattr(temporal, "every_step", knowing("HELLO", len(one.landmarks)))
    (aligned,) = align_takes(Encoder(), temporal, [one], np.random.default_rng(0))
    seen = aligned.rows.labels[aligned.rows.labels != BLANK]
    assert "".join(LETTERS[label] for label in dict.fromkeys(seen.tolist())) == "HELO"
    assert len(aligned.clip.labels) == len(one.landmarks)
    assert set(aligned.clip.labels.tolist()) == {*labels("HELO"), BLANK}
    examples = running_examples([aligned], 0.5)
    assert set(examples.signers.tolist()) == {"ann"}
    assert BLANK not in examples.labels


def test_a_take_with_another_text_is_left_out_and_a_doubtful_letter_left_open(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    temporal = Temporal()
    frames = len(take("HELLO").landmarks)
    monkeypatch.setattr(temporal, "every_step", knowing("HELLO", frames))
    rng = np.random.default_rng(0)
    assert align_takes(Encoder(), temporal, [take("WORDS")], rng) == []
    (aligned,) = align_takes(Encoder(), temporal, [take("HELXLO")], rng)
    assert LETTERS.index("X") not in aligned.rows.labels
    assert IGNORED in aligned.rows.labels
