"""What a network reads in pictures, and how sure it may be of it."""

from dataclasses import dataclass
from typing import cast

import numpy as np
import torch
from lightning_fabric import Fabric
from numpy.typing import NDArray
from torch import Tensor, nn

from models.training.data.batches.pictures import Pictures
from models.training.engine.metrics import Matrix, confusion_matrix
from models.training.engine.tasks import Task
from overlay.recognition.letter_model import CLASSES


@dataclass(frozen=True)
class Predictions:
    """What a network reads in pictures.

    Attributes:
        predicted: int64 (N,), letters, or `BLANK` for nothing.
        confidence: float (N,).
        loss: mean negative log-likelihood.
    """

    predicted: NDArray[np.int64]
    confidence: NDArray[np.float64]
    loss: float

    def matrix(self, labels: NDArray[np.int64]) -> Matrix:
        """Confusion matrix (26, 27)."""
        return confusion_matrix(labels, self.predicted)


def sum_over_processes(fabric: Fabric, values: Tensor) -> Tensor:
    """The sum of every process's values, on the processor."""
    return cast(Tensor, fabric.all_reduce(values.to(fabric.device), reduce_op="sum")).cpu()


@torch.no_grad()
def read_logs(fabric: Fabric, task: Task, module: nn.Module, pictures: Pictures, workers: int = 0) -> Tensor:
    """Log-probabilities float64 (N, CLASSES) of pictures, each held as the live path would see it.

    The pictures are shared out among the processes; each gets all the answers.
    """
    module.eval()
    rank, world = fabric.global_rank, fabric.world_size
    logs = torch.zeros(len(pictures), CLASSES, dtype=torch.float64)
    mine = torch.arange(rank, len(pictures), world)
    done = 0
    for batch in task.reading_loader(pictures, rank=rank, world=world, workers=workers):
        answer = task.read(module, batch.to(fabric.device)).double().cpu()
        logs[mine[done : done + len(answer)]] = answer
        done += len(answer)
    if world > 1:
        logs = sum_over_processes(fabric, logs)
    return logs


def read_pictures(fabric: Fabric, task: Task, module: nn.Module, pictures: Pictures, workers: int = 0) -> Predictions:
    """What a network reads in pictures, of which there must be some."""
    logs = read_logs(fabric, task, module, pictures, workers)
    best = logs.exp().max(1)
    loss = nn.functional.nll_loss(logs, torch.from_numpy(pictures.labels))
    return Predictions(best.indices.numpy(), best.values.numpy(), float(loss))


def fit_temperature(logs: Tensor, labels: Tensor) -> float:
    """The temperature at which confidences are nearest to the truth (Guo et al., 2017): the least loss wins."""
    tried = torch.linspace(0.5, 4.0, 71, dtype=torch.float64)
    losses = [nn.functional.nll_loss((logs / value).log_softmax(1), labels) for value in tried]
    return float(tried[int(torch.stack(losses).argmin())])
