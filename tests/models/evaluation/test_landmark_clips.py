"""Letters in motion, read from landmarks alone."""

from pathlib import Path

import numpy as np
import pytest

from models.evaluation.people.landmark_clips import read_takes, take_figures
from overlay.core.errors import SigncapError
from overlay.recognition.letter_model import LetterModel
from overlay.synthesis.signer import SignerLook, SyntheticSigner

pytestmark = pytest.mark.unit

RATE, SIZE = 25.0, (640, 360)


def landmarks(letter: str, handedness: str) -> np.ndarray:
    """One letter in fractions of the picture; NaN while the hand is not in it."""
    look = SignerLook(handedness=handedness)  # type: ignore[arg-type]
    signer = SyntheticSigner(letter, letters_per_second=1.5, look=look, size=SIZE)
    unit = np.array([*SIZE, SIZE[0]], np.float32)
    frames = [signer.landmarks(k / RATE) for k in range(round(signer.duration * RATE))]
    return np.stack([np.full((21, 3), np.nan, np.float32) if one is None else one / unit for one in frames])


def write(path: Path, letters: str, handedness: str, **more: object) -> Path:
    takes = [landmarks(letter, handedness) for letter in letters]
    offsets = np.cumsum([0, *map(len, takes)])
    np.savez(path, landmarks=np.concatenate(takes), offsets=offsets, letter=np.array(list(letters)), **more)
    return path


@pytest.mark.integration
def test_takes_of_either_hand_are_read_and_j_z_i_d_are_told_apart(tmp_path: Path) -> None:
    letter_model = LetterModel()
    right = read_takes(write(tmp_path / "right.npz", "LJZIDG", "right"))
    left = read_takes(write(tmp_path / "left.npz", "LJZIDG", "left"))
    assert [take.letter for take in right] == list("LJZIDG")
    figures = take_figures(letter_model, right)
    assert figures["takes"] == 6
    assert figures["right"] >= 4
    assert list(figures["moving"]) == ["J", "Z", "I", "D"]
    assert figures["right"] == 6 - len(figures["wrong"])
    assert take_figures(letter_model, left)["right"] >= 4


def test_a_file_may_say_its_rate_its_shape_and_the_hand(tmp_path: Path) -> None:
    path = write(tmp_path / "told.npz", "L", "left", rate=50.0, aspect=1.0, hand=np.array(["right"]))
    (take,) = read_takes(path, rate=RATE, aspect=16 / 9)
    assert take.rate == 50.0
    seen = take.landmarks[~np.isnan(take.landmarks).any((1, 2))]
    assert (seen[:, 0, 0] > 0).all()  # not mirrored, since it is said to be a right hand
    plain = read_takes(write(tmp_path / "untold.npz", "L", "left"))[0].landmarks
    assert np.nanmax(plain[:, 0, 0]) < 0
    assert np.nanmax(seen[:, :, 1]) == pytest.approx(np.nanmax(plain[:, :, 1]) * 16 / 9)


@pytest.mark.parametrize(
    "wrong",
    [
        {"offsets": np.array([0, 2])},
        {"offsets": np.array([0, 0, 3])},
        {"letter": np.array(["?", "A"])},
        {"landmarks": np.zeros((3, 20, 3), np.float32)},
        {"rate": np.array([1.0, 2.0])},
        {"rate": np.array(0.0)},
        {"hand": np.array(["right"])},
    ],
)
def test_a_file_of_another_kind_is_refused_in_a_sentence(tmp_path: Path, wrong: dict[str, np.ndarray]) -> None:
    sound = {
        "landmarks": np.zeros((3, 21, 3), np.float32),
        "offsets": np.array([0, 1, 3]),
        "letter": np.array(["A", "B"]),
    }
    np.savez(tmp_path / "odd.npz", **(sound | wrong))
    with pytest.raises(SigncapError, match=r"odd\.npz (should hold|says)"):
        read_takes(tmp_path / "odd.npz")
