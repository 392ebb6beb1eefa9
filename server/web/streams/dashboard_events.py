"""What the owner's pages follow as it happens: one stream for figures, letters, settings and voice, since a browser
opens six connections to a server and no more."""

import asyncio
import json
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
from server.web.streams.caption_events import HEARTBEAT, RETRY_MS
from server.web.streams.sse import write_in_time

PAGES: Final = 12  # open at a time
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

    def events(self) -> Iterator[tuple[str, Json]]:
        """Name and body of each event that is due."""
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
                yield name, body
        if self._strip and (strip := self._news()):
            yield "strip", strip

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
async def live_events(request: web.Request) -> web.StreamResponse:
    """`GET /api/v1/events`."""
    app = request.app
    if len(app[SESSION].viewers.pages) >= PAGES:
        raise RefusedError(503, "Too many pages are open: close one and try again.")
    number = id(request)
    app[SESSION].viewers.pages.add(number)
    response = web.StreamResponse(headers={"Content-Type": "text/event-stream; charset=utf-8"})
    unsent = _Unsent(app, request.query.get("strip") == "1")
    try:
        await response.prepare(request)
        await write_in_time(response, f"retry: {RETRY_MS}\n\n".encode())
        loop = asyncio.get_running_loop()
        written = loop.time()
        while not app[SESSION].viewers.captions.closing:
            events = [f"event: {name}\ndata: {json.dumps(body)}\n\n" for name, body in unsent.events()]
            if not events and loop.time() - written > HEARTBEAT:
                events = [": still here\n\n"]  # else a client that went away would not be noticed
            if events:
                await write_in_time(response, "".join(events).encode())
                written = loop.time()
            await asyncio.sleep(LOOK_EVERY)
    except (ConnectionError, TimeoutError):
        pass
    finally:
        app[SESSION].viewers.pages.discard(number)
    return response
