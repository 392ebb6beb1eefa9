"""A preview of the captions' style, painted by the same code that paints them into the picture."""

import asyncio
from functools import cache
from typing import Final

import cv2
import numpy as np
from aiohttp import web

from overlay.captions.renderer import CaptionRenderer
from overlay.captions.state import CaptionState, Cue
from overlay.core.errors import SigncapError
from overlay.core.settings import Settings, merged
from overlay.media.frame import Pixels
from server.web.auth.access import Role
from server.web.auth.security import RefusedError, requires_role
from server.web.json_body import json_object
from server.web.keys import SESSION
from server.web.openapi import operation
from server.web.routes.settings import Change

SIZE: Final = (1280, 720)
QUALITY: Final = 88
EXAMPLE: Final = CaptionState(
    1, (Cue(0, "HELLO EVERYONE MY NAME IS ANNA", 0.0, 1.0),), "AND THIS IS HOW CAPTIONS LOO", "K"
)
SAFE: Final = (90, 220, 90)  # colour of the lines that mark the margins


@cache
def _room() -> Pixels:
    """A picture to put captions on: from dark to light, as rooms are, so that both can be judged."""
    width, height = SIZE
    across = np.linspace(30, 235, width, dtype=np.float32)[None, :, None]
    down = np.linspace(1.0, 0.8, height, dtype=np.float32)[:, None, None]
    tint = np.array([1.0, 0.97, 0.93], np.float32)
    picture = np.clip(across * down * tint, 0, 255).astype(np.uint8)
    for x, y, size in ((250, 250, 90), (640, 210, 110), (1030, 260, 90)):  # heads and shoulders
        cv2.ellipse(picture, (x, y + 3 * size), (2 * size, 2 * size), 0, 180, 360, (96, 84, 76), -1, cv2.LINE_AA)
        cv2.ellipse(picture, (x, y), (round(0.78 * size), size), 0, 0, 360, (120, 140, 176), -1, cv2.LINE_AA)
    return np.asarray(cv2.GaussianBlur(picture, (0, 0), 3), np.uint8)


def preview(settings: Settings, size: tuple[int, int] = SIZE) -> bytes:
    """A picture with captions and the margins that stay free, as JPEG."""
    painted = CaptionRenderer().paint(_room(), EXAMPLE, 2.0, settings)
    margin = round(settings.caption.margin * min(size[1], size[0] * 0.75))
    if margin:
        corner = (SIZE[0] - margin, SIZE[1] - margin)
        cv2.rectangle(painted, (margin, margin), corner, SAFE, 1, cv2.LINE_AA)
    done, image = cv2.imencode(".jpg", painted, [cv2.IMWRITE_JPEG_QUALITY, QUALITY])
    assert done
    return image.tobytes()


@requires_role(Role.OWNER)
@operation(
    "A picture with captions in a style, before it is chosen.",
    body=Change,
    answers={200: "A JPEG picture.", 422: "There is no such setting, or it may not have that value."},
    gives="image/jpeg",
)
async def style_preview(request: web.Request) -> web.Response:
    """`POST /api/v1/style/preview {"caption": {...}}`."""
    change = await json_object(request)
    try:
        settings = merged(request.app[SESSION].settings.current, change)
    except SigncapError as error:
        raise RefusedError(422, str(error)) from error
    return web.Response(body=await asyncio.to_thread(preview, settings), content_type="image/jpeg")
