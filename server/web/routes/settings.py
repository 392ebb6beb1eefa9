"""The settings, over HTTP: every change acts at once, is checked, saved, and told to every open page."""

import asyncio
from dataclasses import dataclass
from typing import Any

from aiohttp import web

from overlay.captions.contrast import contrast_warnings
from overlay.captions.typesetting import font_warnings
from overlay.core.errors import SigncapError
from overlay.core.settings import Settings
from overlay.core.settings_store import SettingsStore
from overlay.tuning.presets import PRESETS
from server.web.auth.access import Role
from server.web.auth.security import RefusedError, requires_role
from server.web.json_body import json_object
from server.web.keys import SESSION
from server.web.openapi import operation
from server.web.partial_model import partial_model

Change = partial_model(
    Settings,
    "Change",
    "Some settings, as docs/settings.md lists them: a group inside changes what it names; null takes a letter's own "
    "thresholds away.",
)


@dataclass(frozen=True)
class Nothing:
    """An empty object."""


def settings_body(store: SettingsStore) -> dict[str, Any]:
    """Return what pages need of the settings; of two such bodies the one of higher `revision` is newer."""
    revision = store.revision  # before the settings: whoever changes them now makes a newer one, which follows
    current = store.current
    return {
        "revision": revision,
        "settings": current.model_dump(mode="json"),
        "defaults": Settings().model_dump(mode="json"),
        "preset": preset_of(current),
        "file": str(store.path),
        "problem": store.problem,
        "warnings": contrast_warnings(current.caption) + font_warnings(current.caption.font),
    }


def preset_of(settings: Settings) -> str | None:
    """Name of the preset that is in force, or None."""
    now = settings.model_dump(mode="json")
    for name, preset in PRESETS.items():
        if all(now[group][key] == value for group, values in preset.items() for key, value in values.items()):
            return name
    return None


@requires_role(Role.OWNER)
@operation(
    "All settings, their defaults, the preset in force, and a mistake in the file.",
    answers={200: "The `settings`, `defaults`, `preset`, `file`, its `problem`, `warnings`, and the `revision`."},
)
async def read_settings(request: web.Request) -> web.Response:
    """`GET /api/v1/settings`."""
    return web.json_response(settings_body(request.app[SESSION].settings))


@requires_role(Role.OWNER)
@operation(
    "Changes some settings, at once and for good.",
    body=Change,
    answers={200: "All settings after it.", 422: "There is no such setting, or it may not have that value."},
)
async def change_settings(request: web.Request) -> web.Response:
    """`PATCH /api/v1/settings {"decoding": {"letter_confidence": 0.7}}`."""
    return await _change(request, await json_object(request))


@requires_role(Role.OWNER)
@operation(
    "Puts all settings back to what they are when newly installed, except hot words, phrases, voice and transcripts.",
    body=Nothing,
    answers={200: "All settings after it."},
)
async def reset_settings(request: web.Request) -> web.Response:
    """`POST /api/v1/settings/reset`."""
    store = request.app[SESSION].settings
    try:
        await asyncio.to_thread(store.reset)
    except SigncapError as error:
        raise RefusedError(422, str(error)) from error
    return web.json_response(settings_body(store))


@requires_role(Role.OWNER)
@operation(
    "Takes the thresholds and pauses of a preset.",
    path={"name": "Which."},
    body=Nothing,
    answers={200: "All settings after it."},
)
async def take_preset(request: web.Request) -> web.Response:
    """`POST /api/v1/settings/presets/{name}`."""
    return await _change(request, PRESETS[request.match_info["name"]])


async def _change(request: web.Request, change: dict[str, Any]) -> web.Response:
    store = request.app[SESSION].settings
    try:
        await asyncio.to_thread(store.change, change)
    except SigncapError as error:
        raise RefusedError(422, str(error)) from error
    return web.json_response(settings_body(store))
