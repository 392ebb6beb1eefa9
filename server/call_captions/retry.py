"""Retries: how long to wait, how often to try, and when to give up. The clock and chance are arguments."""

import asyncio
import random
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Final

from overlay.core.clock import REAL, Clock

OLDEST: Final = 60.0  # seconds after which a caption is of no use in a call
MOST_WAITING: Final = 50  # captions; nobody signs that many in a minute
TRIES: Final = 6  # of one caption that are answered with an error
DENIALS: Final = 3  # in a row after which a link is good for nothing: Zoom says that even these pass at times
FIRST_PAUSE: Final = 0.25  # seconds
LONGEST_PAUSE: Final = 8.0


@dataclass(frozen=True, slots=True)
class Pace:
    """The clock of the sender.

    Attributes:
        clock: by which captions grow old, and are stamped.
        sleep: waits so many seconds of it, in the event loop.
        chance: from 0 to 1.
        settle: seconds in which a signed caption may still be changed by the user before it goes out.
        limit: seconds for one request.
    """

    clock: Clock = REAL
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
    chance: Callable[[], float] = random.random
    settle: float = 2.0
    limit: float = 5.0

    def now(self) -> float:
        """Seconds that only grow."""
        return self.clock.monotonic()

    def pause(self, failures: int) -> float:
        """Seconds after so many failures in a row: twice as long each time, half of it by chance."""
        longest = min(FIRST_PAUSE * 2.0 ** min(failures - 1, 30), LONGEST_PAUSE)
        return longest * (1 + self.chance()) / 2
