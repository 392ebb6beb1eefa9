"""The page *Spell what is shown*, and what it asks for."""

import asyncio
from collections.abc import Callable
from typing import Annotated, Any, Final, TypeVar

from aiohttp import web
from pydantic import BaseModel, ConfigDict, Field

from overlay.core.errors import SigncapError
from overlay.prompted.plan import ShownPlan
from overlay.prompted.store import NAME, KeptFile
from server.web.auth.access import Role
from server.web.auth.security import RefusedError, requires_role, streams
from server.web.json_body import json_model, json_object
from server.web.keys import SESSION
from server.web.openapi import operation
from server.web.pages import page
from server.web.streams.camera_page import states, view_operation, views
from server.web.streams.mjpeg import send_images
from server.web.streams.sse import send_events
from server.web.streams.stream import Items, answered_with

T = TypeVar("T")

API: Final = "/api/v1/enrol/shown"
_NAME: Final = "A file's, as in the list."
_CHOICE: Final = "Choose signer (letters, digits, - and _), countdown (0 to 20), count (1 to 10) and seed only."


class Keep(BaseModel):
    """What is to be done with what was spelled. Nothing unless it is said."""

    model_config = ConfigDict(extra="forbid", strict=True)

    landmarks: bool = False  # keep where the hand was, with the text, in a file
    profile: Annotated[str, Field(max_length=40)] = ""  # let this profile learn from it


def add_shown(app: web.Application) -> None:
    """Add the page and its addresses."""
    one = f"{API}/kept/{{name:{NAME}}}"
    app.router.add_get("/practise/shown", shown_page)
    app.router.add_get(f"{API}/events", shown_events, allow_head=False)
    app.router.add_get(f"{API}/view.mjpeg", self_view, allow_head=False)
    app.router.add_get(f"{API}/kept", list_kept)
    app.router.add_get(f"{one}.npz", kept_file)
    app.router.add_delete(one, remove_kept)
    app.router.add_post(f"{API}/keep", keep)
    app.router.add_post(f"{API}/{{action:start|go-on|skip|again|stop|finish|forget}}", control)


@requires_role(Role.OWNER)
async def shown_page(request: web.Request) -> web.Response:
    """`GET /practise/shown`: the page."""
    return page(request, "shown.html")


@requires_role(Role.OWNER)
@streams
@view_operation
@answered_with(send_images)
def self_view(request: web.Request) -> Items:
    """`GET /api/v1/enrol/shown/view.mjpeg`: the mirrored picture with the outline of the hand."""
    return views(request.app[SESSION].prompted)


@requires_role(Role.OWNER)
@streams
@operation(
    "The state of spelling what is shown, whenever it has changed.",
    answers={200: "Server-sent events, each `event: state` and JSON.", 503: "Too many pages show phrases."},
    gives="text/event-stream",
)
@answered_with(send_events)
def shown_events(request: web.Request) -> Items:
    """`GET /api/v1/enrol/shown/events`: the state, whenever it has changed."""
    return states(request.app[SESSION].prompted, "show phrases")


@requires_role(Role.OWNER)
@operation(
    "Shows phrases to spell: does what the path says. `start` takes what can be chosen.",
    body=ShownPlan,
    answers={200: "The new state.", 409: "It is not possible now."},
)
async def control(request: web.Request) -> web.Response:
    """`POST /api/v1/enrol/shown/start|go-on|skip|again|stop|finish|forget`: do it; answers with the new state."""
    desk, action = request.app[SESSION].prompted, request.match_info["action"]
    session = desk.session
    work: dict[str, Callable[[], None]] = {
        "go-on": session.go_on,
        "skip": session.skip,
        "again": session.again,
        "stop": session.stop,
        "finish": session.finish,
        "forget": session.forget,
    }
    if action == "start":
        plan = await json_model(request, ShownPlan, _CHOICE)
        work["start"] = lambda: session.start(plan)
    else:
        await json_object(request)
    if action in ("start", "go-on") and desk.state()["camera"] == "ended":
        raise RefusedError(409, "The camera or video has ended: start Signcap again, then go on here.")
    await _ask(409, work[action])
    return web.json_response(desk.state())


@requires_role(Role.OWNER)
@operation(
    "Keeps what was spelled in a file, lets a profile learn from it, or both; nothing where neither is said.",
    body=Keep,
    answers={200: "The new state.", 409: "There is nothing to keep, or it cannot be kept: why."},
)
async def keep(request: web.Request) -> web.Response:
    """`POST /api/v1/enrol/shown/keep {"landmarks": true}`."""
    desk = request.app[SESSION].prompted
    wish = await json_model(request, Keep, 'Send {"landmarks": true} to keep where your hand was.')
    await _ask(409, lambda: desk.keep(landmarks=wish.landmarks, profile=wish.profile))
    return web.json_response(desk.state())


@requires_role(Role.OWNER)
@operation(
    "The files of what was kept, the newest first.", answers={200: "The `files`, and the `folder` they are in."}
)
async def list_kept(request: web.Request) -> web.Response:
    """`GET /api/v1/enrol/shown/kept`."""
    kept = request.app[SESSION].prompted.kept
    files = await asyncio.to_thread(kept.files)
    return web.json_response({"folder": str(kept.folder), "files": [_file_view(file) for file in files]})


@requires_role(Role.OWNER)
@operation(
    "One file: landmarks of a hand, frame by frame, with the text.",
    path={"name": _NAME},
    answers={200: "NumPy's .npz.", 404: "There is none of that name."},
    gives="application/octet-stream",
)
async def kept_file(request: web.Request) -> web.Response:
    """`GET /api/v1/enrol/shown/kept/{name}.npz`."""
    name = request.match_info["name"]
    data = await _ask(404, lambda: request.app[SESSION].prompted.kept.content(name))
    return web.Response(
        body=data,
        content_type="application/octet-stream",
        headers={"Content-Disposition": f'attachment; filename="{name}.npz"'},
    )


@requires_role(Role.OWNER)
@operation("Deletes a file.", path={"name": _NAME}, answers={200: "The others.", 404: "There is none of that name."})
async def remove_kept(request: web.Request) -> web.StreamResponse:
    """`DELETE /api/v1/enrol/shown/kept/{name}`."""
    name = request.match_info["name"]
    await _ask(404, lambda: request.app[SESSION].prompted.kept.remove(name))
    return await list_kept(request)


def _file_view(file: KeptFile) -> dict[str, Any]:
    return {
        "name": file.name,
        "path": str(file.path),
        "bytes": file.bytes,
        "phrases": list(file.phrases),
        "signer": file.signer,
        "seconds": round(file.seconds, 1),
        "damaged": file.damaged,
    }


async def _ask(status: int, work: Callable[[], T]) -> T:
    """Do what may wait for a lock or the disk; a refusal where that cannot be."""
    try:
        return await asyncio.to_thread(work)
    except SigncapError as error:
        raise RefusedError(status, str(error)) from error
