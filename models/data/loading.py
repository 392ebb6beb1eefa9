"""From a manifest to batches: pictures of right hands, their landmarks and labels."""

import json
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.utils.data import Dataset, Sampler

from models.data.augmentation import Augmentation, Landmarks, mirror
from models.data.crops import read_crops
from models.data.manifest import Manifest
from models.data.tree import Entry, read_tree
from overlay.errors import SigncapError
from overlay.frame import Pixels

MOVING = "JZ"  # a frozen J or Z is no letter: they are learnt from bursts


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
    try:
        data = np.fromfile(path, np.uint8)
        read = cv2.imdecode(data, cv2.IMREAD_COLOR) if data.size else None
    except (OSError, cv2.error):
        read = None
    if read is None:
        raise SigncapError(f"The picture {path} cannot be read: remove it, split anew, and start again.")
    height, width = read.shape[:2]
    if height != width:
        side = max(height, width)
        top, left = (side - height) // 2, (side - width) // 2
        read = cv2.copyMakeBorder(read, top, side - height - top, left, side - width - left, cv2.BORDER_REPLICATE)
    return np.asarray(cv2.cvtColor(read, cv2.COLOR_BGR2RGB), np.uint8)


def load_splits(
    folder: Path, manifest: Manifest, *, letters: str | None = None, need_training: bool = True
) -> dict[str, Pictures]:
    """The pictures of "train", "validation" and "test".

    Args:
        folder: that the manifest lies in.
        manifest: which picture is in which split.
        letters: these only.
        need_training: refuse a split that leaves nothing to train on.

    Raises:
        SigncapError: a picture of the manifest is gone or cannot be read, or nothing is left to train on.
    """
    entries = {entry.path: entry for entry in read_tree(folder)}
    crops = read_crops(folder)
    lefts = _left_handed(entries, {path: str(crop.hand) for path, crop in crops.items() if crop.found})
    rates = _burst_rates(folder, entries.values())
    splits = {}
    for name in ("train", "validation", "test"):
        paths = getattr(manifest, name)
        gone = [path for path in paths if path not in entries]
        if gone:
            raise SigncapError(
                f"{folder / 'split.json'} names {len(gone)} pictures that are not there, {gone[0]} for one: "
                f"run `signcap split {folder}` again."
            )
        splits[name] = Pictures(
            folder,
            tuple(
                Sample(
                    entry,
                    crops[entry.path].landmarks if entry.path in crops else None,
                    entry.signer in lefts,
                    rates.get((entry.signer, entry.letter, entry.take)),
                    crops[entry.path].box if entry.path in crops else None,
                )
                for entry in sorted(entries[path] for path in paths)
                if letters is None or entry.letter in letters
            ),
        )
    if need_training and not splits["train"].samples:
        raise SigncapError(f"The split in {folder} leaves nothing to train on: run `signcap split {folder}` again.")
    return splits


def check_pictures(pictures: Sequence[Pictures]) -> None:
    """Decode every picture once, small and in threads.

    Raises:
        SigncapError: one cannot be read; better now than an hour later.
    """

    def check(path: Path) -> Path | None:
        try:
            data = np.fromfile(path, np.uint8)
            good = data.size and cv2.imdecode(data, cv2.IMREAD_REDUCED_GRAYSCALE_8) is not None
        except (OSError, cv2.error):
            good = False
        return None if good else path

    paths = [split.root / path for split in pictures for path in split.paths]
    with ThreadPoolExecutor(4) as pool:
        bad = [path for path in pool.map(check, paths, chunksize=64) if path is not None]
    if bad:
        raise SigncapError(
            f"{len(bad)} pictures cannot be read, {bad[0]} for one: remove them, split anew, and start again."
        )


def _left_handed(entries: dict[str, Entry], hands: dict[str, str]) -> set[str]:
    """Signers most of whose pictures are of a left hand: a single picture is often taken for the other hand."""
    votes: dict[str, Counter[str]] = defaultdict(Counter)
    for path, hand in hands.items():
        if path in entries:
            votes[entries[path].signer][hand] += 1
    return {signer for signer, counts in votes.items() if counts.most_common(1)[0][0] == "left"}


def _burst_rates(folder: Path, entries: Any) -> dict[tuple[str, str, str], float]:
    """Frames a second of the takes that are bursts."""
    rates: dict[tuple[str, str, str], float] = {}
    for entry in entries:
        key = (entry.signer, entry.letter, entry.take)
        if entry.place or not entry.take:
            continue
        try:
            take = json.loads((folder / entry.path).with_name("take.json").read_text("utf-8"))
            rate = _rate(take) if take.get("burst") else 0.0
        except (OSError, ValueError, TypeError, KeyError, AttributeError):
            continue  # a take that somebody put there by hand
        if rate > 0:
            rates[key] = rate
    return rates


def _rate(take: Any) -> float:
    """Frames a second as they came; a camera may give fewer than it was asked for."""
    moments = [float(frame["at"]) for frame in take.get("frames", ())]
    span = moments[-1] - moments[0] if len(moments) > 1 else 0.0
    return (len(moments) - 1) / span if span > 0 else float(take["rate"])


@dataclass(frozen=True)
class Batch:
    """Pictures, one by one or as clips.

    Attributes:
        crops: uint8 (N, S, S, 3) or, as clips, (N, T, S, S, 3).
        landmarks: float32 (N, 63), zero where not known; or (N, T, 63).
        labels: int64 (N,) or (N, T).
    """

    crops: Tensor
    landmarks: Tensor
    labels: Tensor

    def to(self, device: torch.device) -> "Batch":
        """The same on another device."""
        return Batch(self.crops.to(device), self.landmarks.to(device), self.labels.to(device))


class PictureSet(Dataset[Batch]):
    """Each item is a picture, or a clip of following pictures of one take, augmented alike.

    What chance decides depends on seed, epoch and item alone: neither on the number of processes nor on what was
    loaded before, so that a run can be resumed, and spread over machines, without becoming another.

    Args:
        pictures: of a split.
        size: side that pictures are brought to.
        augmentation: what is changed at random; nothing by default.
        seed: of the chance.
        clip: pictures an item; a take's last clip starts anew from its beginning to be full.
    """

    def __init__(
        self, pictures: Pictures, size: int, augmentation: Augmentation | None = None, seed: int = 0, clip: int = 1
    ) -> None:
        self.pictures = pictures
        self.size = size
        self.augmentation = augmentation or Augmentation.none()
        self.seed = seed
        self.epoch = 0
        self.clip = clip
        if clip == 1:
            self.items = [[index] for index in range(len(pictures))]
        else:
            self.items = [
                [take[(start + k) % len(take)] for k in range(clip)]
                for take in pictures.takes()
                for start in range(0, len(take), clip)
            ]

    def __len__(self) -> int:
        return len(self.items)

    def __getitem__(self, item: int) -> Batch:
        crops, points, labels = [], [], []
        for index in self.items[item]:
            # The same chance for all of a clip: another signer, not another frame.
            rng = np.random.default_rng([self.seed, self.epoch, item])
            picture, landmarks = self.pictures.read(index)
            picture, landmarks = self.augmentation.apply(picture, landmarks, self.size, rng)
            crops.append(picture)
            points.append(np.zeros(63, np.float32) if landmarks is None else landmarks.ravel())
            labels.append(self.pictures.samples[index].entry.label)
        batch = Batch(torch.from_numpy(np.stack(crops)), torch.from_numpy(np.stack(points)), torch.tensor(labels))
        return batch if self.clip > 1 else Batch(batch.crops[0], batch.landmarks[0], batch.labels[0])


def collate(items: list[Batch]) -> Batch:
    """One batch of items."""
    return Batch(
        torch.stack([item.crops for item in items]),
        torch.stack([item.landmarks for item in items]),
        torch.stack([item.labels for item in items]),
    )


class ShardedSampler(Sampler[int]):
    """Items of one epoch in random order, this process's share of them, from some item on.

    With any number of processes the same items make up each global batch, so that training on two machines takes
    the same steps as on one.

    Args:
        count: of items.
        seed, epoch: of the order.
        rank, world: this process, and how many there are.
        batch: items of a batch of one process; the last batch is never a single item, which has no spread for
            batch normalisation.
        skip: items of this process that were done before.
        shuffle: False keeps the items' own order.
    """

    def __init__(
        self,
        count: int,
        seed: int,
        epoch: int,
        *,
        rank: int = 0,
        world: int = 1,
        batch: int = 1,
        skip: int = 0,
        shuffle: bool = True,
    ) -> None:
        order = np.random.default_rng([seed, epoch]).permutation(count) if shuffle else np.arange(count)
        share = -(-count // world)
        share += batch > 1 and share % batch == 1
        padded = np.resize(order, share * world)
        self._mine: list[int] = padded[rank::world].tolist()[skip:]

    def __len__(self) -> int:
        return len(self._mine)

    def __iter__(self) -> Iterator[int]:
        return iter(self._mine)
