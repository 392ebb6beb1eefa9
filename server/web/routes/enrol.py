"""The page on which a signer is enrolled, and what it asks for."""

import asyncio
import functools
from collections.abc import Callable
from typing import Any, Final

from aiohttp import web

from overlay.core.errors import SigncapError
from overlay.enrolment.clip import WORDS
from overlay.enrolment.enroller import Enroller
from overlay.enrolment.guided.plan import Plan
from overlay.enrolment.guided.session import Session
from overlay.enrolment.guided.state import Phase, profile_view
from overlay.enrolment.profile import InUse, Profile, Profiles, model_digest
from overlay.media.frame import Frame
from overlay.pipeline.pipeline import Pipeline
from overlay.pipeline.result import Reading
from server.session.source_control import camera_state
from server.web.auth.access import Role
from server.web.auth.security import RefusedError, needs, streams
from server.web.json_body import json_object
from server.web.keys import SESSION
from server.web.openapi import describes
from server.web.pages import page
from server.web.streams.camera_page import CameraDesk, send_states, send_view


class Enrolling(CameraDesk):
    """Joins the session to the camera.

    Args:
        pipeline: whose frames are taken.
        session: what asks and takes.
        profiles: where they are kept.
        in_use: what the live path uses.
        digest: gives that of the model in use; may read a file.
    """

    def __init__(
        self, pipeline: Pipeline, session: Session, profiles: Profiles, in_use: InUse, digest: Callable[[], str]
    ) -> None:
        super().__init__(pipeline)
        self.session = session
        self.profiles = profiles
        self.in_use = in_use
        self.digest = digest

    def accept(self, frame: Frame, reading: Reading) -> None:
        """Take it, while one is due."""
        self.session.accept(frame, reading.hand)

    def unwatched(self) -> None:
        """End a take."""
        self.session.stop()

    async def look(self) -> dict[str, Any]:
        """What the page shows."""
        return self.state()

    def state(self) -> dict[str, Any]:
        """What the page shows."""
        if self.pipeline.finished.is_set():
            self.session.stop()
        state = self.session.state
        profile = self.in_use.profile
        return {
            "phase": state.phase.value,
            "name": state.plan.name,
            "words": state.plan.words,
            "prompts": list(state.plan.prompts),
            "marks": list(state.marks),
            "place": state.place,
            "prompt": state.prompt,
            "seconds": state.plan.seconds,
            "countdown": state.countdown,
            "part": round(state.part, 3),
            "hand": state.hand,
            "may_fit": state.may_fit,
            "said": state.said,
            "failed": state.failed,
            "result": state.result.name if state.result is not None else None,
            "in_use": profile.name if profile is not None and profile.on else None,
            "camera": camera_state(self.pipeline),
            "notice": self.pipeline.source.notice,
        }

    def listed(self) -> list[dict[str, Any]]:
        """All profiles that can be read, and the newest result; reads files."""
        digest = self.digest()
        found: dict[str, Profile] = {}
        for name in self.profiles.names():
            try:
                found[name] = self.profiles.load(name)
            except SigncapError:  # damaged: nothing to show of it
                continue
        used = self.in_use.profile
        return [
            profile_view(one, digest) | {"in_use": used is not None and used.on and used.name == one.name}
            for one in found.values()
        ]


ENROLLING: Final = web.AppKey("enrolling", Enrolling)


def add_enrolling(app: web.Application, make_enroller: Callable[[], Enroller]) -> None:
    """Add the page and its addresses.

    Args:
        app: the application.
        make_enroller: loads the model that profiles are fitted to; called when the first signer is enrolled.
    """
    run = app[SESSION]
    in_use, model = run.in_use, run.models.model

    def use(profile: Profile) -> None:
        if profile.on:
            in_use.profile = profile

    session = Session(make_enroller, use)
    digest = functools.cache(lambda: model_digest(model))
    app[ENROLLING] = Enrolling(run.pipeline, session, run.profiles, in_use, digest)
    app.router.add_get("/enrol", enrol_page)
    app.router.add_get("/api/v1/enrol/events", enrol_events, allow_head=False)
    app.router.add_get("/api/v1/enrol/view.mjpeg", self_view, allow_head=False)
    app.router.add_get("/api/v1/enrol/profiles", list_profiles)
    app.router.add_post("/api/v1/enrol/profiles/{name}/{action:on|off}", switch_profile)
    app.router.add_delete("/api/v1/enrol/profiles/{name}", remove_profile)
    app.router.add_post("/api/v1/enrol/{action:start|resume|stop|skip|redo|fit}", control)
    app.on_shutdown.append(_close)


async def _close(app: web.Application) -> None:
    app[ENROLLING].closing = True
    app[ENROLLING].session.stop()


@needs(Role.OWNER)
async def enrol_page(request: web.Request) -> web.Response:
    """`GET /enrol`: the page."""
    return page(request, "enrol.html", words=WORDS)


@needs(Role.OWNER)
@streams
@describes(
    "The mirrored picture with the outline of the hand.",
    answers={200: "Images for as long as the client listens.", 503: "Too many browsers show the picture."},
    gives="multipart/x-mixed-replace",
)
async def self_view(request: web.Request) -> web.StreamResponse:
    """`GET /api/v1/enrol/view.mjpeg`: the mirrored picture with the outline of the hand."""
    return await send_view(request, request.app[ENROLLING])


@needs(Role.OWNER)
@describes("All profiles of signers, with their figures.", answers={200: "The profiles."})
async def list_profiles(request: web.Request) -> web.Response:
    """`GET /api/v1/enrol/profiles`: all there are, with their figures."""
    return web.json_response({"profiles": await asyncio.to_thread(request.app[ENROLLING].listed)})


@needs(Role.OWNER)
@describes(
    "Uses a profile from the next frame on, or no longer.",
    answers={200: "All profiles.", 409: "There is none of that name, or it was fitted to another model."},
)
async def switch_profile(request: web.Request) -> web.StreamResponse:
    """`POST /api/v1/enrol/profiles/{name}/on|off`: use it from the next frame on, or no longer."""
    enrolling, name = request.app[ENROLLING], request.match_info["name"]
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


@needs(Role.OWNER)
@describes("Deletes a profile.", answers={200: "The others.", 409: "There is none of that name."})
async def remove_profile(request: web.Request) -> web.StreamResponse:
    """`DELETE /api/v1/enrol/profiles/{name}`: delete it, and use it no longer."""
    enrolling, name = request.app[ENROLLING], request.match_info["name"]
    try:
        await asyncio.to_thread(enrolling.profiles.remove, name)
    except SigncapError as error:
        raise RefusedError(409, str(error)) from error
    used = enrolling.in_use.profile
    if used is not None and used.name == name:
        enrolling.in_use.profile = None
    return await list_profiles(request)


@needs(Role.OWNER)
@describes(
    "Enrols: does what the path says. `start` takes name, and any of what can be chosen.",
    body=Plan,
    answers={200: "The new state.", 409: "It is not possible now."},
)
async def control(request: web.Request) -> web.Response:
    """`POST /api/v1/enrol/start|resume|stop|skip|redo|fit`: do it; answers with the new state.

    `start` takes name, and any of words, letters, seconds and countdown.
    """
    enrolling, action = request.app[ENROLLING], request.match_info["action"]
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


@needs(Role.OWNER)
@streams
@describes(
    "The state of enrolling, whenever it has changed.",
    answers={200: "Server-sent events, each `event: state` and JSON.", 503: "Too many pages enrol."},
    gives="text/event-stream",
)
async def enrol_events(request: web.Request) -> web.StreamResponse:
    """`GET /api/v1/enrol/events`: the state, whenever it has changed."""
    return await send_states(request, request.app[ENROLLING], "enrol")
