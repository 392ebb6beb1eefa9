"""The only thing that stands between two threads of the live path."""

import threading
from typing import Generic, TypeVar

from overlay.core.clock import REAL, Clock

T = TypeVar("T")


class LatestValue(Generic[T]):
    """Holds the newest value. A value that nobody took before the next one came is dropped and counted.

    One writer and one reader; after `close`, `put` is ignored and `take` returns None once it is empty.

    Args:
        clock: by which the reader waits.
    """

    def __init__(self, clock: Clock = REAL) -> None:
        self._clock = clock
        self._ready = threading.Condition()
        self._value: T | None = None
        self._closed = False
        self._dropped = 0

    def put(self, value: T) -> None:
        """Replace what is there. Never blocks for longer than the exchange takes."""
        with self._ready:
            if self._closed:
                return
            if self._value is not None:
                self._dropped += 1
            self._value = value
            self._ready.notify()

    def take(self, timeout: float | None = None) -> T | None:
        """Wait for a value at most `timeout` seconds; None when none came or the slot is closed and empty."""
        with self._ready:
            self._clock.wait_for(self._ready, lambda: self._value is not None or self._closed, timeout)
            value, self._value = self._value, None
            self._ready.notify()  # the writer, if it waits for that
            return value

    def wait_taken(self, timeout: float) -> bool:
        """Wait until the reader has taken what was put, at most `timeout` seconds; whether it has, or none comes."""
        with self._ready:
            return self._clock.wait_for(self._ready, lambda: self._value is None or self._closed, timeout)

    def close(self) -> None:
        """No more values: wakes the reader."""
        with self._ready:
            self._closed = True
            self._ready.notify_all()

    @property
    def closed(self) -> bool:
        """True after `close`, even while a last value waits."""
        return self._closed

    @property
    def dropped(self) -> int:
        """The number of values that were replaced before anybody took them."""
        return self._dropped
