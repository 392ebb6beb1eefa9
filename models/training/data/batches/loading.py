"""Pictures as batches, in an order that does not depend on how many processes share them."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor
from torch.utils.data import Dataset, Sampler

from models.training.data.batches.augmentation import Augmentation, turn_upright
from models.training.data.batches.pictures import Pictures


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
        upright: turn the hands in the pictures upright, where their landmarks are known.
    """

    def __init__(
        self,
        pictures: Pictures,
        size: int,
        augmentation: Augmentation | None = None,
        seed: int = 0,
        clip: int = 1,
        *,
        upright: bool = False,
    ) -> None:
        self.pictures = pictures
        self.size = size
        self.augmentation = augmentation or Augmentation.none()
        self.seed = seed
        self.epoch = 0
        self.clip = clip
        self.upright = upright
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
            if self.upright and landmarks is not None:
                picture = turn_upright(picture, landmarks)
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
