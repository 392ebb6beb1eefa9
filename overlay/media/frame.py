"""Frames from a camera, and pictures for the sinks."""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

Pixels = NDArray[np.uint8]
LONGEST_SIDE: Final = 8192  # pixels of a picture or a video that is read: libraries abort over much longer ones


@dataclass(frozen=True, slots=True)
class Frame:
    """One picture from a source.

    Attributes:
        pixels: BGR uint8 (H, W, 3), unmirrored: as others see the signer.
        index: sequence number, from 0, without gaps at the source.
        at: time of capture in seconds. Live sources use `time.monotonic()`; files use the
            presentation time of the picture. Never goes back.
        notice: a sentence to be drawn into it, where it is no camera's picture.
        behind: seconds that its source has fallen behind its own pace by waiting for the recogniser.
    """

    pixels: Pixels
    index: int
    at: float
    notice: str | None = None
    behind: float = 0.0

    @property
    def size(self) -> tuple[int, int]:
        """Width and height in pixels."""
        return self.pixels.shape[1], self.pixels.shape[0]

    @property
    def moment(self) -> float:
        """Time in the signing itself: `at`, without what the source has waited. Never goes back."""
        return self.at - self.behind


@dataclass(frozen=True, slots=True)
class Picture:
    """A captioned frame on its way to the sinks, converted once for all of them.

    Attributes:
        i420: uint8 (H * 3 / 2, W), planar YUV 4:2:0, H and W even.
        index: sequence number of the frame under the captions.
        at: capture time of that frame, in seconds (see `Frame.at`).
        frame: that frame itself, without captions, where there is one.
    """

    i420: Pixels
    index: int
    at: float
    frame: Frame | None = None

    @property
    def size(self) -> tuple[int, int]:
        """Width and height in pixels."""
        return self.i420.shape[1], self.i420.shape[0] * 2 // 3
