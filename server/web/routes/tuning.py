"""Tuning, over HTTP."""

import asyncio
from typing import Annotated, Final, Literal

from aiohttp import web
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from overlay.core.errors import SigncapError
from overlay.core.settings import merged
from server.web.auth.access import Role
from server.web.auth.security import RefusedError, requires_role
from server.web.json_body import json_object
from server.web.keys import SESSION
from server.web.openapi import operation
from server.web.routes.settings import Change

LONGEST: Final = 60  # letters of a try


class Begin(BaseModel):
    """Begin a try of these letters; of none to show what should give no letters."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    do: Literal["begin"]
    text: Annotated[str, Field(max_length=2 * LONGEST, pattern=r"^[A-Za-z ]*$")]


class EndOrForget(BaseModel):
    """Keep the try that is under way, or let go of all."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    do: Literal["end", "forget"]


class Do(BaseModel):
    """One of these, told apart by "do"."""

    what: Annotated[Begin | EndOrForget, Field(discriminator="do")]


@requires_role(Role.OWNER)
@operation(
    "What would have come out of the last 20 seconds with other settings; nothing is changed.",
    body=Change,
    answers={
        200: "Letters, captions, and the posteriors of each moment.",
        422: "There is no such setting, or it may not have that value.",
    },
)
async def replay_settings(request: web.Request) -> web.Response:
    """`POST /api/v1/tuning/replay {"decoding": {...}}`."""
    change, app = await json_object(request), request.app
    try:
        settings = merged(app[SESSION].settings.current, change)
    except SigncapError as error:
        raise RefusedError(422, str(error)) from error
    return web.json_response(await asyncio.to_thread(app[SESSION].tuner.replayed, settings))


@requires_role(Role.OWNER)
@operation(
    "The labelled tries, and the errors at each threshold.",
    answers={200: "The `tries` with what is read from them, the `curve` of errors, and the `best` threshold."},
)
async def read_tries(request: web.Request) -> web.Response:
    """`GET /api/v1/tuning/tries`."""
    return web.json_response(await asyncio.to_thread(request.app[SESSION].tuner.tries))


@requires_role(Role.OWNER)
@operation(
    "Begins or ends a labelled try, or forgets all.",
    body=Begin | EndOrForget,
    answers={200: "The tries after it."},
)
async def control_tries(request: web.Request) -> web.Response:
    """`POST /api/v1/tuning/tries {"do": "begin", "text": "ABC"}`, or end, or forget."""
    try:
        asked = Do.model_validate({"what": await json_object(request)}).what
    except ValidationError:
        raise RefusedError(
            400, f'Send {{"do": "begin", "text": LETTERS}} with {LONGEST} letters A to Z at most, "end" or "forget".'
        ) from None
    tuner = request.app[SESSION].tuner
    if isinstance(asked, Begin):
        text = asked.text.replace(" ", "").upper()
        if len(text) > LONGEST:
            raise RefusedError(400, f"A try has {LONGEST} letters at most: make two of it.")
        return web.json_response(await asyncio.to_thread(tuner.begin, text))
    answer = tuner.end if asked.do == "end" else tuner.forget
    return web.json_response(await asyncio.to_thread(answer))
