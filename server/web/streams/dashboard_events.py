"""What the owner's pages follow as it happens: one stream for figures, letters, settings and voice."""

import asyncio
from collections.abc import Iterator
from typing import Any, Final

import numpy as np
from aiohttp import web

from overlay.pipeline.pipeline import Pipeline
from overlay.recognition.letter_model import BLANK, LETTERS
from overlay.tuning.tuner import letter_body, moment_bodies
from server.web.auth.access import Role
from server.web.auth.security import RefusedError, requires_role, streams
from server.web.keys import SESSION
from server.web.openapi import operation
from server.web.routes.settings import settings_body
from server.web.routes.speech import voice_body
from server.web.routes.status import status_body
from server.web.streams.caption_events import HEARTBEAT
from server.web.streams.sse import send_events
from server.web.streams.stream import Event, Items, answered_with

PAGES: Final = 24  # open at a time
LOOK_EVERY: Final = 0.1  # seconds
STATUS_EVERY: Final = 10  # looks
BEST: Final = 5

Json = dict[str, Any]


def live_body(pipeline: Pipeline) -> Json:
    """The five likeliest letters now, with their confidence, and the height of the hand in pixels of the camera's."""
    reading = pipeline.reading
    best: list[list[Any]] = []
    if reading.posteriors is not None:
        order = np.argsort(reading.posteriors[:BLANK])[::-1][:BEST]
        best = [[LETTERS[label], round(float(reading.posteriors[label]), 3)] for label in order]
    height = None if reading.hand is None else round(float(np.ptp(reading.hand.landmarks[:, 1])))
    return {"hand": reading.hand is not None, "hand_height": height, "best": best}


class _Unsent:
    """What a page has not been told yet."""

    def __init__(self, app: web.Application, strip: bool) -> None:
        self._app, self._strip = app, strip
        self._looks = 0
        self._sent: dict[str, Json] = {}
        self._settings: int | None = None  # the revision that the page was told of
        self._newest = float("-inf")
        self._letter = float("-inf")

    def events(self) -> Iterator[Event]:
        """Return the events that are due."""
        app = self._app
        due = {"live": live_body(app[SESSION].pipeline), "voice": voice_body(app[SESSION].speech)}
        store = app[SESSION].settings
        if (now := store.revision) != self._settings:
            self._settings = now
            due["settings"] = settings_body(store)
        if self._looks % STATUS_EVERY == 0:
            due["status"] = status_body(app)
        self._looks += 1
        for name, body in due.items():
            if self._sent.get(name) != body:
                self._sent[name] = body
                yield Event(name, body)
        if self._strip and (strip := self._news()):
            yield Event("strip", strip)

    def _news(self) -> Json | None:
        history = self._app[SESSION].tuner.history
        moments = history.moments(self._newest)
        letters = [letter for letter in history.letters() if letter.start > self._letter]
        if not moments and not letters:
            return None
        if moments:
            self._newest = moments[-1].newest
        if letters:
            self._letter = letters[-1].start
        return {"moments": moment_bodies(moments), "letters": [letter_body(letter) for letter in letters]}


@requires_role(Role.OWNER)
@streams
@operation(
    "Figures (`status`), likeliest letters (`live`), `settings`, the `voice`, and with `strip=1` what the last 20 "
    "seconds were decided on (`strip`), as server-sent events: all of it first, then what changes.",
    query={"strip": "1 to be told of the strip as well."},
    answers={200: "The events, until the client leaves.", 503: "Too many pages are open."},
    gives="text/event-stream",
)
@answered_with(send_events)
async def live_events(request: web.Request) -> Items:
    """`GET /api/v1/events`."""
    app = request.app
    viewers = app[SESSION].viewers
    if len(viewers.pages) >= PAGES:
        raise RefusedError(503, "Too many pages are open: close one and try again.")
    number = object()
    viewers.pages.add(number)
    try:
        yield None
        unsent = _Unsent(app, request.query.get("strip") == "1")
        loop = asyncio.get_running_loop()
        sent_at = loop.time()
        while not viewers.captions.closing:
            for event in unsent.events():
                yield event
                sent_at = loop.time()
            if loop.time() - sent_at > HEARTBEAT:
                yield None  # else a client that went away would not be noticed
                sent_at = loop.time()
            await asyncio.sleep(LOOK_EVERY)
    finally:
        viewers.pages.discard(number)
