"""Holds the end of the newest finished caption for a moment, in which the user may still choose another word."""

import asyncio
from collections.abc import Awaitable, Callable

from overlay.pipeline.caption_parts import CaptionPart


class Settling:
    """In the event loop. Calls cannot take a caption back, so what goes out is what stands after that moment.

    What was typed goes on at once, as do words that are settled before their caption ends, and what is held when
    another part comes: no edit reaches it any more.

    Args:
        seconds: how long.
        settled: given each part once, in order, with the time at which it came.
        late: given a part that is changed after it went on.
        sleep: waits so many seconds.
    """

    def __init__(
        self,
        seconds: float,
        settled: Callable[[CaptionPart, float], None],
        late: Callable[[CaptionPart], None] = lambda _part: None,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._seconds, self._settled, self._late, self._sleep = seconds, settled, late, sleep
        self._held: tuple[CaptionPart, float] | None = None
        self._timer: asyncio.Task[None] | None = None
        self._newest = (-1, -1)  # place of the newest part that went on

    def put(self, part: CaptionPart, at: float) -> None:
        """A part that came at that time, or one with another text."""
        if self._held is not None and part.place == self._held[0].place:
            self._held = (part, self._held[1])
            return
        if part.place <= self._newest:
            self._late(part)
            return
        self.release()
        self._held = (part, at)
        if part.typed or not part.ends or self._seconds <= 0:
            self.release()
        else:
            self._timer = asyncio.get_running_loop().create_task(self._release_later())

    def release(self) -> None:
        """Let the one that is held go on."""
        self._stop_timer()
        held, self._held = self._held, None
        if held is not None:
            self._newest = held[0].place
            self._settled(*held)

    def forget(self) -> None:
        """Let the one that is held go nowhere."""
        self._stop_timer()
        if self._held is not None:
            self._newest = self._held[0].place
            self._held = None

    async def _release_later(self) -> None:
        await self._sleep(self._seconds)
        self._timer = None  # not to be stopped by itself
        self.release()

    def _stop_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
