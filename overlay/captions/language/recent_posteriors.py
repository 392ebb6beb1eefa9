"""The posteriors of the last half minute, to look back at those of a word when it ends."""

from collections import deque
from typing import Final

import numpy as np
from numpy.typing import NDArray

from overlay.captions.language.scoring import CLASSES

KEPT: Final = 900  # steps of the time grid, 100 kB

Floats = NDArray[np.float32]


class RecentPosteriors:
    """Keeps the newest steps of the time grid. Clock-free: time comes with the posteriors."""

    def __init__(self) -> None:
        self._steps: deque[tuple[float, Floats]] = deque(maxlen=KEPT)

    def add(self, at: float, posteriors: Floats) -> None:
        """Take the next step, float32 (CLASSES,), and the moment that it is about."""
        self._steps.append((at, posteriors))

    def between(self, start: float, end: float) -> Floats:
        """Return the steps (T, CLASSES) from `start` to `end`, as far as there are any; none where the first ones
        are no longer kept.
        """
        if len(self._steps) == KEPT and self._steps[0][0] > start:
            return np.zeros((0, CLASSES), np.float32)
        steps = [posteriors for at, posteriors in self._steps if start <= at <= end]
        return np.array(steps, np.float32).reshape(-1, CLASSES)
