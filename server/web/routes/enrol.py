"""The page on which a signer is enrolled, and what it asks for."""

import asyncio
from collections.abc import Callable

from aiohttp import web

from overlay.core.errors import SigncapError
from overlay.enrolment.clip import WORDS
from overlay.enrolment.guided.plan import Plan
from overlay.enrolment.guided.state import Phase
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


def add_enrolling(app: web.Application) -> None:
    """Add the page and its addresses."""
    app.router.add_get("/practise/enrol", enrol_page)
    app.router.add_get("/api/v1/enrol/events", enrol_events, allow_head=False)
    app.router.add_get("/api/v1/enrol/view.mjpeg", self_view, allow_head=False)
    app.router.add_get("/api/v1/enrol/profiles", list_profiles)
    app.router.add_post("/api/v1/enrol/profiles/{name}/{action:on|off}", switch_profile)
    app.router.add_delete("/api/v1/enrol/profiles/{name}", remove_profile)
    app.router.add_post("/api/v1/enrol/{action:start|resume|stop|skip|redo|fit}", control)


@requires_role(Role.OWNER)
async def enrol_page(request: web.Request) -> web.Response:
    """`GET /practise/enrol`: the page."""
    return page(request, "enrol.html", words=WORDS)


@requires_role(Role.OWNER)
@streams
@view_operation
@answered_with(send_images)
def self_view(request: web.Request) -> Items:
    """`GET /api/v1/enrol/view.mjpeg`: the mirrored picture with the outline of the hand."""
    return views(request.app[SESSION].enrolling)


@requires_role(Role.OWNER)
@operation("All profiles of signers, with their figures.", answers={200: "The profiles."})
async def list_profiles(request: web.Request) -> web.Response:
    """`GET /api/v1/enrol/profiles`: all there are, with their figures."""
    return web.json_response({"profiles": await asyncio.to_thread(request.app[SESSION].enrolling.listed)})


@requires_role(Role.OWNER)
@operation(
    "Uses a profile from the next frame on, or no longer.",
    answers={200: "All profiles.", 409: "There is none of that name, or it was fitted to another model."},
)
async def switch_profile(request: web.Request) -> web.StreamResponse:
    """`POST /api/v1/enrol/profiles/{name}/on|off`: use it from the next frame on, or no longer."""
    enrolling, name = request.app[SESSION].enrolling, request.match_info["name"]
    on = request.match_info["action"] == "on"
    try:
        if on and (await asyncio.to_thread(enrolling.profiles.load, name)).model != enrolling.digest():
            raise RefusedError(409, f"The profile {name} was fitted to another model: enrol again.")
        profile = await asyncio.to_thread(enrolling.profiles.switch, name, on=on)
    except SigncapError as error:
        raise RefusedError(409, str(error)) from error
    used = enrolling.in_use.profile
    if on:
        enrolling.in_use.profile = profile
    elif used is not None and used.name == name:
        enrolling.in_use.profile = None
    return await list_profiles(request)


@requires_role(Role.OWNER)
@operation("Deletes a profile.", answers={200: "The others.", 409: "There is none of that name."})
async def remove_profile(request: web.Request) -> web.StreamResponse:
    """`DELETE /api/v1/enrol/profiles/{name}`: delete it, and use it no longer."""
    enrolling, name = request.app[SESSION].enrolling, request.match_info["name"]
    try:
        await asyncio.to_thread(enrolling.profiles.remove, name)
    except SigncapError as error:
        raise RefusedError(409, str(error)) from error
    used = enrolling.in_use.profile
    if used is not None and used.name == name:
        enrolling.in_use.profile = None
    return await list_profiles(request)


@requires_role(Role.OWNER)
@operation(
    "Enrols: does what the path says. `start` takes name, and any of what can be chosen.",
    body=Plan,
    answers={200: "The new state.", 409: "It is not possible now."},
)
async def control(request: web.Request) -> web.Response:
    """`POST /api/v1/enrol/start|resume|stop|skip|redo|fit`: do it; answers with the new state.

    `start` takes name, and any of words, letters, seconds and countdown.
    """
    enrolling, action = request.app[SESSION].enrolling, request.match_info["action"]
    body = await json_object(request)
    if action in ("start", "resume") and enrolling.state()["camera"] == "ended":
        raise RefusedError(409, "The camera or video has ended: start Signcap again, then go on here.")
    session = enrolling.session
    work: dict[str, Callable[[], None]] = {
        "start": lambda: session.start(Plan.parse(body)),
        "resume": session.resume,
        "stop": session.stop,
        "skip": session.skip,
        "redo": session.redo,
        "fit": session.fit,
    }
    try:
        await asyncio.to_thread(work[action])
    except SigncapError as error:
        busy = session.state.phase in (Phase.COUNTDOWN, Phase.TAKING, Phase.FITTING)
        raise RefusedError(400 if action == "start" and not busy else 409, str(error)) from error
    return web.json_response(enrolling.state())


@requires_role(Role.OWNER)
@streams
@operation(
    "The state of enrolling, whenever it has changed.",
    answers={200: "Server-sent events, each `event: state` and JSON.", 503: "Too many pages enrol."},
    gives="text/event-stream",
)
@answered_with(send_events)
def enrol_events(request: web.Request) -> Items:
    """`GET /api/v1/enrol/events`: the state, whenever it has changed."""
    return states(request.app[SESSION].enrolling, "enrol")
