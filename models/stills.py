"""Held letters by real signers: photographs and measured landmarks."""

from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray
from rich.progress import Progress

from overlay.crop import crop_hand
from overlay.errors import SigncapError
from overlay.frame import Pixels
from overlay.hands import HandFinder
from overlay.photograph import find_hand_in_picture
from overlay.recognizer import LETTERS

STORED = 112  # side of a stored crop: larger than what the network sees, so that it can be shifted and turned


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


def read_picture(path: Path) -> Pixels | None:
    """A picture file as BGR uint8 (H, W, 3), the way up that its metadata ask for; None if it cannot be read."""
    try:
        data = np.frombuffer(path.read_bytes(), np.uint8)  # OpenCV itself crashes on names that are no Unicode
        pixels = cv2.imdecode(data, cv2.IMREAD_COLOR) if data.size else None
    except (OSError, cv2.error):  # not there, or larger than OpenCV dares to open
        return None
    return None if pixels is None else np.asarray(pixels, np.uint8)


def read_photographs(folder: Path, hand_model: Path, cache: Path | None = None) -> Stills:
    """Find the hands in `folder/<signer>/<LETTER>/*.jpg`; what MediaPipe does not find is left out.

    Which hand a signer uses is decided by the majority of the signer's pictures: a single picture, of a
    fist from the side say, is often taken for the other hand.

    Args:
        folder: the photographs.
        hand_model: MediaPipe's bundle.
        cache: an .npz to read instead, or to write.
    """
    if cache is not None and cache.exists():
        with np.load(cache) as stored:
            return Stills(stored["crops"], stored["landmarks"], stored["labels"], stored["signers"])
    files = sorted(path for path in folder.glob("*/*/*.jpg") if path.parent.name in LETTERS)
    if not files:
        raise SigncapError(f"No pictures in {folder}: it should hold SIGNER/LETTER/*.jpg.")
    crops, landmarks, labels, signers, hands = [], [], [], [], []
    with Progress() as progress, HandFinder(hand_model, video=False) as finder:
        for path in progress.track(files, description="finding hands"):
            pixels = read_picture(path)
            found = None if pixels is None else find_hand_in_picture(finder, pixels)
            if found is None:
                continue
            padded, hand = found
            crops.append(crop_hand(padded, hand, mirror=False, size=STORED).pixels)
            landmarks.append(hand.landmarks)
            labels.append(LETTERS.index(path.parent.name))
            signers.append(path.parent.parent.name)
            hands.append(hand.handedness)
    majority = {
        signer: Counter(h for s, h in zip(signers, hands, strict=True) if s == signer).most_common(1)[0][0]
        for signer in set(signers)
    }
    for index, signer in enumerate(signers):
        if majority[signer] == "left":
            crops[index] = np.ascontiguousarray(crops[index][:, ::-1])
            landmarks[index] = landmarks[index] * np.array([-1, 1, 1], np.float32)
    stills = Stills(np.array(crops), np.array(landmarks), np.array(labels), np.array(signers))
    if cache is not None:
        cache.parent.mkdir(parents=True, exist_ok=True)
        assert stills.crops is not None
        np.savez(cache, crops=stills.crops, landmarks=stills.landmarks, labels=stills.labels, signers=stills.signers)
    return stills


def read_landmarks(path: Path, without: frozenset[str] = frozenset()) -> Stills:
    """Landmarks measured elsewhere (`landmarks`, `letter`, `signer`, `hand`), except of the signers `without`."""
    with np.load(path) as stored:
        left = stored["hand"] == "left"
        landmarks = stored["landmarks"] * np.where(left[:, None, None], np.array([-1, 1, 1], np.float32), 1)
        labels = np.array([LETTERS.index(letter) for letter in stored["letter"]])
        stills = Stills(None, landmarks.astype(np.float32), labels, stored["signer"])
    return stills.select(~np.isin(stills.signers, list(without)))
