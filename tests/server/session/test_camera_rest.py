"""The camera rests while nobody looks.

Where it is seen in a running server, the virtual camera's device is a file, whose readers the real kernel tells.
"""

import contextlib
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from overlay.core.errors import SourceError
from overlay.core.settings_store import SettingsStore
from overlay.media.sinks.device_readers import DeviceReaders
from overlay.media.sinks.virtual_camera import VirtualCamera
from overlay.media.sources.switchable import SwitchableSource
from overlay.pipeline.pipeline import Pipeline
from server.session.camera_rest import AGAIN_AFTER, LOOK_EVERY, Resting
from server.session.camera_rest import GRACE as USUAL_GRACE
from server.session.notices import Notices
from server.session.source_control import RESTING, Sources
from tests.clock import SteppedClock
from tests.server.conftest import MovingPattern, ScriptedCaptioner
from tests.waiting import until

pytestmark = pytest.mark.unit

GRACE = 0.3  # seconds, where they pass by themselves
TAKEN = "The camera is in use: close other programs."


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
            raise SourceError(TAKEN)
        return Camera(self)


class ReadCamera(VirtualCamera):
    """A virtual camera of which a test says whether others read it."""

    def __init__(self, read: bool | None = False) -> None:
        self.read = read
        self.resting: bool | None = None

    @property
    def name(self) -> str:
        return "virtual camera of a test"

    @property
    def watched(self) -> bool | None:
        return self.read

    def rest(self, resting: bool = True) -> None:
        self.resting = resting

    def close(self) -> None:
        pass


class Scene:
    """A camera that nobody looks at, by a clock that is stepped; no picture is taken."""

    def __init__(self, folder: Path, read: bool | None = False) -> None:
        self.clock = SteppedClock()
        self.desk = Desk()
        self.pipeline = Pipeline(SwitchableSource(Camera(self.desk)), ScriptedCaptioner, clock=self.clock)
        self.camera = ReadCamera(read)
        self.pipeline.add_sink(self.camera)
        self.notices = Notices()
        self.sources = Sources(self.pipeline, self.notices, open_one=self.desk)
        self.store = SettingsStore(folder / "settings.json")
        self.pages = 0
        Resting(self.pipeline, self.sources, self.store, self.notices, lambda: self.pages, clock=self.clock)

    @property
    def on(self) -> bool:
        return self.desk.open == 1

    def look(self) -> None:
        """The next look is over."""
        self.clock.advance(1.01 * LOOK_EVERY)

    def let_it_rest(self) -> None:
        self.clock.advance(USUAL_GRACE + 2 * LOOK_EVERY)
        assert not self.on


@pytest.fixture
def scene(tmp_path: Path) -> Iterator[Scene]:
    one = Scene(tmp_path)
    yield one
    one.pipeline.stop()


def test_it_rests_after_a_while_in_which_nobody_looked(scene: Scene) -> None:
    scene.clock.advance(USUAL_GRACE - LOOK_EVERY)
    assert (scene.on, scene.camera.resting) == (True, False)
    scene.let_it_rest()
    assert scene.pipeline.source.notice == RESTING
    assert scene.camera.resting


def test_it_is_back_at_once_when_another_program_reads_or_a_page_is_opened(scene: Scene) -> None:
    scene.let_it_rest()
    scene.camera.read = True
    scene.look()
    assert (scene.on, scene.camera.resting) == (True, False)
    scene.clock.advance(3 * USUAL_GRACE)
    assert scene.on
    scene.camera.read = False
    scene.clock.advance(USUAL_GRACE - LOOK_EVERY)
    assert scene.on
    scene.let_it_rest()
    scene.pages = 1
    scene.look()
    assert scene.on
    scene.pages = 0
    scene.let_it_rest()


def test_it_stays_on_where_the_user_wants_it(scene: Scene) -> None:
    scene.let_it_rest()
    scene.store.change({"camera": {"rest_unwatched": False}})
    scene.look()
    assert scene.on
    scene.clock.advance(3 * USUAL_GRACE)
    assert scene.on


def test_one_that_the_user_stopped_is_not_woken(scene: Scene) -> None:
    scene.let_it_rest()
    scene.sources.stop()
    scene.camera.read = True
    scene.clock.advance(USUAL_GRACE)
    assert not scene.on


def test_one_that_somebody_else_took_meanwhile_is_told_and_tried_again(scene: Scene) -> None:
    scene.let_it_rest()
    scene.desk.taken = True
    scene.camera.read = True
    scene.look()
    assert scene.notices.sentences == [TAKEN]
    scene.desk.taken = False
    scene.clock.advance(AGAIN_AFTER - LOOK_EVERY)
    assert not scene.on
    scene.clock.advance(2 * LOOK_EVERY)
    assert (scene.on, scene.notices.sentences) == (True, [])


def test_where_nobody_can_tell_who_reads_it_stays_on(tmp_path: Path) -> None:
    scene = Scene(tmp_path, read=None)
    scene.clock.advance(3 * USUAL_GRACE)
    assert scene.on
    scene.pipeline.remove_sink(scene.camera)
    scene.let_it_rest()
    scene.pipeline.stop()


@pytest.mark.integration
@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="only Linux tells who reads")
def test_a_running_server_lets_it_rest_while_the_virtual_camera_lives_on(
    serve: Callable[..., Any], tmp_path: Path
) -> None:
    path = tmp_path / "video9"
    path.touch()
    desk, device = Desk(), Device(path)
    with serve(Camera(desk), ScriptedCaptioner, open_one=desk) as server, contextlib.ExitStack() as stack:
        camera = VirtualCamera(device, DeviceReaders(path))
        server.pipeline.add_sink(camera)
        stack.callback(camera.close)
        session = server.session
        Resting(server.pipeline, session.source, server.store, server.notices, session.watching, grace=GRACE)
        until(lambda: desk.open == 0)
        assert server.pipeline.source.notice == RESTING
        until(lambda: device.brightness < 60)  # nobody's last picture stands there
        before = device.sent
        until(lambda: device.sent > before)
        stop = server.stills.watch(lambda jpeg: None)
        until(lambda: desk.open == 1)
        stop()
        until(lambda: desk.open == 0)
        with path.open():
            until(lambda: desk.open == 1)
            until(lambda: device.brightness > 80)
            before = device.sent
            until(lambda: device.sent - before > 3)
        until(lambda: desk.open == 0)
