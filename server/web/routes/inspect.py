"""The page on which pictures and clips can be tried, and what it asks for."""

import asyncio
import functools
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from aiohttp import web

from overlay.core.errors import SigncapError
from overlay.media.images import MOST_BYTES
from server.inspector.clips import CAPTIONED, caption_clip
from server.inspector.inspect import CLIP_LIMITS, TryReader
from server.inspector.queue import FullError, JobQueue
from server.session.next_frame import next_frame
from server.web import pages
from server.web.auth.access import Role
from server.web.auth.security import (
    BODY_LIMIT,
    RefusedError,
    accepts_upload,
    requires_role,
    time_limit,
    upload_chunks,
)
from server.web.json_body import json_object
from server.web.keys import SESSION
from server.web.openapi import operation
from server.web.training_runs import WORKSHOP

CLIP_BYTES: Final = 100_000_000
PICTURE_SECONDS: Final = 60.0
CLIP_SECONDS: Final = 300.0
RAW: Final = "application/octet-stream"
NAME_LENGTH: Final = 120
SHIPPED, IN_USE = "shipped", "in use"
CONTENT_TYPES: Final = {
    ".jpg": "image/jpeg",
    ".png": "image/png",
    ".vtt": "text/vtt",
    ".srt": "application/x-subrip",
    ".jsonl": "application/jsonl",
    ".mp4": "video/mp4",
}


@dataclass(frozen=True, slots=True)
class Chosen:
    """What the camera's picture is read with."""

    model: str | None = None  # an id; None for the first model


def add_routes(app: web.Application) -> None:
    """Serve the page."""
    app.router.add_get("/train/try", try_page)
    app.router.add_get("/api/v1/try", progress)
    app.router.add_get("/api/v1/try/models", list_models)
    app.router.add_post("/api/v1/try/picture", try_picture)
    app.router.add_post("/api/v1/try/clip", try_clip)
    app.router.add_post("/api/v1/try/camera", try_camera)
    app.router.add_post("/api/v1/try/{id}/video", make_video)
    app.router.add_get(r"/api/v1/try/{id}/{file:[\w-]+\.[a-z0-9]+}", result_file)


@requires_role(Role.OWNER)
async def try_page(request: web.Request) -> web.Response:
    """`GET /train/try`: the page."""
    return pages.page(request, "try.html")


@requires_role(Role.OWNER)
@operation("How far what is being read is, 0 to 1.", answers={200: "The fraction."})
async def progress(request: web.Request) -> web.Response:
    """`GET /api/v1/try`: how far what is being read is, 0 to 1."""
    return web.json_response({"fraction": round(request.app[SESSION].inspector.fraction, 3)})


@requires_role(Role.OWNER)
@operation("The models that can be chosen, the default first.", answers={200: "Their ids and titles."})
async def list_models(request: web.Request) -> web.Response:
    """`GET /api/v1/try/models`: what can be chosen as `model`, the default first."""
    choices = await _choices(request)
    return web.json_response({"models": [{"id": name, "title": title} for name, (title, _) in choices.items()]})


@requires_role(Role.OWNER)
@accepts_upload(limit=MOST_BYTES, seconds=PICTURE_SECONDS, kinds=(RAW, "image/"))
@operation(
    "Reads a picture; the file is the body.",
    query={"name": "What the file is called, to be shown.", "model": "The id of a model; the first by default."},
    answers={
        200: "What was read, and where its pictures are.",
        404: "The model is no longer there.",
        422: "It cannot be read.",
        503: "Others are being read.",
    },
)
async def try_picture(request: web.Request) -> web.Response:
    """`POST /api/v1/try/picture?name=NAME&model=ID`, the file as the body: what is read from it."""
    queue, name = request.app[SESSION].inspector, _name(request)
    model = await _model(request, request.query.get("model"))
    async with _turn(queue) as reader:
        data = b"".join([chunk async for chunk in upload_chunks(request)])
        return web.json_response(await queue.read(reader.read_file, data, name, model))


@requires_role(Role.OWNER)
@accepts_upload(limit=CLIP_BYTES, seconds=CLIP_SECONDS, kinds=(RAW, "video/", "image/gif"))
@operation(
    "Reads a clip; the file is the body.",
    query={"name": "What the file is called, to be shown.", "model": "The id of a model; the first by default."},
    answers={
        200: "What was read, and where its pictures are.",
        404: "The model is no longer there.",
        422: "It cannot be read.",
        503: "Others are being read.",
    },
)
async def try_clip(request: web.Request) -> web.Response:
    """`POST /api/v1/try/clip?name=NAME&model=ID`, the file as the body: what is read from it."""
    queue, name = request.app[SESSION].inspector, _name(request)
    model = await _model(request, request.query.get("model"))
    async with _turn(queue) as reader:
        path = queue.clips.new()
        try:
            with path.open("xb") as file:
                async for chunk in upload_chunks(request):
                    await asyncio.to_thread(file.write, chunk)
            settings = request.app[SESSION].pipeline.settings
            read = functools.partial(reader.read_clip, path, name, model, settings, queue.note)
            return web.json_response(await queue.read(read, clip=path))
        except BaseException:
            queue.clips.drop(path)
            raise


@requires_role(Role.OWNER)
@accepts_upload(limit=BODY_LIMIT, seconds=PICTURE_SECONDS, kinds=("application/json",))
@operation(
    "Reads the next frame of the source that is running.",
    body=Chosen,
    answers={
        200: "What was read, and where its pictures are.",
        404: "The model is no longer there.",
        409: "No frame came.",
        422: "It cannot be read.",
        503: "Others are being read.",
    },
)
async def try_camera(request: web.Request) -> web.Response:
    """`POST /api/v1/try/camera {"model": ID}`: what is read from the next frame of the source that is running."""
    asked = await json_object(request)
    if not isinstance(asked.get("model"), str | None):
        raise RefusedError(400, 'Send {"model": ID}, or {}.')
    model = await _model(request, asked.get("model"))
    queue, pipeline = request.app[SESSION].inspector, request.app[SESSION].pipeline
    async with _turn(queue) as reader:
        try:
            pixels = await next_frame(pipeline)
        except SigncapError as error:
            raise RefusedError(409, str(error)) from None
        return web.json_response(await queue.read(reader.read_pixels, pixels, pipeline.source.name, model))


@requires_role(Role.OWNER)
@time_limit(CLIP_SECONDS)
@operation(
    "Makes the captioned video of one of the last clips, which is a file of its result then.",
    answers={
        200: "The name of the `file`, and a `note` about what it lacks of the clip, or null.",
        404: "The clip is no longer kept.",
        422: "It cannot be written.",
        503: "Others are being read.",
    },
)
async def make_video(request: web.Request) -> web.Response:
    """`POST /api/v1/try/{id}/video`: captions burnt in as they look now, and beside the pictures as a track."""
    queue, result = request.app[SESSION].inspector, request.match_info["id"]
    async with _turn(queue):
        kept = queue.clips.find(result)
        if kept is None:
            raise RefusedError(404, "This clip is no longer kept: try it again.")
        settings, name = request.app[SESSION].pipeline.settings, queue.name(result)
        note = await queue.work(caption_clip, *kept, name, settings, CLIP_LIMITS, queue.note)
        return web.json_response({"file": CAPTIONED, "note": note})


@requires_role(Role.OWNER)
@operation(
    "A file of one of the last results: a picture, subtitles, letters, or the captioned video once it is made.",
    answers={200: "The file.", 404: "The result is no longer kept."},
    gives=("image/*", "text/vtt", "application/x-subrip", "application/jsonl", "video/mp4"),
)
async def result_file(request: web.Request) -> web.StreamResponse:
    """`GET /api/v1/try/{id}/{file}`: a file of one of the last results."""
    name = request.match_info["file"]
    if name == CAPTIONED:
        video = request.app[SESSION].inspector.clips.captioned(request.match_info["id"])
        if video is None:
            raise RefusedError(404, "This video is no longer kept: make it again, or try the clip again.")
        return web.FileResponse(video)
    data = request.app[SESSION].inspector.file(request.match_info["id"], name)
    if data is None:
        raise RefusedError(404, "This result is no longer kept: try the picture again.")
    return web.Response(body=data, content_type=CONTENT_TYPES[Path(name).suffix])


@asynccontextmanager
async def _turn(queue: JobQueue) -> AsyncIterator[TryReader]:
    """Wait for a turn in the queue; a refusal where too many wait, or what is sent cannot be read."""
    try:
        async with queue.turn() as reader:
            yield reader
    except FullError as error:
        raise RefusedError(503, str(error)) from None
    except SigncapError as error:
        raise RefusedError(422, str(error)) from error


def _name(request: web.Request) -> str:
    """What the client calls the file: to be shown, never to be opened."""
    name = request.query.get("name", "").replace("\\", "/").rsplit("/", 1)[-1]
    return "".join(letter for letter in name if letter.isprintable())[:NAME_LENGTH] or "The file"


async def _choices(request: web.Request) -> dict[str, tuple[str, Path | None]]:
    """Models by what the page calls them: title and folder."""
    in_use = request.app[SESSION].models.model
    choices: dict[str, tuple[str, Path | None]] = {}
    if in_use is not None:
        choices[IN_USE] = (f"In use: {in_use.name}", in_use)
    choices[SHIPPED] = ("Shipped with Signcap", None)
    runs = request.app[SESSION].folders.runs
    workshop = await request.app[WORKSHOP].get()
    for folder in await asyncio.to_thread(workshop.models, runs):
        path = folder.relative_to(runs).as_posix()
        choices[f"runs/{path}"] = (path, folder)
    return choices


async def _model(request: web.Request, wanted: str | None) -> Path | None:
    choices = await _choices(request)
    title_and_folder = next(iter(choices.values())) if wanted is None else choices.get(wanted)
    if title_and_folder is None:
        raise RefusedError(404, "This model is no longer there: load the page again and choose another.")
    return title_and_folder[1]
