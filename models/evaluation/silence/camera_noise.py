"""The noise of a camera, mild and new in every frame."""

from functools import lru_cache
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

GRAIN: Final = 4.0  # spread, of 255
ROOM: Final = 64  # pixels by which the noise is shifted at most


def grainy(picture: NDArray[np.uint8], seed: int, t: float) -> NDArray[np.uint8]:
    """A picture, BGR uint8 (H, W, 3), as a camera gives it at t seconds."""
    height, width = picture.shape[:2]
    y, x = np.random.default_rng((seed, round(t * 1000))).integers(ROOM, size=2)
    noise = _noise(height + ROOM, width + ROOM)[y : y + height, x : x + width]
    return np.asarray(cv2.add(picture, noise, dtype=cv2.CV_8U), np.uint8)


@lru_cache(maxsize=2)
def _noise(height: int, width: int) -> NDArray[np.int16]:
    grey = np.random.default_rng(0).normal(0, GRAIN, (height, width, 1))
    return np.repeat(np.round(grey), 3, axis=2).astype(np.int16)
