"""The page that checks this computer, and what it asks for."""

import asyncio
from typing import Any, Final

from aiohttp import web

from overlay.doctor import Machine
from overlay.doctor.report import report
from server.doctor.checks import Running, all_checks, run_checks
from server.session.source_control import camera_state
from server.web.auth.access import Role
from server.web.auth.security import ACCESS, needs
from server.web.keys import SESSION
from server.web.openapi import describes
from server.web.pages import page


class Doctor:
    """Checks this computer in a thread, once for all who ask meanwhile. Lives in the event loop."""

    def __init__(self) -> None:
        self._checking: asyncio.Task[dict[str, Any]] | None = None

    async def report(self, running: Running) -> dict[str, Any]:
        """A report that is made now."""
        if self._checking is None or self._checking.done():
            self._checking = asyncio.create_task(asyncio.to_thread(_check, running))
        return await asyncio.shield(self._checking)


DOCTOR: Final = web.AppKey("doctor", Doctor)


def _check(running: Running) -> dict[str, Any]:
    return report(list(run_checks(all_checks(Machine(), running))))


def add_doctor(app: web.Application) -> None:
    """Add the page and its address; the application knows all else already."""
    app[DOCTOR] = Doctor()
    app.router.add_get("/doctor", doctor_page)
    app.router.add_get("/api/v1/doctor", examine)


@needs(Role.OWNER)
async def doctor_page(request: web.Request) -> web.Response:
    """`GET /doctor`: the page."""
    return page(request, "doctor.html")


@needs(Role.OWNER)
@describes(
    "Checks this computer: what is there, what is wrong, what to do. Opens no camera.",
    answers={200: "The findings, as `signcap doctor --json` prints them."},
)
async def examine(request: web.Request) -> web.Response:
    """`GET /api/v1/doctor`: the report."""
    return web.json_response(await request.app[DOCTOR].report(running_facts(request.app)))


def running_facts(app: web.Application) -> Running:
    """What this run knows of itself."""
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
