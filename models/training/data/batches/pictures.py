"""The pictures of a split as they lie on disk, and reading one of them."""

from collections import defaultdict
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from models.training.data.batches.augmentation import Landmarks, mirror
from models.training.data.tree import Entry
from overlay.core.errors import SigncapError
from overlay.media.frame import Pixels
from overlay.media.images import read_picture


@dataclass(frozen=True)
class Sample:
    """One picture of a split.

    Attributes:
        entry: where it is, whose, which letter.
        landmarks: float32 (21, 3), -1 to 1 at the picture's edges, as in the file; None where not known.
        mirrored: a left-handed signer's: it is to be mirrored.
        rate: frames a second of the burst that it belongs to; None where it is a held letter.
        centre: middle (x, y) and side of the crop in the picture that it was cut from, in pixels; or None.
    """

    entry: Entry
    landmarks: Landmarks | None
    mirrored: bool
    rate: float | None
    centre: tuple[float, float, float] | None = None


@dataclass(frozen=True)
class Pictures:
    """The pictures of one split.

    Attributes:
        root: their folder.
        samples: by signer, letter, take and place.
    """

    root: Path
    samples: tuple[Sample, ...]

    def __len__(self) -> int:
        return len(self.samples)

    @property
    def paths(self) -> list[str]:
        """Relative to root."""
        return [sample.entry.path for sample in self.samples]

    @property
    def labels(self) -> NDArray[np.int64]:
        """Index of the letter of each."""
        return np.array([sample.entry.label for sample in self.samples], np.int64)

    def read(self, index: int) -> tuple[Pixels, Landmarks | None]:
        """One picture, RGB uint8 (S, S, 3), and its landmarks (21, 3), of a right hand.

        Raises:
            SigncapError: the file is no picture.
        """
        sample = self.samples[index]
        picture = read_square(self.root / sample.entry.path)
        return mirror(picture, sample.landmarks) if sample.mirrored else (picture, sample.landmarks)

    def takes(self) -> list[list[int]]:
        """Indices of the pictures of each take, in order."""
        takes: dict[tuple[str, str, str], list[int]] = defaultdict(list)
        for index, sample in enumerate(self.samples):
            takes[sample.entry.signer, sample.entry.letter, sample.entry.take].append(index)
        return list(takes.values())


def read_square(path: Path) -> Pixels:
    """A picture as RGB uint8 (S, S, 3); one that is not square is made so by repeating its edges.

    Raises:
        SigncapError: the file is no picture.
    """
    read = read_picture(path)
    if read is None:
        raise SigncapError(f"The picture {path} cannot be read: remove it, split anew, and start again.")
    height, width = read.shape[:2]
    if height != width:
        side = max(height, width)
        top, left = (side - height) // 2, (side - width) // 2
        edges = top, side - height - top, left, side - width - left
        read = np.asarray(cv2.copyMakeBorder(read, *edges, cv2.BORDER_REPLICATE), np.uint8)
    return np.asarray(cv2.cvtColor(read, cv2.COLOR_BGR2RGB), np.uint8)


def check_pictures(pictures: Sequence[Pictures]) -> None:
    """Decode every picture once, small and in threads.

    Raises:
        SigncapError: one cannot be read; better now than an hour later.
    """

    def check(path: Path) -> Path | None:
        return path if read_picture(path, cv2.IMREAD_REDUCED_GRAYSCALE_8) is None else None

    paths = [split.root / path for split in pictures for path in split.paths]
    with ThreadPoolExecutor(4) as pool:
        bad = [path for path in pool.map(check, paths, chunksize=64) if path is not None]
    if bad:
        raise SigncapError(
            f"{len(bad)} pictures cannot be read, {bad[0]} for one: remove them, split anew, and start again."
        )
