"""Session history over HTTP: for the owner alone, and only files whose names are sessions' are touched."""

import asyncio
from collections.abc import Callable
from typing import Final, Literal, ParamSpec, TypeVar

from aiohttp import web
from pydantic import BaseModel, ConfigDict

from overlay.captions.subtitles import subtitles, to_srt, to_text, to_vtt
from overlay.core.errors import SigncapError
from overlay.transcripts.export import plain_cues, to_json
from overlay.transcripts.search import LONGEST_QUERY
from overlay.transcripts.session import NAME
from server.web.auth.access import Role
from server.web.auth.security import RefusedError, requires_role
from server.web.json_body import json_model
from server.web.keys import SESSION
from server.web.openapi import operation
from server.web.pages import page
from server.web.routes.transcript_bodies import overview, search_body, whole_session

KINDS: Final = {"txt": "text/plain", "vtt": "text/vtt", "srt": "application/x-subrip", "json": "application/json"}

P = ParamSpec("P")
T = TypeVar("T")

_QUERY: Final = {"description": "Words, or parts of them.", "type": "string", "maxLength": LONGEST_QUERY}
_NAME: Final = "A session's, as in the list."


class DeleteAll(BaseModel):
    """Said in full, so that no slip deletes everything."""

    model_config = ConfigDict(extra="forbid", strict=True)

    all: Literal[True]


def add_transcripts(app: web.Application) -> None:
    """Add the page and its addresses."""
    one = f"/api/v1/transcripts/{{name:{NAME}}}"
    app.router.add_get("/captions/history", history_page)
    app.router.add_get("/api/v1/transcripts", list_sessions)
    app.router.add_delete("/api/v1/transcripts", delete_all)
    app.router.add_get("/api/v1/transcripts/search", search)
    app.router.add_get(one, read_session)
    app.router.add_delete(one, delete_session)
    app.router.add_get(f"{one}.{{kind:{'|'.join(KINDS)}}}", session_file)


@requires_role(Role.OWNER)
async def history_page(request: web.Request) -> web.Response:
    """`GET /captions/history`: the page."""
    return page(request, "history.html")


@requires_role(Role.OWNER)
@operation(
    "How captions are kept, and all sessions that are, newest first.",
    query={"known": "The `revision` that is known: where nothing has changed, it alone is answered."},
    answers={200: "Whether to `keep`, the `folder`, the `sessions`, and the `revision` of all this."},
)
async def list_sessions(request: web.Request) -> web.Response:
    """`GET /api/v1/transcripts`."""
    text = await asyncio.to_thread(overview, request.app[SESSION].transcripts, request.query.get("known", ""))
    return web.json_response(text=text)


@requires_role(Role.OWNER)
@operation(
    "Sessions in which each of the words stands somewhere, with the captions that hold any of them; case and accents "
    "make no difference.",
    query={"q": _QUERY},
    answers={200: "How many captions were found, and the first of them, what was sought cut out in `pieces`."},
)
async def search(request: web.Request) -> web.Response:
    """`GET /api/v1/transcripts/search?q=WORDS`."""
    store = request.app[SESSION].transcripts.store
    return web.json_response(await asyncio.to_thread(search_body, store, request.query.get("q", "")))


@requires_role(Role.OWNER)
@operation(
    "One session with its captions.",
    path={"name": _NAME},
    query={"q": {**_QUERY, "description": "What to cut out in `pieces`."}},
    answers={200: "The session as in the list, and its captions as `cues`.", 404: "There is none of that name."},
)
async def read_session(request: web.Request) -> web.Response:
    """`GET /api/v1/transcripts/{name}`."""
    store, name = request.app[SESSION].transcripts.store, request.match_info["name"]
    return web.json_response(await _ask(404, whole_session, store, name, request.query.get("q", "")))


@requires_role(Role.OWNER)
@operation(
    "One session as a file, its times from the session's beginning.",
    path={"name": _NAME, "kind": "What file."},
    answers={200: "The file.", 404: "There is none of that name."},
    gives=tuple(KINDS.values()),
)
async def session_file(request: web.Request) -> web.Response:
    """`GET /api/v1/transcripts/{name}.txt`, `.vtt`, `.srt` or `.json`."""
    kind = request.match_info["kind"]
    session = await _ask(404, request.app[SESSION].transcripts.store.session, request.match_info["name"])
    silence = request.app[SESSION].pipeline.settings.endpointing.caption_silence
    write: dict[str, Callable[[], str]] = {
        "txt": lambda: to_text(plain_cues(session.cues), silence),
        "vtt": lambda: to_vtt(subtitles(plain_cues(session.cues))),
        "srt": lambda: to_srt(subtitles(plain_cues(session.cues))),
        "json": lambda: to_json(session.began, session.cues),
    }
    return web.Response(
        text=await asyncio.to_thread(write[kind]),
        content_type=KINDS[kind],
        charset="utf-8",
        headers={"Content-Disposition": f'attachment; filename="captions-{session.name[:15]}.{kind}"'},
    )


@requires_role(Role.OWNER)
@operation(
    "Deletes a session's files.",
    path={"name": _NAME},
    answers={204: "They are gone.", 404: "There is none of that name.", 409: "It cannot be deleted: why."},
    gives=(),
)
async def delete_session(request: web.Request) -> web.Response:
    """`DELETE /api/v1/transcripts/{name}`."""
    transcripts, name = request.app[SESSION].transcripts, request.match_info["name"]
    await _ask(404, transcripts.store.session, name)
    await _ask(409, transcripts.delete, name)
    return web.Response(status=204)


@requires_role(Role.OWNER)
@operation(
    "Deletes the files of all sessions.",
    body=DeleteAll,
    answers={200: "How many there were.", 409: "Some cannot be deleted: why."},
)
async def delete_all(request: web.Request) -> web.Response:
    """`DELETE /api/v1/transcripts {"all": true}`."""
    await json_model(request, DeleteAll, 'Send {"all": true} to delete all sessions.')
    return web.json_response({"deleted": await _ask(409, request.app[SESSION].transcripts.delete_all)})


async def _ask(status: int, work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """Read or delete files without keeping the other pages waiting; a refusal where that cannot be."""
    try:
        return await asyncio.to_thread(work, *args, **kwargs)
    except SigncapError as error:
        raise RefusedError(status, str(error)) from error
