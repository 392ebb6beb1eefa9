"""What a picture of a hand could also look like in the square in which the live path looks for it."""

from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from overlay.media.frame import Pixels
from overlay.recognition.hands.square import DEPTH, HandSquare, square_of_landmarks

ROUGH: Final = 0.2  # of the crops: as far off as after the palm detector, or when a hand darts
NEAR, FAR = (
    (0.05, 8.0, 0.09),
    (0.13, 22.0, 0.2),
)  # spread of shift in sides, of turn in degrees, of size in logarithms
QUALITIES: Final = (25, 70)  # of JPEG

Crop = tuple[Pixels, NDArray[np.float32]]


@dataclass(frozen=True, slots=True)
class Away:
    """How far the square lies beside the one that fits: shift in sides, turn in radians, size as a factor."""

    across: float
    down: float
    turn: float
    size: float

    @classmethod
    def random(cls, rng: Generator) -> "Away":
        """As it is in a live picture: mostly a little, at times far."""
        shift, turn, size = FAR if rng.random() < ROUGH else NEAR
        across, down = np.clip(rng.normal(0, shift, 2), -0.25, 0.25).tolist()
        turned = float(np.radians(np.clip(rng.normal(0, turn), -60, 60)))
        return cls(across, down, turned, float(np.exp(np.clip(rng.normal(0, size), -0.35, 0.35))))


def look(
    pixels: Pixels, landmarks: NDArray[np.float32], away: Away, size: int, *, share: float = 1.0, mirror: bool = False
) -> Crop:
    """The crop of a square beside the one that fits, and what the network is to say of it.

    Args:
        pixels: uint8 (H, W, 3), with room around the hand.
        landmarks: (21, 3) in its pixels.
        away: how far beside.
        size: of the crop in pixels.
        share: side of the crop over that of MediaPipe's square.
        mirror: as a hand of the other side.

    Returns:
        The crop, and landmarks (21, 3) in it, 0 to 1, z as the network gives it.
    """
    fit = square_of_landmarks(landmarks)
    square = HandSquare(
        fit.x + away.across * fit.side,
        fit.y + away.down * fit.side,
        fit.side * away.size * share,
        fit.turn + away.turn,
    )
    crop = square.cut(pixels, size)
    back = cv2.invertAffineTransform(square.to_frame(size))
    points = np.empty((len(landmarks), 3), np.float32)
    points[:, :2] = (landmarks[:, :2] @ back[:, :2].T + back[:, 2] + 0.5) / size
    points[:, 2] = landmarks[:, 2] / (DEPTH * square.side)
    if mirror:
        crop = np.ascontiguousarray(crop[:, ::-1])
        points[:, 0] = 1 - points[:, 0]
    return crop, points


def spoil(crop: Pixels, rng: Generator) -> Pixels:
    """The same in other light, through another camera, in motion."""
    size = len(crop)
    if rng.random() < 0.3:
        length = int(rng.integers(2, 9)) * size // 144
        if length > 1:
            crop = np.asarray(cv2.filter2D(crop, -1, _streak(length, rng.uniform(0, np.pi))), np.uint8)
    elif rng.random() < 0.3:
        crop = np.asarray(cv2.GaussianBlur(crop, (0, 0), rng.uniform(0.4, 1.8)), np.uint8)
    if rng.random() < 0.15:
        small = int(size * rng.uniform(0.35, 0.8))
        tiny = cv2.resize(crop, (small, small), interpolation=cv2.INTER_AREA)
        crop = np.asarray(cv2.resize(tiny, (size, size), interpolation=cv2.INTER_LINEAR), np.uint8)
    if rng.random() < 0.85:
        crop = _other_light(crop, rng)
    if rng.random() < 0.35:
        grain = rng.normal(0, rng.uniform(2, 14), (size, size, 1 if rng.random() < 0.5 else 3))
        crop = np.clip(crop + grain, 0, 255).astype(np.uint8)
    if rng.random() < 0.15:
        packed = cv2.imencode(".jpg", crop, [cv2.IMWRITE_JPEG_QUALITY, int(rng.integers(*QUALITIES))])[1]
        crop = np.asarray(cv2.imdecode(packed, cv2.IMREAD_COLOR), np.uint8)
    return crop


def _streak(length: int, angle: float) -> NDArray[np.float32]:
    """The kernel that blurs along a line."""
    side = length | 1
    kernel = np.zeros((side, side), np.float32)
    middle, reach = side // 2, length / 2
    dx, dy = reach * np.cos(angle), reach * np.sin(angle)
    cv2.line(kernel, (round(middle - dx), round(middle - dy)), (round(middle + dx), round(middle + dy)), 1.0)
    return np.asarray(kernel / kernel.sum(), np.float32)


def _other_light(crop: Pixels, rng: Generator) -> Pixels:
    """Brightness, contrast, gamma, and the colour of the light."""
    values = np.arange(256, dtype=np.float32) / 255
    gamma, contrast = np.exp(rng.normal(0, 0.3)), np.exp(rng.normal(0, 0.2))
    tint = np.exp(rng.normal(0, 0.25) + rng.normal(0, 0.1, 3))
    curve = ((values[:, None] ** gamma - 0.5) * contrast + 0.5) * tint
    table = np.clip(curve * 255, 0, 255).astype(np.uint8)[:, None]
    if rng.random() < 0.1:
        crop = np.asarray(cv2.cvtColor(cv2.cvtColor(crop, cv2.COLOR_BGR2GRAY), cv2.COLOR_GRAY2BGR), np.uint8)
    lit = np.asarray(cv2.LUT(crop, table), np.uint8)
    if rng.random() < 0.25:  # a shadow, or light from one side
        begin, end = rng.uniform(0.45, 1.2, 2).tolist()
        side = np.linspace(begin, end, len(crop), dtype=np.float32)
        ramp = side[:, None, None] if rng.random() < 0.5 else side[None, :, None]
        lit = np.clip(lit * ramp, 0, 255).astype(np.uint8)
    return lit
