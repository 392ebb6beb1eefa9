"""What the pages that take pictures of the person have in common: frames while one is open, and its events."""

import asyncio
import json
from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import Any, Final

from aiohttp import web

from overlay.media.frame import Frame
from overlay.pipeline.pipeline import Pipeline
from overlay.pipeline.result import Reading
from overlay.pipeline.self_view import LiveView
from server.web.auth.security import RefusedError
from server.web.streams.mjpeg import send_images
from server.web.streams.sse import write_in_time

PAGES: Final = 8  # event streams at a time
LOOK_EVERY: Final = 0.1  # seconds between two looks at the state while a page is open
HEARTBEAT: Final = 10.0  # seconds without an event after which a comment is sent
RETRY_MS: Final = 1000


class CameraDesk(ABC):
    """Joins what takes pictures to the camera, for as long as a page is open. Lives in the event loop.

    Args:
        pipeline: whose frames are taken.
    """

    def __init__(self, pipeline: Pipeline) -> None:
        self.pipeline = pipeline
        self.view = LiveView()
        self.pages = 0
        self.closing = False
        self._joined = 0
        self._unlisten: Callable[[], None] | None = None

    @abstractmethod
    def accept(self, frame: Frame, reading: Reading) -> None:
        """The next frame, and what was read in it."""

    @abstractmethod
    def unwatched(self) -> None:
        """The last page is closed: nobody sees what is taken."""

    @abstractmethod
    async def look(self) -> dict[str, Any]:
        """What the page shows."""

    def join(self) -> None:
        """Something of the page is open: frames are wanted."""
        self._joined += 1
        if self._unlisten is None:
            self._unlisten = self.pipeline.listen_frames(self._accept)

    def leave(self) -> None:
        """It is closed. With the last one, frames end."""
        self._joined -= 1
        if self._joined == 0 and self._unlisten is not None:
            self._unlisten()
            self._unlisten = None
            self.unwatched()

    def _accept(self, frame: Frame, reading: Reading) -> None:
        self.accept(frame, reading)
        self.view.show(frame, reading.hand)


async def send_view(request: web.Request, desk: CameraDesk) -> web.StreamResponse:
    """The mirrored picture with the outline of the hand, for as long as the client listens."""
    desk.join()
    try:
        return await send_images(request, desk.view.watch, desk.view.viewers)
    finally:
        desk.leave()


async def send_states(request: web.Request, desk: CameraDesk, what: str) -> web.StreamResponse:
    """What the page shows, whenever it has changed, for as long as the client listens.

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
