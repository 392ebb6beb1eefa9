"""Security of every request and every answer.

Any page in the user's browser can send requests to 127.0.0.1. None of them may see a frame, read a
caption or change a setting.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from typing import Final

from aiohttp import web

from server.web.auth.access import Access, Role

CUSTOM_HEADER: Final = "X-Signcap"  # no page of another origin can send it without asking first, and nobody answers
BODY_LIMIT: Final = 64 * 1024  # bytes; a browser's WebRTC offer has about 6,000
STILL_LIMIT: Final = 15.0  # seconds in which nothing may come of an upload
TIME_LIMIT: Final = 10.0  # seconds for a request whose handler is not marked otherwise
SAFE_METHODS: Final = frozenset({"GET", "HEAD"})
EXTENSION_ORIGIN: Final = "chrome-extension://dnnbomcihcbilhdkfcmlcjfigcochhep"  # of the key in its manifest

ACCESS: Final = web.AppKey("access", Access)

CONTENT_SECURITY_POLICY: Final = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' blob:",  # pictures that come through the page's socket
        "connect-src 'self'",
        "media-src 'self' blob:",  # what a page itself puts together while it comes
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'none'",
        "require-trusted-types-for 'script'",
    )
)

PROTECTING_HEADERS: Final = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Server": "signcap",
}

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

_ENOUGH: Final = {Role.VIEWER: (Role.VIEWER, Role.EXTENSION), Role.EXTENSION: (Role.EXTENSION,)}  # beside the owner


class RefusedError(Exception):
    """A refusal with one sentence for people; `server.web.pages.error_middleware` turns it into a page or JSON.

    Args:
        status: the HTTP status.
        sentence: what is wrong and what to do next.
    """

    def __init__(self, status: int, sentence: str) -> None:
        super().__init__(sentence)
        self.status = status
        self.sentence = sentence


def requires_role(role: Role) -> Callable[[Handler], Handler]:
    """Mark the least role that a handler asks for. A handler without the mark asks for the owner."""

    def mark(handler: Handler) -> Handler:
        handler.least_role = role  # type: ignore[attr-defined]
        return handler

    return mark


def from_extension(handler: Handler) -> Handler:
    """Mark a handler that the browser extension may ask, though it does not ask for the extension's role."""
    handler.from_extension = True  # type: ignore[attr-defined]
    return handler


def streams(handler: Handler) -> Handler:
    """Mark a handler that answers for as long as the client listens: no time limit."""
    handler.streams = True  # type: ignore[attr-defined]
    return handler


def time_limit(seconds: float) -> Callable[[Handler], Handler]:
    """Mark a handler whose work may take longer than others' does."""

    def mark(handler: Handler) -> Handler:
        handler.seconds = seconds  # type: ignore[attr-defined]
        return handler

    return mark


@dataclass(frozen=True, slots=True)
class Upload:
    """The raw body that a handler takes.

    Attributes:
        limit: bytes.
        kinds: content types; one that ends with / stands for all that begin so.
    """

    limit: int
    kinds: tuple[str, ...]

    def takes(self, content_type: str) -> bool:
        """Whether a body of this content type is taken."""
        return any(content_type == kind or (kind[-1] == "/" and content_type.startswith(kind)) for kind in self.kinds)

    def check_size(self, size: int) -> None:
        """Refuse what is larger than the limit."""
        if size > self.limit:
            raise RefusedError(413, f"This file has more than {self.limit // 1_000_000} MB: choose a smaller one.")


def accepts_upload(*, limit: int, seconds: float, kinds: tuple[str, ...]) -> Callable[[Handler], Handler]:
    """Mark a handler that takes a file as its raw body, to be read with `upload_chunks`, within so many seconds.

    The custom header is asked for as with any change.
    """

    def mark(handler: Handler) -> Handler:
        handler.upload = Upload(limit, kinds)  # type: ignore[attr-defined]
        return time_limit(seconds)(handler)

    return mark


def upload_of(handler: object) -> Upload | None:
    """Return the mark of `accepts_upload` on a handler; None for any other."""
    return getattr(handler, "upload", None)


async def upload_chunks(request: web.Request) -> AsyncIterator[bytes]:
    """The raw body of a request whose handler is marked with `accepts_upload`, piece by piece.

    Raises:
        RefusedError: it is larger than the limit, whatever its Content-Length said, or it stopped coming.
    """
    upload = upload_of(request.match_info.handler)
    if upload is None:
        raise TypeError("The handler is not marked with accepts_upload.")
    size = 0
    while chunk := await _next_chunk(request):
        size += len(chunk)
        upload.check_size(size)
        yield chunk


async def _next_chunk(request: web.Request) -> bytes:
    """What comes next of a body; nothing at its end."""
    try:
        async with asyncio.timeout(STILL_LIMIT):
            return await request.content.read(1 << 18)
    except TimeoutError:
        raise RefusedError(408, "The file stopped coming: send it again.") from None


def _check_sender(request: web.Request, access: Access) -> None:
    host = request.headers.getall("Host", [])
    if len(host) != 1 or host[0] not in access.hosts:
        raise RefusedError(403, f"This server answers at {access.address} only.")
    origins = {f"http://{host[0]}"}
    if _is_for_extension(request.match_info.handler):
        origins.add(EXTENSION_ORIGIN)
    # All of them: of two that differ, who knows which one a browser or a proxy meant.
    given = request.headers.getall("Origin", [])
    if len(given) > 1 or not origins.issuperset(given):
        raise RefusedError(403, "Requests from other sites are refused.")
    if not {"none", "same-origin"}.issuperset(request.headers.getall("Sec-Fetch-Site", [])):
        raise RefusedError(403, "This link was followed from another site: copy it into the address bar instead.")


def _is_for_extension(handler: object) -> bool:
    return getattr(handler, "from_extension", False) or getattr(handler, "least_role", None) is Role.EXTENSION


def _check_change(request: web.Request) -> None:
    upload = upload_of(request.match_info.handler)
    if upload is None and (request.content_length or 0) > BODY_LIMIT:
        raise RefusedError(413, "That is too much at once.")  # said before the rest of it is waited for
    if request.method in SAFE_METHODS:
        return
    if request.headers.get(CUSTOM_HEADER) != "1":
        raise RefusedError(415, f"Changes carry the header {CUSTOM_HEADER}: 1.")
    if upload is not None:
        if not upload.takes(request.content_type):
            raise RefusedError(415, f"This is of another kind ({request.content_type}) than can be read here.")
        upload.check_size(request.content_length or 0)
    elif request.content_type != "application/json":
        raise RefusedError(415, f"Changes are JSON with the header {CUSTOM_HEADER}: 1.")


def may_ask(request: web.Request, handler: object) -> bool:
    """Whether the secrets of a request still allow it to ask a handler."""
    least = getattr(handler, "least_role", Role.OWNER)
    role = request.app[ACCESS].role(request)
    return least is Role.NOBODY or role is Role.OWNER or role in _ENOUGH.get(least, ())


def check_role(request: web.Request, handler: object) -> None:
    """Check that the secrets of a request allow it to ask a handler.

    Raises:
        RefusedError: they do not.
    """
    if may_ask(request, handler):
        return
    role = request.app[ACCESS].role(request)
    if role is Role.EXTENSION:
        raise RefusedError(403, "The browser extension may only show captions: open Signcap for the rest.")
    if "Authorization" in request.headers:
        raise RefusedError(401, "This browser is not paired any more: press Pair in the extension.")
    if role is Role.VIEWER:
        raise RefusedError(403, "This link shows captions only: the rest is for the person who started Signcap.")
    raise RefusedError(401, "Open the link that Signcap printed in the terminal when it started.")


@web.middleware
async def security_middleware(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Check sender, kind and role of a request before any handler sees it, and limit its time."""
    access = request.app[ACCESS]
    _check_sender(request, access)
    _check_change(request)
    if not isinstance(request.match_info.route.resource, web.StaticResource):
        check_role(request, request.match_info.handler)
    if getattr(request.match_info.handler, "streams", False):
        return await handler(request)
    try:
        async with asyncio.timeout(getattr(request.match_info.handler, "seconds", TIME_LIMIT)):
            return await handler(request)
    except TimeoutError:
        raise RefusedError(408, "That took too long: try again.") from None


async def add_headers(request: web.Request, response: web.StreamResponse) -> None:
    """Put the protecting headers on every answer, event streams and errors too."""
    response.headers.update(PROTECTING_HEADERS)
    static = isinstance(getattr(request.match_info.route, "resource", None), web.StaticResource)
    response.headers["Cache-Control"] = "no-cache" if static and response.status < 400 else "no-store"
