"""A clock that stands still until a test moves it on, and knows when all threads wait for it again."""

import threading
import time
from dataclasses import dataclass

from overlay.core.clock import Clock
from tests.waiting import LONGEST

MORNING = 1_800_000_000.0  # seconds since 1970


@dataclass(frozen=True, eq=False)
class _Wait:
    """Of a thread, for something."""

    what: threading.Event | threading.Condition
    due: float

    @property
    def condition(self) -> threading.Condition:
        """Where the thread really waits. An event has one of its own, which is the one thing that can wake it."""
        condition = self.what._cond if isinstance(self.what, threading.Event) else self.what  # type: ignore[attr-defined]
        assert isinstance(condition, threading.Condition)
        return condition


class SteppedClock(Clock):
    """Time that a test gives.

    All threads that begin after it was made are taken to wait by it alone: for as long as one of them does not, it is
    at work. `settle` waits until none is, and `advance` lets time pass from one moment to the next at which somebody
    has something to do, each time until all of that is done.

    Args:
        at: where monotonic seconds begin.

    Attributes:
        ahead: seconds since 1970 at which monotonic seconds were 0; a machine that has slept adds some to it.
    """

    def __init__(self, at: float = 100.0) -> None:
        self.ahead = MORNING
        self._at = at
        self._changed = threading.Condition()
        self._waits: dict[threading.Thread, _Wait] = {}
        self._count = 0  # of beginnings and ends of waits
        self._others = set(threading.enumerate())

    def monotonic(self) -> float:
        return self._at

    def time(self) -> float:
        return self.ahead + self._at

    def wait(self, what: threading.Event | threading.Condition, seconds: float | None = None) -> bool:
        wait = _Wait(what, float("inf") if seconds is None else self._at + seconds)
        if isinstance(what, threading.Condition):
            return self._wait(wait)
        with wait.condition:
            while not what.is_set() and self._at < wait.due:
                self._wait(wait)
        return what.is_set()

    def pass_by(self, seconds: float) -> None:
        """What takes so long by this clock, in any thread but the test's."""
        self.wait(threading.Event(), seconds)

    def settle(self) -> None:
        """Wait until all threads wait, and none has anything to do now."""
        deadline = time.monotonic() + LONGEST
        while not self._all_wait():
            assert time.monotonic() < deadline, f"at work, or waiting by another clock: {self._at_work()}"
            with self._changed:
                self._changed.wait(0.001)

    def advance(self, seconds: float) -> None:
        """Let time pass, and do all that is to be done meanwhile."""
        self.settle()
        end = self._at + seconds
        while (due := min((wait.due for wait in list(self._waits.values())), default=end)) < end:
            self._move(due)
        self._move(end)

    def _wait(self, wait: _Wait) -> bool:
        """Whether it was ended by somebody, rather than by time."""
        self._note(wait)
        try:
            if self._at < wait.due:
                wait.condition.wait()
        finally:
            self._note(None)
        return self._at < wait.due

    def _note(self, wait: _Wait | None) -> None:
        with self._changed:
            self._count += 1
            if wait is None:
                del self._waits[threading.current_thread()]
            else:
                self._waits[threading.current_thread()] = wait
            self._changed.notify_all()

    def _move(self, at: float) -> None:
        with self._changed:
            self._at = max(self._at, at)
            woken = [wait for wait in self._waits.values() if wait.due <= self._at]
        for wait in woken:
            with wait.condition:
                wait.condition.notify_all()  # all others look again, and wait on
        self.settle()

    def _at_work(self) -> list[str]:
        threads = set(threading.enumerate()) - self._others - {threading.current_thread()}
        return [thread.name for thread in threads if thread not in self._waits]

    def _all_wait(self) -> bool:
        """Whether nobody is at work. Nobody may begin or end a wait while that is looked at, or it is no answer."""
        with self._changed:
            count, waits = self._count, list(self._waits.values())
        if self._at_work():
            return False
        conditions = {id(wait.condition): wait.condition for wait in waits}
        for condition in conditions.values():
            with condition:  # whoever has said that he waits holds it until he does
                still = len(condition._waiters)  # type: ignore[attr-defined]
            if still < sum(wait.condition is condition for wait in waits):  # one has been notified
                return False
        if any(isinstance(wait.what, threading.Event) and wait.what.is_set() for wait in waits):
            return False
        with self._changed:
            return count == self._count
