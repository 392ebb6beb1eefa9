"""The virtual camera: even pace, right pictures, and one sentence where there is none.

A double stands in for the driver, in the way that pyvirtualcam provides; `test_real_device.py` takes a real one.
"""

import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import cv2
import numpy as np
import pytest
import pyvirtualcam

from overlay.core.clock import Clock
from overlay.core.errors import SinkError
from overlay.media import v4l2
from overlay.media.frame import Picture, Pixels
from overlay.media.sinks.virtual_camera import VirtualCamera, open_virtual_camera
from overlay.media.v4l2 import VideoDevice
from tests.clock import SteppedClock

pytestmark = pytest.mark.unit

DOUBLE = "double"


class Driver:
    """What pyvirtualcam takes for the driver of a virtual camera."""

    opened: list["Driver"]
    missing = ""
    fails_after = 10**9

    def __init__(self, *, width: int, height: int, fps: float, fourcc: int, device: str | None) -> None:
        if self.missing:
            raise RuntimeError(self.missing)
        self.size = (width, height)
        self.fourcc = fourcc
        self.named = device
        self.sent: list[np.ndarray] = []
        self.closes = 0
        self.grew = threading.Condition()
        self.opened.append(self)

    def send(self, frame: np.ndarray) -> None:
        assert not self.closes
        with self.grew:
            if len(self.sent) >= self.fails_after:
                raise OSError("device is gone")
            self.sent.append(frame.copy())
            self.grew.notify_all()

    def device(self) -> str:
        return self.named or "Double Camera"

    def native_fourcc(self) -> int | None:
        return None

    def close(self) -> None:
        self.closes += 1

    def wait_for(self, count: int) -> None:
        with self.grew:
            assert self.grew.wait_for(lambda: len(self.sent) >= count, timeout=30)

    def levels(self) -> list[int]:
        """Brightness of what was sent, each once for a row of the same."""
        width, height = self.size
        rows = [int(frame[: width * height].mean()) for frame in self.sent]
        return [level for number, level in enumerate(rows) if not number or level != rows[number - 1]]


@pytest.fixture
def driver(monkeypatch: pytest.MonkeyPatch) -> type[Driver]:
    class Fresh(Driver):
        opened: list[Driver] = []  # noqa: RUF012, of this test only

    monkeypatch.setattr(pyvirtualcam.camera, "BACKENDS", dict(pyvirtualcam.camera.BACKENDS))
    pyvirtualcam.register_backend(DOUBLE, Fresh)
    return Fresh


@pytest.fixture
def camera(driver: type[Driver]) -> Iterator[VirtualCamera]:
    camera = open_virtual_camera("auto", (64, 48), 200, backend=DOUBLE)
    assert camera is not None
    yield camera
    camera.close()


def picture(level: int, size: tuple[int, int] = (64, 48), index: int = 0) -> Picture:
    bgr = np.full((size[1], size[0], 3), level, np.uint8)
    i420 = np.asarray(cv2.cvtColor(bgr, cv2.COLOR_BGR2YUV_I420), np.uint8)
    return Picture(i420, index, time.monotonic())


@pytest.mark.integration
def test_nothing_is_sent_before_the_first_picture(camera: VirtualCamera, driver: type[Driver]) -> None:
    time.sleep(0.05)
    assert driver.opened[0].sent == []
    assert camera.name == "virtual camera Double Camera"


def test_last_picture_is_repeated_while_the_camera_is_late(camera: VirtualCamera, driver: type[Driver]) -> None:
    device = driver.opened[0]
    camera.send(picture(50))
    device.wait_for(10)
    camera.send(picture(200))
    seen = len(device.sent)
    device.wait_for(seen + 10)
    first, second = device.levels()
    assert first < 80
    assert second > 150


def test_every_picture_of_a_slow_camera_goes_out_in_order(camera: VirtualCamera, driver: type[Driver]) -> None:
    device = driver.opened[0]
    levels = [20, 60, 100, 140, 180, 220]
    for level in levels:
        seen = len(device.sent)
        camera.send(picture(level))
        device.wait_for(seen + 3)
    got = device.levels()
    assert len(got) == len(levels)
    assert got == sorted(got)


def test_fast_pictures_do_not_pile_up(driver: type[Driver]) -> None:
    """At two pictures a second, a hundred that come at once are not a hundred that go out."""
    camera = open_virtual_camera("auto", (64, 48), 2, backend=DOUBLE)
    assert camera is not None
    device = driver.opened[0]
    began = time.monotonic()
    for number in range(100):
        camera.send(picture(50 + number))
    device.wait_for(len(device.sent) + 2)  # the first of these two may have been on its way
    camera.close()
    assert len(device.sent) <= 3 + 2 * (time.monotonic() - began)
    assert device.levels()[-1] == int(picture(149).i420[:48].mean())


@pytest.mark.integration
def test_close_once_and_for_all(driver: type[Driver]) -> None:
    camera = open_virtual_camera("auto", (64, 48), backend=DOUBLE)
    assert camera is not None
    camera.send(picture(1))
    camera.close()
    camera.close()
    sent = len(driver.opened[0].sent)
    assert driver.opened[0].closes == 1
    assert len(driver.opened) == 1
    time.sleep(0.1)
    assert len(driver.opened[0].sent) == sent


@pytest.mark.parametrize("size", [(65, 49), (1281, 721), (1, 1)])
def test_odd_sizes_become_even(driver: type[Driver], size: tuple[int, int]) -> None:
    camera = open_virtual_camera("auto", size, backend=DOUBLE)
    assert camera is not None
    device = driver.opened[0]
    assert device.size == (max(2, size[0] // 2 * 2), max(2, size[1] // 2 * 2))
    camera.send(picture(100, (640, 480)))
    device.wait_for(1)
    camera.close()
    assert device.sent[0].size == device.size[0] * device.size[1] * 3 // 2


def test_picture_of_another_size_is_fitted(camera: VirtualCamera, driver: type[Driver]) -> None:
    device = driver.opened[0]
    camera.send(picture(200, (32, 48)))
    device.wait_for(1)
    luma = device.sent[0][: 64 * 48].reshape(48, 64)
    assert luma[:, 20:44].min() > 150
    assert luma[:, :12].max() < 20
    assert luma[:, 52:].max() < 20


@pytest.mark.integration
def test_device_that_fails_is_told(camera: VirtualCamera, driver: type[Driver]) -> None:
    driver.fails_after = 3
    camera.send(picture(1))
    driver.opened[0].wait_for(3)

    def send_on() -> None:
        for _ in range(1000):
            camera.send(picture(2))
            time.sleep(0.01)

    with pytest.raises(SinkError, match=r"Double Camera has failed \(device is gone\): start Signcap again"):
        send_on()


def test_off(driver: type[Driver]) -> None:
    assert open_virtual_camera("off", (64, 48), backend=DOUBLE) is None
    assert driver.opened == []


@pytest.mark.parametrize(
    ("platform", "says"),
    [
        ("linux", 'sudo modprobe v4l2loopback exclusive_caps=1 max_buffers=2 card_label="Signcap"'),
        ("darwin", "OBS 30"),
        ("win32", "OBS 30"),
    ],
)
def test_no_driver(
    driver: type[Driver], monkeypatch: pytest.MonkeyPatch, tmp_path: Path, platform: str, says: str
) -> None:
    monkeypatch.setattr(sys, "platform", platform)
    monkeypatch.setattr(v4l2, "DEV", tmp_path)
    driver.missing = "'obs' backend: OBS Virtual Camera is not installed in your system."
    backend = None if platform == "linux" else DOUBLE
    with pytest.raises(SinkError) as caught:
        open_virtual_camera("auto", (1280, 720), backend=backend)
    assert says in str(caught.value)
    assert "\n" not in str(caught.value)


def on_linux_with(monkeypatch: pytest.MonkeyPatch, *devices: VideoDevice) -> None:
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setattr(v4l2, "video_devices", lambda: list(devices))


WEBCAM = VideoDevice(Path("/dev/video0"), "Laptop camera", "uvcvideo")
OTHER = VideoDevice(Path("/dev/video10"), "Dummy video device", "v4l2 loopback", captures=False, outputs=True)
OURS = VideoDevice(Path("/dev/video11"), "Signcap", "v4l2 loopback", captures=False, outputs=True)
BUSY = VideoDevice(Path("/dev/video12"), "OBS", "v4l2 loopback", captures=True, outputs=False)


@pytest.mark.e2e
@pytest.mark.parametrize(
    ("choice", "opens"),
    [("auto", "/dev/video11"), ("Dummy video device", "/dev/video10"), ("/dev/video10", "/dev/video10")],
)
def test_choice_of_device(driver: type[Driver], monkeypatch: pytest.MonkeyPatch, choice: str, opens: str) -> None:
    on_linux_with(monkeypatch, WEBCAM, OTHER, OURS)
    monkeypatch.setattr(pyvirtualcam.camera, "BACKENDS", {DOUBLE: driver})
    camera = open_virtual_camera(choice, (64, 48))
    assert camera is not None
    camera.close()
    assert driver.opened[0].named == opens


def test_size_that_the_driver_insists_on(driver: type[Driver], monkeypatch: pytest.MonkeyPatch) -> None:
    on_linux_with(monkeypatch, OURS)
    monkeypatch.setattr(pyvirtualcam.camera, "BACKENDS", {DOUBLE: driver})
    monkeypatch.setattr(v4l2, "output_size", lambda path, size=None: (640, 480))
    camera = open_virtual_camera("auto", (1280, 720))
    assert camera is not None
    camera.close()
    assert camera.size == driver.opened[0].size == (640, 480)


def test_size_that_turns_out_otherwise(driver: type[Driver], monkeypatch: pytest.MonkeyPatch) -> None:
    on_linux_with(monkeypatch, OURS)
    monkeypatch.setattr(pyvirtualcam.camera, "BACKENDS", {DOUBLE: driver})
    monkeypatch.setattr(v4l2, "output_size", lambda path, size=None: size or (640, 480))
    with pytest.raises(SinkError, match="insists on another size"):
        open_virtual_camera("auto", (1280, 720))
    assert driver.opened[0].closes == 1


def test_unknown_name_lists_what_there_is(monkeypatch: pytest.MonkeyPatch) -> None:
    on_linux_with(monkeypatch, WEBCAM, OTHER, OURS)
    with pytest.raises(SinkError, match=r"no virtual camera Foo: choose .*/dev/video10 \(Dummy.*video11 \(Signcap\)"):
        open_virtual_camera("Foo", (64, 48))


def test_loopback_in_use(monkeypatch: pytest.MonkeyPatch) -> None:
    on_linux_with(monkeypatch, WEBCAM, BUSY)
    with pytest.raises(SinkError, match=r"in use by another program.*modprobe -r v4l2loopback"):
        open_virtual_camera("auto", (64, 48))


class Device:
    """Takes pictures, and notes when."""

    width, height, fps, device = 64, 48, 10.0, "Double Camera"

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self.sent: list[float] = []

    def send(self, pixels: Pixels) -> None:
        self.sent.append(self._clock.monotonic())

    def close(self) -> None:
        pass


def test_pictures_go_out_at_an_even_pace_by_the_clock_that_is_given() -> None:
    clock = SteppedClock()
    device = Device(clock)
    camera = VirtualCamera(device, clock=clock)
    camera.send(picture(50))
    clock.advance(1.05)
    assert np.diff(device.sent) == pytest.approx([0.1] * (len(device.sent) - 1))
    assert len(device.sent) >= 10
    assert camera.stages()["repeat"].rate == pytest.approx(10.0, abs=1.0)
    camera.close()


@pytest.mark.parametrize(("reads", "expected"), [(True, True), (False, False), (None, False)])
def test_in_call_is_told_only_where_a_reader_is_known(reads: bool | None, expected: bool) -> None:
    device = SimpleNamespace(width=2, height=2, device="double", close=lambda: None)
    if reads is not None:
        device.streaming = reads
    camera = VirtualCamera(device)
    try:
        assert camera.in_call is expected
    finally:
        camera.close()
