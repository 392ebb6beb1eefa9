"""One optimiser step after the other: the loop within every training."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any, Protocol, TypeVar

import torch
from lightning_fabric import Fabric
from torch import Tensor, nn

from models.training.engine.fabric import processor_fabric
from models.training.engine.progress import Bars
from overlay.core.errors import SigncapError

NEWEST = 0.02  # share of the newest batch in the figures that are shown


class OutOfBoundsError(SigncapError):
    """The loss is no number any more."""


class HasLoss(Protocol):
    """What a batch gave, with a number to go down from."""

    @property
    def loss(self) -> Tensor:
        """That number, with its gradients."""


@dataclass(frozen=True)
class Answer:
    """What a batch gave.

    Attributes:
        loss: a number to go down from.
        predicted, labels: int64, of what is counted as read right or wrong.
    """

    loss: Tensor
    predicted: Tensor
    labels: Tensor


Batch = TypeVar("Batch")
Given = TypeVar("Given", bound=HasLoss)


def take_steps(
    fabric: Fabric,
    module: nn.Module,
    optimiser: Any,
    batches: Iterable[Batch],
    answer: Callable[[Batch], Given],
    *,
    clip_norm: float | None,
    first: int = 1,
    advice: str = "choose a smaller rate.",
) -> Iterator[Given]:
    """Take an optimiser step for each batch, and give what the batch gave.

    Args:
        fabric: goes back through the network and cuts gradients.
        module: what is trained.
        optimiser: PyTorch's, of its parameters, or Fabric's around it.
        batches: as many as steps.
        answer: gives the loss of a batch; what is to be set before a step, such as the rate, is set there.
        clip_norm: gradients are cut to this norm; None: they are not.
        first: number of the first step, for messages.
        advice: what to do when the loss is no number any more.

    Raises:
        OutOfBoundsError: it is none; the step is not taken.
    """
    for number, batch in enumerate(batches, first):
        given = answer(batch)
        if not torch.isfinite(given.loss):
            raise OutOfBoundsError(f"Training went out of bounds at step {number}: {advice}")
        optimiser.zero_grad()
        fabric.backward(given.loss)
        if clip_norm is not None:
            fabric.clip_gradients(module, optimiser, max_norm=clip_norm)
        optimiser.step()
        yield given


def set_rate(optimiser: Any, rate: float) -> None:
    """Set the learning rate of all parameters."""
    for group in optimiser.param_groups:
        group["lr"] = rate


def train_one_cycle(
    name: str,
    module: nn.Module,
    batches: Iterable[Batch],
    answer: Callable[[Batch], Answer],
    *,
    steps: int,
    rate: float,
    weight_decay: float,
    rise: float,
    clip_norm: float,
    report: int,
    after_step: Callable[[int], None] | None = None,
) -> None:
    """Train with AdamW for so many steps, at a rate that rises and falls once (Smith, 2018), on the processor.

    Args:
        name: of what is trained, for people.
        module: it.
        batches: at least as many as steps.
        answer: gives the loss of a batch, and what was read in it.
        steps: of the optimiser.
        rate: the highest one.
        weight_decay: AdamW's.
        rise: share of the steps in which the rate rises.
        clip_norm: gradients are cut to this norm.
        report: steps after which a line is printed, each time.
        after_step: is called with the number of each step, from 0.
    """
    optimiser = torch.optim.AdamW(module.parameters(), rate, weight_decay=weight_decay)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, rate, steps, pct_start=rise)
    module.train()
    loss = right = 0.0
    with Bars() as bars:
        bars.begin(name, steps)
        taken = take_steps(processor_fabric(), module, optimiser, islice(batches, steps), answer, clip_norm=clip_norm)
        for step, given in enumerate(taken):
            schedule.step()
            if after_step is not None:
                after_step(step)
            share = NEWEST if step else 1.0
            loss += (given.loss.item() - loss) * share
            right += ((given.predicted == given.labels).float().mean().item() - right) * share
            bars.step(step + 1, loss, right)
            if step % report == report - 1:
                bars.say(f"{name}, step {step + 1}: loss {loss:.3f}, right {right:.1%}")
