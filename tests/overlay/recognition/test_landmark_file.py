"""Running spelling in files."""

from pathlib import Path

import numpy as np
import pytest

from overlay.core.errors import SigncapError
from overlay.recognition.landmark_file import RunningTake, mirrored, read_running, write_running

pytestmark = pytest.mark.unit


def take(text: str, frames: int, rate: float = 30.0, aspect: float = 1.5, signer: str = "") -> RunningTake:
    landmarks = np.random.default_rng(frames).random((frames, 21, 3), dtype=np.float32)
    landmarks[0] = np.nan
    return RunningTake(landmarks, text, rate, aspect, signer)


@pytest.mark.parametrize("signers", [("", ""), ("anna", "ben")])
@pytest.mark.parametrize("rates", [(30.0, 30.0), (30.0, 59.94)])
def test_what_is_written_is_read_again(tmp_path: Path, signers: tuple[str, str], rates: tuple[float, float]) -> None:
    takes = [take("HELLO", 4, rates[0], 1.5, signers[0]), take("AT SEA", 3, rates[1], 0.75, signers[1])]
    write_running(tmp_path / "some.npz", takes)
    again = read_running(tmp_path / "some.npz")
    for wanted, got in zip(takes, again, strict=True):
        assert (got.text, got.rate, got.aspect, got.signer) == (
            wanted.text,
            wanted.rate,
            wanted.aspect,
            wanted.signer,
        )
        assert got.landmarks.dtype == np.float32
        np.testing.assert_array_equal(got.landmarks, wanted.landmarks)


def sound() -> dict[str, object]:
    return {
        "landmarks": np.full((3, 21, 3), 0.25, np.float32),
        "offsets": np.array([0, 1, 3]),
        "text": np.array(["A", "B C"]),
        "rate": 25.0,
        "aspect": np.array([1.0, 2.0]),
    }


def test_a_left_hand_is_mirrored_and_half_a_hand_is_none(tmp_path: Path) -> None:
    landmarks = np.full((3, 21, 3), 0.25, np.float32)
    landmarks[2, 5, 1] = np.inf
    np.savez(tmp_path / "told.npz", **(sound() | {"landmarks": landmarks, "hand": np.array(["left", "right"])}))
    left, right = read_running(tmp_path / "told.npz")
    assert (left.landmarks == [0.75, 0.25, 0.25]).all()
    assert (right.landmarks[0] == 0.25).all()
    assert np.isnan(right.landmarks[1]).all()
    np.testing.assert_array_equal(mirrored(mirrored(landmarks[:2])), landmarks[:2])


def test_a_file_of_single_letters_is_running_spelling_too(tmp_path: Path) -> None:
    arrays = sound() | {"letter": np.array(["A", "B"])}
    del arrays["text"]
    np.savez(tmp_path / "letters.npz", **arrays)
    assert [one.text for one in read_running(tmp_path / "letters.npz")] == ["A", "B"]


@pytest.mark.parametrize(
    "wrong",
    [
        {"offsets": np.array([0, 2])},
        {"offsets": np.array([0, 0, 3])},
        {"offsets": np.array([0, 1, 2])},
        {"offsets": np.array([1, 2, 3])},
        {"offsets": np.array([0.0, 1.0, 3.0])},
        {"text": np.array(["A", "b"])},
        {"text": np.array(["A", " "])},
        {"text": np.array("A")},
        {"text": np.array([1, 2])},
        {"landmarks": np.zeros((3, 20, 3), np.float32)},
        {"landmarks": np.zeros((3, 21, 3), np.int64)},
        {"rate": np.array([1.0, 2.0, 3.0])},
        {"rate": np.array("fast")},
        {"rate": np.array(0.0)},
        {"rate": np.array(np.nan)},
        {"aspect": np.array([1.0, 0.0])},
        {"signer": np.array(["anna"])},
        {"hand": np.array(["left", "foot"])},
    ],
)
def test_a_file_of_another_kind_is_refused_in_a_sentence(tmp_path: Path, wrong: dict[str, np.ndarray]) -> None:
    np.savez(tmp_path / "odd.npz", **(sound() | wrong))
    with pytest.raises(SigncapError, match=r"odd\.npz (should hold|gives)"):
        read_running(tmp_path / "odd.npz")


@pytest.mark.parametrize("missing", ["landmarks", "offsets", "text", "rate", "aspect"])
def test_nothing_may_be_missing(tmp_path: Path, missing: str) -> None:
    arrays = sound()
    del arrays[missing]
    np.savez(tmp_path / "odd.npz", **arrays)
    with pytest.raises(SigncapError, match="should hold"):
        read_running(tmp_path / "odd.npz")


def test_what_is_no_npz_is_refused_and_nothing_is_unpickled(tmp_path: Path) -> None:
    (tmp_path / "text.npz").write_text("no archive")
    np.savez(tmp_path / "pickled.npz", **(sound() | {"text": np.array(["A", None], object)}))
    np.save(tmp_path / "one.npy", np.zeros(3))
    for name in ("text.npz", "pickled.npz", "one.npy"):
        with pytest.raises(SigncapError, match=f"Cannot read .*{name}"):
            read_running(tmp_path / name)
    with pytest.raises(SigncapError, match="There is no file"):
        read_running(tmp_path / "none.npz")


def test_a_file_that_cannot_be_written_says_so(tmp_path: Path) -> None:
    with pytest.raises(SigncapError, match="Cannot write"):
        write_running(tmp_path / "no folder" / "some.npz", [take("A", 2)])
    with pytest.raises(SigncapError, match="nothing to write"):
        write_running(tmp_path / "some.npz", [])
    assert not list(tmp_path.iterdir())
