"""Adds tuning and control to the application."""

import asyncio

from aiohttp import web

from overlay.core.settings_store import SettingsStore
from overlay.recognition.letter_model import Recognizer
from overlay.tuning.presets import PRESETS
from overlay.tuning.tuner import Tuner
from server.session.source_control import Sources
from server.web.auth.access import Role
from server.web.auth.security import needs
from server.web.pages import page
from server.web.routes.inspect import MODEL_FILES
from server.web.routes.settings import (
    STORE,
    change_settings,
    read_settings,
    reset_settings,
    take_preset,
    watch_file,
)
from server.web.routes.source import SOURCES, choose_virtual_camera, control_source, read_source
from server.web.routes.status import PIPELINE
from server.web.routes.style import style_preview
from server.web.routes.tuning import TUNER, control_tries, read_tries, replay_settings
from server.web.streams.dashboard_events import OPEN, live_events

WATCH = web.AppKey("settings_watch", asyncio.Task[None])


def add_studio(app: web.Application, store: SettingsStore, sources: Sources) -> None:
    """Add the pages and addresses; the application knows its pipeline and model already.

    Args:
        app: the application.
        store: the settings; the pipeline follows them from now on.
        sources: the cameras.
    """
    pipeline = app[PIPELINE]
    model = app[MODEL_FILES].model
    app[STORE], app[SOURCES], app[OPEN] = store, sources, set()
    app[TUNER] = tuner = Tuner(lambda: Recognizer(model), lambda: store.current)
    add = app.router
    add.add_get("/tune", tune_page)
    add.add_get("/style", style_page)
    add.add_get("/api/v1/events", live_events, allow_head=False)
    add.add_get("/api/v1/settings", read_settings)
    add.add_patch("/api/v1/settings", change_settings)
    add.add_post("/api/v1/settings/reset", reset_settings)
    add.add_post(f"/api/v1/settings/presets/{{name:{'|'.join(PRESETS)}}}", take_preset)
    add.add_post("/api/v1/style/preview", style_preview)
    add.add_post("/api/v1/tuning/replay", replay_settings)
    add.add_get("/api/v1/tuning/tries", read_tries)
    add.add_post("/api/v1/tuning/tries", control_tries)
    add.add_get("/api/v1/source", read_source)
    add.add_post("/api/v1/source", control_source)
    add.add_post("/api/v1/virtual-camera", choose_virtual_camera)

    stop_listening = [pipeline.listen(tuner.accept), store.listen(lambda: pipeline.configure(store.current))]

    async def watch(_app: web.Application) -> None:
        app[WATCH] = asyncio.create_task(watch_file(app))

    async def end(_app: web.Application) -> None:
        app[WATCH].cancel()
        for stop in stop_listening:
            stop()

    app.on_startup.append(watch)
    app.on_shutdown.append(end)


@needs(Role.OWNER)
async def tune_page(request: web.Request) -> web.Response:
    """`GET /tune`: the page."""
    return page(request, "tune.html")


@needs(Role.OWNER)
async def style_page(request: web.Request) -> web.Response:
    """`GET /style`: the page."""
    return page(request, "style.html")
