"""Captions that wait for their turn: in order, not too many, not too old."""

import asyncio
from collections import deque
from collections.abc import Callable

from server.call_captions.delivery_log import Caption, Tally
from server.call_captions.retry import MOST_WAITING, OLDEST


class Waiting:
    """The queue of one link, in its event loop.

    Args:
        tally: where those that are given up are counted.
        now: seconds that only grow.
    """

    def __init__(self, tally: Tally, now: Callable[[], float]) -> None:
        self._tally, self._now = tally, now
        self._captions: deque[Caption] = deque()
        self._some = asyncio.Event()

    def __len__(self) -> int:
        return len(self._captions)

    def put(self, caption: Caption) -> None:
        """The newest one. Where too many wait, the oldest has had its time."""
        if len(self._captions) >= MOST_WAITING:
            self._tally.add_loss(self._captions.popleft(), f"more than {MOST_WAITING} captions waited")
        self._captions.append(caption)
        self._some.set()

    async def get(self) -> Caption:
        """The oldest one, once there is one."""
        await self._some.wait()
        caption = self._captions.popleft()
        if not self._captions:
            self._some.clear()
        return caption

    def expire(self) -> None:
        """Give up those that have become too old."""
        while self._captions and is_too_old(self._captions[0], self._now()):
            self._tally.add_loss(self._captions.popleft(), too_old())
        if not self._captions:
            self._some.clear()

    def give_up(self, why: str) -> None:
        """Give up all of them."""
        while self._captions:
            self._tally.add_loss(self._captions.popleft(), why)
        self._some.clear()


def is_too_old(caption: Caption, now: float) -> bool:
    """Whether it would only confuse a call."""
    return now - caption.at >= OLDEST


def too_old() -> str:
    """Return the sentence that says why a caption is given up."""
    return f"it had waited for {OLDEST:.0f} seconds"
