"""The square of the frame in which a hand's landmarks are looked for: its place, cutting it out, and the way back.

The same square as MediaPipe's, so that networks made for one fit the other: around the wrist, thumb and the lower
joints of the fingers, turned so that the hand points upwards.
"""

import math
from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from overlay.media.frame import Pixels

STEADY: Final = (
    0,
    1,
    2,
    3,
    5,
    6,
    9,
    10,
    13,
    14,
    17,
    18,
)  # around which the box is drawn: fingertips move too much
SHIFT: Final = 0.1  # of the box's height, towards the fingertips
SCALE: Final = 2.0  # side of the square over the longer side of the box
DEPTH: Final = 2.5  # of landmarks over what the network gives, in sides: z is scaled otherwise than x and y
SHARPEST: Final = 1.5  # pixels of the frame for one of the crop, beyond which they are averaged before


@dataclass(frozen=True, slots=True)
class HandSquare:
    """A square in a frame, turned.

    Attributes:
        x, y: its middle, in pixels.
        side: in pixels.
        turn: how far the hand in it is turned away from upright, radians, clockwise.
    """

    x: float
    y: float
    side: float
    turn: float

    def to_frame(self, size: int) -> NDArray[np.float64]:
        """The matrix (2, 3) from a crop of `size` pixels to the frame's pixels."""
        scale = self.side / size
        cos, sin = math.cos(self.turn) * scale, math.sin(self.turn) * scale
        middle = (size - 1) / 2
        return np.array(
            [
                [cos, -sin, self.x - (cos - sin) * middle],
                [sin, cos, self.y - (sin + cos) * middle],
            ]
        )

    def resized(self, factor: float) -> "HandSquare":
        """A smaller or larger one around the same middle."""
        return HandSquare(self.x, self.y, self.side * factor, self.turn)

    def moved(self, matrix: NDArray[np.float64]) -> "HandSquare":
        """The same square in another picture; `matrix` (2, 3) leads there, and turns, shifts and scales."""
        x, y = (matrix[:, :2] @ (self.x, self.y) + matrix[:, 2]).tolist()
        scale, turn = math.hypot(matrix[0, 0], matrix[1, 0]), math.atan2(matrix[1, 0], matrix[0, 0])
        return HandSquare(x, y, self.side * scale, self.turn + turn)

    def cut(self, pixels: Pixels, size: int) -> Pixels:
        """The square as uint8 (size, size, 3); beyond the frame's edge, the edge is repeated.

        Args:
            pixels: uint8 (H, W, 3).
            size: side of the crop in pixels.
        """
        matrix = self.to_frame(size)
        shrink = int(self.side / size / SHARPEST)
        if shrink > 1:  # else points of a large picture would be picked here and there, and fingers would shimmer
            pixels, matrix = _smaller(pixels, matrix, size, shrink)
        flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
        cut = cv2.warpAffine(pixels, matrix, (size, size), flags=flags, borderMode=cv2.BORDER_REPLICATE)
        return np.asarray(cut, np.uint8)

    def project(self, points: NDArray[np.float32]) -> NDArray[np.float32]:
        """Landmarks in the frame, (21, 3) in pixels, z scaled like x, from those in the crop.

        Args:
            points: (21, 3), 0 to 1 across and down the crop, z in the same unit, as the network gives it.
        """
        cos, sin = math.cos(self.turn) * self.side, math.sin(self.turn) * self.side
        x, y = points[:, 0] - 0.5, points[:, 1] - 0.5
        result = np.empty((len(points), 3), np.float32)
        result[:, 0] = self.x + cos * x - sin * y
        result[:, 1] = self.y + sin * x + cos * y
        result[:, 2] = points[:, 2] * (DEPTH * self.side)
        return result


def square_of_landmarks(landmarks: NDArray[np.float32]) -> HandSquare:
    """The square in which the hand with landmarks (21, 3), in pixels, is looked for in the frame that follows."""
    points = landmarks[:, :2].astype(np.float64)
    knuckles = ((points[5] + points[13]) / 2 + points[9]) / 2
    turn = _turn(points[0], knuckles)
    cos, sin = math.cos(turn), math.sin(turn)
    upright = points[list(STEADY)] @ np.array([[cos, -sin], [sin, cos]])
    low, high = upright.min(0), upright.max(0)
    width, height = (high - low).tolist()
    x, y = ((low + high) / 2).tolist()
    y -= SHIFT * height
    return HandSquare(x * cos - y * sin, x * sin + y * cos, max(width, height) * SCALE, turn)


def _turn(wrist: NDArray[np.float64], knuckles: NDArray[np.float64]) -> float:
    across, up = knuckles - wrist
    return math.atan2(across, -up)


def _smaller(
    pixels: Pixels, matrix: NDArray[np.float64], size: int, shrink: int
) -> tuple[Pixels, NDArray[np.float64]]:
    """What the square touches of the picture, `shrink` times smaller, and the matrix to it."""
    corners = matrix @ np.array([[0, size, 0, size], [0, 0, size, size], [1, 1, 1, 1]])
    height, width = pixels.shape[:2]
    left, top = (max(int(low) - shrink, 0) // shrink * shrink for low in corners.min(1))
    right, bottom = (int(high) + 2 * shrink for high in corners.max(1))
    # Whole blocks only: a part of one at the edge would stretch the picture. At least one block is left.
    across = max((min(right, width) - left) // shrink, 1)
    down = max((min(bottom, height) - top) // shrink, 1)
    left, top = min(left, width - across * shrink), min(top, height - down * shrink)
    part = pixels[top : top + down * shrink, left : left + across * shrink]
    averaged = np.asarray(cv2.resize(part, (across, down), interpolation=cv2.INTER_AREA), np.uint8)
    result = matrix / shrink
    # The middle of a block's first pixel and that of the block are half a block apart.
    result[:, 2] = (matrix[:, 2] - (left, top) - (shrink - 1) / 2) / shrink
    return averaged, result
