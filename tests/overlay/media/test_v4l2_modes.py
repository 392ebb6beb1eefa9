"""Which of a camera's modes is asked for."""

from pathlib import Path

import pytest

from overlay.media.v4l2 import video_devices
from overlay.media.v4l2_modes import Mode, best_mode, kind, modes

pytestmark = pytest.mark.unit

SIZE = (1280, 720)
# What a common USB 2 webcam lists: 720p is fast as JPEG only.
WEBCAM = [
    Mode("YUYV", 640, 480, 30.0),
    Mode("YUYV", 1280, 720, 10.0),
    Mode("MJPG", 640, 480, 30.0),
    Mode("MJPG", 1280, 720, 30.0),
    Mode("MJPG", 1920, 1080, 30.0),
]


@pytest.mark.parametrize(
    ("listed", "best"),
    [
        (WEBCAM, Mode("MJPG", 1280, 720, 30.0)),
        ([*WEBCAM, Mode("YUYV", 1280, 720, 29.97)], Mode("YUYV", 1280, 720, 29.97)),
        ([*WEBCAM, Mode("NV12", 1280, 720, 30.0), Mode("YUYV", 1280, 720, 30.0)], Mode("NV12", 1280, 720, 30.0)),
        ([Mode("H264", 1280, 720, 30.0), Mode("YUYV", 640, 480, 30.0)], Mode("YUYV", 640, 480, 30.0)),
        ([Mode("YUYV", 640, 480, 15.0), Mode("YUYV", 320, 240, 25.0)], Mode("YUYV", 320, 240, 25.0)),
        ([Mode("MJPG", 1920, 1080, 30.0), Mode("MJPG", 3840, 2160, 30.0)], Mode("MJPG", 1920, 1080, 30.0)),
        ([Mode("MJPG", 1280, 720, 60.0), Mode("MJPG", 1280, 720, 30.0)], Mode("MJPG", 1280, 720, 60.0)),
        ([Mode("H264", 1280, 720, 30.0)], None),
        ([], None),
    ],
)
def test_largest_that_is_fast_enough_in_the_cheapest_format(listed: list[Mode], best: Mode | None) -> None:
    assert best_mode(listed, SIZE, 30.0) == best
    assert best_mode(listed[::-1], SIZE, 30.0) == best


@pytest.mark.parametrize(
    ("name", "offered", "seen"),
    [
        ("Integrated Camera: Integrated C", ["MJPG", "YUYV"], "colour"),
        ("Integrated Camera: Integrated I", ["GREY"], "infrared"),
        ("USB2.0 IR UVC WebCam", ["YUYV"], "infrared"),
        ("USB2.0_IR_CAM", ["MJPG"], "infrared"),
        ("AIR Cam", ["MJPG"], "colour"),
        ("A camera for science", ["GREY", "YUYV"], "colour"),
        ("RealSense", ["Z16"], "unreadable"),
        ("HD Pro Webcam", ["H264"], "unreadable"),
        ("One that may not be asked", [], "colour"),
    ],
)
def test_kind_of_pictures(name: str, offered: list[str], seen: str) -> None:
    assert kind(name, offered) == seen


def test_file_that_is_no_device_lists_nothing(tmp_path: Path) -> None:
    (tmp_path / "video0").touch()
    assert modes(tmp_path / "video0") == []
    assert modes(tmp_path / "absent") == []


def test_cameras_of_this_machine() -> None:
    cameras = [device for device in video_devices() if device.captures and not device.is_loopback]
    if not cameras:
        pytest.skip("this machine has no camera")
    for camera in cameras:
        listed = modes(camera.path)
        assert all(mode.width > 0 and mode.height > 0 and mode.rate > 0 for mode in listed)
        assert len(set(listed)) == len(listed)
