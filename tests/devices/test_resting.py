"""On real devices: the camera's light is off while nobody looks, and the call still finds the virtual camera."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from overlay.media.v4l2 import video_devices
from tests.devices.conftest import PATIENCE, Devices, Program
from tests.devices.viewer import Viewer
from tests.waiting import until

pytestmark = [pytest.mark.hardware, pytest.mark.slow]


def has_open(program: Program, device: str) -> bool:
    files = Path(f"/proc/{program.process.pid}/fd").iterdir()
    return any(os.path.realpath(file) == device for file in files)


def test_camera_is_let_go_and_taken_again_when_a_call_looks(
    feed: Callable[..., Program], signcap: Callable[..., Program], devices: Devices
) -> None:
    feed()
    running = signcap()
    running.wait_for("Virtual camera .* choose it as the camera")
    assert has_open(running, devices.webcam)
    until(lambda: not has_open(running, devices.webcam), PATIENCE)
    assert any(str(known.path) == devices.virtual and known.captures for known in video_devices())
    viewer = Viewer(devices.virtual)
    try:
        viewer.until(lambda: viewer.torn == 0 and len(set(viewer.numbers[-60:])) > 20)
        viewer.until_newer()
    finally:
        viewer.close()
    until(lambda: not has_open(running, devices.webcam), PATIENCE)
    assert running.runs
