"""Channels of the landmark network that change nothing are taken out: a quarter of what it computes."""

import functools
from collections import defaultdict
from dataclasses import dataclass
from typing import Final

import numpy as np
import torch
from numpy.random import Generator
from numpy.typing import NDArray
from torch import Tensor, nn

from models.training.hands.augmentation import Away, look
from models.training.hands.export import as_tensor
from models.training.hands.network import HandNetwork, Widths
from models.training.hands.pictures import NOTHING, HandPictures
from models.training.hands.teacher import SIDE

TOGETHER: Final = 16  # channels that ONNX Runtime's depthwise kernels count at once; other numbers take twice as long
LOST: Final = 0.005  # of how much what follows varies may go with the channels that are taken out
ASTRAY: Final = 0.25  # of the crops that are looked at: beside the hand, where there is none
BATCH: Final = 32
HEADS: Final = ("points", "presence", "right")


@dataclass(frozen=True)
class Channels:
    """Those of one layer that are kept.

    Attributes:
        out, into: of what it gives, and of what it is given; None for all.
        means: what all that it is given gives on average.
    """

    out: tuple[int, ...] | None = None
    into: tuple[int, ...] | None = None
    means: Tensor | None = None


@dataclass(frozen=True)
class Kept:
    """The channels that are kept, in their order; -1 for one of zeros, which makes their number even.

    Attributes:
        stem: after the first convolution.
        inside: of each block, where it is widest.
        features: of what the answers are made of.
        means: what each channel gives on average, those that are taken out among them; of each block where it is
            widest, and last of the features.
    """

    stem: tuple[int, ...]
    inside: tuple[tuple[int, ...], ...]
    features: tuple[int, ...]
    means: tuple[Tensor, ...]

    @property
    def widths(self) -> Widths:
        """How many there are."""
        return Widths(len(self.stem), tuple(len(channels) for channels in self.inside), len(self.features))

    def by_layer(self) -> dict[str, "Channels"]:
        """Which channels of each layer are kept, by its name in `HandNetwork.layers`."""
        chosen = dict.fromkeys(("entrance0", "entrance1"), Channels(out=self.stem))
        chosen["entrance2"] = Channels(into=self.stem)
        chosen |= dict.fromkeys(("last0", "last1"), Channels(out=self.features))
        for number, inside in enumerate(self.inside):
            chosen[f"block{number}.widen"] = chosen[f"block{number}.depthwise"] = Channels(out=inside)
            chosen[f"block{number}.narrow"] = Channels(into=inside, means=self.means[number])
        return chosen | dict.fromkeys(HEADS, Channels(into=self.features, means=self.means[-1]))


@torch.no_grad()
def useful_channels(network: HandNetwork, crops: NDArray[np.uint8]) -> Kept:
    """Find the channels without which a network gives nearly the same.

    After each depthwise convolution a channel counts as much as it makes what follows vary. Half of those in
    MediaPipe's last blocks never do.

    Args:
        network: in floats.
        crops: uint8 (N, S, S, 3), as the live path cuts them.
    """
    layers, blocks = network.layers(), [f"block{number}" for number in range(len(network.blocks))]
    watched = [f"{block}.{part}" for block in blocks for part in ("depthwise", "narrow")] + ["last1"]
    seen: dict[str, _Spread] = defaultdict(_Spread)

    def note(name: str, _layer: nn.Module, _given: object, y: Tensor) -> None:
        seen[name].add(y.mean((2, 3)) if name == "last1" else y.transpose(0, 1).flatten(1).T)

    hooks = [layers[name].register_forward_hook(functools.partial(note, name)) for name in watched]
    for start in range(0, len(crops), BATCH):
        for name, answer in zip(HEADS, network(as_tensor(crops[start : start + BATCH])), strict=True):
            seen[name].add(answer.reshape(len(answer), -1))
    for hook in hooks:
        hook.remove()
    inside = tuple(
        _counting(
            _shares(layers[f"{block}.narrow"].weight.flatten(1), seen[f"{block}.depthwise"], seen[f"{block}.narrow"])
        )
        for block in blocks
    )
    features = torch.stack([_shares(layers[name].weight, seen["last1"], seen[name]) for name in HEADS])
    stem = tuple(range(network.widths.stem))
    means = tuple(seen[name].mean.float() for name in (*(f"{block}.depthwise" for block in blocks), "last1"))
    return Kept(stem + (-1,) * (-len(stem) % TOGETHER), inside, _counting(features.amax(0)), means)


@torch.no_grad()
def pruned(network: HandNetwork, kept: Kept) -> HandNetwork:
    """The network with only some of its channels; what the others give on average is added to biases."""
    result = HandNetwork(kept.widths).eval()
    by_layer, lean = kept.by_layer(), result.layers()
    for name, layer in network.layers().items():
        channels = by_layer[name]
        bias: Tensor = layer.bias
        if channels.into is not None and channels.means is not None:
            gone = torch.ones(layer.weight.shape[1])
            gone[list(channels.into)] = 0
            bias = bias + layer.weight.flatten(1) @ (channels.means * gone)
        lean[name].weight.copy_(chosen(chosen(layer.weight, channels.out, 0), channels.into, 1))
        lean[name].bias.copy_(chosen(bias, channels.out, 0))
    return result


def chosen(values: Tensor, channels: tuple[int, ...] | None, axis: int) -> Tensor:
    """Some channels of a tensor along an axis, -1 for one of zeros; all of them where `channels` is None."""
    if channels is None:
        return values
    zeros = torch.zeros_like(values.narrow(axis, 0, 1))
    index = torch.tensor(channels) % (values.shape[axis] + 1)  # -1: the zeros at the end
    return torch.cat([values, zeros], axis).index_select(axis, index)


def looked_at(pictures: HandPictures, count: int, seed: int = 0) -> NDArray[np.uint8]:
    """So many crops as the live path cuts them, some of them beside the hand."""
    rng = np.random.default_rng([seed, 6])
    hands = np.flatnonzero(pictures.kinds != NOTHING)
    return np.stack([_crop(pictures, int(number), rng) for number in rng.choice(hands, count)])


def _crop(pictures: HandPictures, number: int, rng: Generator) -> NDArray[np.uint8]:
    away = Away.random(rng)
    if rng.random() < ASTRAY:
        angle = rng.uniform(0, 2 * np.pi)
        away = Away(0.9 * float(np.cos(angle)), 0.9 * float(np.sin(angle)), away.turn, away.size)
    return look(pictures.pixels[number], pictures.landmarks[number], away, SIDE, mirror=bool(rng.random() < 0.5))[0]


class _Spread:
    """How much each of some numbers varies."""

    def __init__(self) -> None:
        self._count, self._sum, self._squares = 0, torch.zeros(()), torch.zeros(())

    def add(self, values: Tensor) -> None:
        """Float (N, C)."""
        values = values.double()
        self._count += len(values)
        self._sum, self._squares = self._sum + values.sum(0), self._squares + values.square().sum(0)

    @property
    def mean(self) -> Tensor:
        return self._sum / self._count

    @property
    def variance(self) -> Tensor:
        return (self._squares / self._count - self.mean.square()).clamp(min=0)


def _shares(weight: Tensor, given: _Spread, made: _Spread) -> Tensor:
    """How much of the variance of what a layer (O, I) makes comes from each channel that it is given."""
    return weight.double().square().sum(0) * given.variance / made.variance.sum()


def _counting(shares: Tensor) -> tuple[int, ...]:
    """The channels that count, as few as `LOST` allows, in a number that is a multiple of `TOGETHER`."""
    order = shares.argsort()
    least = int((shares[order].cumsum(0) <= LOST**2).sum())
    count = -(-(len(shares) - least) // TOGETHER) * TOGETHER
    return tuple(sorted(order[len(shares) - min(count, len(shares)) :].tolist()))
