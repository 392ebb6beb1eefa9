"""The voice over HTTP: how it is doing, and to mute it. What it shall do is in the settings."""

import asyncio
from dataclasses import asdict
from typing import Any, Literal

from aiohttp import web
from pydantic import BaseModel, ConfigDict

from overlay.core.errors import SigncapError
from overlay.speech.engines import find_engines
from overlay.speech.service import SpeechService
from server.web.auth.access import Role
from server.web.auth.security import RefusedError, requires_role
from server.web.json_body import json_model
from server.web.keys import SESSION
from server.web.openapi import operation


class ControlVoice(BaseModel):
    """Be silent at once, speak again what is finished from now on, or say a test."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    do: Literal["mute", "unmute", "test"]


def add_voice(app: web.Application) -> None:
    """Add the addresses."""
    app.router.add_get("/api/v1/voice", read_voice)
    app.router.add_post("/api/v1/voice", control_voice)


def voice_body(voice: SpeechService) -> dict[str, Any]:
    """Return what the pages are told as it changes."""
    return asdict(voice.state)


@requires_role(Role.OWNER)
@operation(
    "How the voice is doing that speaks finished captions into a call, and which engines and voices there are.",
    answers={
        200: "Whether it is `on`, `muted` and `ready`, what it is `speaking`, and the `engines` with their voices."
    },
)
async def read_voice(request: web.Request) -> web.Response:
    """`GET /api/v1/voice`."""
    engines = await asyncio.to_thread(find_engines)
    listed = [{"name": engine.name, "voices": [asdict(voice) for voice in engine.voices]} for engine in engines]
    return web.json_response({**voice_body(request.app[SESSION].speech), "engines": listed})


@requires_role(Role.OWNER)
@operation(
    "Mutes the voice at once, forgetting what waits; unmutes it; or has it say a test into the call.",
    body=ControlVoice,
    answers={200: "How it is doing.", 409: "Nothing can be heard: why."},
)
async def control_voice(request: web.Request) -> web.Response:
    """`POST /api/v1/voice {"do": "mute"}`."""
    asked = await json_model(request, ControlVoice, 'Send {"do": "mute"}, "unmute" or "test".')
    voice = request.app[SESSION].speech
    try:
        if asked.do == "test":
            voice.test()
        else:
            voice.mute(asked.do == "mute")
    except SigncapError as error:
        raise RefusedError(409, str(error)) from error
    return web.json_response(voice_body(voice))
