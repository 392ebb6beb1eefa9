"""The web application: which address does what."""

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from aiohttp import web

from overlay.media.sinks.vp8_preview import StreamSink
from server.session.session import Session
from server.web import pages
from server.web.auth.access import Access, Role
from server.web.auth.pairing_requests import PAIRING_REQUESTS, PairingRequests
from server.web.auth.preview_owners import SHOWN, Shown
from server.web.auth.security import ACCESS, BODY_LIMIT, RefusedError, add_headers, requires_role, security_middleware
from server.web.json_body import json_object
from server.web.keys import SESSION
from server.web.navigation import add_moved_pages
from server.web.openapi import api_document, operation
from server.web.render_pool import DRAWERS, Drawers
from server.web.request_log import log_requests
from server.web.routes import inspect as try_pages
from server.web.routes import runs as runs_pages
from server.web.routes.call_captions import add_call_captions
from server.web.routes.captions import add_caption_pages
from server.web.routes.collect import add_collecting
from server.web.routes.doctor import add_doctor
from server.web.routes.edits import edit_captions
from server.web.routes.enrol import add_enrolling
from server.web.routes.hand_model import add_hand_model
from server.web.routes.pairing import add_pairing
from server.web.routes.phrases import add_phrases
from server.web.routes.prompted import add_shown
from server.web.routes.recording import add_recording
from server.web.routes.speech import add_voice
from server.web.routes.spell import add_spelling
from server.web.routes.status import status
from server.web.routes.transcripts import add_transcripts
from server.web.routes.tune import add_studio
from server.web.streams.caption_events import caption_events
from server.web.streams.mjpeg import clean_stills, moving_stills
from server.web.streams.socket import SOCKETS_OPEN, add_socket
from server.web.training_runs import WORKSHOP, WorkshopHolder

if TYPE_CHECKING:
    from server.web.streams.webrtc import Preview


class PreviewHolder:
    """Makes the `Preview` when the first browser asks: aiortc takes a while to import."""

    def __init__(self, sink: StreamSink) -> None:
        self._sink = sink
        self._making: asyncio.Task[Preview] | None = None

    def prepare(self) -> "asyncio.Task[Preview]":
        """Begin to make it, so that the first browser need not wait."""
        if self._making is None:
            self._making = asyncio.get_running_loop().create_task(self._make())
        return self._making

    async def get(self) -> "Preview":
        """The preview, made on the first call."""
        return await asyncio.shield(self.prepare())

    async def _make(self) -> "Preview":
        webrtc = await asyncio.to_thread(__import__, "server.web.streams.webrtc", fromlist=["Preview"])
        preview: Preview = webrtc.Preview(self._sink)
        return preview

    async def close_peer(self, name: str) -> None:
        """Let go of a peer; of one that is gone already, too."""
        await (await self.get()).close(name)

    async def close(self) -> None:
        """Let go of all peers."""
        if self._making is not None:
            await (await self._making).close_all()


PREVIEW: Final = web.AppKey("preview", PreviewHolder)


@dataclass(frozen=True, slots=True)
class Offer:
    """A browser's offer of one video that it receives."""

    sdp: str


def make_app(session: Session, access: Access, *, new_link: pages.NewLink = lambda _url: None) -> web.Application:
    """The application, to be made in the running event loop.

    When it is shut down, the session's services end while those who listen are still there to hear the last of it.

    Args:
        session: what the pages show and change.
        access: the secrets of this run.
        new_link: given a fresh launch link when somebody opens one that was used.
    """
    app = web.Application(
        middlewares=[log_requests, pages.error_middleware, security_middleware], client_max_size=BODY_LIMIT
    )
    app[ACCESS] = access
    app[SESSION] = session
    app[PREVIEW] = PreviewHolder(session.viewers.stream)
    app[SHOWN] = Shown(app[PREVIEW].close_peer)
    app[PAIRING_REQUESTS] = PairingRequests(access.paired)
    app[WORKSHOP] = WorkshopHolder()
    app[DRAWERS] = Drawers()
    app[pages.TEMPLATES] = pages.make_templates()
    app[pages.NEW_LINK] = pages.LinkPrinter(new_link)
    app.on_response_prepare.append(add_headers)
    app.router.add_get("/", pages.start_page)
    app.router.add_get("/api/v1/openapi.json", api_document)
    app.router.add_get("/api/v1/captions/events", caption_events, allow_head=False)
    app.router.add_post("/api/v1/captions/edits", edit_captions)
    app.router.add_get("/api/v1/status", status)
    app.router.add_get("/api/v1/preview.mjpeg", moving_stills, allow_head=False)
    app.router.add_get("/api/v1/clean.mjpeg", clean_stills, allow_head=False)
    app.router.add_post("/api/v1/preview", open_preview)
    app.router.add_delete("/api/v1/preview/{name}", close_preview)
    add_socket(app)
    add_pairing(app)
    add_caption_pages(app)
    add_collecting(app)
    for folder in ("css", "img", "js", "vendor"):
        app.router.add_static(f"/static/{folder}/", pages.STATIC / folder)

    runs_pages.add_routes(app)
    try_pages.add_routes(app)
    add_enrolling(app)
    add_shown(app)
    add_studio(app)
    add_transcripts(app)
    add_call_captions(app)
    add_spelling(app)
    add_voice(app)
    add_phrases(app)
    add_doctor(app)
    add_hand_model(app)
    add_recording(app)
    add_moved_pages(app)

    async def end(_app: web.Application) -> None:
        await asyncio.gather(session.end_services(), app[DRAWERS].close())
        await app[SOCKETS_OPEN].close()
        await app[PREVIEW].close()

    app.on_shutdown.append(end)
    return app


@requires_role(Role.EXTENSION)
@operation(
    "The picture over WebRTC: answers a browser's offer. A paired browser's is of the size that calls take.",
    body=Offer,
    answers={
        201: "The answer, and a name to close it by.",
        422: "The browser cannot play VP8.",
        503: "Too many browsers show the picture.",
    },
)
async def open_preview(request: web.Request) -> web.Response:
    """`POST /api/v1/preview {"sdp": OFFER}`: the answer, and a name to close it by."""
    offer = (await json_object(request)).get("sdp")
    if not isinstance(offer, str):
        raise RefusedError(400, 'Send {"sdp": OFFER}.')
    browser = request.app[ACCESS].browser(request)
    preview = await request.app[PREVIEW].get()
    name, answer = await preview.open(offer, in_call=browser is not None)
    if browser is not None:
        request.app[SHOWN].note(browser.name, name)
    return web.json_response({"name": name, "sdp": answer}, status=201)


@requires_role(Role.EXTENSION)
@operation(
    "The browser no longer watches. A paired browser can end its own alone.",
    path={"name": "As in the answer to the offer."},
    answers={204: "It is closed, or was already."},
    gives=(),
)
async def close_preview(request: web.Request) -> web.Response:
    """`DELETE /api/v1/preview/{name}`: the browser no longer watches."""
    name = request.match_info["name"]
    browser = request.app[ACCESS].browser(request)
    if browser is None or request.app[SHOWN].is_of(browser.name, name):
        await request.app[PREVIEW].close_peer(name)
    if browser is not None:
        request.app[SHOWN].forget(browser.name, name)
    return web.Response(status=204)
