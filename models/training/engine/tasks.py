"""What the one training loop asks of each kind of network: its batches, its loss, its reading of a picture."""

from abc import ABC, abstractmethod
from typing import Any

import torch
from torch import Tensor, nn
from torch.utils.data import DataLoader

from models.training.config import Recipe
from models.training.data.batches.loading import Batch, PictureSet, ShardedSampler, collate
from models.training.data.batches.pictures import Pictures
from models.training.data.batches.sequence_batch import SequenceBatch, collate_items
from models.training.data.batches.spelling import ANCHORS, SpellingSet
from models.training.data.rows import IGNORED
from models.training.data.tree import MOVING
from models.training.engine.steps import Answer
from models.training.networks.registry import architecture
from overlay.core.errors import SigncapError
from overlay.recognition.letter_model import BLANK

CTC_SHARE = 0.2  # of the loss, beside cross-entropy on rows whose labels are known
HEAD_SHARE = 0.5  # of the classifier of single pictures that helps the encoder
READ_AT_ONCE = 64  # pictures, when only read


class Task(ABC):
    """One network, its training pictures, and how the two meet.

    Args:
        recipe: how to train.
        pictures: of the training split.
        network: one that is there already; a new one by default.
    """

    clip_norm: float | None = None  # gradients are cut to this norm
    upright = False  # the network wants to see hands upright

    def __init__(self, recipe: Recipe, pictures: Pictures, network: nn.Module | None = None) -> None:
        self.recipe = recipe
        self.pictures = pictures
        self.network = network or architecture(recipe.network).build(recipe.size)

    @abstractmethod
    def items(self) -> PictureSet | SpellingSet:
        """The training items."""

    @property
    @abstractmethod
    def pictures_an_item(self) -> int:
        """How many pictures of the batch an item counts for."""

    @abstractmethod
    def collate(self, items: list[Any]) -> Any:
        """One batch of items."""

    @abstractmethod
    def answer(self, module: nn.Module, batch: Any) -> Answer:
        """Loss and reading of a training batch."""

    @abstractmethod
    def read(self, module: nn.Module, batch: Batch) -> Tensor:
        """Log-probabilities (N, CLASSES) of pictures, each held."""

    def loader(
        self, items: PictureSet | SpellingSet, epoch: int, *, rank: int, world: int, skip: int, workers: int
    ) -> DataLoader[Any]:
        """Batches of one epoch for one process, from batch number `skip` on.

        Raises:
            SigncapError: the batch cannot be shared out among so many processes.
        """
        size = max(1, self.recipe.batch // self.pictures_an_item)
        if size % world or (self.pictures_an_item == 1 and size < 2 * world):
            raise SigncapError(
                f"A batch of {self.recipe.batch} is {size} items, which {world} processes cannot share: "
                "choose another --batch or number of processes."
            )
        items.epoch = epoch
        mine = size // world
        sampler = ShardedSampler(
            len(items), self.recipe.seed, epoch, rank=rank, world=world, batch=mine, skip=skip * mine
        )
        return _loader(items, sampler, mine, self.collate, workers)

    def steps(self, items: PictureSet | SpellingSet) -> int:
        """Optimiser steps of an epoch."""
        return -(-len(items) // max(1, self.recipe.batch // self.pictures_an_item))

    def reading_loader(self, pictures: Pictures, *, rank: int, world: int, workers: int) -> DataLoader[Batch]:
        """Batches of pictures to read, every `world`th of them, in order."""
        items = PictureSet(pictures, self.recipe.side, upright=self.upright)
        order = list(range(rank, len(items), world))
        return _loader(items, order, READ_AT_ONCE, collate, workers)


def _loader(items: Any, sampler: Any, size: int, collate_fn: Any, workers: int) -> DataLoader[Any]:
    return DataLoader(
        items,
        batch_size=size,
        sampler=sampler,
        collate_fn=collate_fn,
        num_workers=workers,
        pin_memory=torch.cuda.is_available(),
        worker_init_fn=_quiet_worker if workers else None,
        prefetch_factor=4 if workers else None,
    )


def _quiet_worker(_number: int) -> None:
    """One thread a worker: the cores are busy with the network."""
    import cv2

    torch.set_num_threads(1)
    cv2.setNumThreads(1)


class FrameTask(Task):
    """The report's networks: cross-entropy on pictures, or on every frame of clips."""

    def items(self) -> PictureSet:
        """Pictures, or clips for the recurrent one."""
        clip = self._clip
        return PictureSet(self.pictures, self.recipe.side, self.recipe.augmentation, self.recipe.seed, clip)

    @property
    def _clip(self) -> int:
        return self.recipe.clip if self.recipe.network == "cnn-rnn" else 1

    @property
    def pictures_an_item(self) -> int:
        """The frames of a clip."""
        return self._clip

    def collate(self, items: list[Batch]) -> Batch:
        """Stack them."""
        return collate(items)

    def answer(self, module: nn.Module, batch: Batch) -> Answer:
        """Cross-entropy of every picture."""
        logits = module(batch.crops).flatten(0, -2)
        labels = batch.labels.flatten()
        return Answer(nn.functional.cross_entropy(logits, labels), logits.argmax(1), labels)

    def read(self, module: nn.Module, batch: Batch) -> Tensor:
        """Log-probabilities; these networks never read nothing."""
        logits = module(batch.crops)
        return torch.cat([logits.log_softmax(1), logits.new_full((len(logits), 1), -1e4)], 1)


class SpellingTask(Task):
    """Our CNN-LSTM: sequences, cross-entropy on the rows whose labels are known, and CTC on the whole."""

    clip_norm = 5.0
    upright = True

    def items(self) -> SpellingSet:
        """Sequences of held letters, and bursts."""
        return SpellingSet(self.pictures, self.recipe.augmentation, self.recipe.seed)

    @property
    def pictures_an_item(self) -> int:
        """Those that come once an epoch."""
        return ANCHORS

    def collate(self, items: list[Any]) -> SequenceBatch:
        """Their pictures in one list."""
        return collate_items(items)

    def answer(self, module: nn.Module, batch: SequenceBatch) -> Answer:
        """The loss of rows, of whole sequences and of pictures."""
        sequences = batch.sequences
        rows, pictures = module(sequences.crops, sequences.landmarks, sequences)
        loss = HEAD_SHARE * _mean_cross_entropy(pictures, batch.shown)
        ctc_share = {"auto": CTC_SHARE, "ctc": 1.0, "frames": 0.0}[self.recipe.loss]
        if self.recipe.loss != "ctc":
            loss = loss + _mean_cross_entropy(rows.flatten(0, 1), batch.labels.flatten(), smoothing=0.02)
        if ctc_share:
            log_probs = rows.float().log_softmax(2).transpose(0, 1)
            steps = torch.full((len(batch.lengths),), rows.shape[1], dtype=torch.long)
            whole = nn.functional.ctc_loss(
                log_probs, batch.targets, steps, batch.lengths, blank=BLANK, reduction="sum", zero_infinity=True
            )
            # By row, as the cross-entropy beside it: by letter, it would drown that and end in blanks alone.
            loss = loss + ctc_share * whole / (rows.shape[0] * rows.shape[1])
        counted = batch.shown != IGNORED
        return Answer(loss, pictures.argmax(1)[counted], batch.shown[counted])

    def read(self, module: nn.Module, batch: Batch) -> Tensor:
        """Log-probabilities at the end of a window in which the picture was held."""
        rows, _ = module(batch.crops, batch.landmarks)
        result: Tensor = rows.log_softmax(1)
        return result


def _mean_cross_entropy(logits: Tensor, labels: Tensor, smoothing: float = 0.0) -> Tensor:
    """Over the labels that are not `IGNORED`; 0 where there are none."""
    total = nn.functional.cross_entropy(
        logits, labels, ignore_index=IGNORED, label_smoothing=smoothing, reduction="sum"
    )
    return total / (labels != IGNORED).sum().clamp(min=1)


def make_task(recipe: Recipe, pictures: Pictures, network: nn.Module | None = None) -> Task:
    """The task for a recipe's network; for one that is there already, if it is given."""
    return (SpellingTask if recipe.network == "cnn-lstm" else FrameTask)(recipe, pictures, network)


def learnable(recipe: Recipe) -> str:
    """The letters that can be expected of pictures that are held: our network learns J and Z from bursts alone."""
    if recipe.network != "cnn-lstm":
        return recipe.letters
    return "".join(letter for letter in recipe.letters if letter not in MOVING)
