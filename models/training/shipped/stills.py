"""Held letters by real signers: photographs and measured landmarks."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path, PurePosixPath
from typing import TypeVar

import cv2
import numpy as np
from numpy.typing import NDArray

from models.console import all_in_parallel
from models.training.data.tree import MOVING, read_tree
from models.training.shipped.augmentation import STORED, STORED_MARGIN
from overlay.core.errors import SigncapError
from overlay.media.frame import Pixels
from overlay.media.images import read_picture
from overlay.recognition.crop import cut_hand
from overlay.recognition.hands.detector_choice import open_detector
from overlay.recognition.hands.hand_detector import Hand
from overlay.recognition.hands.photograph import find_hand_in_picture
from overlay.recognition.landmark_file import in_pixels
from overlay.recognition.letter_model import LETTERS

Found = TypeVar("Found")

JPEG = frozenset({".jpg"})
LIKE_LETTERS = {"0": "O", "2": "V", "6": "W", "9": "F"}  # digits
CLOSE = 300  # pixels that a picture is enlarged to which a hand fills


@dataclass(frozen=True)
class Stills:
    """Held letters.

    Attributes:
        crops: uint8 (N, STORED, STORED, 3) RGB of right hands, or None where there are only landmarks.
        landmarks: float32 (N, 21, 3) in pixels, of right hands.
        labels: int (N,), index into `LETTERS`.
        signers: str (N,).
    """

    crops: NDArray[np.uint8] | None
    landmarks: NDArray[np.float32]
    labels: NDArray[np.int64]
    signers: NDArray[np.str_]

    def select(self, keep: NDArray[np.bool_]) -> "Stills":
        """Those for which `keep` is true."""
        crops = None if self.crops is None else self.crops[keep]
        return Stills(crops, self.landmarks[keep], self.labels[keep], self.signers[keep])


def read_photographs(
    folder: Path, hand_model: Path, cache: Path | None = None, *, jobs: int = 1, one_hand: bool = True
) -> Stills:
    """Find the hands in a tree of photographs, *.jpg; what is not found is left out, and so are J and Z.

    Which hand a signer uses is decided by the majority of the signer's pictures: a single picture, of a
    fist from the side say, is often taken for the other hand.

    Args:
        folder: the photographs, see `models.training.data.tree`.
        hand_model: MediaPipe's bundle.
        cache: an .npz to read instead, or to write.
        jobs: how many processes.
        one_hand: each signer signs with one hand, decided by the majority; otherwise every picture says by itself.
    """
    if cache is not None and cache.exists():
        with np.load(cache) as stored:
            return Stills(stored["crops"], stored["landmarks"], stored["labels"], stored["signers"])
    entries = [entry for entry in read_tree(folder, JPEG) if entry.letter not in MOVING]
    if not entries:
        raise SigncapError(f"{folder} holds only pictures of J and Z, which are motion: add those of other letters.")
    entries.sort(key=lambda entry: PurePosixPath(entry.path))  # chance is spent on them in this order
    found = _found(partial(_Finder, hand_model), [folder / entry.path for entry in entries], jobs)
    votes = Counter((entries[number].signer, hand.handedness == "left") for number, (_, hand) in found)
    crops, landmarks = [], []
    for number, (crop, hand) in found:
        signer = entries[number].signer
        left = votes[signer, True] > votes[signer, False] if one_hand else hand.handedness == "left"
        crops.append(crop[:, ::-1] if left else crop)
        landmarks.append(hand.landmarks * np.array([-1 if left else 1, 1, 1], np.float32))
    labels = [entries[number].label for number, _ in found]
    signers = [entries[number].signer for number, _ in found]
    stills = Stills(np.array(crops), np.array(landmarks), np.array(labels), np.array(signers))
    if cache is not None:
        cache.parent.mkdir(parents=True, exist_ok=True)
        assert stills.crops is not None
        np.savez(cache, crops=stills.crops, landmarks=stills.landmarks, labels=stills.labels, signers=stills.signers)
    return stills


def _found(
    begin: Callable[[], Callable[[Path], Found | None]], files: Sequence[Path], jobs: int
) -> list[tuple[int, Found]]:
    """Numbers of pictures with what is found in them; those in which nothing is are left out."""
    found = all_in_parallel(begin, files, jobs, "finding hands")
    return [(number, one) for number, one in enumerate(found) if one is not None]


class _Finder:
    """Finds the hand in one photograph after the other, in a process of its own."""

    def __init__(self, hand_model: Path) -> None:
        self._finder = open_detector(hand_model, video=False)

    def __call__(self, path: Path) -> tuple[Pixels, Hand] | None:
        pixels = read_picture(path)
        found = None if pixels is None else find_hand_in_picture(self._finder, pixels)
        if found is None:
            return None
        enlarged, hand = found
        square = cut_hand(enlarged, hand.landmarks, mirror=False, size=STORED, margin=STORED_MARGIN)
        return square, hand


def join_stills(several: Sequence[Stills]) -> Stills:
    """All of them as one, without pixels."""
    return Stills(
        None,
        np.concatenate([one.landmarks for one in several]),
        np.concatenate([one.labels for one in several]),
        np.concatenate([one.signers for one in several]),
    )


@dataclass(frozen=True)
class Measured:
    """A file of one signer's landmarks in fractions of the picture, as other projects keep them.

    Attributes:
        path: .npz with `landmarks` (N, 21, 3) and `letter` (N,); what is none of the letters is left out.
        aspect: width over height of the pictures.
        left: it shows left hands, or right ones mirrored.
    """

    path: Path
    aspect: float
    left: bool = False

    @classmethod
    def of(cls, text: str) -> "Measured":
        """Read FILE,W:H or FILE,W:H,left.

        Raises:
            SigncapError: it is nothing of the kind.
        """
        name, *rest = text.split(",")
        shape = rest[0].split(":") if rest else []
        try:
            width, height = map(float, shape)
        except ValueError:
            width = height = 0
        if not (width > 0 and height > 0 and rest[1:] in ([], ["left"])):
            raise SigncapError(
                f"{text} should be FILE,W:H, the shape of the pictures that were measured, or FILE,W:H,left."
            )
        return cls(Path(name), width / height, bool(rest[1:]))

    def read(self, most: int = 40) -> Stills:
        """Its letters but J and Z, at most so many of each, spread over the file."""
        with np.load(self.path) as stored:
            letters, points = stored["letter"], stored["landmarks"]
        wanted = [letter for letter in LETTERS if letter not in MOVING]
        chosen = []
        for letter in wanted:
            mine = np.flatnonzero(letters == letter)
            chosen.append(mine[np.linspace(0, len(mine) - 1, min(most, len(mine))).astype(int)])
        frames = np.concatenate(chosen)
        pixels = in_pixels(points[frames], self.aspect)
        if self.left:
            pixels *= np.array([-1, 1, 1], np.float32)
        labels = np.array([LETTERS.index(letter) for letter in letters[frames]])
        return Stills(None, pixels, labels, np.full(len(frames), self.path.stem))


def read_digits(folder: Path, hand_model: Path, cache: Path, *, jobs: int = 1) -> Stills:
    """Pictures of digits that are made like letters, `folder/<signer>/<DIGIT>/*.jpg`, which a hand fills.

    Args:
        folder: the pictures.
        hand_model: MediaPipe's bundle.
        cache: an .npz to read instead, or to write.
        jobs: how many processes.
    """
    if not cache.exists():
        files = [path for digit in LIKE_LETTERS for path in sorted(folder.glob(f"*/{digit}/*.jpg"))]
        if not files:
            raise SigncapError(f"No pictures in {folder}: it should hold SIGNER/DIGIT/*.jpg.")
        found = _found(partial(_CloseFinder, hand_model), files, jobs)
        left = np.array([hand.handedness == "left" for _, hand in found])
        landmarks = np.array([hand.landmarks for _, hand in found], np.float32)
        landmarks[left] *= np.array([-1, 1, 1], np.float32)
        labels = [LETTERS.index(LIKE_LETTERS[files[number].parent.name]) for number, _ in found]
        signers = [f"digits {files[number].parent.parent.name}" for number, _ in found]
        cache.parent.mkdir(parents=True, exist_ok=True)
        np.savez(cache, landmarks=landmarks, labels=np.array(labels), signers=np.array(signers))
    with np.load(cache) as stored:
        return Stills(None, stored["landmarks"], stored["labels"], stored["signers"])


class _CloseFinder:
    """Finds the hand in one picture after the other that it fills: palms are found only with room around them."""

    def __init__(self, hand_model: Path) -> None:
        self._finder = open_detector(hand_model, video=False)

    def __call__(self, path: Path) -> Hand | None:
        pixels = read_picture(path)
        if pixels is None:
            return None
        close = cv2.resize(pixels, (CLOSE, CLOSE), interpolation=cv2.INTER_CUBIC)
        side = CLOSE // 2
        room = cv2.copyMakeBorder(close, side, side, side, side, cv2.BORDER_REPLICATE)
        return self._finder.find(np.asarray(room, np.uint8), 0.0)


def read_landmarks(path: Path, without: frozenset[str] = frozenset()) -> Stills:
    """Landmarks measured elsewhere (`landmarks`, `letter`, `signer`, `hand`), except of the signers `without`."""
    with np.load(path) as stored:
        left = stored["hand"] == "left"
        landmarks = stored["landmarks"] * np.where(left[:, None, None], np.array([-1, 1, 1], np.float32), 1)
        labels = np.array([LETTERS.index(letter) for letter in stored["letter"]])
        stills = Stills(None, landmarks.astype(np.float32), labels, stored["signer"])
    return stills.select(~np.isin(stills.signers, list(without)))
