"""Streams of the pages that take pictures of the person: the mirrored picture, and events."""

import asyncio
import json
from typing import Final

from aiohttp import web

from server.session.camera_desk import CameraDesk
from server.web.auth.security import RefusedError
from server.web.openapi import operation
from server.web.streams.mjpeg import send_images
from server.web.streams.sse import write_in_time

PAGES: Final = 8  # event streams at a time
LOOK_EVERY: Final = 0.1  # seconds between two looks at the state while a page is open
HEARTBEAT: Final = 10.0  # seconds without an event after which a comment is sent
RETRY_MS: Final = 1000

view_operation = operation(
    "The mirrored picture with the outline of the hand.",
    answers={200: "Images for as long as the client listens.", 503: "Too many browsers show the picture."},
    gives="multipart/x-mixed-replace",
)


async def send_view(request: web.Request, desk: CameraDesk) -> web.StreamResponse:
    """The mirrored picture with the outline of the hand, for as long as the client listens."""
    desk.join()
    try:
        return await send_images(request, desk.view.watch, desk.view.viewers)
    finally:
        desk.leave()


async def send_states(request: web.Request, desk: CameraDesk, what: str) -> web.StreamResponse:
    """Send what the page shows, whenever it has changed, for as long as the client listens.

    Args:
        request: of the page.
        desk: whose state it is.
        what: the page does, for the refusal.

    Raises:
        RefusedError: there are too many pages.
    """
    if desk.pages >= PAGES:
        raise RefusedError(503, f"Too many pages {what}: close one and try again.")
    desk.pages += 1
    desk.join()
    response = web.StreamResponse(headers={"Content-Type": "text/event-stream; charset=utf-8"})
    loop = asyncio.get_running_loop()
    sent, sent_at = b"", loop.time()
    try:
        await response.prepare(request)
        await write_in_time(response, f"retry: {RETRY_MS}\n\n".encode())
        while not desk.closing:
            event = f"event: state\ndata: {json.dumps(await desk.look())}\n\n".encode()
            if event != sent:
                await write_in_time(response, event)
                sent, sent_at = event, loop.time()
            elif loop.time() - sent_at > HEARTBEAT:
                await write_in_time(response, b": still here\n\n")
                sent_at = loop.time()
            await asyncio.sleep(LOOK_EVERY)
    except (ConnectionError, TimeoutError):
        pass
    finally:
        desk.pages -= 1
        desk.leave()
    return response
