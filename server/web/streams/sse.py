"""Server-sent events: writing to clients that listen for as long as they like."""

import asyncio
import contextlib
import json
from typing import Final

from aiohttp import web

from server.web.auth.security import may_ask
from server.web.streams.stream import Event, Items

WRITE_LIMIT: Final = 15.0  # seconds after which a client that does not read is let go
RETRY_MS: Final = 1000  # after which a browser asks again when the stream was cut


async def write_in_time(response: web.StreamResponse, data: bytes) -> None:
    """Send a piece of a stream.

    Raises:
        TimeoutError: the client does not read.
    """
    async with asyncio.timeout(WRITE_LIMIT):
        await response.write(data)


async def send_events(request: web.Request, items: Items) -> web.StreamResponse:
    """Answer with the events of a stream, until it ends, the client leaves, or the client may no longer listen.

    Raises:
        RefusedError: there is no room for one more.
    """
    response = web.StreamResponse(headers={"Content-Type": "text/event-stream; charset=utf-8"})
    async with contextlib.aclosing(items):
        await anext(items)
        try:
            await response.prepare(request)
            await write_in_time(response, f"retry: {RETRY_MS}\n\n".encode())
            async for item in items:
                if not may_ask(request, request.match_info.handler):
                    break
                if isinstance(item, Event):
                    await write_in_time(response, _encode(item))
                else:
                    await write_in_time(response, b": still here\n\n")
        except (ConnectionError, TimeoutError):
            pass
    return response


def _encode(event: Event) -> bytes:
    head = "" if event.id is None else f"id: {event.id}\n"
    return f"{head}event: {event.name}\ndata: {json.dumps(event.data)}\n\n".encode()
