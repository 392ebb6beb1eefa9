"""Streams of the pages that take pictures of the person: the mirrored picture, and events."""

import asyncio
import contextlib
import json
from typing import Final

from server.session.camera_desk import CameraDesk
from server.web.auth.security import RefusedError
from server.web.openapi import operation
from server.web.streams.mjpeg import images
from server.web.streams.stream import Event, Items

PAGES: Final = 16  # that follow a state at a time
LOOK_EVERY: Final = 0.1  # seconds between two looks at the state while a page is open
HEARTBEAT: Final = 10.0  # seconds without an event after which a comment is sent

view_operation = operation(
    "The mirrored picture with the outline of the hand.",
    answers={200: "Images for as long as the client listens.", 503: "Too many browsers show the picture."},
    gives="multipart/x-mixed-replace",
)


async def views(desk: CameraDesk) -> Items:
    """The mirrored picture with the outline of the hand, for as long as it is asked for."""
    desk.join()
    try:
        async with contextlib.aclosing(images(desk.view.watch, desk.view.viewers)) as pictures:
            async for picture in pictures:
                yield picture
    finally:
        desk.leave()


async def states(desk: CameraDesk, what: str) -> Items:
    """Give what the page shows, whenever it has changed, until the desk closes.

    Args:
        desk: whose state it is.
        what: the page does, for the refusal.

    Raises:
        RefusedError: there are too many pages.
    """
    if desk.pages >= PAGES:
        raise RefusedError(503, f"Too many pages {what}: close one and try again.")
    desk.pages += 1
    desk.join()
    try:
        yield None
        loop = asyncio.get_running_loop()
        sent, sent_at = "", loop.time()
        while not desk.closing:
            state = await desk.look()
            if (shape := json.dumps(state)) != sent:
                yield Event("state", state)
                sent, sent_at = shape, loop.time()
            elif loop.time() - sent_at > HEARTBEAT:
                yield None
                sent_at = loop.time()
            await asyncio.sleep(LOOK_EVERY)
    finally:
        desk.pages -= 1
        desk.leave()
