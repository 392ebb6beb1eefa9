"""Finding the hand in a photograph, whatever its size."""

import cv2
import numpy as np

from overlay.media.frame import Pixels
from overlay.recognition.hands.hand_detector import Hand, HandDetector

SMALLEST = 320  # photographs are enlarged to this, or small hands are missed


def enlarge(pixels: cv2.typing.MatLike) -> Pixels:
    """A small photograph at the size at which hands in it are found."""
    scale = SMALLEST / max(pixels.shape[:2])
    if scale > 1:
        pixels = cv2.resize(pixels, None, fx=scale, fy=scale, interpolation=cv2.INTER_CUBIC)
    return np.asarray(pixels, np.uint8)


def find_hand_in_picture(finder: HandDetector, pixels: Pixels) -> tuple[Pixels, Hand] | None:
    """The hand in a photograph, and the enlarged pixels that its landmarks refer to; or None.

    Args:
        finder: made with `video=False`.
        pixels: BGR uint8 (H, W, 3).
    """
    pixels = enlarge(pixels)
    hand = finder.find(pixels, 0.0)
    return None if hand is None else (pixels, hand)
