"""The page on which pictures of letters are collected, and what it asks for."""

import asyncio
import dataclasses
from collections.abc import Callable
from typing import Any, Final

from aiohttp import web

from overlay.core.errors import SigncapError
from overlay.media.frame import Frame
from overlay.pipeline.pipeline import Pipeline
from overlay.pipeline.result import Reading
from overlay.recognition.letter_model import LETTERS
from server.collection.collector import Collector
from server.collection.letter_hints import letter_picture
from server.collection.options import Choice
from server.collection.state import Phase
from server.collection.store import Store
from server.session.source_control import camera_state
from server.web.auth.access import Role
from server.web.auth.security import RefusedError, needs, streams
from server.web.json_body import json_object
from server.web.keys import SESSION
from server.web.openapi import describes
from server.web.pages import page
from server.web.streams.camera_page import CameraDesk, send_states, send_view


class Collecting(CameraDesk):
    """Joins the collector to the camera.

    Args:
        collector: what takes the pictures.
        pipeline: whose frames are taken.
    """

    def __init__(self, collector: Collector, pipeline: Pipeline) -> None:
        super().__init__(pipeline)
        self.collector = collector

    def accept(self, frame: Frame, reading: Reading) -> None:
        """Take it, when one is due."""
        self.collector.accept(frame, reading.hand)

    def unwatched(self) -> None:
        """Pause a take."""
        try:
            self.collector.pause()
        except SigncapError:  # a burst, which cannot wait
            self.collector.stop()

    async def look(self) -> dict[str, Any]:
        """What the page shows."""
        return await asyncio.to_thread(self.state)

    def state(self) -> dict[str, Any]:
        """What the page shows. May wait for the disk."""
        if self.pipeline.finished.is_set():
            self.collector.stop()
        state = dataclasses.asdict(self.collector.state)
        state["phase"] = state["phase"].value
        state["in_bursts"] = self.collector.state.choice.in_bursts
        state["folder"] = str(self.collector.store.folder)
        state["camera"] = camera_state(self.pipeline)
        state["notice"] = self.pipeline.source.notice
        return state


COLLECTING: Final = web.AppKey("collecting", Collecting)


def add_collecting(app: web.Application) -> None:
    """Add the page and its addresses; the application knows its pipeline and folders already."""
    pipeline = app[SESSION].pipeline
    collector = Collector(Store(app[SESSION].folders.data), pipeline.source.name)
    app[COLLECTING] = Collecting(collector, pipeline)
    app.router.add_get("/collect", collect_page)
    app.router.add_get("/api/v1/collect/events", collect_events, allow_head=False)
    app.router.add_get("/api/v1/collect/view.mjpeg", self_view, allow_head=False)
    app.router.add_get("/api/v1/collect/letter/{letter:[A-Z]}.jpg", letter_hint)
    app.router.add_get("/api/v1/collect/signers", signers)
    app.router.add_post("/api/v1/collect/{action:start|pause|resume|stop|undo|choose}", control)
    app.on_shutdown.append(_close)


async def _close(app: web.Application) -> None:
    app[COLLECTING].closing = True
    await asyncio.to_thread(app[COLLECTING].collector.close)


@needs(Role.OWNER)
async def collect_page(request: web.Request) -> web.Response:
    """`GET /collect`: the page."""
    return page(request, "collect.html", letters=LETTERS)


@needs(Role.OWNER)
@describes("Names of the signers of whom there are pictures.", answers={200: "Their names."})
async def signers(request: web.Request) -> web.Response:
    """`GET /api/v1/collect/signers`: the names there are."""
    names = await asyncio.to_thread(request.app[COLLECTING].collector.store.signers)
    return web.json_response({"signers": names})


@needs(Role.OWNER)
@describes("What a letter looks like.", answers={200: "A picture."}, gives="image/jpeg")
async def letter_hint(request: web.Request) -> web.Response:
    """`GET /api/v1/collect/letter/A.jpg`: what a letter looks like."""
    jpeg = await asyncio.to_thread(letter_picture, request.match_info["letter"])
    return web.Response(body=jpeg, content_type="image/jpeg")


@needs(Role.OWNER)
@streams
@describes(
    "The mirrored picture with the outline of the hand.",
    answers={200: "Images for as long as the client listens.", 503: "Too many browsers show the picture."},
    gives="multipart/x-mixed-replace",
)
async def self_view(request: web.Request) -> web.StreamResponse:
    """`GET /api/v1/collect/view.mjpeg`: the mirrored picture with the outline of the hand."""
    return await send_view(request, request.app[COLLECTING])


@dataclasses.dataclass(frozen=True, slots=True)
class Older:
    """What an undo takes."""

    older: bool = False


@needs(Role.OWNER)
@describes(
    "Takes pictures: does what the path says. `choose` takes any of what can be chosen, `undo` takes older.",
    body=Choice | Older,
    answers={200: "The new state.", 409: "It is not possible now."},
)
async def control(request: web.Request) -> web.Response:
    """`POST /api/v1/collect/start|pause|resume|stop|undo|choose`: do it; answers with the new state.

    `choose` takes any of signer, letter, count, rate, flip, burst and countdown; `undo` takes {"older": true}.
    """
    collecting, action = request.app[COLLECTING], request.match_info["action"]
    body = await json_object(request)
    if action == "start" and collecting.state()["camera"] == "ended":
        raise RefusedError(409, "The camera or video has ended: start Signcap again, then go on here.")
    collector = collecting.collector
    work: dict[str, Callable[[], None]] = {
        "start": collector.start,
        "pause": collector.pause,
        "resume": collector.resume,
        "stop": collector.stop,
        "undo": lambda: collector.undo(older=body.get("older") is True),
        "choose": lambda: collector.choose(**body),
    }
    try:
        await asyncio.to_thread(work[action])
    except SigncapError as error:
        busy = collector.state.phase in (Phase.COUNTDOWN, Phase.TAKING)
        raise RefusedError(400 if action == "choose" and not busy else 409, str(error)) from error
    return web.json_response(await collecting.look())


@needs(Role.OWNER)
@streams
@describes(
    "The state of collecting, whenever it has changed.",
    answers={200: "Server-sent events, each `event: state` and JSON.", 503: "Too many pages collect."},
    gives="text/event-stream",
)
async def collect_events(request: web.Request) -> web.StreamResponse:
    """`GET /api/v1/collect/events`: the state, whenever it has changed."""
    return await send_states(request, request.app[COLLECTING], "collect")
