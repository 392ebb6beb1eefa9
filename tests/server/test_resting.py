"""The camera rests while nobody looks. The virtual camera's device is a file, whose readers the real kernel tells."""

import contextlib
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from overlay.device_readers import DeviceReaders
from overlay.errors import SourceError
from overlay.sinks.virtual_camera import VirtualCamera
from server.studio.control import SOURCES
from server.studio.resting import Resting, watching
from server.studio.sources import RESTING
from tests.server.conftest import MovingPattern, RunningServer, ScriptedReader
from tests.waiting import until

pytestmark = [
    pytest.mark.integration,
    pytest.mark.skipif(not sys.platform.startswith("linux"), reason="only Linux tells who reads"),
]

GRACE = 0.3


class Device:
    """Plays pyvirtualcam's part: counts what is written."""

    width, height, fps = 640, 360, 30.0

    def __init__(self, path: Path) -> None:
        self.device = str(path)
        self.sent = 0
        self.brightness = 0.0

    def send(self, i420: Any) -> None:
        self.sent += 1
        self.brightness = float(np.mean(i420[:360]))

    def close(self) -> None:
        pass


class Camera(MovingPattern):
    name = "camera 7"

    def __init__(self, desk: "Desk") -> None:
        super().__init__()
        self.desk = desk
        desk.open += 1

    def close(self) -> None:
        if not self._closed.is_set():
            self.desk.open -= 1
        super().close()


class Desk:
    """How often the camera is open, and whether somebody else has taken it."""

    def __init__(self) -> None:
        self.open = 0
        self.taken = False

    def __call__(self, spec: str, text: str | None) -> Camera:
        if self.taken:
            raise SourceError("The camera is in use: close other programs.")
        return Camera(self)


class Setting:
    def __init__(self, server: RunningServer, desk: Desk, path: Path, device: Device) -> None:
        self.server, self.desk, self.path, self.device = server, desk, path, device

    def until(self, condition: Callable[[], object]) -> None:
        until(condition)

    def until_it_rests(self) -> None:
        self.until(lambda: self.desk.open == 0)


@pytest.fixture
def setting(serve: Callable[..., Any], tmp_path: Path) -> Iterator[Setting]:
    """A camera that nobody looks at: no page is open, and nobody reads the virtual camera."""
    path = tmp_path / "video9"
    path.touch()
    desk = Desk()
    device = Device(path)
    with serve(Camera(desk), ScriptedReader, open_one=desk) as server, contextlib.ExitStack() as stack:
        camera = VirtualCamera(device, DeviceReaders(path))
        server.pipeline.add_sink(camera)
        stack.callback(camera.close)
        app = server.app
        Resting(
            server.pipeline,
            app[SOURCES],
            server.store,
            server.situation,
            lambda: watching(app),
            grace=GRACE,
        )
        yield Setting(server, desk, path, device)


@pytest.mark.e2e
def test_camera_is_let_go_and_the_virtual_camera_lives_on(setting: Setting) -> None:
    setting.until_it_rests()
    assert setting.server.pipeline.source.notice == RESTING
    setting.until(lambda: setting.device.brightness < 60)  # nobody's last picture stands there
    before = setting.device.sent
    setting.until(lambda: setting.device.sent > before)


def test_it_is_back_when_another_program_reads(setting: Setting) -> None:
    setting.until_it_rests()
    with setting.path.open():
        setting.until(lambda: setting.desk.open == 1)
        setting.until(lambda: setting.device.brightness > 80)
        before = setting.device.sent
        time.sleep(2 * GRACE)
        assert setting.desk.open == 1
        setting.until(lambda: setting.device.sent - before > 3)
    setting.until_it_rests()


def test_it_is_back_when_a_page_is_opened(setting: Setting) -> None:
    setting.until_it_rests()
    stop = setting.server.stills.watch(lambda jpeg: None)
    setting.until(lambda: setting.desk.open == 1)
    stop()
    setting.until_it_rests()


def test_it_stays_on_where_the_user_wants_it(setting: Setting) -> None:
    setting.until_it_rests()
    assert setting.server.store
    setting.server.store.change({"camera": {"rest_unwatched": False}})
    setting.until(lambda: setting.desk.open == 1)
    time.sleep(3 * GRACE)
    assert setting.desk.open == 1


def test_one_that_the_user_stopped_is_not_woken(setting: Setting) -> None:
    setting.until_it_rests()
    assert setting.server.app
    setting.server.app[SOURCES].stop()
    with setting.path.open():
        time.sleep(3 * GRACE)
        assert setting.desk.open == 0


def test_one_that_somebody_else_took_meanwhile_is_told_and_tried_again(setting: Setting) -> None:
    setting.until_it_rests()
    setting.desk.taken = True
    with setting.path.open():
        setting.until(lambda: "The camera is in use: close other programs." in setting.server.situation.notices)
        setting.desk.taken = False
        setting.until(lambda: setting.desk.open == 1)
        setting.until(lambda: not setting.server.situation.notices)


def test_where_nobody_can_tell_who_reads_it_stays_on(serve: Callable[..., Any], tmp_path: Path) -> None:
    desk = Desk()
    with serve(Camera(desk), ScriptedReader, open_one=desk) as server:
        camera = VirtualCamera(Device(tmp_path / "video9"))
        server.pipeline.add_sink(camera)
        Resting(server.pipeline, server.app[SOURCES], server.store, server.situation, lambda: 0, grace=GRACE)
        time.sleep(4 * GRACE)
        assert desk.open == 1
        server.pipeline.remove_sink(camera)
        until(lambda: not desk.open)
