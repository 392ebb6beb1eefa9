"""The quick phrases, for the page and for the browser extension. They are changed as all settings are."""

from aiohttp import web

from server.web.auth.access import Role
from server.web.auth.security import requires_role
from server.web.keys import SESSION
from server.web.openapi import operation


def add_phrases(app: web.Application) -> None:
    """Add the address; the application knows its settings already."""
    app.router.add_get("/api/v1/phrases", read_phrases)


@requires_role(Role.EXTENSION)
@operation(
    "The sentences that the user puts out by one click, in their order.",
    answers={200: "The sentences, as `phrases`."},
)
async def read_phrases(request: web.Request) -> web.Response:
    """`GET /api/v1/phrases`."""
    return web.json_response({"phrases": list(request.app[SESSION].settings.current.phrases.texts)})
