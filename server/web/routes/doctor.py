"""The page that checks this computer, and what it asks for."""

from aiohttp import web

from server.doctor.checks import Running
from server.session.source_control import camera_state
from server.web.auth.access import Role
from server.web.auth.security import ACCESS, requires_role
from server.web.keys import SESSION
from server.web.openapi import operation
from server.web.pages import page


def add_doctor(app: web.Application) -> None:
    """Add the page and its address."""
    app.router.add_get("/settings/computer", doctor_page)
    app.router.add_get("/api/v1/doctor", examine)


@requires_role(Role.OWNER)
async def doctor_page(request: web.Request) -> web.Response:
    """`GET /settings/computer`: the page."""
    return page(request, "doctor.html")


@requires_role(Role.OWNER)
@operation(
    "Checks this computer: what is there, what is wrong, what to do. Opens no camera.",
    answers={200: "The findings, as `signcap doctor --json` prints them."},
)
async def examine(request: web.Request) -> web.Response:
    """`GET /api/v1/doctor`: the report."""
    return web.json_response(await request.app[SESSION].doctor.report(running_facts(request.app)))


def running_facts(app: web.Application) -> Running:
    """Return what this run knows of itself."""
    pipeline = app[SESSION].pipeline
    source = pipeline.source.name
    reading = pipeline.stats().get("recognise")
    return Running(
        port=app[ACCESS].port,
        camera=source if source.startswith("camera") and camera_state(pipeline) == "on" else None,
        virtual_camera=app[SESSION].notices.virtual_camera.on,
        milliseconds=reading.median_ms if reading is not None and reading.rate > 0 else None,
        hand_model=app[SESSION].models.hand_model,
        settings=app[SESSION].settings.path,
    )
