"""Captions elsewhere than in the picture: the page for a second screen, the overlay for OBS, and files."""

import re
import time
from datetime import datetime
from typing import Final
from urllib.parse import urlencode

from aiohttp import web

from overlay.captions.subtitles import subtitles, to_srt, to_text, to_vtt
from overlay.transcripts.export import to_json
from server.web.auth.access import Role
from server.web.auth.security import ACCESS, RefusedError, requires_role
from server.web.keys import SESSION
from server.web.openapi import operation
from server.web.pages import onward, page

# What the page of the overlay understands, see static/js/overlay/style.js; nothing else stays in the address.
STYLES: Final = frozenset(
    (
        *("size", "font", "weight", "colour", "color", "partial", "box", "opacity"),
        *("lines", "columns", "place", "align", "margin", "hide", "sample"),
    )
)
_LONGEST_STYLE: Final = 64  # characters
_STYLE: Final = re.compile(r"[^\x00-\x1f\x7f]*")

_KINDS: Final = {"txt": "text/plain", "vtt": "text/vtt", "srt": "application/x-subrip", "json": "application/json"}


def add_caption_pages(app: web.Application) -> None:
    """Add the pages and addresses."""
    app.router.add_get("/captions", captions_page)
    app.router.add_get("/overlay", overlay_page)
    app.router.add_get("/api/v1/captions.{kind:txt|vtt|srt|json}", caption_file)
    app.router.add_get("/api/v1/captions/links", links)


@requires_role(Role.NOBODY)
async def captions_page(request: web.Request) -> web.Response:
    """The caption page for a second screen; with `?viewer=TOKEN`, the viewers' way in."""
    access = request.app[ACCESS]
    token = request.query.get("viewer")
    if token is not None:
        _check_token(request, token)
        return onward(request, Role.VIEWER, "/captions")
    role = access.role(request)
    if role is Role.NOBODY:
        raise RefusedError(401, "Open the caption page from Signcap's start page.")
    response = page(request, "captions.html", owner=role is Role.OWNER)
    if role is Role.OWNER:  # the owner's cookie ends with the run, this one lets the page go on in the next
        access.grant(response, Role.VIEWER)
    return response


@requires_role(Role.NOBODY)
async def overlay_page(request: web.Request) -> web.Response:
    """The newest caption on nothing, for OBS and other browser sources; `?viewer=TOKEN` is the way in.

    The rest of the query says how it looks. The token leaves the address, the style stays.
    """
    token = request.query.get("viewer")
    if token is not None:
        _check_token(request, token)
        style = [
            (name, value)
            for name, value in request.query.items()
            if name in STYLES and len(value) <= _LONGEST_STYLE and _STYLE.fullmatch(value)
        ]
        path = f"/overlay?{urlencode(style)}" if style else "/overlay"
        return onward(request, Role.VIEWER, path, template="overlay_onward.html")
    if request.app[ACCESS].role(request) is Role.NOBODY:
        raise RefusedError(401, "Copy the link for OBS from Signcap's caption page.")
    return page(request, "overlay.html")


def _check_token(request: web.Request, token: str) -> None:
    if not request.app[ACCESS].is_viewer_token(token):
        raise RefusedError(401, "This link has expired: open a new one from Signcap's start page.")


@requires_role(Role.VIEWER)
@operation(
    "All captions of this run as a file: text, WebVTT, SRT or JSON, its times from the beginning of the session.",
    path={"kind": "What file."},
    answers={200: "The file."},
    gives=tuple(_KINDS.values()),
)
async def caption_file(request: web.Request) -> web.Response:
    """`GET /api/v1/captions.txt`, `.vtt`, `.srt` or `.json`: all captions of this run as a file."""
    record, kind = request.app[SESSION].captions, request.match_info["kind"]
    cues = record.cues()
    if kind == "txt":
        text = to_text(cues, request.app[SESSION].pipeline.settings.endpointing.caption_silence)
    elif kind == "json":
        text = to_json(datetime.fromtimestamp(record.began_clock).astimezone(), record.kept())
    else:
        shown = subtitles(cues, record.began)
        text = to_vtt(shown) if kind == "vtt" else to_srt(shown)
    name = time.strftime("captions-%Y-%m-%d-%H%M", time.localtime(record.began_clock))
    return web.Response(
        text=text,
        content_type=_KINDS[kind],
        charset="utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}.{kind}"'},
    )


@requires_role(Role.OWNER)
@operation(
    "Links that let others read captions, and nothing else. They hold a secret.",
    answers={200: "For a second screen, and for OBS."},
)
async def links(request: web.Request) -> web.Response:
    """`GET /api/v1/captions/links`: addresses with the viewers' token, for the owner to give away."""
    access = request.app[ACCESS]
    base = access.address.rstrip("/")
    return web.json_response({"second_screen": base + access.viewer_path(), "overlay": base + access.overlay_path()})
