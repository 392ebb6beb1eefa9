"""Sequences as the network takes them: rows that lie between pictures, and what should be read in them."""

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from models.training.networks.sequence_network import Sequences


@dataclass
class Item:
    """One sequence of L rows over P pictures; see `models.training.networks.sequence_network.Sequences`.

    Attributes:
        labels: int64 (L,), of each row: a letter, `BLANK` or `IGNORED`.
        targets: the letters in order.
        shown: int64 (P,), letter of each picture, `IGNORED` for those of a burst.
    """

    crops: Tensor
    landmarks: Tensor
    first: Tensor
    second: Tensor
    share: Tensor
    motion: Tensor
    labels: Tensor
    targets: list[int]
    shown: Tensor


@dataclass(frozen=True)
class SequenceBatch:
    """Some sequences at once; `targets` one after the other, `lengths` of each."""

    sequences: Sequences
    labels: Tensor
    targets: Tensor
    lengths: Tensor
    shown: Tensor

    def to(self, device: torch.device) -> "SequenceBatch":
        """The same on another device."""
        moved = {name: value.to(device) for name, value in vars(self.sequences).items()}
        return SequenceBatch(
            Sequences(**moved),
            self.labels.to(device),
            self.targets.to(device),
            self.lengths.to(device),
            self.shown.to(device),
        )


def collate_items(items: list[Item]) -> SequenceBatch:
    """One batch of sequences; their pictures in one list."""
    offsets = np.cumsum([0, *(len(item.crops) for item in items[:-1])]).tolist()
    sequences = Sequences(
        torch.cat([item.crops for item in items]),
        torch.cat([item.landmarks for item in items]),
        torch.stack([item.first + offset for item, offset in zip(items, offsets, strict=True)]),
        torch.stack([item.second + offset for item, offset in zip(items, offsets, strict=True)]),
        torch.stack([item.share for item in items]),
        torch.stack([item.motion for item in items]),
    )
    return SequenceBatch(
        sequences,
        torch.stack([item.labels for item in items]),
        torch.tensor([label for item in items for label in item.targets]),
        torch.tensor([len(item.targets) for item in items]),
        torch.cat([item.shown for item in items]),
    )
