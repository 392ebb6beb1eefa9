"""What the recogniser makes of landmarks: two hands that it cannot tell apart are alike enough."""

from pathlib import Path
from typing import Any, Final

import onnx
import torch
from onnx import numpy_helper
from torch import Tensor

from models.training.networks.shipped import Encoder
from overlay.recognition.crop import MARGIN
from overlay.recognition.hands.square import DEPTH

PREFIX: Final = "encoder."
LANDMARKS, NORM = "landmarks.", "norm."


class LetterEyes:
    """The recogniser's features of landmarks alone.

    Args:
        model: folder of a recogniser of ours, as it ships.
    """

    def __init__(self, model: Path) -> None:
        graph = onnx.load(model / "encoder.onnx").graph
        named: dict[str, Any] = {
            tensor.name.removeprefix(PREFIX): torch.from_numpy(numpy_helper.to_array(tensor).copy())
            for tensor in graph.initializer
            if tensor.name.startswith((PREFIX + LANDMARKS, PREFIX + NORM))
        }
        self._encoder = Encoder().eval()
        missing, unknown = self._encoder.load_state_dict(named, strict=False)
        absent = [name for name in missing if name.startswith((LANDMARKS, NORM))]
        if absent or unknown:
            raise ValueError(f"{model} is no recogniser of ours: {', '.join([*absent, *unknown][:3])}")
        self._encoder.requires_grad_(False)

    def features(self, points: Tensor, turn: Tensor, mirror: Tensor) -> Tensor:
        """Features (N, FEATURES) of landmarks as a network gives them.

        Args:
            points: (N, 21, 3), 0 to 1 across and down the crop, z as the network gives it.
            turn: (N,), how far the crop was turned in its picture, radians, clockwise.
            mirror: (N,), -1 where the hand is to be mirrored after that, else 1.
        """
        x, y = points[..., 0] - 0.5, points[..., 1] - 0.5
        cos, sin = torch.cos(turn)[:, None], torch.sin(turn)[:, None]
        across, down = (cos * x - sin * y) * mirror[:, None], sin * x + cos * y
        plane = torch.stack([across, down], -1)
        low, high = plane.amin(1), plane.amax(1)
        half = ((high - low).amax(1) * MARGIN / 2).clamp(min=1e-3)[:, None, None]
        plane = (plane - ((low + high) / 2)[:, None]) / half
        depth = (points[..., 2:] - points[:, :1, 2:]) * DEPTH / half
        return self._encoder.felt(torch.cat([plane, depth], -1).flatten(1))
