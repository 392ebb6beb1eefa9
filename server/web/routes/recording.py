"""Recording, over HTTP."""

import asyncio
from typing import Annotated, Any, Literal

from aiohttp import web
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from overlay.core.errors import SigncapError
from overlay.recording.microphone import list_microphones
from server.session.recording.service import Recordings
from server.web.auth.access import Role
from server.web.auth.security import RefusedError, requires_role
from server.web.json_body import json_object
from server.web.keys import SESSION
from server.web.openapi import operation


class _Body(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


class StartRecording(_Body):
    """Begin: with a microphone of the list, "default" or "none", and the clean picture too or not."""

    do: Literal["start"]
    microphone: Annotated[str, Field(max_length=200, min_length=1)] | None = None
    clean: bool | None = None


class StopRecording(_Body):
    """End."""

    do: Literal["stop"]


class OpenRecording(_Body):
    """Open a recording of this run on this computer, "open" with its program for videos, "show" in its folder."""

    do: Literal["open", "show"]
    recording: Annotated[int, Field(ge=0)]


class Do(BaseModel):
    """One of these, told apart by "do"."""

    what: Annotated[StartRecording | StopRecording | OpenRecording, Field(discriminator="do")]


def add_recording(app: web.Application) -> None:
    """Add the addresses."""
    app.router.add_get("/api/v1/recording", read_recording)
    app.router.add_post("/api/v1/recording", control_recording)


@requires_role(Role.OWNER)
@operation(
    "The recording that runs, or the last one, and the microphones that there are.",
    answers={
        200: "Whether it is `on`, its `file`, `seconds` and `bytes`, the `microphones`, and what is `chosen` of them."
    },
)
async def read_recording(request: web.Request) -> web.Response:
    """`GET /api/v1/recording`."""
    return web.json_response(await asyncio.to_thread(_body, request.app[SESSION].recording))


def _body(recordings: Recordings) -> dict[str, Any]:
    microphones: list[str] = []
    problem: str | None = None
    try:
        microphones = list_microphones()
    except SigncapError as error:
        problem = str(error)
    wishes = recordings.wishes
    return {
        **recordings.state(),
        "microphones": microphones,
        "no_microphones": problem,
        "chosen": {"microphone": wishes.microphone, "clean": wishes.clean},
    }


@requires_role(Role.OWNER)
@operation(
    "Starts or stops a recording, or opens one of this run, by the number that `complete` told. The answer to a stop "
    "comes when the file is complete.",
    body=StartRecording | StopRecording | OpenRecording,
    answers={200: "The recording, with its file and how long it is.", 409: "It cannot be done: why."},
)
async def control_recording(request: web.Request) -> web.Response:
    """`POST /api/v1/recording {"do": "start", "microphone": "none", "clean": false}`, `{"do": "stop"}`, and so on."""
    try:
        asked = Do.model_validate({"what": await json_object(request)}).what
    except ValidationError:
        raise RefusedError(
            400,
            'Send {"do": "start"}, with "microphone": NAME and "clean": true or without, {"do": "stop"}, or '
            '{"do": "open"} or {"do": "show"} with "recording": NUMBER.',
        ) from None
    recordings = request.app[SESSION].recording
    try:
        if isinstance(asked, StartRecording):
            await asyncio.to_thread(recordings.start, asked.clean, asked.microphone)
        elif isinstance(asked, OpenRecording):
            in_folder = asked.do == "show"
            await asyncio.to_thread(recordings.open_complete, asked.recording, in_folder=in_folder)
        else:
            await asyncio.to_thread(recordings.stop)
    except SigncapError as error:
        raise RefusedError(409, str(error)) from error
    return web.json_response(recordings.state())
