"""Adds tuning and control to the application."""

from aiohttp import web

from overlay.tuning.presets import PRESETS
from server.web.auth.access import Role
from server.web.auth.security import requires_role
from server.web.pages import page
from server.web.routes.settings import change_settings, read_settings, reset_settings, take_preset
from server.web.routes.source import choose_virtual_camera, control_source, read_source
from server.web.routes.style import check_characters, fonts, style_preview
from server.web.routes.tuning import control_tries, read_tries, replay_settings
from server.web.streams.dashboard_events import live_events


def add_studio(app: web.Application) -> None:
    """Add the pages and addresses."""
    add = app.router
    add.add_get("/captions/tune", tune_page)
    add.add_get("/captions/style", style_page)
    add.add_get("/captions/words", words_page)
    add.add_get("/settings/devices", devices_page)
    add.add_get("/practise/sign", sign_page)
    add.add_get("/api/v1/events", live_events, allow_head=False)
    add.add_get("/api/v1/settings", read_settings)
    add.add_patch("/api/v1/settings", change_settings)
    add.add_post("/api/v1/settings/reset", reset_settings)
    add.add_post(f"/api/v1/settings/presets/{{name:{'|'.join(PRESETS)}}}", take_preset)
    add.add_post("/api/v1/style/preview", style_preview)
    add.add_get("/api/v1/style/fonts", fonts)
    add.add_post("/api/v1/style/characters", check_characters)
    add.add_post("/api/v1/tuning/replay", replay_settings)
    add.add_get("/api/v1/tuning/tries", read_tries)
    add.add_post("/api/v1/tuning/tries", control_tries)
    add.add_get("/api/v1/source", read_source)
    add.add_post("/api/v1/source", control_source)
    add.add_post("/api/v1/virtual-camera", choose_virtual_camera)


@requires_role(Role.OWNER)
async def tune_page(request: web.Request) -> web.Response:
    """`GET /captions/tune`: the page."""
    return page(request, "tune.html", presets=PRESETS)


@requires_role(Role.OWNER)
async def style_page(request: web.Request) -> web.Response:
    """`GET /captions/style`: the page."""
    return page(request, "style.html")


@requires_role(Role.OWNER)
async def words_page(request: web.Request) -> web.Response:
    """`GET /captions/words`: the page."""
    return page(request, "words.html")


@requires_role(Role.OWNER)
async def devices_page(request: web.Request) -> web.Response:
    """`GET /settings/devices`: the page."""
    return page(request, "devices.html")


@requires_role(Role.OWNER)
async def sign_page(request: web.Request) -> web.Response:
    """`GET /practise/sign`: the page."""
    return page(request, "sign.html")
