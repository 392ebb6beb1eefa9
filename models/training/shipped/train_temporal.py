"""Second stage: the LSTM learns when a letter is being signed, on the features of the trained encoder."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from models.training.data.rows import DELAY, IGNORED
from models.training.engine.steps import Answer, train_one_cycle
from models.training.networks.shipped import FEATURES, Temporal
from models.training.shipped.sequences import Rows, of_what_is_seen
from overlay.recognition.feature_window import MOTION, STEPS
from overlay.recognition.letter_model import BLANK, CLASSES

LENGTH = STEPS + 16  # rows of a sequence
WARM_UP = 8  # rows from which on answers count


@dataclass(frozen=True)
class TemporalRecipe:
    """How long and how fast to train."""

    steps: int = 3000
    batch: int = 96
    rate: float = 3e-3
    weight_decay: float = 1e-4
    noise: float = 0.15  # of the features, whose own spread is 1
    strange: float = 0.38  # how far features are led away, for a whole sequence, as those of people never seen are
    hidden: int = 192  # units
    seed: int = 0


Maker = Callable[[np.random.Generator], Rows]


def train_temporal(makers: Sequence[tuple[Maker, float]], recipe: TemporalRecipe) -> Temporal:
    """Train the LSTM.

    Args:
        makers: each makes a sequence of at least `STEPS` rows; with its share of a batch.
        recipe: how long and how fast.
    """
    torch.manual_seed(recipe.seed)
    network = Temporal(recipe.hidden)
    train_one_cycle(
        "LSTM",
        network,
        _batches(makers, recipe),
        partial(_answer, network),
        steps=recipe.steps,
        rate=recipe.rate,
        weight_decay=recipe.weight_decay,
        rise=0.1,
        clip_norm=1.0,
        report=200,
    )
    return network.eval()


def _answer(network: Temporal, batch: tuple[Tensor, Tensor]) -> Answer:
    """The loss of the rows whose label is known."""
    rows, labels = batch
    logits, targets = network.every_step(rows)[:, WARM_UP:], labels[:, WARM_UP:]
    loss = nn.functional.cross_entropy(
        logits.reshape(-1, CLASSES), targets.reshape(-1), ignore_index=IGNORED, label_smoothing=0.02
    )
    counted = targets != IGNORED
    return Answer(loss, logits.argmax(-1)[counted], targets[counted])


def _batches(makers: Sequence[tuple[Maker, float]], recipe: TemporalRecipe) -> Iterator[tuple[Tensor, Tensor]]:
    """Endless (rows, labels)."""
    rng = np.random.default_rng(recipe.seed)
    while True:
        rows, labels = _batch(makers, recipe, LENGTH, rng)
        yield torch.from_numpy(rows), torch.from_numpy(labels)


def _batch(
    makers: Sequence[tuple[Maker, float]], recipe: TemporalRecipe, length: int, rng: np.random.Generator
) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
    rows = np.zeros((recipe.batch, length, FEATURES + MOTION), np.float32)
    labels = np.full((recipe.batch, length), IGNORED, np.int64)
    shares = np.array([share for _, share in makers])
    for index, maker in enumerate(rng.choice(len(makers), recipe.batch, p=shares / shares.sum())):
        sequence = makers[maker][0](rng)
        count = len(sequence.rows)
        # A piece from anywhere, with room before it so that beginnings and ends come as well.
        start = int(rng.integers(-length // 2, max(count - length // 2, 1)))
        low, high = max(start, 0), min(start + length, count)
        rows[index, low - start : high - start] = sequence.rows[low:high]
        piece = np.full(length, BLANK, np.int64)
        piece[low - start : high - start] = of_what_is_seen(sequence.labels[low:high])
        labels[index, DELAY:] = piece[:-DELAY]
    there = rows[..., -1:] > 0
    features = rows[..., :FEATURES]
    features += _strangers(features, there, recipe, rng)
    features += rng.normal(0, recipe.noise, features.shape).astype(np.float32) * there
    return rows, labels


def _strangers(
    features: NDArray[np.float32], there: NDArray[np.bool_], recipe: TemporalRecipe, rng: np.random.Generator
) -> NDArray[np.float32]:
    """What turns the features (N, L, FEATURES) of people whom the encoder knows by heart into those of strangers.

    They lie a little towards those of some other hand, and a little anywhere, all through a sequence. Without this
    the network takes a stranger's letters, less clear than any that it learnt from, for no letters.
    """
    count, length = features.shape[:2]
    other = features[rng.integers(count, size=count), rng.integers(length, size=count)][:, None]
    share = recipe.strange * rng.random((count, 1, 1)).astype(np.float32)
    anywhere = rng.normal(0, recipe.strange, (count, 1, FEATURES)) * rng.random((count, 1, 1))
    return np.asarray((share * (other - features) + anywhere.astype(np.float32)) * there, np.float32)
