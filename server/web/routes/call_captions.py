"""Captions in calls over HTTP: for the owner alone. The link comes in and never goes out again."""

from aiohttp import web
from pydantic import BaseModel, ConfigDict, Field, SecretStr

from overlay.core.errors import SigncapError
from server.call_captions.links import LONGEST, recognise
from server.web.auth.access import Role
from server.web.auth.security import RefusedError, requires_role
from server.web.json_body import json_model
from server.web.keys import SESSION
from server.web.openapi import operation


class Start(BaseModel):
    """`link`: Zoom's API token, or the CART link of Teams. It is kept in memory alone."""

    model_config = ConfigDict(extra="forbid", strict=True, hide_input_in_errors=True)

    link: SecretStr = Field(max_length=LONGEST)


class Again(BaseModel):
    """`caption`: the number of one that is among `losses`."""

    model_config = ConfigDict(extra="forbid", strict=True)

    caption: int


def add_call_captions(app: web.Application) -> None:
    """Add the addresses."""
    app.router.add_get("/api/v1/call-captions", read_call_captions)
    app.router.add_put("/api/v1/call-captions", start_call_captions)
    app.router.add_delete("/api/v1/call-captions", stop_call_captions)
    app.router.add_post("/api/v1/call-captions/test", send_test_caption)
    app.router.add_post("/api/v1/call-captions/again", send_caption_again)


@requires_role(Role.OWNER)
@operation(
    "Whether captions go to a call, and what became of them. Of the link it tells the host and the end.",
    answers={
        200: "`state` and a `sentence`, how many were `sent`, are `waiting` and were `lost`, the `losses`, and the "
        "`changes` that were made too late: what was `sent`, and what stands there `now`."
    },
)
async def read_call_captions(request: web.Request) -> web.Response:
    """`GET /api/v1/call-captions`."""
    return web.json_response(request.app[SESSION].call_captions.body())


@requires_role(Role.OWNER)
@operation(
    "Sends captions to a meeting from now on.",
    body=Start,
    answers={200: "How it goes.", 422: "It is no caption link of Zoom's or Teams'."},
)
async def start_call_captions(request: web.Request) -> web.Response:
    """`PUT /api/v1/call-captions {"link": LINK}`."""
    asked = await json_model(request, Start, f'Send {{"link": LINK}}, with at most {LONGEST} characters.')
    try:
        await request.app[SESSION].call_captions.start(recognise(asked.link.get_secret_value()))
    except SigncapError as error:
        raise RefusedError(422, str(error)) from None
    return web.json_response(request.app[SESSION].call_captions.body())


@requires_role(Role.OWNER)
@operation("Sends no more captions to a meeting, and forgets its link.", answers={200: "How it went."})
async def stop_call_captions(request: web.Request) -> web.Response:
    """`DELETE /api/v1/call-captions`."""
    await request.app[SESSION].call_captions.stop()
    return web.json_response(request.app[SESSION].call_captions.body())


@requires_role(Role.OWNER)
@operation(
    "Sends a test caption, after those that wait.",
    answers={202: "It waits for its turn.", 409: "There is no meeting to send to."},
)
async def send_test_caption(request: web.Request) -> web.Response:
    """`POST /api/v1/call-captions/test`."""
    try:
        request.app[SESSION].call_captions.test()
    except SigncapError as error:
        raise RefusedError(409, str(error)) from None
    return web.json_response(request.app[SESSION].call_captions.body(), status=202)


@requires_role(Role.OWNER)
@operation(
    "Sends a caption once more that was lost, or perhaps lost, after those that wait.",
    body=Again,
    answers={202: "It waits for its turn.", 409: "There is no meeting to send to, or no such caption was lost."},
)
async def send_caption_again(request: web.Request) -> web.Response:
    """`POST /api/v1/call-captions/again {"caption": NUMBER}`."""
    asked = await json_model(request, Again, 'Send {"caption": NUMBER}, of one that is among the losses.')
    try:
        request.app[SESSION].call_captions.again(asked.caption)
    except SigncapError as error:
        raise RefusedError(409, str(error)) from None
    return web.json_response(request.app[SESSION].call_captions.body(), status=202)
