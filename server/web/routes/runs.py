"""The page about trainings and tests, and what it asks for."""

import asyncio
import math
from collections.abc import Callable
from importlib.util import find_spec
from typing import Any, Final, ParamSpec, TypeVar

from aiohttp import web

from overlay.core.errors import SigncapError
from overlay.media.images import thumbnail
from server.collection import next_steps
from server.collection.store import Store
from server.web import pages, training_side
from server.web.auth.access import Role
from server.web.auth.security import RefusedError, requires_role
from server.web.keys import SESSION
from server.web.openapi import operation
from server.web.training_runs import WORKSHOP

SMALLEST_SIDE: Final = 32
LARGEST_SIDE: Final = 224  # of a thumbnail, in pixels
COLUMNS: Final = 12  # of the picture of samples

P = ParamSpec("P")
T = TypeVar("T")


def add_routes(app: web.Application) -> None:
    """Serve the page."""
    app.router.add_get("/train/runs", runs_page)
    app.router.add_get("/train/data", data_page)
    app.router.add_get("/api/v1/data", read_data)
    app.router.add_get("/api/v1/runs", list_runs)
    app.router.add_get("/api/v1/runs/{name}", one_run)
    app.router.add_get(r"/api/v1/runs/{name}/predictions/{epoch:\d{1,6}}", predictions)
    app.router.add_get(r"/api/v1/runs/{name}/pictures/{index:\d{1,8}}.jpg", picture)
    app.router.add_get("/api/v1/data/samples.jpg", samples)


@requires_role(Role.OWNER)
async def runs_page(request: web.Request) -> web.Response:
    """`GET /train/runs`: the page."""
    return pages.page(request, "runs.html")


@requires_role(Role.OWNER)
async def data_page(request: web.Request) -> web.Response:
    """`GET /train/data`: the page."""
    return pages.page(request, "data.html")


@requires_role(Role.OWNER)
@operation(
    "What is collected, and the commands that make a model of it.",
    answers={200: "The `signers` with their letters, what is `missing`, and the `steps`."},
)
async def read_data(request: web.Request) -> web.Response:
    """`GET /api/v1/data`."""
    folders = request.app[SESSION].folders

    def look() -> Any:
        trains = training_side.installed() and find_spec("torch") is not None
        return next_steps.body(Store(folders.data), folders.runs, trains=trains)

    return web.json_response(await asyncio.to_thread(look))


@requires_role(Role.OWNER)
@operation("All trainings and tests, newest first.", answers={200: "The runs, and the folders.", 404: "Unreadable."})
async def list_runs(request: web.Request) -> web.Response:
    """`GET /api/v1/runs`: {"folder", "data", "has_data", "runs": [...]}, newest first."""
    folders, workshop = request.app[SESSION].folders, await request.app[WORKSHOP].get()
    found = await _ask(workshop.runs, folders.runs)
    body = {
        "folder": str(folders.runs.resolve()),
        "data": str(folders.data.resolve()),
        "has_data": await asyncio.to_thread(lambda: any(folders.data.glob("*/*/*"))),
        "runs": found,
    }
    return web.json_response(finite(body))


@requires_role(Role.OWNER)
@operation(
    "All that is known of one training or test.",
    query={"pictures": "`no` leaves the list of pictures out."},
    answers={200: "The run.", 404: "There is none of that name."},
)
async def one_run(request: web.Request) -> web.Response:
    """`GET /api/v1/runs/{name}`: all that is known of one; `?pictures=no` leaves the list of pictures out."""
    workshop = await request.app[WORKSHOP].get()
    run = await _ask(workshop.run, request.app[SESSION].folders.runs, request.match_info["name"])
    if request.query.get("pictures") == "no":
        run.pop("pictures", None)
    return web.json_response(finite(run))


@requires_role(Role.OWNER)
@operation("What was read after an epoch.", answers={200: "The predictions.", 404: "There are none."})
async def predictions(request: web.Request) -> web.Response:
    """`GET /api/v1/runs/{name}/predictions/{epoch}`: what was read after an epoch."""
    workshop = await request.app[WORKSHOP].get()
    name, epoch = request.match_info["name"], int(request.match_info["epoch"])
    return web.json_response(finite(await _ask(workshop.predictions, request.app[SESSION].folders.runs, name, epoch)))


@requires_role(Role.OWNER)
@operation(
    "One of a run's pictures, small.",
    query={"side": {"description": "The longest side, in pixels.", "type": "integer", "minimum": 1}},
    answers={200: "A picture.", 404: "There is none, or it cannot be read."},
    gives="image/jpeg",
)
async def picture(request: web.Request) -> web.Response:
    """`GET /api/v1/runs/{name}/pictures/{index}.jpg?side=PIXELS`: one of the run's pictures, small."""
    workshop = await request.app[WORKSHOP].get()
    name, index = request.match_info["name"], int(request.match_info["index"])
    wanted = request.query.get("side", "")
    side = int(wanted) if wanted.isascii() and wanted.isdecimal() and len(wanted) < 6 else LARGEST_SIDE
    side = min(max(side, SMALLEST_SIDE), LARGEST_SIDE)
    path = await _ask(workshop.picture, request.app[SESSION].folders.runs, name, index)
    async with request.app[WORKSHOP].decoding:
        jpeg = await _ask(thumbnail, path, side)
    return web.Response(body=jpeg, content_type="image/jpeg")


@requires_role(Role.OWNER)
@operation(
    "Some pictures of each letter of the data set.",
    answers={200: "A picture.", 404: "There is no data set."},
    gives="image/jpeg",
)
async def samples(request: web.Request) -> web.Response:
    """`GET /api/v1/data/samples.jpg`: some pictures of each letter of the data set."""
    workshop = await request.app[WORKSHOP].get()
    async with request.app[WORKSHOP].decoding:
        jpeg = await _ask(workshop.samples, request.app[SESSION].folders.data, COLUMNS)
    return web.Response(body=jpeg, content_type="image/jpeg")


async def _ask(method: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """Let the workshop do something without keeping the other pages waiting."""
    try:
        return await asyncio.to_thread(method, *args, **kwargs)
    except SigncapError as error:
        raise RefusedError(404, str(error)) from error


def finite(value: Any) -> Any:
    """The same, with None for what JSON has no word for: a loss that is not a number would make it unreadable."""
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, dict):
        return {key: finite(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [finite(inner) for inner in value]
    return value
