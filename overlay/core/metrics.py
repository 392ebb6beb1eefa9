"""Rolling times, rates and drops of the stages: what the pages and the bench show."""

import threading
import time
from collections import deque
from dataclasses import dataclass

import numpy as np

SPAN = 10.0  # seconds that figures are about
KEPT = 600  # ten seconds at 60 frames a second


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


class StageTimer:
    """Collects how long a stage takes. One thread notes, any thread asks."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._notes: deque[tuple[float, float]] = deque(maxlen=KEPT)

    def note(self, at: float, ms: float) -> None:
        """Note that it took `ms` milliseconds, ending at `at` seconds."""
        with self._lock:
            self._notes.append((at, ms))

    def stats(self, dropped: int = 0, now: float | None = None) -> StageStats:
        """The figures up to `now`, in the seconds of `time.monotonic()`, which it is by default."""
        now = time.monotonic() if now is None else now
        with self._lock:
            notes = [note for note in self._notes if note[0] > now - SPAN]
        if not notes:
            return StageStats(0.0, 0.0, 0.0, dropped)
        times = np.array([ms for _, ms in notes])
        span = now - notes[0][0]
        rate = (len(notes) - 1) / span if span > 0 else 0.0
        return StageStats(rate, float(np.median(times)), float(np.percentile(times, 95)), dropped)
