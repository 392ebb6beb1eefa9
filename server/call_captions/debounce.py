"""Holds the newest finished caption for a moment, in which the user may still choose another word in it."""

import asyncio
from collections.abc import Awaitable, Callable

from overlay.transcripts.session import KeptCue


class Settling:
    """In the event loop. Calls cannot take a caption back, so what goes out is what stands after that moment.

    A typed caption goes on at once, as does the one before a new one: no edit reaches it any more.

    Args:
        seconds: how long.
        settled: given each caption once, in order, with the time at which it was finished.
        sleep: waits so many seconds.
    """

    def __init__(
        self,
        seconds: float,
        settled: Callable[[KeptCue, float], None],
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._seconds, self._settled, self._sleep = seconds, settled, sleep
        self._held: tuple[KeptCue, float] | None = None
        self._timer: asyncio.Task[None] | None = None
        self._newest = -1  # number of the newest caption that went on

    def put(self, cue: KeptCue, at: float) -> None:
        """A caption that was finished at that time, or one that is held with another text."""
        if self._held is not None and cue.index == self._held[0].index:
            self._held = (cue, self._held[1])
            return
        if cue.index <= self._newest:  # changed too late
            return
        self.release()
        self._held = (cue, at)
        if cue.typed or self._seconds <= 0:
            self.release()
        else:
            self._timer = asyncio.get_running_loop().create_task(self._release_later())

    def release(self) -> None:
        """Let the one that is held go on."""
        self._stop_timer()
        held, self._held = self._held, None
        if held is not None:
            self._newest = held[0].index
            self._settled(*held)

    def forget(self) -> None:
        """Let the one that is held go nowhere."""
        self._stop_timer()
        if self._held is not None:
            self._newest = self._held[0].index
            self._held = None

    async def _release_later(self) -> None:
        await self._sleep(self._seconds)
        self._timer = None  # not to be stopped by itself
        self.release()

    def _stop_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
