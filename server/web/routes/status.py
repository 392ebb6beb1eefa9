"""What is going on, for the status line of the start page and for measurements."""

import time
from dataclasses import asdict
from typing import Any, Final

from aiohttp import web

from overlay.media.sinks.vp8_preview import StreamSink
from overlay.media.source import Source
from overlay.media.sources.switchable import SwitchableSource
from overlay.pipeline.pipeline import Pipeline
from server.call_captions.service import CALL_CAPTIONS
from server.session.notices import Situation, VirtualCameraStatus
from server.session.recording.service import RECORDING
from server.session.source_control import camera_state
from server.web.auth.access import Role
from server.web.auth.pairing_requests import DESK
from server.web.auth.security import needs
from server.web.openapi import describes
from server.web.streams.caption_events import FEED
from server.web.streams.mjpeg import STILLS

ORDINALS: Final = {2: "second", 3: "third"}
FAST, SLOW = 25.0, 20.0  # pictures a second: a camera that announces the one and gives less than the other


PIPELINE: Final = web.AppKey("pipeline", Pipeline)
STREAM: Final = web.AppKey("stream", StreamSink)
SITUATION: Final = web.AppKey("situation", Situation)


def _kind(source: Source) -> str:
    if source.name == "demo":
        return "Demo"
    return "Camera" if source.name.startswith("camera") else "Video"


@needs(Role.OWNER)
@describes(
    "Camera, source, viewers, virtual camera, notices, and the figures of each stage.",
    answers={200: "The status now."},
)
async def status(request: web.Request) -> web.Response:
    """`GET /api/v1/status`: camera, source, viewers, virtual camera, notices, and the figures of each stage."""
    return web.json_response(status_body(request.app))


def status_body(app: web.Application) -> dict[str, Any]:
    """What `status` answers."""
    pipeline, situation, feed = app[PIPELINE], app[SITUATION], app[FEED]
    source = pipeline.source
    notices = situation.notices
    if source.notice:
        notices.insert(0, source.notice)
    stages = pipeline.stats()
    facts = source.camera_facts if isinstance(source, SwitchableSource) else None
    if facts is not None and facts.rate >= FAST and 0 < stages["capture"].rate < SLOW:
        notices.append(
            f"The camera gives {stages['capture'].rate:.0f} pictures a second of {facts.rate:.0f}, as cameras do in "
            "dim light, and fast letters are missed: put on a light before you."
        )
    if (every := pipeline.step.every) > 1:
        notices.append(
            f"This computer is busy: to keep the picture smooth, every {ORDINALS[every]} picture is read. Close "
            "other programs for captions that miss less."
        )
    virtual_camera = situation.virtual_camera
    for name, error in list(pipeline.sink_errors.items()):
        if name.startswith("virtual camera"):
            virtual_camera = VirtualCameraStatus(False, error)
        notices.append(error)
    return {
        "camera": camera_state(pipeline),
        "kind": _kind(source),
        "source": source.name,
        "viewers": app[STREAM].viewers + app[STILLS].viewers,
        "caption_pages": feed.count("captions"),
        "virtual_camera": asdict(virtual_camera),
        "notices": notices,
        "reads_every": pipeline.step.every,
        "lean_preview": pipeline.step.lean,
        "camera_facts": asdict(facts) if facts is not None else None,
        "stages": {name: asdict(stats) for name, stats in stages.items()},
        "paused": pipeline.paused,
        "asking": app[DESK].asking(time.monotonic()),
        "recording": app[RECORDING].state(),
        "transcript": situation.transcript,
        "call_captions": app[CALL_CAPTIONS].body(),
    }
