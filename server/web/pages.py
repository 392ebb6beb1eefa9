"""The pages for people, and the exchange of links for cookies."""

import logging
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import jinja2
from aiohttp import web
from aiohttp.http_exceptions import HttpProcessingError

import server
from overlay.doctor.cameras.module import KEEP_LOADED
from overlay.media.sinks.virtual_camera import LOAD
from server.web.auth.access import Launch, Role
from server.web.auth.security import ACCESS, Handler, RefusedError, requires_role
from server.web.keys import SESSION
from server.web.navigation import GEAR, TABS

STATIC: Final = Path(server.__file__).parent.parent / "static"
TEMPLATES: Final = web.AppKey("templates", jinja2.Environment)
_SYSTEMS: Final = {"win32": "windows", "darwin": "macos"}
FAILED: Final = "Signcap could not do that: the terminal says why."
NewLink = Callable[[str], None]

_log = logging.getLogger(__name__)


class LinkPrinter:
    """Hands a fresh launch link to the person at the terminal."""

    def __init__(self, print_link: NewLink) -> None:
        self.print_link = print_link


NEW_LINK: Final = web.AppKey("new_link", LinkPrinter)


def make_templates() -> jinja2.Environment:
    """The page templates; everything that is put into them is escaped."""
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(STATIC / "templates"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals.update(tabs=TABS, gear=GEAR)
    return environment


def page(request: web.Request, template: str, status: int = 200, **values: Any) -> web.Response:
    """A page made of a template."""
    text = request.app[TEMPLATES].get_template(template).render(values)
    return web.Response(text=text, content_type="text/html", charset="utf-8", status=status)


def _message(request: web.Request, status: int, title: str, sentence: str) -> web.Response:
    return page(request, "message.html", status, title=title, sentence=sentence, onward=None)


def onward(request: web.Request, role: Role, path: str, *, template: str = "message.html") -> web.Response:
    """Give a cookie and go on to the same page without the token.

    A page that refreshes, not a redirect: the browser sends a SameSite=Strict cookie with a navigation
    that our own page began, wherever the link came from.
    """
    response = page(request, template, title="Opening Signcap", sentence="One moment.", onward=path)
    request.app[ACCESS].grant(response, role)
    return response


@requires_role(Role.NOBODY)
async def start_page(request: web.Request) -> web.Response:
    """The start page; with `?launch=TOKEN`, the owner's way in."""
    access = request.app[ACCESS]
    token = request.query.get("launch")
    role = access.role(request)
    if token is None:
        if role is Role.OWNER:
            suggesting = request.app[SESSION].pipeline.settings.suggesting.enabled
            return page(
                request,
                "start.html",
                viewer_path=access.viewer_path(),
                suggesting=suggesting,
                system=_SYSTEMS.get(sys.platform, "linux"),
                load=LOAD,
                last=KEEP_LOADED,
            )
        raise RefusedError(401, "Open the link that Signcap printed in the terminal when it started.")
    if request.method != "GET":  # a link checker's HEAD must not use the link up
        return web.Response()
    launch = access.redeem(token)
    if launch is Launch.ACCEPTED:
        return onward(request, Role.OWNER, "/")
    if role is Role.OWNER:
        raise web.HTTPSeeOther("/")
    if launch is Launch.USED:
        request.app[NEW_LINK].print_link(access.launch_url())
        return _message(
            request,
            410,
            "This link was already used",
            "Each link opens Signcap once. A new one has just been printed in the terminal: open that one.",
        )
    return _message(
        request,
        401,
        "This link is not from this run",
        "Signcap makes a new link each time it starts. Open the one in the terminal, or start Signcap again.",
    )


@web.middleware
async def error_middleware(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Turn refusals and failures into a page for people, or JSON for scripts; never a traceback."""
    try:
        return await handler(request)
    except RefusedError as refused:
        status, sentence = refused.status, refused.sentence
    except web.HTTPException as error:
        if error.status < 400:
            raise
        status = error.status
        sentence = {404: "There is no such page.", 413: "That is too much at once."}.get(status, f"{error.reason}.")
    except ConnectionError:
        raise
    except (web.RequestPayloadError, HttpProcessingError):
        # Not logged: the message of such an error repeats what was sent.
        status, sentence = 400, "What came along with this request is damaged: send it again."
    except Exception:
        # The path alone: the query may hold a token. Quoted: it may hold line ends.
        _log.exception("Request %r %r failed", request.method, request.path)
        status, sentence = 500, FAILED
    if request.path.startswith("/api/"):
        return web.json_response({"error": sentence}, status=status)
    return _message(request, status, "Signcap", sentence)
