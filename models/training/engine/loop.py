"""A run's epochs, on Lightning Fabric: alone, under `torchrun`, on processors and on GPUs."""

import math
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import torch
from lightning_fabric import Fabric
from torch import Tensor

from models.training.config import Recipe
from models.training.data.batches.pictures import Pictures
from models.training.engine.checkpoint import load_optimiser, load_weights, read_checkpoint, save_checkpoint
from models.training.engine.metrics import Matrix, confusion_matrix, scores
from models.training.engine.predict import Predictions, read_pictures, sum_over_processes
from models.training.engine.progress import Bars
from models.training.engine.steps import Answer, set_rate, take_steps
from models.training.engine.tasks import Task, make_task
from models.training.runs.store import RunWriter
from overlay.recognition.letter_model import CLASSES, LETTERS

LAST, BEST = "last.safetensors", "best.safetensors"
KEPT_EVERY = 120.0  # seconds between two checkpoints within an epoch
WARM_UP = 0.1  # share of all steps in which a cosine schedule rises

EpochHook = Callable[[int, dict[str, Any]], None]


class NotWorthItError(Exception):
    """Raised by an epoch's hook: this training does worse than others, and is not gone on with."""


@dataclass
class Position:
    """Where training stands; kept in every checkpoint.

    Attributes:
        epoch: the one that is under way, from 0.
        step: batches of it that are done; total: optimiser steps since the run began.
        loss, matrix, seconds: of the epoch so far.
        best: (validation accuracy, -loss) of the best epoch; waited: epochs since then.
        ended: nothing is left to do; stopped: it ended before its last epoch.
    """

    epoch: int = 0
    step: int = 0
    total: int = 0
    loss: float = 0.0
    matrix: Matrix = field(default_factory=lambda: np.zeros((len(LETTERS), CLASSES), np.int64))
    seconds: float = 0.0
    best: tuple[float, float] | None = None
    best_epoch: int = 0
    waited: int = 0
    ended: bool = False
    stopped: bool = False

    def as_dict(self) -> dict[str, Any]:
        """For a checkpoint."""
        return vars(self) | {"matrix": self.matrix.tolist()}

    @classmethod
    def from_dict(cls, values: dict[str, Any]) -> "Position":
        """What `as_dict` gave."""
        best = values["best"]
        return cls(
            **values
            | {"matrix": np.array(values["matrix"], np.int64), "best": None if best is None else (best[0], best[1])}
        )


def fit(
    fabric: Fabric,
    recipe: Recipe,
    train: Pictures,
    validation: Pictures,
    run: RunWriter | None,
    folder: Path,
    *,
    resume: bool = False,
    workers: int = 0,
    bars: Bars | None = None,
    on_epoch: EpochHook | None = None,
) -> Position:
    """Train one network.

    Args:
        fabric: launched.
        recipe: how.
        train, validation: pictures; without any for validation there is no early stopping.
        run: where each epoch is noted; on rank 0 only.
        folder: for the checkpoints.
        resume: go on from the last checkpoint there, if there is one.
        workers: processes that load pictures.
        bars: shows the progress.
        on_epoch: called on rank 0 after each epoch with its number, from 1, and its line of figures; may raise to
            end the training.

    Returns:
        Where it ended.
    """
    torch.manual_seed(recipe.seed)
    task = make_task(recipe, train)
    items = task.items()
    position = Position()
    state: dict[str, Tensor] = {}
    if resume and (folder / LAST).exists():
        weights, state, about = read_checkpoint(folder / LAST)
        load_weights(task.network, weights, folder / LAST)
        position = Position.from_dict(about["position"])
    module, optimiser = fabric.setup(
        task.network,
        torch.optim.Adam(task.network.parameters(), lr=recipe.rate, weight_decay=recipe.weight_decay),
    )
    if state:
        load_optimiser(optimiser.optimizer, state)
    session = _Session(fabric, task, module, optimiser, recipe, folder, position, bars or Bars(shown=False))
    steps = task.steps(items)
    while not position.ended:
        session.train_epoch(items, steps, workers)
        line = {"train": scores(position.matrix, position.loss / max(position.step, 1))}
        read = None
        if validation.samples:
            _share_buffers(fabric, task.network)
            read = read_pictures(fabric, task, module, validation, workers)
            line["validation"] = scores(read.matrix(validation.labels), read.loss)
        better = session.judge(line)
        if fabric.is_global_zero:
            _note(run, position, line, read, validation)
            if better:
                save_checkpoint(folder / BEST, task.network.state_dict(), _about(recipe, position))
            session.bars.epoch(position.epoch + 1, recipe.epochs, line, better=better)
        number = position.epoch + 1
        session.next_epoch()
        session.keep()
        if on_epoch is not None and fabric.is_global_zero:
            on_epoch(number, line)
    return position


@dataclass
class _Session:
    """One training under way."""

    fabric: Fabric
    task: Task
    module: Any
    optimiser: Any
    recipe: Recipe
    folder: Path
    position: Position
    bars: Bars
    kept: float = field(default_factory=time.monotonic)

    def train_epoch(self, items: Any, steps: int, workers: int) -> None:
        position, fabric = self.position, self.fabric
        loader = self.task.loader(
            items,
            position.epoch,
            rank=fabric.global_rank,
            world=fabric.world_size,
            skip=position.step,
            workers=workers,
        )
        self.module.train()
        self.bars.begin(f"epoch {position.epoch + 1}/{self.recipe.epochs}", steps, position.step)
        began = time.monotonic() - position.seconds

        def answer(batch: Any) -> Answer:
            # Dropout and its like depend on the step alone: a run that was resumed is the same run.
            torch.manual_seed(self.recipe.seed + 1_000_003 * (position.total + 1) + fabric.global_rank)
            set_rate(self.optimiser, self._rate(steps))
            return self.task.answer(self.module, batch.to(fabric.device))

        for given in take_steps(
            fabric,
            self.module,
            self.optimiser,
            loader,
            answer,
            clip_norm=self.task.clip_norm,
            first=position.total + 1,
            advice=f"choose a smaller --rate than {self.recipe.rate:g}. The run is left as it was after the last "
            "checkpoint.",
        ):
            self._count(given)
            position.seconds = time.monotonic() - began
            self.bars.step(position.step, position.loss / position.step, _accuracy(position.matrix))
            if time.monotonic() - self.kept > KEPT_EVERY:
                self.keep()

    def _rate(self, steps: int) -> float:
        rate = self.recipe.rate
        if self.recipe.schedule == "cosine":
            whole = steps * self.recipe.epochs
            at = self.position.total / whole
            rise = min(1.0, (self.position.total + 1) / max(1.0, WARM_UP * whole))
            rate *= min(rise, 0.5 * (1 + math.cos(math.pi * max(0.0, at - WARM_UP) / (1 - WARM_UP))))
        return rate

    def _count(self, given: Answer) -> None:
        matrix = torch.from_numpy(confusion_matrix(given.labels.cpu().numpy(), given.predicted.cpu().numpy()))
        both = torch.cat([matrix.flatten().double(), given.loss.detach().double().cpu().view(1)])
        if self.fabric.world_size > 1:
            both = sum_over_processes(self.fabric, both)
        position = self.position
        position.matrix = position.matrix + both[:-1].view(matrix.shape).long().numpy()
        position.loss += float(both[-1]) / self.fabric.world_size
        position.step += 1
        position.total += 1

    def judge(self, line: dict[str, Any]) -> bool:
        """Whether this epoch is the best so far; counts how long there was none."""
        position = self.position
        figures = line.get("validation") or line["train"]
        reached = (round(figures["accuracy"], 6), -figures["loss"])
        better = position.best is None or reached > position.best
        if better:
            position.best, position.best_epoch, position.waited = reached, position.epoch + 1, 0
        else:
            position.waited += 1
        position.stopped = bool(
            "validation" in line
            and self.recipe.patience
            and position.waited >= self.recipe.patience
            and position.epoch + 1 < self.recipe.epochs
        )
        return better

    def next_epoch(self) -> None:
        position = self.position
        position.epoch += 1
        position.step, position.loss, position.seconds = 0, 0.0, 0.0
        position.matrix = np.zeros_like(position.matrix)
        position.ended = position.stopped or position.epoch >= self.recipe.epochs

    def keep(self) -> None:
        """Write a checkpoint; only rank 0 does."""
        if self.fabric.is_global_zero:
            save_checkpoint(
                self.folder / LAST,
                self.task.network.state_dict(),
                _about(self.recipe, self.position),
                self.optimiser.optimizer,
            )
        self.kept = time.monotonic()


def _share_buffers(fabric: Fabric, network: torch.nn.Module) -> None:
    """Give every process the first one's means of batch normalisation, which are those that are kept."""
    if fabric.world_size > 1:
        for buffer in network.buffers():
            torch.distributed.broadcast(buffer, 0)


def _about(recipe: Recipe, position: Position) -> dict[str, Any]:
    return {"recipe": recipe.as_dict(), "position": position.as_dict()}


def _accuracy(matrix: Matrix) -> float:
    return float(np.trace(matrix[:, : len(LETTERS)])) / max(int(matrix.sum()), 1)


def _note(
    run: RunWriter | None, position: Position, line: dict[str, Any], read: Predictions | None, validation: Pictures
) -> None:
    if run is None:
        return
    run.epoch(
        position.epoch + 1,
        line,
        steps=position.total,
        seconds=position.seconds,
        predicted=None if read is None else read.predicted.tolist(),
        confidence=None if read is None else read.confidence.tolist(),
        confusion=None if read is None else read.matrix(validation.labels).tolist(),
    )
