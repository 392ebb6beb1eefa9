"""Other ways to look at a frame, for hands that MediaPipe does not find in it as it is."""

import math
from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from overlay.media.frame import Pixels

LARGEST: Final = 960  # side of a view in pixels: more makes it slower and finds no more
GREY: Final = (110, 110, 110)


@dataclass(frozen=True, slots=True)
class View:
    """A frame seen smaller and turned, on a square with room around it.

    Attributes:
        turn: degrees anticlockwise.
        zoom: size of what is seen; the frame's longer side fills the square at 1. Beyond, it is the frame's middle.
        edge: what is around the frame: an OpenCV border mode.
    """

    turn: float
    zoom: float
    edge: int = cv2.BORDER_CONSTANT

    def look(self, pixels: Pixels) -> tuple[Pixels, NDArray[np.float64]]:
        """The view of BGR uint8 (H, W, 3), and the matrix (2, 3) from its pixels back to the frame's."""
        height, width = pixels.shape[:2]
        side = min(LARGEST, round(max(height, width) / self.zoom))
        scale = side / max(height, width) * self.zoom
        matrix = cv2.getRotationMatrix2D((width / 2, height / 2), self.turn, scale)
        matrix[:, 2] += (side - width) / 2, (side - height) / 2
        seen = cv2.warpAffine(pixels, matrix, (side, side), borderMode=self.edge, borderValue=GREY)
        return np.asarray(seen, np.uint8), np.asarray(cv2.invertAffineTransform(matrix), np.float64)


def return_landmarks(landmarks: NDArray[np.float32], back: NDArray[np.float64]) -> NDArray[np.float32]:
    """Landmarks (21, 3) of a view, in its pixels, to those of the frame; `back` (2, 3) is what `View.look` gave."""
    result = landmarks.copy()
    result[:, :2] = landmarks[:, :2] @ back[:, :2].T + back[:, 2]
    result[:, 2] *= math.hypot(back[0, 0], back[1, 0])
    return result


# In the order in which they win back most of what is missed: hands that fill the picture want room around them,
# and fists want another angle. Of the 71 of 1,857 photographs of unseen people that one look missed, 3 are left.
VIEWS: Final = (
    View(45, 0.7),
    View(0, 0.625, cv2.BORDER_REPLICATE),
    View(-30, 0.7),
    View(45, 1.0, cv2.BORDER_REPLICATE),
)
# For videos, whose signer may sit far away: at a quarter of the usual size, no hand was found in a frame as it is,
# and each in its middle half. The tracker follows it in the frame itself then. `HandSearch` leaves this view out
# while a hand was there just now: that comes back where it was, and the other views find it sooner.
VIDEO_VIEWS: Final = (VIEWS[0], View(0, 2.0), *VIEWS[1:])
