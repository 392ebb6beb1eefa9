"""Routes to pair a browser's extension, and what it may know then."""

import asyncio
import time
from importlib.metadata import version
from typing import Annotated, Any, Final, Literal

from aiohttp import web
from pydantic import BaseModel, ConfigDict, Field

from overlay.core.errors import SigncapError
from server.session.source_control import camera_state
from server.web.auth.access import Role, bearer
from server.web.auth.paired_browsers import PairedBrowsers
from server.web.auth.pairing_requests import PAIRING_REQUESTS, VALID, Answer, TooManyError
from server.web.auth.preview_owners import SHOWN
from server.web.auth.security import ACCESS, EXTENSION_ORIGIN, RefusedError, from_extension, requires_role
from server.web.json_body import json_model
from server.web.keys import SESSION
from server.web.openapi import operation
from server.web.pages import page

NOT_ASKED: Final = "Nobody asks that any more: press Pair in the extension again."


class _Body(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


class Ask(_Body):
    """A browser asks; `browser` is what it calls itself, for people."""

    browser: Annotated[str, Field(min_length=1, max_length=80, pattern=r"^[^\x00-\x1f\x7f]+$")]


class Decide(_Body):
    """The owner's answer."""

    do: Literal["allow", "refuse"]


def add_pairing(app: web.Application) -> None:
    """Add the page and its addresses."""
    router = app.router
    router.add_get("/settings/browsers", calls_page)
    router.add_get("/api/v1/extension/hello", hello)
    router.add_get("/api/v1/extension/state", extension_state)
    router.add_delete("/api/v1/extension/pairing", end_own_pairing)
    router.add_get("/api/v1/pairings", list_pairings)
    router.add_post("/api/v1/pairings", ask_pairing)
    router.add_get("/api/v1/pairings/{name}", fetch_answer, allow_head=False)  # it gives the token once
    router.add_post("/api/v1/pairings/{name}", decide_pairing)
    router.add_delete("/api/v1/pairings/{name}", end_pairing)


@requires_role(Role.OWNER)
async def calls_page(request: web.Request) -> web.Response:
    """`GET /settings/browsers`: how Signcap comes into a call."""
    return page(request, "calls.html")


@requires_role(Role.NOBODY)
@operation(
    "Signcap runs here; whether the token that was sent along is good.",
    answers={200: "Its version, and `paired`."},
)
@from_extension
async def hello(request: web.Request) -> web.Response:
    """`GET /api/v1/extension/hello`: for the extension, to find the server and to know whether it is paired."""
    paired = request.app[ACCESS].browser(request) is not None
    return web.json_response({"signcap": version("signcap"), "paired": paired})


@requires_role(Role.EXTENSION)
@operation(
    "What the extension shows of a run.",
    answers={200: "Camera, captions, a notice, and the address of Signcap's pages."},
)
async def extension_state(request: web.Request) -> web.Response:
    """`GET /api/v1/extension/state`."""
    app = request.app
    pipeline = app[SESSION].pipeline
    return web.json_response(
        {
            "version": version("signcap"),
            "camera": pipeline.source.name or None,
            "camera_on": camera_state(pipeline) == "on",
            "captions_on": not pipeline.paused,
            "notice": pipeline.source.notice,
            "studio": app[ACCESS].address,
        }
    )


@requires_role(Role.NOBODY)
@operation(
    "A browser's extension asks to be paired. Signcap shows the code, and so does the extension.",
    body=Ask,
    answers={
        201: "A name and a secret to fetch the answer with, the code, and how long the question stands.",
        401: "It is not the extension that asks.",
        429: "Too many ask.",
    },
)
@from_extension
async def ask_pairing(request: web.Request) -> web.Response:
    """`POST /api/v1/pairings {"browser": "Chromium on Linux"}`."""
    if request.headers.get("Origin") != EXTENSION_ORIGIN:
        raise RefusedError(401, "Only the Signcap extension of a browser asks to be paired.")
    asked = await json_model(request, Ask, 'Send {"browser": NAME} with at most 80 characters.')
    try:
        question = request.app[PAIRING_REQUESTS].ask(asked.browser, time.monotonic())
    except TooManyError as error:
        raise RefusedError(429, str(error)) from None
    return web.json_response(
        {"name": question.name, "secret": question.secret, "code": question.code, "seconds": round(VALID)}, status=201
    )


@requires_role(Role.NOBODY)
@operation(
    "What became of a browser's question, for who asked it: Authorization: Bearer SECRET.",
    path={"name": "As in the answer to the question."},
    answers={200: "The state; once, when it was allowed, the token.", 401: "Nobody asked that with this secret."},
)
@from_extension
async def fetch_answer(request: web.Request) -> web.Response:
    """`GET /api/v1/pairings/{name}` with the question's secret."""
    try:
        found = request.app[PAIRING_REQUESTS].fetch(
            request.match_info["name"], bearer(request) or "", time.monotonic()
        )
    except SigncapError as error:
        raise RefusedError(409, str(error)) from None
    if found is None:
        raise RefusedError(401, NOT_ASKED)
    answer, token = found
    if answer is Answer.ALLOWED:
        return web.json_response({"state": "paired", "token": token})
    return web.json_response({"state": answer.value})


@requires_role(Role.OWNER)
@operation("The browsers that ask and those that are paired.", answers={200: "Both lists, without any secret."})
async def list_pairings(request: web.Request) -> web.Response:
    """`GET /api/v1/pairings`."""
    return web.json_response(pairings_body(request.app))


def pairings_body(app: web.Application) -> dict[str, Any]:
    """Return the answer of `list_pairings`."""
    paired = app[ACCESS].paired.all()
    return {
        "asking": app[PAIRING_REQUESTS].asking(time.monotonic()),
        "paired": [{"name": one.name, "browser": one.browser, "since": one.since} for one in paired],
    }


@requires_role(Role.OWNER)
@operation(
    "Allows or refuses a browser's question.",
    path={"name": "As in the list."},
    body=Decide,
    answers={200: "Both lists after it.", 409: "Nobody asks that any more."},
)
async def decide_pairing(request: web.Request) -> web.Response:
    """`POST /api/v1/pairings/{name} {"do": "allow"}` or "refuse"."""
    decided = await json_model(request, Decide, 'Send {"do": "allow"} or {"do": "refuse"}.')
    try:
        request.app[PAIRING_REQUESTS].answer(request.match_info["name"], decided.do == "allow", time.monotonic())
    except SigncapError as error:
        raise RefusedError(409, str(error)) from None
    return web.json_response(pairings_body(request.app))


@requires_role(Role.OWNER)
@operation(
    "Ends a pairing: the browser's token is worth nothing from now on, and what it shows ends.",
    path={"name": "As in the list."},
    answers={200: "Both lists after it.", 404: "No browser of that name is paired."},
)
async def end_pairing(request: web.Request) -> web.Response:
    """`DELETE /api/v1/pairings/{name}`."""
    await _end(request.app, request.match_info["name"])
    return web.json_response(pairings_body(request.app))


@requires_role(Role.EXTENSION)
@operation(
    "The extension ends its own pairing.",
    answers={204: "Its token is worth nothing now.", 404: "The request carries no token."},
    gives=(),
)
async def end_own_pairing(request: web.Request) -> web.Response:
    """`DELETE /api/v1/extension/pairing`."""
    browser = request.app[ACCESS].browser(request)
    if browser is None:
        raise RefusedError(404, "No browser is paired with this request: the extension sends its token.")
    await _end(request.app, browser.name)
    return web.Response(status=204)


async def _end(app: web.Application, name: str) -> None:
    paired: PairedBrowsers = app[ACCESS].paired
    try:
        found = await asyncio.to_thread(paired.remove, name)
    except SigncapError as error:
        raise RefusedError(409, str(error)) from None
    finally:
        await app[SHOWN].end(name)
    if not found:
        raise RefusedError(404, "No browser of that name is paired.")
