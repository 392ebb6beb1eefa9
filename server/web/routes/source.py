"""Start, stop, pause; source and virtual camera, over HTTP."""

import asyncio
from collections.abc import Callable
from typing import Annotated, Any, Literal

from aiohttp import web
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from overlay.core.errors import SigncapError
from server.session.source_control import LONGEST_TEXT
from server.web.auth.access import Role
from server.web.auth.security import RefusedError, requires_role
from server.web.json_body import json_model, json_object
from server.web.keys import SESSION
from server.web.openapi import operation


class _Body(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


class Use(_Body):
    """Read another source: `spec` as in the list, or "demo", which spells `text`."""

    do: Literal["use"]
    spec: Annotated[str, Field(max_length=200)]
    text: Annotated[str, Field(max_length=LONGEST_TEXT, min_length=1)] | None = None


class Switch(_Body):
    """Let go of the camera, or read it again."""

    do: Literal["start", "stop"]


class Pause(_Body):
    """Hold captions on, or let them go on; the picture goes on."""

    do: Literal["pause", "resume"]


class OtherHand(_Body):
    """Read the hand of another person in the picture than the one that is read, as soon as one is up."""

    do: Literal["other-hand"]


class Do(BaseModel):
    """One of these, told apart by "do"."""

    what: Annotated[Use | Switch | Pause | OtherHand, Field(discriminator="do")]


class ChooseVirtualCamera(_Body):
    """ "auto", "off", or a name in the list."""

    choice: Annotated[str, Field(max_length=200)]


@requires_role(Role.OWNER)
@operation(
    "What is open where, and which cameras and virtual cameras there are.",
    answers={200: "The source's `spec` and `name`, whether it is `on` or `paused`, `cameras` and `virtual_camera`."},
)
async def read_source(request: web.Request) -> web.Response:
    """`GET /api/v1/source`."""
    return web.json_response(await asyncio.to_thread(request.app[SESSION].source.facts))


@requires_role(Role.OWNER)
@operation(
    "Chooses, starts or stops the source, pauses captions, or reads another person's hand.",
    body=Use | Switch | Pause | OtherHand,
    answers={200: "What is open after it.", 409: "It cannot be done: why, and what to do."},
)
async def control_source(request: web.Request) -> web.Response:
    """`POST /api/v1/source {"do": "use", "spec": "0"}` or start, stop, pause, resume, other-hand."""
    try:
        asked = Do.model_validate({"what": await json_object(request)}).what
    except ValidationError:
        raise RefusedError(
            400, 'Send {"do": "use", "spec": NAME}, or {"do": "start"}, "stop", "pause", "resume" or "other-hand".'
        ) from None
    sources, pipeline = request.app[SESSION].source, request.app[SESSION].pipeline
    work: Callable[[], None]
    if isinstance(asked, Use):
        use = asked

        def work() -> None:
            sources.use(use.spec, use.text)

    elif isinstance(asked, Pause):
        paused = asked.do == "pause"

        def work() -> None:
            pipeline.pause(paused)

    elif isinstance(asked, OtherHand):

        def work() -> None:
            if not pipeline.take_other_hand():
                raise SigncapError("Captions are not ready yet: try again in a moment.")

    else:
        work = sources.start if asked.do == "start" else sources.stop
    return await _answer(request, work)


@requires_role(Role.OWNER)
@operation(
    "Chooses the virtual camera.",
    body=ChooseVirtualCamera,
    answers={200: "What is open after it.", 409: "There is no such virtual camera."},
)
async def choose_virtual_camera(request: web.Request) -> web.Response:
    """`POST /api/v1/virtual-camera {"choice": "auto"}`."""
    asked = await json_model(request, ChooseVirtualCamera, 'Send {"choice": "auto"}, "off", or a name in the list.')
    return await _answer(request, lambda: request.app[SESSION].source.choose_virtual_camera(asked.choice))


async def _answer(request: web.Request, work: Callable[[], Any]) -> web.Response:
    try:
        await asyncio.to_thread(work)
    except SigncapError as error:
        raise RefusedError(409, str(error)) from error
    return web.json_response(await asyncio.to_thread(request.app[SESSION].source.facts))
