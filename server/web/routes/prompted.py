"""The page *Spell what is shown*, and what it asks for."""

import asyncio
from collections.abc import Callable
from datetime import datetime
from typing import Annotated, Any, Final, TypeVar

from aiohttp import web
from pydantic import BaseModel, ConfigDict, Field

from overlay.core.errors import SigncapError
from overlay.enrolment.enroller import Enroller
from overlay.enrolment.profile import InUse, check_name
from overlay.media.frame import Frame
from overlay.pipeline.pipeline import Pipeline
from overlay.pipeline.result import Reading
from overlay.prompted.learner import Learner
from overlay.prompted.phrase import Assist
from overlay.prompted.plan import ShownPlan
from overlay.prompted.session import ShownSession
from overlay.prompted.store import NAME, KeptFile, KeptSpelling
from overlay.recognition.features import Sampler
from server.web.auth.access import Role
from server.web.auth.security import RefusedError, needs, streams
from server.web.json_body import json_model, json_object
from server.web.openapi import describes
from server.web.pages import page
from server.web.routes.status import PIPELINE, camera_state
from server.web.streams.camera_page import CameraDesk, send_states, send_view

T = TypeVar("T")

API: Final = "/api/v1/enrol/shown"
_NAME: Final = "A file's, as in the list."
_CHOICE: Final = "Choose signer (letters, digits, - and _), countdown (0 to 20), count (1 to 10) and seed only."


class Keep(BaseModel):
    """What is to be done with what was spelled. Nothing unless it is said."""

    model_config = ConfigDict(extra="forbid", strict=True)

    landmarks: bool = False  # keep where the hand was, with the text, in a file
    profile: Annotated[str, Field(max_length=40)] = ""  # let this profile learn from it


class ShownDesk(CameraDesk):
    """Joins the session to the camera.

    Args:
        pipeline: whose frames are taken.
        session: what asks and reads.
        kept: where what a person wants to keep goes.
        learner: what lets a profile learn.
    """

    def __init__(self, pipeline: Pipeline, session: ShownSession, kept: KeptSpelling, learner: Learner) -> None:
        super().__init__(pipeline)
        self.session = session
        self.kept = kept
        self.learner = learner

    def accept(self, frame: Frame, reading: Reading) -> None:
        """Take it, while a phrase is due."""
        self.session.accept(frame, reading)

    def unwatched(self) -> None:
        """Hold on."""
        self.session.stop()

    async def look(self) -> dict[str, Any]:
        """What the page shows."""
        return self.state()

    def state(self) -> dict[str, Any]:
        """What the page shows."""
        if self.pipeline.finished.is_set():
            self.session.stop()
        return self.session.state.view() | {
            "signer": self.session.signer,
            "camera": camera_state(self.pipeline),
            "paused": self.pipeline.paused,
            "notice": self.pipeline.source.notice,
        }

    def keep(self, wish: Keep) -> None:
        """Write what was spelled into a file, let a profile learn from it, or both; reads and writes files.

        Raises:
            SigncapError: there is nothing to keep, or it cannot be written; nothing has changed then.
        """
        session = self.session
        takes = None
        if wish.profile:
            check_name(wish.profile)
            takes = session.takes()
        said, name = "", None
        if wish.landmarks:
            file = self.kept.save(
                [phrase.running_take(session.signer) for phrase in session.phrases()], datetime.now()
            )
            said, name = f"Kept as {file.path}.", file.name
        if said or takes is not None:
            session.forget()
            session.tell(said, kept=name)
        if takes is not None:
            self.learner.start(wish.profile, takes, said)


SHOWN_DESK: Final = web.AppKey("shown desk", ShownDesk)


def add_shown(
    app: web.Application,
    make_enroller: Callable[[], Enroller],
    in_use: InUse,
    *,
    kept: KeptSpelling | None = None,
    assist: Assist | None = None,
) -> None:
    """Add the page and its addresses; the application knows its pipeline already.

    Args:
        app: the application.
        make_enroller: loads the model that profiles are fitted to; called when the first phrases are shown.
        in_use: what the live path uses; a profile that is better is put there at once.
        kept: where what a person wants to keep goes; the user's own by default.
        assist: reads a word with a language; none by default.
    """
    pipeline = app[PIPELINE]
    session = ShownSession(lambda: pipeline.settings, lambda: Sampler(make_enroller().recognizer), assist=assist)
    learner = Learner(make_enroller, session.tell, in_use)
    app[SHOWN_DESK] = ShownDesk(pipeline, session, kept or KeptSpelling(), learner)
    one = f"{API}/kept/{{name:{NAME}}}"
    app.router.add_get("/enrol/shown", shown_page)
    app.router.add_get(f"{API}/events", shown_events, allow_head=False)
    app.router.add_get(f"{API}/view.mjpeg", self_view, allow_head=False)
    app.router.add_get(f"{API}/kept", list_kept)
    app.router.add_get(f"{one}.npz", kept_file)
    app.router.add_delete(one, remove_kept)
    app.router.add_post(f"{API}/keep", keep)
    app.router.add_post(f"{API}/{{action:start|go-on|skip|again|stop|finish|forget}}", control)
    app.on_shutdown.append(_close)


async def _close(app: web.Application) -> None:
    app[SHOWN_DESK].closing = True
    app[SHOWN_DESK].session.stop()


@needs(Role.OWNER)
async def shown_page(request: web.Request) -> web.Response:
    """`GET /enrol/shown`: the page."""
    return page(request, "shown.html")


@needs(Role.OWNER)
@streams
@describes(
    "The mirrored picture with the outline of the hand.",
    answers={200: "Images for as long as the client listens.", 503: "Too many browsers show the picture."},
    gives="multipart/x-mixed-replace",
)
async def self_view(request: web.Request) -> web.StreamResponse:
    """`GET /api/v1/enrol/shown/view.mjpeg`: the mirrored picture with the outline of the hand."""
    return await send_view(request, request.app[SHOWN_DESK])


@needs(Role.OWNER)
@streams
@describes(
    "The state of spelling what is shown, whenever it has changed.",
    answers={200: "Server-sent events, each `event: state` and JSON.", 503: "Too many pages show phrases."},
    gives="text/event-stream",
)
async def shown_events(request: web.Request) -> web.StreamResponse:
    """`GET /api/v1/enrol/shown/events`: the state, whenever it has changed."""
    return await send_states(request, request.app[SHOWN_DESK], "show phrases")


@needs(Role.OWNER)
@describes(
    "Shows phrases to spell: does what the path says. `start` takes what can be chosen.",
    body=ShownPlan,
    answers={200: "The new state.", 409: "It is not possible now."},
)
async def control(request: web.Request) -> web.Response:
    """`POST /api/v1/enrol/shown/start|go-on|skip|again|stop|finish|forget`: do it; answers with the new state."""
    desk, action = request.app[SHOWN_DESK], request.match_info["action"]
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


@needs(Role.OWNER)
@describes(
    "Keeps what was spelled in a file, lets a profile learn from it, or both; nothing where neither is said.",
    body=Keep,
    answers={200: "The new state.", 409: "There is nothing to keep, or it cannot be kept: why."},
)
async def keep(request: web.Request) -> web.Response:
    """`POST /api/v1/enrol/shown/keep {"landmarks": true}`."""
    desk = request.app[SHOWN_DESK]
    wish = await json_model(request, Keep, 'Send {"landmarks": true} to keep where your hand was.')
    await _ask(409, lambda: desk.keep(wish))
    return web.json_response(desk.state())


@needs(Role.OWNER)
@describes(
    "The files of what was kept, the newest first.", answers={200: "The `files`, and the `folder` they are in."}
)
async def list_kept(request: web.Request) -> web.Response:
    """`GET /api/v1/enrol/shown/kept`."""
    kept = request.app[SHOWN_DESK].kept
    files = await asyncio.to_thread(kept.files)
    return web.json_response({"folder": str(kept.folder), "files": [_file_view(file) for file in files]})


@needs(Role.OWNER)
@describes(
    "One file: landmarks of a hand, frame by frame, with the text.",
    path={"name": _NAME},
    answers={200: "NumPy's .npz.", 404: "There is none of that name."},
    gives="application/octet-stream",
)
async def kept_file(request: web.Request) -> web.Response:
    """`GET /api/v1/enrol/shown/kept/{name}.npz`."""
    name = request.match_info["name"]
    data = await _ask(404, lambda: request.app[SHOWN_DESK].kept.content(name))
    return web.Response(
        body=data,
        content_type="application/octet-stream",
        headers={"Content-Disposition": f'attachment; filename="{name}.npz"'},
    )


@needs(Role.OWNER)
@describes("Deletes a file.", path={"name": _NAME}, answers={200: "The others.", 404: "There is none of that name."})
async def remove_kept(request: web.Request) -> web.StreamResponse:
    """`DELETE /api/v1/enrol/shown/kept/{name}`."""
    name = request.match_info["name"]
    await _ask(404, lambda: request.app[SHOWN_DESK].kept.remove(name))
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
