"""Cameras that are there, vanish and come back. No camera is needed: OpenCV's part is played by a double."""

import sys
import threading
import time
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from overlay.core.errors import SourceError
from overlay.media import v4l2
from overlay.media.frame import Frame
from overlay.media.sources.webcam import (
    CameraFacts,
    CameraInfo,
    Webcam,
    default_camera,
    list_cameras,
    open_source,
    why_not,
)
from overlay.media.v4l2 import VideoDevice
from overlay.media.v4l2_modes import Mode

pytestmark = pytest.mark.unit

UNPLUGGED, PLUGGED = "unplugged", "plugged"


class Desk:
    """Where a camera is plugged and unplugged; `Desk()` as `open_capture` opens what is there."""

    def __init__(self, size: tuple[int, int] = (640, 480)) -> None:
        self.plugged = True
        self.mute = False  # opens and gives nothing, as a camera that another program uses
        self.size = size
        self.frames_left: int | None = None  # until somebody pulls the plug
        self.opened: list[DoubleCapture] = []
        self.tries = 0

    def __call__(self, device: int | str) -> "DoubleCapture":
        self.tries += 1
        capture = DoubleCapture(self)
        self.opened.append(capture)
        return capture


class DoubleCapture:
    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self.open = desk.plugged
        self.asked: dict[int, float] = {}
        self.released = False
        self.inside = threading.Lock()

    def isOpened(self) -> bool:  # noqa: N802
        return self.open

    def grab(self) -> bool:
        assert not self.released, "used after its release"
        with self.inside:
            time.sleep(0.002)
            if self.desk.frames_left is not None:
                if self.desk.frames_left == 0:
                    self.desk.plugged = self.open = False
                else:
                    self.desk.frames_left -= 1
            return self.open and not self.desk.mute

    def retrieve(self) -> tuple[bool, Any]:
        width, height = self.desk.size
        return True, np.full((height, width, 3), 90, np.uint8)

    def get(self, prop: int) -> float:
        known = {
            cv2.CAP_PROP_FPS: 25.0,
            cv2.CAP_PROP_FOURCC: cv2.VideoWriter.fourcc(*"YUYV"),
            cv2.CAP_PROP_EXPOSURE: 156,
        }
        return known.get(prop, 0.0)

    def set(self, prop: int, value: float) -> bool:
        self.asked[prop] = value
        return False  # this camera does as it likes

    def release(self) -> None:
        assert not self.inside.locked(), "released while in use"
        self.released = True


@pytest.mark.integration
def test_takes_what_it_gets() -> None:
    desk = Desk(size=(640, 480))
    camera = Webcam(0, open_capture=desk)
    assert (camera.name, camera.live, camera.rate, camera.notice) == ("camera 0", True, 25.0, None)
    before = time.monotonic()
    frames = [camera.read() for _ in range(3)]
    after = time.monotonic()
    assert all(frame is not None and frame.size == (640, 480) for frame in frames)
    assert [frame.index for frame in frames if frame] == [0, 1, 2]
    times = [frame.at for frame in frames if frame]
    assert before <= times[0] < times[1] < times[2] <= after
    asked = desk.opened[0].asked
    assert (asked[cv2.CAP_PROP_FRAME_WIDTH], asked[cv2.CAP_PROP_FRAME_HEIGHT]) == (1280, 720)
    assert asked[cv2.CAP_PROP_FPS] == 30
    exposure = 15.6 if sys.platform.startswith("linux") else None
    assert camera.facts == CameraFacts((640, 480), "YUYV", 25.0, exposure)
    camera.close()
    assert camera.read() is None
    assert desk.opened[0].released


@pytest.mark.integration
def test_facts_follow_the_camera() -> None:
    desk = Desk(size=(640, 480))
    camera = Webcam(0, open_capture=desk)
    assert camera.facts is None
    camera.read()
    desk.size = (320, 240)  # unplugged, and another one in its place
    camera.read()
    assert camera.facts is not None
    assert camera.facts.size == (320, 240)
    camera.close()


@pytest.mark.integration
def test_asks_for_what_its_driver_lists(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setattr("overlay.media.sources.webcam.modes", lambda path: [Mode("NV12", 960, 540, 60.0)])
    desk = Desk()
    Webcam(0, open_capture=desk).close()
    asked = desk.opened[0].asked
    assert (asked[cv2.CAP_PROP_FRAME_WIDTH], asked[cv2.CAP_PROP_FRAME_HEIGHT]) == (960, 540)
    assert asked[cv2.CAP_PROP_FOURCC] == cv2.VideoWriter.fourcc(*"NV12")
    assert asked[cv2.CAP_PROP_FPS] == 30


@pytest.mark.integration
def test_comes_back_after_it_was_unplugged() -> None:
    desk = Desk()
    camera = Webcam(3, open_capture=desk, first_pause=0.001)
    assert camera.read() is not None
    desk.frames_left = 0
    got: list[Frame | None] = []
    reader = threading.Thread(target=lambda: got.append(camera.read()))
    reader.start()
    while desk.tries < 4:  # it keeps trying
        time.sleep(0.001)
    assert camera.notice == "Camera 3 is gone: trying again"
    assert reader.is_alive()
    desk.frames_left, desk.plugged = None, True
    reader.join(20)
    assert got[0] is not None
    assert got[0].index == 1
    assert camera.notice is None
    assert all(capture.released for capture in desk.opened[:-1])
    camera.close()


@pytest.mark.integration
def test_close_while_it_is_gone() -> None:
    desk = Desk()
    camera = Webcam(0, open_capture=desk, first_pause=3600.0)
    desk.frames_left = 0
    got: list[Frame | None] = []
    reader = threading.Thread(target=lambda: got.append(camera.read()))
    reader.start()
    while camera.notice is None:
        time.sleep(0.001)
    camera.close()
    reader.join(20)
    assert got == [None]


@pytest.mark.integration
def test_close_from_another_thread_while_it_is_read() -> None:
    desk = Desk()
    camera = Webcam(0, open_capture=desk)
    stopped = threading.Event()

    def read() -> None:
        while camera.read() is not None:
            pass
        stopped.set()

    threading.Thread(target=read).start()
    time.sleep(0.02)
    camera.close()
    assert stopped.wait(20)
    assert desk.opened[0].released


def test_camera_that_is_not_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setattr("overlay.media.sources.webcam.list_pipewire_cameras", list)
    monkeypatch.setattr(v4l2, "DEV", tmp_path)
    desk = Desk()
    desk.plugged = False
    with pytest.raises(SourceError, match=r"no camera on this machine \(.*video0 does not exist\): plug one in"):
        Webcam(0, open_capture=desk)
    assert desk.opened[0].released


@pytest.mark.integration
@pytest.mark.parametrize("mute", [True, False])
def test_camera_that_another_program_uses(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, mute: bool) -> None:
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setattr(v4l2, "DEV", tmp_path)
    (tmp_path / "video0").touch()
    desk = Desk()
    desk.mute, desk.plugged = mute, mute
    with pytest.raises(SourceError, match=r"video0 is in use or does not answer: close other programs"):
        Webcam(0, open_capture=desk)


def test_camera_without_permission(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setattr(v4l2, "DEV", tmp_path)
    (tmp_path / "video0").touch()
    monkeypatch.setattr("os.access", lambda path, mode: False)
    assert "usermod -aG video $USER" in why_not(0)


def test_other_cameras_are_offered(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setattr(v4l2, "DEV", tmp_path)
    devices = [
        VideoDevice(tmp_path / "video0", "Laptop camera", "uvcvideo"),
        VideoDevice(tmp_path / "video1", "Laptop camera, metadata", "uvcvideo", captures=False),
        VideoDevice(tmp_path / "video9", "Signcap", "v4l2 loopback", outputs=True),
    ]
    monkeypatch.setattr(v4l2, "video_devices", lambda: devices)
    monkeypatch.setattr("overlay.media.sources.webcam.list_pipewire_cameras", list)
    assert [(camera.spec, camera.name) for camera in list_cameras()] == [("0", "Laptop camera")]
    assert "choose another with --source, of 0 (Laptop camera)" in why_not(5)
    (tmp_path / "video1").touch()
    assert "not a camera that gives pictures" in why_not(1)


@pytest.fixture
def plugged_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, VideoDevice]:
    """The devices of a Linux by the formats that they list, which a test fills."""
    devices: dict[str, VideoDevice] = {}
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setattr(v4l2, "DEV", tmp_path)
    monkeypatch.setattr(v4l2, "video_devices", lambda: list(devices.values()))
    monkeypatch.setattr(v4l2, "is_fed", lambda path, root: True)
    monkeypatch.setattr("overlay.media.sources.webcam.list_pipewire_cameras", list)
    monkeypatch.setattr(
        "overlay.media.sources.webcam.formats",
        lambda path: next(formats.split() for formats, device in devices.items() if device.path == path),
    )
    return devices


def test_infrared_cameras_come_last_and_are_never_the_default(
    plugged_in: dict[str, VideoDevice], tmp_path: Path
) -> None:
    plugged_in["GREY"] = VideoDevice(tmp_path / "video0", "Integrated I", "uvcvideo")
    assert default_camera() is None
    plugged_in["MJPG YUYV"] = VideoDevice(tmp_path / "video2", "Integrated C", "uvcvideo")
    plugged_in["H264"] = VideoDevice(tmp_path / "video4", "Integrated C", "uvcvideo")
    colour, grey = CameraInfo("2", "Integrated C"), CameraInfo("0", "Integrated I, infrared", infrared=True)
    assert list_cameras() == [colour, grey]
    assert default_camera() == colour


def test_camera_that_is_fed_through_a_loopback_without_exclusive_caps(
    plugged_in: dict[str, VideoDevice], tmp_path: Path
) -> None:
    plugged_in["YU12"] = VideoDevice(tmp_path / "video3", "Phone", v4l2.LOOPBACK_DRIVER, captures=True, outputs=True)
    assert list_cameras() == [CameraInfo("3", "Phone")]


def test_other_systems(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "darwin")
    assert "privacy settings" in why_not(0)


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="names of Linux")
@pytest.mark.parametrize("spec", ["63", "/dev/video63"])
def test_real_opencv_says_nothing_of_its_own(spec: str, capfd: pytest.CaptureFixture[str]) -> None:
    if Path("/dev/video63").exists():
        pytest.skip("this machine has 64 cameras")
    with pytest.raises(SourceError, match="no camera"):
        open_source(spec)
    assert capfd.readouterr() == ("", "")
