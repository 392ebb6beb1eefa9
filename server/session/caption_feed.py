"""Hands the newest text to everybody who follows it, in the event loop."""

import asyncio
import contextlib
import secrets
from typing import Any, Final

from overlay.captions.presentation import as_shown
from overlay.captions.state import CaptionState
from overlay.core.errors import SigncapError
from overlay.core.settings import Settings
from overlay.pipeline.result import CaptionResult

# Event streams at a time: everybody in a meeting room can have one; see docs/benchmark.md for what they cost.
STREAMS: Final = 64
OWNERS: Final = 8  # more for the owner's own pages: viewers cannot lock the owner out


class FullError(SigncapError):
    """An error: too many follow the captions already."""


class CaptionFeed:
    """Carries the newest text from the recognise thread to any number of event streams.

    Made in the event loop. Each stream sends the newest state there is: states that come while a client
    is slow replace each other, and no line is lost by it, as a state holds all finished captions.
    """

    def __init__(self) -> None:
        self.run = secrets.token_hex(8)  # tells clients that captions of another run are not these
        self.closing = False
        self._loop = asyncio.get_running_loop()
        self._state = CaptionState()
        self._seen: CaptionState = self._state
        self._settings = Settings()
        self._shown: CaptionState | None = None
        self._changed = asyncio.Event()
        self._version = 0
        self._pages: dict[int, str] = {}

    @property
    def state(self) -> CaptionState:
        """The newest text."""
        return self._state

    @property
    def version(self) -> int:
        """The number of times that the text, or how it is to be shown, has changed."""
        return self._version

    @property
    def shown(self) -> CaptionState:
        """The newest text as the caption page and the overlay show it."""
        if self._shown is None:  # made once for all streams
            self._shown = as_shown(self._state, self._settings)
        return self._shown

    @property
    def look(self) -> dict[str, Any]:
        """How captions are to look there, with the names of the settings."""
        style = self._settings.caption.model_dump(mode="json", exclude={"hand_outline", "case", "settled_only"})
        return {**style, "shown_after": self._settings.endpointing.shown_after}

    def configure(self, settings: Settings) -> None:
        """Show captions in another way from now on. Any thread."""
        with contextlib.suppress(RuntimeError):  # the loop has ended before the settings
            self._loop.call_soon_threadsafe(self._show_as, settings)

    def publish(self, reading: CaptionResult) -> None:
        """Take a reading, in any one thread. Quick."""
        if reading.state is self._seen:
            return
        self._seen = reading.state
        try:
            self._loop.call_soon_threadsafe(self._set, reading.state)
        except RuntimeError:  # the loop has ended before the recogniser
            return

    def count(self, page: str) -> int:
        """Return how many event streams are open from pages of that kind."""
        return sum(1 for other in self._pages.values() if other == page)

    @property
    def streams(self) -> int:
        """The number of open event streams, from whatever pages."""
        return len(self._pages)

    def join(self, page: str, *, owner: bool = False) -> int:
        """Register a stream; give its number to `leave`.

        Raises:
            FullError: there are too many.
        """
        if len(self._pages) >= STREAMS + (OWNERS if owner else 0):
            raise FullError("Too many caption pages are open: close one and try again.")
        number = max(self._pages, default=0) + 1
        self._pages[number] = page
        return number

    def leave(self, number: int) -> None:
        """The stream has ended."""
        self._pages.pop(number, None)

    async def wait(self, version: int, timeout: float) -> None:
        """Return when all is no longer at `version`, after `timeout` seconds, or when it all ends."""
        if self._version != version or self.closing:
            return
        try:
            await asyncio.wait_for(self._changed.wait(), timeout)
        except TimeoutError:
            return

    def close(self) -> None:
        """End all streams."""
        self.closing = True
        self._wake()

    def _set(self, state: CaptionState) -> None:
        self._version += state.revision != self._state.revision
        self._state, self._shown = state, None
        self._wake()

    def _show_as(self, settings: Settings) -> None:
        before, shown = self.look, self.shown
        self._settings, self._shown = settings, None
        if (self.look, self.shown) != (before, shown):
            self._version += 1
            self._wake()

    def _wake(self) -> None:
        changed, self._changed = self._changed, asyncio.Event()
        changed.set()
