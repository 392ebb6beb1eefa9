"""The average of weights over the steps of a training, which reads better than the last of them."""

import torch
from torch import Tensor, nn


class WeightAverage:
    """A running average of a module's weights (Polyak and Juditsky, 1992).

    At first it is one of few steps, so that short trainings are averages as well.

    Args:
        module: whose weights.
        most: share of the average that stays with each step, once there have been many.
    """

    def __init__(self, module: nn.Module, most: float) -> None:
        self._module = module
        self._most = most
        self._steps = 0
        self.weights: dict[str, Tensor] = {}

    @torch.no_grad()
    def update(self) -> None:
        """Take in the weights as they are now."""
        newest = self._module.state_dict()
        if not self._steps:
            self.weights = {name: value.clone() for name, value in newest.items()}
        else:
            stays = min(self._most, (1 + self._steps) / (10 + self._steps))
            for name, average in self.weights.items():
                now = newest[name]
                average.copy_(average + (now - average) * (1 - stays) if now.is_floating_point() else now)
        self._steps += 1

    def apply(self) -> None:
        """Put the average into the module."""
        self._module.load_state_dict(self.weights)
