"""Files of running spelling: landmarks of people who spelled a text, measured frame by frame, without pictures."""

import io
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from overlay.core.errors import SigncapError
from overlay.core.files.atomic import write_whole
from overlay.recognition.letter_model import LETTERS

SPELLABLE: Final = frozenset((*LETTERS, " "))
FASTEST: Final = 1000.0  # frames a second
WIDEST: Final = 10.0  # width over height, or height over width
WIDTH: Final = 640  # pixels that the width of a picture is taken for

Floats = NDArray[np.float32]
Arrays = dict[str, NDArray[Any]]


@dataclass(frozen=True, eq=False)
class RunningTake:
    """A text that somebody spelled, from the first frame to the last.

    Attributes:
        landmarks: float32 (T, 21, 3), of a right hand or a mirrored left one: x and y in fractions of the width and
            the height of the picture, z in MediaPipe's sense and scaled like x; NaN in every frame without a hand.
        text: what was spelled: A to Z, and single spaces between words.
        rate: frames a second.
        aspect: width of the picture over its height.
        signer: who spelled; empty where nobody says.
    """

    landmarks: Floats
    text: str
    rate: float
    aspect: float
    signer: str = ""


def read_running(path: Path) -> list[RunningTake]:
    """Read the takes of an .npz file, all into memory.

    It holds `landmarks` (frames, 21, 3), all takes one after the other; `offsets` (takes + 1,), where each begins;
    `text` (takes,), or `letter` where each take is of one; `rate` and `aspect`, one for all or one a take; and, where
    they are known, `signer` (takes,) and `hand` (takes,), "right" or "left". A take of a left hand is mirrored.

    Raises:
        SigncapError: it cannot be read, or holds something else.
    """
    try:
        with np.load(path, allow_pickle=False) as stored:
            arrays: Arrays = {name: stored[name] for name in stored.files}
    except FileNotFoundError as error:
        raise SigncapError(f"There is no file {path}: name an .npz of running spelling.") from error
    except (OSError, ValueError, EOFError, TypeError, AttributeError, KeyError, zipfile.BadZipFile) as error:
        raise SigncapError(f"Cannot read {path} as an .npz of running spelling: name another file.") from error
    texts = arrays.get("text", arrays.get("letter"))
    if texts is None or not _sound(arrays, texts):
        raise SigncapError(
            f"{path} should hold landmarks (frames, 21, 3), offsets (takes + 1) that rise to the number of frames, "
            "text (takes) of the letters A to Z, and rate and aspect: import or write it again."
        )
    count = len(texts)
    rates, aspects = (np.broadcast_to(arrays[name], count).astype(float) for name in ("rate", "aspect"))
    if not (np.isfinite([rates, aspects]).all() and (rates > 0).all() and (rates <= FASTEST).all()):
        raise SigncapError(f"{path} gives an impossible frame rate or aspect: write it again with the true ones.")
    if not ((aspects >= 1 / WIDEST) & (aspects <= WIDEST)).all():
        raise SigncapError(f"{path} gives an impossible aspect, width over height: write it again with the true one.")
    signers = [str(one) for one in arrays["signer"]] if "signer" in arrays else [""] * count
    hands = [str(one) for one in arrays["hand"]] if "hand" in arrays else ["right"] * count
    landmarks = arrays["landmarks"].astype(np.float32)
    landmarks[~np.isfinite(landmarks).all((1, 2))] = np.nan  # half a hand is none
    takes = []
    for number, piece in enumerate(np.split(landmarks, arrays["offsets"][1:-1])):
        points = mirrored(piece) if hands[number] == "left" else piece
        text = " ".join(str(texts[number]).split())
        takes.append(RunningTake(points, text, float(rates[number]), float(aspects[number]), signers[number]))
    return takes


def write_running(path: Path, takes: Sequence[RunningTake], *, mode: int = 0o644) -> None:
    """Write takes to an .npz file, whole or not at all; a file of that name is replaced.

    Args:
        path: of the file; its folder must be there.
        takes: at least one.
        mode: who may read and write it.

    Raises:
        SigncapError: there are no takes, or the file cannot be written; what was there before is left.
    """
    if not takes:
        raise SigncapError(f"There is nothing to write to {path}: choose at least one take.")
    arrays: Arrays = {
        "landmarks": np.concatenate([take.landmarks for take in takes]).astype(np.float32),
        "offsets": np.cumsum([0, *(len(take.landmarks) for take in takes)], dtype=np.int64),
        "text": np.array([take.text for take in takes]),
        "rate": _one_or_each([take.rate for take in takes]),
        "aspect": _one_or_each([take.aspect for take in takes]),
    }
    if any(take.signer for take in takes):
        arrays["signer"] = np.array([take.signer for take in takes])
    file = io.BytesIO()
    np.savez_compressed(file, **arrays)  # type: ignore[arg-type]  # typeshed takes the arrays for its option
    try:
        write_whole(path, file.getvalue(), mode=mode)
    except OSError as error:
        raise SigncapError(
            f"Cannot write {path} ({error.strerror}): choose a folder that exists and has room."
        ) from error


def in_pixels(landmarks: Floats, aspect: float) -> Floats:
    """Return landmarks (..., 21, 3) in fractions of a picture in pixels, as if it were `WIDTH` wide."""
    return (landmarks * np.array([WIDTH, WIDTH / aspect, WIDTH], np.float32)).astype(np.float32)


def mirrored(landmarks: Floats) -> Floats:
    """Return landmarks (T, 21, 3) in fractions of the picture as if the picture had been mirrored."""
    return (landmarks * np.array([-1, 1, 1], np.float32) + np.array([1, 0, 0], np.float32)).astype(np.float32)


def _one_or_each(values: list[float]) -> NDArray[Any]:
    return np.array(values[0] if len(set(values)) == 1 else values, np.float64)


def _sound(arrays: Arrays, texts: NDArray[Any]) -> bool:
    if not {"landmarks", "offsets", "rate", "aspect"} <= set(arrays):
        return False
    landmarks, offsets = arrays["landmarks"], arrays["offsets"]
    return bool(
        landmarks.ndim == 3
        and landmarks.shape[1:] == (21, 3)
        and landmarks.dtype.kind == "f"
        and texts.ndim == 1
        and texts.dtype.kind == "U"
        and len(texts) > 0
        and all(set(str(text)) <= SPELLABLE and str(text).strip() for text in texts)
        and offsets.shape == (len(texts) + 1,)
        and offsets.dtype.kind in "iu"
        and offsets[0] == 0
        and offsets[-1] == len(landmarks)
        and (np.diff(offsets.astype(np.int64)) > 0).all()
        and all(arrays[name].shape in ((), texts.shape, (1,)) for name in ("rate", "aspect"))
        and all(arrays[name].dtype.kind in "iuf" for name in ("rate", "aspect"))
        and all(arrays[name].shape == texts.shape for name in ("signer", "hand") if name in arrays)
        and ("hand" not in arrays or {str(hand) for hand in arrays["hand"]} <= {"left", "right"})
    )
