"""Streams of the API: what they give is the same, whether it travels alone or with others through one socket."""

import functools
from collections.abc import AsyncGenerator, Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from aiohttp import web

from server.web.auth.security import Handler


@dataclass(frozen=True, slots=True)
class Event:
    """One event of a stream.

    Attributes:
        name: tells events of a stream apart.
        data: can be written as JSON.
        id: of a stream that counts.
    """

    name: str
    data: Any
    id: int | None = None


# An event, a JPEG image, or None while there is nothing new, so that a client that went away is noticed. The first
# item is always None: there is room for this client. A `RefusedError` in its place says why there is not.
Items = AsyncGenerator[Event | bytes | None, None]
MakeItems = Callable[[web.Request], Items]
Send = Callable[[web.Request, Items], Awaitable[web.StreamResponse]]


def answered_with(send: Send) -> Callable[[MakeItems], Handler]:
    """Turn a function that gives the items of a stream into a handler.

    Args:
        send: answers a request with the items, for as long as the client listens.
    """

    def make(items: MakeItems) -> Handler:
        @functools.wraps(items)
        async def handler(request: web.Request) -> web.StreamResponse:
            return await send(request, items(request))

        handler.items = items  # type: ignore[attr-defined]
        return handler

    return make


def items_of(handler: object) -> MakeItems | None:
    """Return what gives the items of a handler's stream; None for a handler of another kind."""
    return getattr(handler, "items", None)
