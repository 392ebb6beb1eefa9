"""Video devices as Linux describes them."""

import sys
from pathlib import Path

import pytest

from overlay.media import v4l2
from overlay.media.v4l2 import is_fed, output_size, video_devices

pytestmark = [
    pytest.mark.unit,
    pytest.mark.skipif(not sys.platform.startswith("linux"), reason="Linux has these devices"),
]


def test_devices_in_the_order_of_their_numbers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(v4l2, "DEV", tmp_path)
    for name in ("video10", "video2", "video-cam", "vbi0", "videos"):
        (tmp_path / name).touch()
    assert [device.path.name for device in video_devices()] == ["video2", "video10"]


def test_file_that_is_no_device_has_no_size(tmp_path: Path) -> None:
    (tmp_path / "video0").touch()
    assert output_size(tmp_path / "video0") is None
    assert output_size(tmp_path / "video0", (1280, 720)) is None
    assert output_size(tmp_path / "absent") is None


@pytest.mark.parametrize(
    ("files", "fed"),
    [
        ({"state": "capture\n", "format": "YU12:640x360@30\n"}, True),
        ({"state": "output\n", "format": ""}, False),
        ({"format": "YU12:640x360@30\n"}, True),  # 0.12
        ({"format": ""}, False),
        ({}, False),
    ],
)
def test_virtual_camera_that_somebody_writes_to(tmp_path: Path, files: dict[str, str], fed: bool) -> None:
    folder = tmp_path / "sys/devices/virtual/video4linux/video7"
    folder.mkdir(parents=True)
    for name, text in files.items():
        (folder / name).write_text(text)
    assert is_fed(tmp_path / "dev/video7", tmp_path) is fed


def test_real_devices_of_this_machine() -> None:
    devices = video_devices()
    if not devices:
        pytest.skip("this machine has no video device")
    assert all(device.path.exists() and device.name for device in devices)
