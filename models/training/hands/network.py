"""The network that finds the landmarks of one hand: MediaPipe's `hand_landmark_full`, in shape."""

from dataclasses import dataclass, replace
from typing import Final

import torch
from torch import Tensor, nn
from torch.nn import functional

from overlay.recognition.hands.weights import LEAST, LEVELS

POINTS: Final = 21
FEATURES: Final = 1152
CALIBRATED: Final = 0.99  # how much of the ranges seen so far counts, when another batch comes
ACTIVATION_LEVELS: Final = 255


@dataclass(frozen=True, slots=True)
class Block:
    """An inverted bottleneck: widen, a depthwise convolution, narrow again (Sandler et al., 2018, MobileNetV2)."""

    inside: int
    out: int
    kernel: int
    stride: int


FIRST: Final = 16
BLOCKS: Final = (
    Block(64, 24, 3, 2),
    Block(144, 24, 3, 1),
    Block(144, 40, 5, 2),
    Block(240, 40, 5, 1),
    Block(240, 80, 3, 2),
    Block(480, 80, 3, 1),
    Block(480, 80, 3, 1),
    Block(480, 112, 5, 1),
    Block(672, 112, 5, 1),
    Block(672, 112, 5, 1),
    Block(672, 192, 5, 2),
    Block(1152, 192, 5, 1),
    Block(1152, 192, 5, 1),
    Block(1152, 192, 5, 1),
)


@dataclass(frozen=True)
class Widths:
    """How many channels there are where their number is free.

    Attributes:
        stem: after the first convolution.
        inside: of each block, where it is widest.
        features: of what the answers are made of.
    """

    stem: int = 24
    inside: tuple[int, ...] = tuple(block.inside for block in BLOCKS)
    features: int = FEATURES


class Rounding(nn.Module):
    """Values rounded as in 8 bits, once it is switched on; the gradient passes through (Jacob et al., 2018).

    Args:
        high: the highest value, where it is known; the lowest is 0 then. Else both are followed in training.
    """

    low: Tensor
    high: Tensor
    seen: Tensor

    def __init__(self, high: float | None = None) -> None:
        super().__init__()
        self.on = False
        self.follows = high is None
        self.register_buffer("low", torch.zeros(()))
        self.register_buffer("high", torch.tensor(1.0 if high is None else high))
        self.register_buffer("seen", torch.tensor(high is not None))

    def forward(self, x: Tensor) -> Tensor:
        """The same, rounded where that is on."""
        if not self.on:
            return x
        if self.training and self.follows:
            with torch.no_grad():
                kept = CALIBRATED if self.seen else 0.0
                self.low.mul_(kept).add_(x.min().clamp(max=0) * (1 - kept))
                self.high.mul_(kept).add_(x.max().clamp(min=1e-3) * (1 - kept))
                self.seen.fill_(True)
        step = (self.high - self.low) / ACTIVATION_LEVELS
        zero = torch.round(-self.low / step)
        clipped = torch.minimum(torch.maximum(x, -zero * step), (ACTIVATION_LEVELS - zero) * step)
        return clipped + (torch.round(clipped / step) * step - clipped).detach()


class Convolution(nn.Module):
    """A convolution with TensorFlow's padding "same", and ReLU6 or nothing after it.

    Args:
        before, after: channels.
        kernel, stride: in pixels.
        depthwise: each channel by itself.
        relu: ReLU6 after it.
    """

    def __init__(
        self, before: int, after: int, kernel: int = 1, stride: int = 1, *, depthwise: bool = False, relu: bool = True
    ) -> None:
        super().__init__()
        self.groups = before if depthwise else 1
        self.weight = nn.Parameter(torch.empty(after, before // self.groups, kernel, kernel))
        self.bias = nn.Parameter(torch.zeros(after))
        self.kernel, self.stride, self.relu = kernel, stride, relu
        self.whole = False  # weights are rounded
        self.rounding = Rounding(6.0 if relu else None)
        nn.init.kaiming_normal_(self.weight, mode="fan_out")

    def padding(self, side: int) -> tuple[int, int]:
        """How many pixels are added before and after, at an input of that side."""
        total = max((-(-side // self.stride) - 1) * self.stride + self.kernel - side, 0)
        return total // 2, total - total // 2

    def forward(self, x: Tensor) -> Tensor:
        """Float (N, C, S, S) → (N, C', S / stride, S / stride)."""
        weight = round_weights(self.weight) if self.whole else self.weight
        before, after = self.padding(int(x.shape[-1]))
        if before != after:
            x = functional.pad(x, (before, after, before, after))
            before = 0
        y = functional.conv2d(x, weight, self.bias, self.stride, before, 1, self.groups)
        rounded: Tensor = self.rounding(functional.relu6(y) if self.relu else y)
        return rounded


def round_weights(weight: Tensor) -> Tensor:
    """Weights rounded for each output channel by itself; the gradient passes through."""
    step = weight.detach().abs().amax((1, 2, 3), keepdim=True).clamp(min=LEAST) / LEVELS
    return weight + (torch.round(weight / step) * step - weight).detach()


class HandNetwork(nn.Module):
    """Landmarks, presence and handedness of the hand in a crop.

    In training it can compute as 8-bit arithmetic will, so that the exported network gives what the trained one does;
    the answers themselves are always computed in floats.

    Args:
        widths: how many channels it has; MediaPipe's by default.
    """

    def __init__(self, widths: Widths | None = None) -> None:
        super().__init__()
        self.widths = widths = widths or Widths()
        stem, features = widths.stem, widths.features
        self.entrance = nn.ModuleList(
            [
                Convolution(3, stem, 3, 2),
                Convolution(stem, stem, 3, depthwise=True),
                Convolution(stem, FIRST, relu=False),
            ]
        )
        self.blocks = nn.ModuleList()
        channels = FIRST
        for block, inside in zip(BLOCKS, widths.inside, strict=True):
            self.blocks.append(Bottleneck(channels, replace(block, inside=inside)))
            channels = block.out
        self.last = nn.ModuleList(
            [Convolution(channels, features), Convolution(features, features, 3, depthwise=True)]
        )
        self.points = nn.Linear(features, 3 * POINTS)
        self.presence = nn.Linear(features, 1)
        self.right = nn.Linear(features, 1)

    def convolutions(self) -> list[Convolution]:
        """All of them, in order."""
        return [layer for layer in self.layers().values() if isinstance(layer, Convolution)]

    def layers(self) -> dict[str, "Convolution | nn.Linear"]:
        """All that has weights, in order, by its name in the exported graph."""
        named: dict[str, Convolution | nn.Linear] = {}
        for name, stage in self.stages():
            if isinstance(stage, Convolution):
                named[name] = stage
            else:
                named |= {f"{name}.{part}": getattr(stage, part) for part in ("widen", "depthwise", "narrow")}
        return named | {"presence": self.presence, "right": self.right, "points": self.points}

    def stages(self) -> list[tuple[str, "Convolution | Bottleneck"]]:
        """What the picture goes through, one after the other, and what each is called."""
        named: list[tuple[str, Convolution | Bottleneck]] = []
        for room, of in (("entrance", self.entrance), ("block", self.blocks), ("last", self.last)):
            named += [
                (f"{room}{number}", stage)
                for number, stage in enumerate(of)
                if isinstance(stage, Convolution | Bottleneck)
            ]
        return named

    def round(self) -> None:
        """Compute as 8-bit arithmetic will, from here on."""
        for module in self.modules():
            if isinstance(module, Rounding):
                module.on = True
        for layer in self.convolutions():
            layer.whole = True

    def features(self, x: Tensor, kept: int = 0) -> Tensor:
        """What the answers are made of, (N, features), from crops (N, 3, S, S); `kept` stages learn nothing."""
        stages = [stage for _, stage in self.stages()]
        with torch.no_grad():
            for stage in stages[:kept]:
                x = stage(x)
        for stage in stages[kept:]:
            x = stage(x)
        return x.mean((2, 3))

    def forward(self, x: Tensor, kept: int = 0) -> tuple[Tensor, Tensor, Tensor]:
        """The hand in crops.

        Args:
            x: float (N, 3, S, S), RGB from 0 to 1.
            kept: so many stages learn nothing.

        Returns:
            Landmarks (N, 21, 3), 0 to 1 across and down the crop, z in the same unit; logit (N,) that this is a
            hand; logit (N,) that it is a right one.
        """
        return self.heads(self.features(x, kept))

    def heads(self, feature: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """The same of features (N, features)."""
        points = self.points(feature).reshape(-1, POINTS, 3)
        return points, self.presence(feature)[:, 0], self.right(feature)[:, 0]


class Bottleneck(nn.Module):
    """One block; where it changes nothing of the shape, what came in is added."""

    def __init__(self, channels: int, block: Block) -> None:
        super().__init__()
        self.widen = Convolution(channels, block.inside)
        self.depthwise = Convolution(block.inside, block.inside, block.kernel, block.stride, depthwise=True)
        self.narrow = Convolution(block.inside, block.out, relu=False)
        self.sum = Rounding() if block.stride == 1 and channels == block.out else None

    def forward(self, x: Tensor) -> Tensor:
        """Float (N, C, S, S) → (N, C', S / stride, S / stride)."""
        y: Tensor = self.narrow(self.depthwise(self.widen(x)))
        return y if self.sum is None else self.sum(x + y)
