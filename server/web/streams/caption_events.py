"""Captions as server-sent events: the whole text first, then what changes."""

import asyncio
import json
import secrets
from collections.abc import Iterable
from dataclasses import asdict
from typing import Any, Final

from aiohttp import web

from overlay.captions.state import AssistedWord, CaptionState, Cue
from overlay.pipeline.result import Reading
from server.web.auth.access import Role
from server.web.auth.security import ACCESS, RefusedError, from_extension, needs, streams
from server.web.openapi import describes
from server.web.streams.sse import write_in_time

# Event streams at a time: everybody in a meeting room can have one; see docs/benchmark.md for what they cost.
STREAMS: Final = 64
OWNERS: Final = 8  # more for the owner's own pages: viewers cannot lock the owner out
HEARTBEAT: Final = 10.0  # seconds; also how soon a client that went away is noticed
RETRY_MS: Final = 1000  # after which a browser asks again when the stream was cut


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
        self._changed = asyncio.Event()
        self._pages: dict[int, str] = {}

    @property
    def state(self) -> CaptionState:
        """The newest text."""
        return self._state

    def publish(self, reading: Reading) -> None:
        """Take a reading, in any one thread. Quick."""
        if reading.state is self._seen:
            return
        self._seen = reading.state
        try:
            self._loop.call_soon_threadsafe(self._set, reading.state)
        except RuntimeError:  # the loop has ended before the recogniser
            return

    def count(self, page: str) -> int:
        """How many event streams are open from pages of that kind."""
        return sum(1 for other in self._pages.values() if other == page)

    @property
    def streams(self) -> int:
        """How many event streams are open, from whatever pages."""
        return len(self._pages)

    def join(self, page: str, *, owner: bool = False) -> int:
        """Register a stream; give its number to `leave`.

        Raises:
            RefusedError: there are too many.
        """
        if len(self._pages) >= STREAMS + (OWNERS if owner else 0):
            raise RefusedError(503, "Too many caption pages are open: close one and try again.")
        number = max(self._pages, default=0) + 1
        self._pages[number] = page
        return number

    def leave(self, number: int) -> None:
        """The stream has ended."""
        self._pages.pop(number, None)

    async def wait(self, revision: int, timeout: float) -> None:
        """Return when the text is no longer at `revision`, after `timeout` seconds, or when it all ends."""
        if self._state.revision != revision or self.closing:
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
        self._state = state
        self._wake()

    def _wake(self) -> None:
        changed, self._changed = self._changed, asyncio.Event()
        changed.set()


FEED: Final = web.AppKey("feed", CaptionFeed)


class _Unsent:
    """Which cues a stream has not sent yet, or has sent with another text."""

    def __init__(self) -> None:
        self._sent: dict[int, Cue] = {}

    def of(self, cues: Iterable[Cue]) -> list[Cue]:
        new = [cue for cue in cues if self._sent.get(cue.index) != cue]
        self._sent = {cue.index: cue for cue in cues}
        return new


def encode(state: CaptionState, cues: Iterable[Cue], run: str) -> bytes:
    """One event. `cues` are the finished captions that the client has not had yet."""
    data: dict[str, Any] = {
        "run": run,
        "revision": state.revision,
        "cues": [{"index": cue.index, "text": cue.text} | _marks(cue.assisted) for cue in cues],
        "committed": state.committed,
        "partial": state.partial,
        "suggestions": [asdict(suggestion) for suggestion in state.suggestions],
        "can_undo": state.can_undo,
    } | _marks(state.assisted)
    return f"id: {state.revision}\nevent: captions\ndata: {json.dumps(data)}\n\n".encode()


def _marks(assisted: Iterable[AssistedWord]) -> dict[str, Any]:
    """Which words of a caption were read with a language; nothing where none was."""
    marks = [asdict(word) for word in assisted]
    return {"assisted": marks} if marks else {}


@needs(Role.VIEWER)
@describes(
    "The text as it grows. The first event holds all finished captions that are kept.",
    query={"page": "Which page asks, for the status: start or captions."},
    answers={200: "Server-sent events, each with an id, `event: captions`, and JSON.", 503: "Too many listen."},
    gives="text/event-stream",
)
@from_extension
@streams
async def caption_events(request: web.Request) -> web.StreamResponse:
    """`GET /api/v1/captions/events?page=start|captions`: the text as it grows.

    The first event on each connection holds all finished captions that are kept, so a client that was
    cut off misses nothing; cues carry their index, so it repeats nothing.
    """
    feed = request.app[FEED]
    access = request.app[ACCESS]
    owner = access.role(request) is Role.OWNER
    number = feed.join("captions" if request.query.get("page") == "captions" else "start", owner=owner)
    try:
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream; charset=utf-8"})
        await response.prepare(request)
        await write_in_time(response, f"retry: {RETRY_MS}\n\n".encode())
        unsent = _Unsent()
        revision = -1
        while not feed.closing or feed.state.revision != revision:  # the last line goes out at the end too
            if access.role(request) is Role.NOBODY:  # a browser that is no longer paired
                break
            state = feed.state
            if state.revision == revision:
                await write_in_time(response, b": still here\n\n")
            else:
                await write_in_time(response, encode(state, unsent.of(state.cues), feed.run))
                revision = state.revision
            await feed.wait(revision, HEARTBEAT)
    except (ConnectionError, TimeoutError):
        pass
    finally:
        feed.leave(number)
    return response
