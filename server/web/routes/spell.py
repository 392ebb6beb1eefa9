"""The page *Spell it*, and what it asks for."""

import asyncio
import contextlib
from typing import Any, Final

from aiohttp import web

from overlay.core.files.scratch import ScratchFolder
from overlay.synthesis.signed_video import file_name
from server.web.auth import security
from server.web.auth.access import Role
from server.web.auth.security import RefusedError, requires_role, streams
from server.web.json_body import json_object
from server.web.keys import SESSION
from server.web.openapi import operation
from server.web.pages import page
from server.web.render_pool import DRAWERS, DrawingError
from server.web.routes.spell_params import LONGEST, Stream, Text, Video, asked_for, plan
from server.web.streams.sse import write_in_time

CHUNK: Final = 1 << 16  # bytes


_REFUSED: Final = {422: "It cannot be signed; says why.", 503: "Other texts are being signed."}


def add_spelling(app: web.Application) -> None:
    """Serve the page."""
    app.router.add_get("/practise/spell", spell_page)
    app.router.add_get("/api/v1/spell", how_far)
    app.router.add_post("/api/v1/spell/letters", letters)
    app.router.add_post("/api/v1/spell/pictures", pictures)
    app.router.add_post("/api/v1/spell/video", video)


@requires_role(Role.OWNER)
async def spell_page(request: web.Request) -> web.Response:
    """`GET /practise/spell`: the page."""
    if request.method == "GET":
        request.app[DRAWERS].prepare()
    return page(request, "spell.html", longest=LONGEST)


@requires_role(Role.OWNER)
@operation("How far the video that is being made is, 0 to 1; null where none is.", answers={200: "The fraction."})
async def how_far(request: web.Request) -> web.Response:
    """`GET /api/v1/spell`: how far the video that is being made is."""
    return web.json_response({"fraction": request.app[DRAWERS].fraction})


@requires_role(Role.OWNER)
@operation(
    "What of a text is spelled, and when each letter is.",
    body=Text,
    answers={200: "Letters with their words and times, and sentences about what was changed.", 422: _REFUSED[422]},
)
async def letters(request: web.Request) -> web.Response:
    """`POST /api/v1/spell/letters {"text": TEXT}`: the letters, each with its word and its times."""
    asked = asked_for(Text, await json_object(request))
    signed = await asyncio.to_thread(plan, asked)
    request.app[DRAWERS].prepare()
    return web.json_response(
        {
            "letters": [
                {"letter": one.letter, "word": one.word, "start": round(one.start, 4), "end": round(one.end, 4)}
                for one in signed.letters
            ],
            "duration": round(signed.duration, 4),
            "remarks": signed.spelled.remarks,
        }
    )


@requires_role(Role.OWNER)
@operation(
    "The signer spells a text: pictures while they are drawn, for as long as the client listens.",
    body=Stream,
    answers={200: "A video whose times are those of the letters.", **_REFUSED},
    gives="video/webm",
)
@streams
async def pictures(request: web.Request) -> web.StreamResponse:
    """`POST /api/v1/spell/pictures {"text": TEXT, "first": NUMBER}`: VP8 in WebM, from a letter on."""
    asked = asked_for(Stream, await _body(request))
    await asyncio.to_thread(plan, asked)
    response = web.StreamResponse(headers={"Content-Type": "video/webm"})
    try:
        async with request.app[DRAWERS].drawing(asked.model_dump() | {"path": None}) as drawn:
            await response.prepare(request)
            while chunk := await drawn.read(CHUNK):
                await write_in_time(response, chunk)
    except (ConnectionError, TimeoutError):
        return response
    except DrawingError:
        _break_off(request)
    return response


@requires_role(Role.OWNER)
@operation(
    "The video of a text, as `signcap demo` makes it.",
    body=Video,
    answers={200: "An MP4 file, its name in Content-Disposition.", **_REFUSED},
    gives="video/mp4",
)
@streams
async def video(request: web.Request) -> web.StreamResponse:
    """`POST /api/v1/spell/video {"text": TEXT, "captions": true}`: the video, when it is finished."""
    asked = asked_for(Video, await _body(request))
    signed = await asyncio.to_thread(plan, asked)
    settings = request.app[SESSION].settings.current.model_dump(mode="json")
    drawers = request.app[DRAWERS]
    with ScratchFolder() as folder:
        path = folder / "video.mp4"
        job: dict[str, Any] = asked.model_dump() | {"path": str(path), "settings": settings}
        try:
            async with drawers.drawing(job, video=True) as drawn:
                drawers.fraction = 0.0
                while line := await drawn.readline():
                    drawers.fraction = int(line) / 100
        except DrawingError:
            raise RefusedError(
                500, "The video could not be made: is there room on the disk for temporary files?"
            ) from None
        finally:
            drawers.fraction = None
        data = await asyncio.to_thread(path.read_bytes)
    name = f"{file_name(signed)}.mp4"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return web.Response(body=data, content_type="video/mp4", headers=headers)


async def _body(request: web.Request) -> dict[str, Any]:
    """The body of a request whose answer takes as long as it takes: the body does not."""
    try:
        async with asyncio.timeout(security.TIME_LIMIT):
            return await json_object(request)
    except TimeoutError:
        raise RefusedError(408, "That took too long: try again.") from None


def _break_off(request: web.Request) -> None:
    """End the connection so that what was sent is not taken for the whole."""
    if request.transport is not None:
        with contextlib.suppress(OSError):
            request.transport.abort()
