"""Captions as server-sent events: the whole text first, then what changes."""

import json
from collections.abc import Iterable
from dataclasses import asdict
from typing import Any, Final

from aiohttp import web

from overlay.captions.state import AssistedWord, CaptionState, Cue
from server.session.caption_feed import FullError
from server.web.auth.access import Role
from server.web.auth.security import ACCESS, RefusedError, from_extension, requires_role, streams
from server.web.keys import SESSION
from server.web.openapi import operation
from server.web.streams.sse import write_in_time

HEARTBEAT: Final = 10.0  # seconds; also how soon a client that went away is noticed
RETRY_MS: Final = 1000  # after which a browser asks again when the stream was cut


class _Unsent:
    """Which cues a stream has not sent yet, or has sent with another text.

    Not those that the run's `FinalCaptionStream` tells of, but the difference from what this client has: it may have
    joined late, is sent the newest state alone where it is slow, and is sent words' marks as well as text.
    """

    def __init__(self) -> None:
        self._sent: dict[int, Cue] = {}

    def of(self, cues: Iterable[Cue]) -> list[Cue]:
        new = [cue for cue in cues if self._sent.get(cue.index) != cue]
        self._sent = {cue.index: cue for cue in cues}
        return new


def encode(state: CaptionState, cues: Iterable[Cue], run: str, look: dict[str, Any] | None = None) -> bytes:
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
    if look is not None:
        data["look"] = look
    return f"id: {state.revision}\nevent: captions\ndata: {json.dumps(data)}\n\n".encode()


def _marks(assisted: Iterable[AssistedWord]) -> dict[str, Any]:
    """Which words of a caption were read with a language; nothing where none was."""
    marks = [asdict(word) for word in assisted]
    return {"assisted": marks} if marks else {}


@requires_role(Role.VIEWER)
@operation(
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
    cut off misses nothing; cues carry their index, so it repeats nothing. The caption page and the overlay have the
    text as the user wants it shown, and its `look`; other pages have it as it is.
    """
    feed = request.app[SESSION].viewers.captions
    access = request.app[ACCESS]
    owner = access.role(request) is Role.OWNER
    styled = request.query.get("page") == "captions"
    try:
        number = feed.join("captions" if styled else "start", owner=owner)
    except FullError as error:
        raise RefusedError(503, str(error)) from None
    try:
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream; charset=utf-8"})
        await response.prepare(request)
        await write_in_time(response, f"retry: {RETRY_MS}\n\n".encode())
        unsent = _Unsent()
        version = sent = -1
        while not feed.closing or feed.version != version:  # the last line goes out at the end too
            if access.role(request) is Role.NOBODY:  # a browser that is no longer paired
                break
            version = feed.version
            newest = version if styled else feed.state.revision
            if newest == sent:
                await write_in_time(response, b": still here\n\n")
            else:
                sent = newest
                state, look = (feed.shown, feed.look) if styled else (feed.state, None)
                await write_in_time(response, encode(state, unsent.of(state.cues), feed.run, look))
            await feed.wait(version, HEARTBEAT)
    except (ConnectionError, TimeoutError):
        pass
    finally:
        feed.leave(number)
    return response
