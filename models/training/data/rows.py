"""Rows of the time grid as the live window has them: what all sequences to learn from are put together with."""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from overlay.recognition.crop import trace
from overlay.recognition.feature_window import MOTION, MOTION_UNIT

IGNORED: Final = -100  # a label that the loss passes over
DELAY: Final = 4  # rows that the network may look ahead: 133 ms

Floats = NDArray[np.float32]


def around_palm(landmarks: Floats) -> Floats:
    """Palm and tips of a hand with landmarks (21, 3) in pixels, (3, 2) in palms around the palm's middle."""
    traced, palm = trace(landmarks, mirror=False)
    return np.asarray((traced - traced[0]) / palm, np.float32)


def motion_of(places: Floats, unit: Floats | float = MOTION_UNIT) -> Floats:
    """Motion (L, MOTION) of a hand that is there all the time, as `motion_row` gives it for each row.

    Args:
        places: (L, 3, 2), of palm and tips.
        unit: what counts as 1, in the unit of the places: for all steps from row to row, or (L - 1, 1).
    """
    motion = np.zeros((len(places), MOTION), np.float32)
    motion[1:, :6] = np.clip(np.diff(places, axis=0).reshape(-1, 6) / unit, -10, 10)
    motion[:, 6] = 1
    return motion
