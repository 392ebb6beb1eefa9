"""The stream of captions: the whole text first, then what changes."""

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
from server.web.streams.sse import send_events
from server.web.streams.stream import Event, Items, answered_with

HEARTBEAT: Final = 10.0  # seconds; also how soon a client that went away is noticed


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


def caption_event(state: CaptionState, cues: Iterable[Cue], run: str, look: dict[str, Any] | None = None) -> Event:
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
    return Event("captions", data, state.revision)


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
@answered_with(send_events)
async def caption_events(request: web.Request) -> Items:
    """`GET /api/v1/captions/events?page=start|captions`: the text as it grows.

    The first event on each connection holds all finished captions that are kept, so a client that was
    cut off misses nothing; cues carry their index, so it repeats nothing. The caption page and the overlay have the
    text as the user wants it shown, and its `look`; other pages have it as it is.
    """
    feed = request.app[SESSION].viewers.captions
    owner = request.app[ACCESS].role(request) is Role.OWNER
    styled = request.query.get("page") == "captions"
    try:
        number = feed.join("captions" if styled else "start", owner=owner)
    except FullError as error:
        raise RefusedError(503, str(error)) from None
    try:
        yield None
        unsent = _Unsent()
        version = sent = -1
        while not feed.closing or feed.version != version:  # the last line goes out at the end too
            version = feed.version
            newest = version if styled else feed.state.revision
            if newest == sent:
                yield None
            else:
                sent = newest
                state, look = (feed.shown, feed.look) if styled else (feed.state, None)
                yield caption_event(state, unsent.of(state.cues), feed.run, look)
            await feed.wait(version, HEARTBEAT)
    finally:
        feed.leave(number)
