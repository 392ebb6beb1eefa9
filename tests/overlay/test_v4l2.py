"""Video devices as Linux describes them."""

import sys
from pathlib import Path

import pytest

from overlay import v4l2
from overlay.v4l2 import output_size, video_devices

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="Linux has these devices")


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


def test_real_devices_of_this_machine() -> None:
    devices = video_devices()
    if not devices:
        pytest.skip("this machine has no video device")
    assert all(device.path.exists() and device.name for device in devices)
