"""Channels of the landmark network are made equally large, so that 8 bits tell as much of each."""

import copy
import itertools

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from models.training.hands.export import as_tensor
from models.training.hands.network import Convolution, HandNetwork

BATCH = 32
ROOM = 1.15  # over the largest value that was seen: what is above 6 is clipped
LARGEST = 16  # times: a channel that hardly ever says anything is noise

Gains = dict[str, Tensor]


@torch.no_grad()
def equalised(network: HandNetwork, crops: NDArray[np.uint8]) -> tuple[HandNetwork, Gains]:
    """Make what depthwise convolutions are given larger where 6 is never reached, and their weights smaller.

    Cross-layer equalisation (Nagel et al., 2019) where it costs nothing: those weights are rounded by channel. In
    floats the network gives the same.

    Args:
        network: in floats.
        crops: uint8 (N, S, S, 3), as the live path cuts them.

    Returns:
        Another network, and by how much each channel of a layer was multiplied, powers of two, by the layer's name.
    """
    result = copy.deepcopy(network).eval()
    layers = result.layers()
    names = [name for name, layer in layers.items() if isinstance(layer, Convolution)]
    pairs = [(first, then) for first, then in itertools.pairwise(names) if _alone(layers[then])]
    largest: dict[str, Tensor] = {}

    def note(name: str) -> None:
        def see(_layer: nn.Module, _given: object, y: Tensor) -> None:
            most = y.amax((0, 2, 3))
            largest[name] = torch.maximum(largest.get(name, most), most)

        layers[name].register_forward_hook(see)

    for first, _ in pairs:
        note(first)
    for start in range(0, len(crops), BATCH):
        result(as_tensor(crops[start : start + BATCH]))
    result = copy.deepcopy(network).eval()
    layers, gains = result.layers(), {}
    for first, then in pairs:
        gain = 2.0 ** (6 / (ROOM * largest[first].clamp(min=1e-3))).clamp(1, LARGEST).log2().floor()
        layers[first].weight.mul_(gain[:, None, None, None])
        layers[first].bias.mul_(gain)
        layers[then].weight.div_(gain[:, None, None, None])
        gains[first] = gain
    return result, gains


def _alone(layer: nn.Module) -> bool:
    """Whether a layer is a depthwise convolution."""
    return isinstance(layer, Convolution) and layer.groups > 1
