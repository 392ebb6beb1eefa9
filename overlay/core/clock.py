"""Time as an argument: what waits for it can be given it instead."""

import threading
import time
from collections.abc import Callable
from typing import Final


class Clock:
    """The machine's own clocks. From any thread."""

    def monotonic(self) -> float:
        """Seconds that only grow, those of live frames."""
        return time.monotonic()

    def time(self) -> float:
        """Seconds since 1970, as the time of day is told; people may set it back."""
        return time.time()

    def wait(self, what: threading.Event | threading.Condition, seconds: float | None = None) -> bool:
        """Wait until an event is set or somebody notifies a condition, which is held; at most so many seconds.

        Returns:
            Whether that was so. Who waits for a condition looks again in any case.
        """
        return what.wait(seconds)

    def wait_for(
        self, condition: threading.Condition, holds: Callable[[], bool], seconds: float | None = None
    ) -> bool:
        """Wait until something holds, looking whenever somebody notifies the condition; at most so many seconds.

        Returns:
            Whether it holds.
        """
        end = None if seconds is None else self.monotonic() + seconds
        while not (held := holds()):
            rest = None if end is None else end - self.monotonic()
            if rest is not None and rest <= 0:
                break
            self.wait(condition, rest)
        return held


REAL: Final = Clock()
