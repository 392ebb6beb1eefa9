"""A preview of the captions' style, painted by the same code that paints them into the picture, and its fonts."""

import asyncio
import unicodedata
from functools import cache
from typing import Annotated, Final

import cv2
import numpy as np
from aiohttp import web
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from overlay.captions.renderer import CaptionRenderer
from overlay.captions.state import CaptionState, Cue
from overlay.captions.typesetting import GENERIC, Typesetter, families, find_font
from overlay.core.errors import SigncapError
from overlay.core.settings import Settings, merged
from overlay.media.frame import Pixels
from overlay.recognition.hands.hand_detector import Hand
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
LONGEST: Final = 2000  # characters of a text whose characters are looked up
NAMED: Final = 8  # of them that are missing
_FINGERS: Final = ((-62, -46), (-34, -96), (2, -104), (34, -92), (62, -72))  # knuckles from the wrist, in pixels


class Characters(BaseModel):
    """A text that will be shown in the picture."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    text: Annotated[str, Field(max_length=LONGEST)]


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


def _hand() -> Hand:
    """An open hand beside the first person, for captions to keep away from."""
    wrist = np.array([330.0, 560.0])
    fingers = [wrist + np.array(knuckle) * (1 + 0.42 * joint) for knuckle in _FINGERS for joint in range(4)]
    points = np.array([wrist, *fingers])
    return Hand(np.column_stack([points, np.zeros(len(points))]).astype(np.float32), "right", 1.0)


def preview(settings: Settings, size: tuple[int, int] = SIZE) -> bytes:
    """A picture with captions and the margins that stay free, as JPEG."""
    style = settings.caption
    hand = _hand() if style.hand_outline or style.align == "away from hand" else None
    painted = CaptionRenderer().paint(_room(), EXAMPLE, 2.0, settings, hand=hand, signing=hand)
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


@requires_role(Role.OWNER)
@operation(
    "The fonts that captions in the picture can have: the generic names that this computer has one for, and its own.",
    answers={200: "Their names: `generic` and `installed`."},
)
async def fonts(_request: web.Request) -> web.Response:
    """`GET /api/v1/style/fonts`."""

    def names() -> dict[str, list[str]]:
        return {"generic": [name for name in GENERIC if find_font(name)], "installed": families()}

    return web.json_response(await asyncio.to_thread(names))


@requires_role(Role.EXTENSION)
@operation(
    "Which characters of a text no font on this computer can draw into the picture.",
    body=Characters,
    answers={200: "The `missing` characters, each once, and a `warning` for people, empty where none is missing."},
)
async def check_characters(request: web.Request) -> web.Response:
    """`POST /api/v1/style/characters {"text": "😀"}`."""
    try:
        asked = Characters.model_validate(await json_object(request))
    except ValidationError:
        raise RefusedError(400, f'Send {{"text": TEXT}} with at most {LONGEST} characters.') from None
    text = unicodedata.normalize("NFC", asked.text)
    font = request.app[SESSION].settings.current.caption.font
    missing = await asyncio.to_thread(lambda: Typesetter(font).missing(text))
    return web.json_response({"missing": missing, "warning": _warning(missing)})


def _warning(missing: tuple[str, ...]) -> str:
    if not missing:
        return ""
    some = " ".join(missing[:NAMED]) + (" …" if len(missing) > NAMED else "")
    return f"No font on this computer has {some}, so the picture shows boxes instead."
