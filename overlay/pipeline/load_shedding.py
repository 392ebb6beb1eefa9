"""Gives way before the picture stutters: on a machine that is too slow, less is read and shown, by steps."""

from collections import deque
from dataclasses import dataclass
from typing import Final

import numpy as np

LOOK_EVERY: Final = 1.0  # seconds
SPAN: Final = 3.0  # seconds that a decision rests on
CALM: Final = 10.0  # seconds without strain before a step back
BUSY, IDLE = 0.9, 0.65  # of all time, that reading takes: a step is taken above, and back where it would stay below
LATE, SOON = 0.5, 0.3  # of a frame's time, from its capture until its picture is drawn
LOST: Final = 0.02  # of the frames, whose pictures were never drawn: a step is taken above


@dataclass(frozen=True, slots=True)
class QualityLevel:
    """A level of quality: how much is read, and how much is shown.

    Attributes:
        every: each frame is read, every second, or every third.
        lean: the preview is smaller and has half the pictures.
    """

    every: int
    lean: bool


LEVELS: Final = (QualityLevel(1, False), QualityLevel(2, False), QualityLevel(2, True), QualityLevel(3, True))


class LoadShedder:
    """Decides how much is done. Belongs to the thread that draws; `read` may be called from another.

    Args:
        period: seconds between two frames.
        now: seconds.
    """

    def __init__(self, period: float, now: float) -> None:
        self.level = 0
        self._period = period
        self._reading: deque[tuple[float, float]] = deque(maxlen=256)  # when, and how many seconds it took
        self._drawing: deque[tuple[float, float, int]] = deque(maxlen=256)  # when, how late, and how many lost so far
        self._looked = self._changed = self._strained = now

    @property
    def step(self) -> QualityLevel:
        """The level of quality now."""
        return LEVELS[self.level]

    def read(self, at: float, took: float) -> None:
        """Note that a frame was read by `at`, in `took` seconds."""
        self._reading.append((at, took))

    def drawn(self, at: float, late: float, lost: int) -> bool:
        """Note that a picture was drawn.

        Args:
            at: when.
            late: seconds since its frame was captured.
            lost: frames so far of which no picture was drawn.

        Returns:
            Whether another step is taken from now on.
        """
        if not self._reading:  # models are still being loaded, which is a strain that ends by itself
            self._changed = self._looked = at
            return False
        self._drawing.append((at, late, lost))
        if at - self._looked < LOOK_EVERY:
            return False
        self._looked = at
        before = self.level
        self._decide(at)
        if self.level != before:
            self._changed = at
        return self.level != before

    def _decide(self, now: float) -> None:
        since = max(now - SPAN, self._changed)
        reading = [took for at, took in list(self._reading) if at > since]
        drawing = [late for at, late, _ in self._drawing if at > since]
        lost = [count for at, _, count in self._drawing if at > since]
        if now - self._changed < SPAN or len(drawing) < 3:
            return
        busy = sum(reading) / (now - since)
        late = float(np.percentile(drawing, 90)) / self._period
        missing = (lost[-1] - lost[0]) / (len(drawing) + lost[-1] - lost[0])
        if busy > BUSY or late > LATE or missing > LOST:
            self._strained = now
            self.level = min(self.level + 1, len(LEVELS) - 1)
            return
        # A step back must not bring the strain back at once.
        nearer = LEVELS[max(self.level - 1, 0)].every / self.step.every
        if busy / nearer > IDLE or late > SOON:
            self._strained = now
        elif self.level and now - self._strained >= CALM:
            self._strained = now
            self.level -= 1
