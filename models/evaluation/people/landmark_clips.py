"""Letters as real people move them: landmarks of takes, without pixels, read as live."""

import zipfile
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from overlay.core.errors import SigncapError
from overlay.recognition.landmark_file import in_pixels
from overlay.recognition.letter_model import LETTERS, LetterModel
from overlay.recognition.letter_stream import LetterStream

RATE: Final = 25.0  # frames a second, where a file does not say
ASPECT: Final = 16 / 9  # width over height of the pictures that were measured, where a file does not say
FIRST: Final = 8  # frames that say which hand it is: later on a J turns its back to the camera
SIDEWAYS: Final = "GHPQ"  # the palm does not face the camera
MOVING: Final = ("J", "Z", "I", "D")  # and what they would be if they stood still

Json = dict[str, Any]
Floats = NDArray[np.float32]


@dataclass(frozen=True)
class LandmarkClip:
    """One letter, signed once.

    Attributes:
        letter: which.
        landmarks: float32 (T, 21, 3) in pixels, of a right hand; NaN where no hand was found.
        rate: frames a second.
    """

    letter: str
    landmarks: Floats
    rate: float


def read_takes(path: Path, rate: float = RATE, aspect: float = ASPECT) -> list[LandmarkClip]:
    """The takes of an .npz: `landmarks` (frames, 21, 3) in fractions of the picture, NaN where there is no hand,
    `offsets` (takes + 1,) and `letter` (takes,); `rate`, `aspect` and `hand` ("right" or "left", of each take) are
    believed where they are there. Left hands are mirrored.

    Args:
        path: the file.
        rate: frames a second, where the file does not say.
        aspect: width over height, where the file does not say.

    Raises:
        SigncapError: it cannot be read, or holds something else.
    """
    try:
        with np.load(path) as stored:
            arrays = {name: stored[name] for name in stored.files}
    except FileNotFoundError as error:
        raise SigncapError(f"There is no file {path}: --motion takes an .npz of measured landmarks.") from error
    except (OSError, ValueError, EOFError, TypeError, AttributeError, zipfile.BadZipFile) as error:
        raise SigncapError(f"{path} is no .npz of arrays: --motion takes measured landmarks.") from error
    if not _sound(arrays):
        raise SigncapError(
            f"{path} should hold landmarks (frames, 21, 3), offsets (takes + 1) that rise to the number of frames, "
            "and letter (takes), A to Z."
        )
    rate, aspect = float(arrays.get("rate", rate)), float(arrays.get("aspect", aspect))
    if not (np.isfinite([rate, aspect]).all() and rate > 0 and aspect > 0):
        raise SigncapError(f"{path} says that its rate is {rate:g} and its aspect {aspect:g}: both must be above 0.")
    letters, offsets = [str(letter) for letter in arrays["letter"]], arrays["offsets"]
    pieces = np.split(in_pixels(arrays["landmarks"], aspect), offsets[1:-1])
    left = [str(hand) == "left" for hand in arrays["hand"]] if "hand" in arrays else left_hands(letters, pieces)
    flipped = np.array([-1, 1, 1], np.float32)
    return [
        LandmarkClip(letter, piece * flipped if is_left else piece, rate)
        for letter, piece, is_left in zip(letters, pieces, left, strict=True)
    ]


def left_hands(letters: Sequence[str], pieces: Sequence[Floats]) -> list[bool]:
    """Whether each take is of a left hand: on which side of the palm the index is while the palm faces the camera.

    Letters that turn the palm aside are taken to be of the hand that most other takes are of.
    """
    sides = [_left_hand(piece) for piece in pieces]
    facing = [side for letter, side in zip(letters, sides, strict=True) if letter not in SIDEWAYS]
    usual = sum(facing) * 2 > len(facing) if facing else False
    return [usual if letter in SIDEWAYS else side for letter, side in zip(letters, sides, strict=True)]


def read_take(letter_model: LetterModel, take: LandmarkClip) -> str:
    """The letters that are read from a take, the hand being raised before it and lowered after it."""
    stream = LetterStream(letter_model)
    silent = stream.frames_afterwards(take.rate) + 1
    letters = []
    for k, points in enumerate([*take.landmarks, *[None] * silent]):
        there = points is not None and not np.isnan(points).any()
        letters += stream.accept_landmarks(k / take.rate, points if there else None)
    return "".join(letter.text for letter in [*letters, *stream.finish()])


def take_figures(letter_model: LetterModel, takes: Sequence[LandmarkClip]) -> Json:
    """How many takes are read as just their letter; J, Z and what they begin from apart."""
    read = [(take.letter, read_take(letter_model, take)) for take in takes]
    return {
        "takes": len(read),
        "without_pixels": letter_model.needs_no_pixels,
        "right": sum(letter == text for letter, text in read),
        "moving": {letter: letter_figures(read, letter) for letter in MOVING if letter in dict(read)},
        "wrong": [[letter, text] for letter, text in read if letter != text],
    }


def letter_figures(read: Sequence[tuple[str, str]], letter: str) -> Json:
    """Of (what was signed, what was read): one letter's takes."""
    texts = [text for signed, text in read if signed == letter]
    wrong = Counter(text for text in texts if text != letter)
    return {"takes": len(texts), "right": texts.count(letter), "wrong": [[*pair] for pair in wrong.most_common()]}


def _left_hand(points: Floats) -> bool:
    seen = points[~np.isnan(points).any((1, 2))][:FIRST]
    across, along = seen[:, 17, :2] - seen[:, 5, :2], seen[:, 9, :2] - seen[:, 0, :2]
    turn = across[:, 0] * along[:, 1] - across[:, 1] * along[:, 0]
    return bool(len(turn) and np.median(turn) < 0)


def _sound(arrays: dict[str, NDArray[Any]]) -> bool:
    if not {"landmarks", "offsets", "letter"} <= set(arrays):
        return False
    landmarks, offsets, letters = arrays["landmarks"], arrays["offsets"], arrays["letter"]
    return bool(
        landmarks.ndim == 3
        and landmarks.shape[1:] == (21, 3)
        and landmarks.dtype.kind == "f"
        and letters.ndim == 1
        and len(letters) > 0
        and all(str(letter) in LETTERS for letter in letters)
        and offsets.shape == (len(letters) + 1,)
        and offsets.dtype.kind in "iu"
        and offsets[0] == 0
        and offsets[-1] == len(landmarks)
        and (np.diff(offsets.astype(np.int64)) > 0).all()
        and all(
            arrays[name].size == 1 and arrays[name].dtype.kind in "iuf"
            for name in ("rate", "aspect")
            if name in arrays
        )
        and ("hand" not in arrays or arrays["hand"].shape == letters.shape)
    )
