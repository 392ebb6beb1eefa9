"""The page on which pictures of letters are collected, and what it asks for."""

import asyncio
import dataclasses
from collections.abc import Callable

from aiohttp import web

from overlay.core.errors import SigncapError
from overlay.recognition.letter_model import LETTERS
from server.collection.letter_hints import letter_picture
from server.collection.options import Choice
from server.collection.state import Phase
from server.web.auth.access import Role
from server.web.auth.security import RefusedError, requires_role, streams
from server.web.json_body import json_object
from server.web.keys import SESSION
from server.web.openapi import operation
from server.web.pages import page
from server.web.streams.camera_page import states, view_operation, views
from server.web.streams.mjpeg import send_images
from server.web.streams.sse import send_events
from server.web.streams.stream import Items, answered_with


def add_collecting(app: web.Application) -> None:
    """Add the page and its addresses."""
    app.router.add_get("/train/collect", collect_page)
    app.router.add_get("/api/v1/collect/events", collect_events, allow_head=False)
    app.router.add_get("/api/v1/collect/view.mjpeg", self_view, allow_head=False)
    app.router.add_get("/api/v1/collect/letter/{letter:[A-Z]}.jpg", letter_hint)
    app.router.add_get("/api/v1/collect/signers", signers)
    app.router.add_post("/api/v1/collect/{action:start|pause|resume|stop|undo|choose}", control)


@requires_role(Role.OWNER)
async def collect_page(request: web.Request) -> web.Response:
    """`GET /train/collect`: the page."""
    return page(request, "collect.html", letters=LETTERS)


@requires_role(Role.OWNER)
@operation("Names of the signers of whom there are pictures.", answers={200: "Their names."})
async def signers(request: web.Request) -> web.Response:
    """`GET /api/v1/collect/signers`: the names there are."""
    names = await asyncio.to_thread(request.app[SESSION].collecting.collector.store.signers)
    return web.json_response({"signers": names})


@requires_role(Role.OWNER)
@operation("What a letter looks like.", answers={200: "A picture."}, gives="image/jpeg")
async def letter_hint(request: web.Request) -> web.Response:
    """`GET /api/v1/collect/letter/A.jpg`: what a letter looks like."""
    jpeg = await asyncio.to_thread(letter_picture, request.match_info["letter"])
    return web.Response(body=jpeg, content_type="image/jpeg")


@requires_role(Role.OWNER)
@streams
@view_operation
@answered_with(send_images)
def self_view(request: web.Request) -> Items:
    """`GET /api/v1/collect/view.mjpeg`: the mirrored picture with the outline of the hand."""
    return views(request.app[SESSION].collecting)


@dataclasses.dataclass(frozen=True, slots=True)
class Older:
    """What an undo takes."""

    older: bool = False


@requires_role(Role.OWNER)
@operation(
    "Takes pictures: does what the path says. `choose` takes any of what can be chosen, `undo` takes older.",
    body=Choice | Older,
    answers={200: "The new state.", 409: "It is not possible now."},
)
async def control(request: web.Request) -> web.Response:
    """`POST /api/v1/collect/start|pause|resume|stop|undo|choose`: do it; answers with the new state.

    `choose` takes any of signer, letter, count, takes, rate, flip, burst and countdown; `undo` takes {"older": true}.
    """
    collecting, action = request.app[SESSION].collecting, request.match_info["action"]
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


@requires_role(Role.OWNER)
@streams
@operation(
    "The state of collecting, whenever it has changed.",
    answers={200: "Server-sent events, each `event: state` and JSON.", 503: "Too many pages collect."},
    gives="text/event-stream",
)
@answered_with(send_events)
def collect_events(request: web.Request) -> Items:
    """`GET /api/v1/collect/events`: the state, whenever it has changed."""
    return states(request.app[SESSION].collecting, "collect")
