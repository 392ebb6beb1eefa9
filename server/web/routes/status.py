"""The status of a run, for the status line of the start page and for measurements."""

import time
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any, Final

from aiohttp import web

from overlay.core.metrics import StageStats
from overlay.media.sinks.virtual_camera import VirtualCamera
from overlay.media.source import Source
from overlay.media.sources.switchable import SwitchableSource
from server.session.notices import VirtualCameraStatus
from server.session.source_control import camera_state
from server.web.auth.access import Role
from server.web.auth.pairing_requests import PAIRING_REQUESTS
from server.web.auth.preview_owners import SHOWN
from server.web.auth.security import ACCESS, requires_role
from server.web.keys import SESSION
from server.web.openapi import operation

ORDINALS: Final = {2: "second", 3: "third"}
ENDED: Final = "The video has ended. Its captions stay here until you quit Signcap. Start it again for another."
PLAYED_SLOWER: Final = 1.25  # times the time of a frame that one of the stages takes for it
FAST, SLOW = 25.0, 20.0  # pictures a second: a camera that announces the one and gives less than the other


def _kind(source: Source) -> str:
    if source.name == "demo":
        return "Demo"
    return "Camera" if source.name.startswith("camera") else "Video"


def plays_slower(rate: float, stages: Mapping[str, StageStats]) -> bool:
    """Whether a source of so many frames a second, which waits until they are read, plays slower for it."""
    longest = max(stages[stage].median_ms for stage in ("capture", "recognise", "compose"))
    return longest > PLAYED_SLOWER * 1000 / rate


@requires_role(Role.OWNER)
@operation(
    "Camera, source, viewers, virtual camera, notices, and the figures of each stage.",
    answers={200: "The status now."},
)
async def status(request: web.Request) -> web.Response:
    """`GET /api/v1/status`: camera, source, viewers, virtual camera, notices, and the figures of each stage."""
    return web.json_response(status_body(request.app))


def in_call(app: web.Application) -> list[str]:
    """Return who takes the picture into a call now: browsers by their names, and other programs together."""
    readers = []
    if app[SESSION].viewers.stream.calls:
        shown, paired = app[SHOWN], app[ACCESS].paired
        readers = [one.browser for one in paired.all() if shown.shows(one.name)] or ["a browser"]
    cameras = [sink for sink in app[SESSION].pipeline.sinks if isinstance(sink, VirtualCamera)]
    if any(camera.in_call for camera in cameras):
        readers.append("the virtual camera")
    return readers


def status_body(app: web.Application) -> dict[str, Any]:
    """Return the answer of `status`."""
    session, pipeline = app[SESSION], app[SESSION].pipeline
    source = pipeline.source
    notices = session.notices.sentences
    if source.notice:
        notices.insert(0, source.notice)
    camera = camera_state(pipeline)
    if camera == "ended" and pipeline.error is None and _kind(source) == "Video":
        notices.insert(0, ENDED)
    stages = pipeline.stats()
    facts = source.camera_facts if isinstance(source, SwitchableSource) else None
    if facts is not None and facts.rate >= FAST and 0 < stages["capture"].rate < SLOW:
        notices.append(
            f"The camera gives {stages['capture'].rate:.0f} pictures a second of {facts.rate:.0f}, as cameras do in "
            "dim light, and fast letters are missed: put on a light before you."
        )
    if pipeline.patient and not pipeline.finished.is_set() and plays_slower(source.rate, stages):
        notices.append(
            f"Your computer is busy, so the {_kind(source).lower()} plays slower and no letter is missed. A camera "
            "cannot wait: close other programs before a call."
        )
    if (every := pipeline.step.every) > 1 and camera != "ended":
        notices.append(
            f"Your computer is busy, so Signcap reads only every {ORDINALS[every]} frame, and some letters may be "
            "missed. Close other programs, or spell more slowly."
        )
    virtual_camera = session.notices.virtual_camera
    for name, error in list(pipeline.sink_errors.items()):
        if name.startswith("virtual camera"):
            virtual_camera = VirtualCameraStatus(False, error)
        notices.append(error)
    return {
        "camera": camera,
        "kind": _kind(source),
        "source": source.name,
        "viewers": session.viewers.watching_picture,
        "in_call": in_call(app),
        "caption_pages": session.viewers.captions.count("captions"),
        "virtual_camera": asdict(virtual_camera),
        "notices": notices,
        "reads_every": pipeline.step.every,
        "lean_preview": pipeline.step.lean,
        "camera_facts": asdict(facts) if facts is not None else None,
        "stages": {name: asdict(stats) for name, stats in stages.items()},
        "paused": pipeline.paused,
        "asking": app[PAIRING_REQUESTS].asking(time.monotonic()),
        "recording": session.recording.state(),
        "transcript": session.notices.transcript,
        "call_captions": session.call_captions.body(),
        "hand_model": None if session.hand_model is None else session.hand_model.body(),
    }
