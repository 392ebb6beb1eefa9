"""Rolling times, rates and drops of the stages: what the pages and the bench show."""

import threading
from collections import deque
from dataclasses import dataclass

import numpy as np

KEPT = 300  # ten seconds at 30 frames a second


@dataclass(frozen=True, slots=True)
class StageStats:
    """Of one stage over the last ten seconds.

    Attributes:
        rate: times a second.
        median_ms, p95_ms: milliseconds each time.
        dropped: values that came and were never taken, since the start.
    """

    rate: float
    median_ms: float
    p95_ms: float
    dropped: int = 0


class StageClock:
    """Collects how long a stage takes. One thread notes, any thread asks."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._notes: deque[tuple[float, float]] = deque(maxlen=KEPT)

    def note(self, at: float, ms: float) -> None:
        """Note that it took `ms` milliseconds, ending at `at` seconds."""
        with self._lock:
            self._notes.append((at, ms))

    def stats(self, dropped: int = 0) -> StageStats:
        """The figures up to now."""
        with self._lock:
            notes = list(self._notes)
        if not notes:
            return StageStats(0.0, 0.0, 0.0, dropped)
        times = np.array([ms for _, ms in notes])
        span = notes[-1][0] - notes[0][0]
        rate = (len(notes) - 1) / span if span > 0 else 0.0
        return StageStats(rate, float(np.median(times)), float(np.percentile(times, 95)), dropped)
