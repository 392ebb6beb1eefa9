"""The captioned picture as a stream of JPEG images: plain HTTP, so it plays in every browser.

Firefox sends no WebRTC to 127.0.0.1, and Chromium has no WebRTC at all on a machine without a network.
"""

import asyncio
import contextlib
from collections.abc import Callable
from typing import Final

from aiohttp import web

from server.web.auth.access import Role
from server.web.auth.security import RefusedError, may_ask, requires_role, streams
from server.web.keys import SESSION
from server.web.openapi import operation
from server.web.streams.stream import Items, answered_with

VIEWERS: Final = 16  # at a time
WRITE_LIMIT: Final = 10.0  # seconds after which a viewer that does not read is let go
BOUNDARY: Final = "signcap-picture"

Watch = Callable[[Callable[[bytes], None]], Callable[[], None]]


class Newest:
    """The picture to send next: newer ones replace it. Lives in the event loop."""

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._jpeg: bytes | None = None
        self._came = asyncio.Event()

    def put_from_thread(self, jpeg: bytes) -> None:
        """Take a newer picture, in any thread."""
        with contextlib.suppress(RuntimeError):  # the loop has ended before the sink
            self._loop.call_soon_threadsafe(self._put, jpeg)

    def _put(self, jpeg: bytes) -> None:
        self._jpeg = jpeg
        self._came.set()

    async def take(self) -> bytes:
        """Wait for a picture that was not taken yet."""
        while self._jpeg is None:
            self._came.clear()
            await self._came.wait()
        jpeg, self._jpeg = self._jpeg, None
        return jpeg


async def images(watch: Watch, viewers: int) -> Items:
    """Give JPEG images, the newest each time, for as long as they are asked for.

    Args:
        watch: begins to give images, in any thread; returns what ends it.
        viewers: how many have them already.

    Raises:
        RefusedError: too many have them.
    """
    if viewers >= VIEWERS:
        raise RefusedError(503, "Too many browsers show the picture: close one and try again.")
    newest = Newest()
    leave = watch(newest.put_from_thread)
    try:
        yield None
        while True:
            yield await newest.take()
    finally:
        leave()


async def send_images(request: web.Request, items: Items) -> web.StreamResponse:
    """Answer with JPEG images that replace each other, until the client leaves or may no longer see them.

    Raises:
        RefusedError: too many have them.
    """
    response = web.StreamResponse(headers={"Content-Type": f"multipart/x-mixed-replace; boundary={BOUNDARY}"})
    async with contextlib.aclosing(items):
        await anext(items)
        try:
            await response.prepare(request)
            async for jpeg in items:
                if not may_ask(request, request.match_info.handler):
                    break
                assert isinstance(jpeg, bytes)
                head = f"--{BOUNDARY}\r\nContent-Type: image/jpeg\r\nContent-Length: {len(jpeg)}\r\n\r\n"
                async with asyncio.timeout(WRITE_LIMIT):
                    await response.write(head.encode() + jpeg + b"\r\n")
        except (ConnectionError, TimeoutError):
            pass
    return response


@requires_role(Role.OWNER)
@operation(
    "The captioned picture, each JPEG image in the place of the one before.",
    answers={200: "Images for as long as the client listens.", 503: "Too many browsers show the picture."},
    gives="multipart/x-mixed-replace",
)
@streams
@answered_with(send_images)
def moving_stills(request: web.Request) -> Items:
    """`GET /api/v1/preview.mjpeg`: each picture replaces the one before it, as an `<img>` shows it."""
    sink = request.app[SESSION].viewers.stills
    return images(sink.watch, sink.viewers)


@requires_role(Role.OWNER)
@operation(
    "The picture without captions, each JPEG image in the place of the one before.",
    answers={200: "Images for as long as the client listens.", 503: "Too many browsers show the picture."},
    gives="multipart/x-mixed-replace",
)
@streams
@answered_with(send_images)
def clean_stills(request: web.Request) -> Items:
    """`GET /api/v1/clean.mjpeg`: for a page that puts captions over it by itself."""
    sink = request.app[SESSION].viewers.clean
    return images(sink.watch, sink.viewers)
