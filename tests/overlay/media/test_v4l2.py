"""Video devices as Linux describes them."""

import sys
from pathlib import Path

import pytest

from overlay.media import v4l2
from overlay.media.v4l2 import LOOPBACK_DRIVER, VideoDevice, is_camera, is_fed, output_size, video_devices

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


@pytest.mark.parametrize(
    ("captures", "outputs", "state", "camera"),
    [
        (True, True, "capture", True),  # exclusive_caps=0, and another program feeds it
        (True, True, "output", False),  # exclusive_caps=0, and nobody does
        (True, False, "capture", True),  # exclusive_caps=1
        (False, True, "output", False),
    ],
)
def test_virtual_camera_is_a_camera_while_another_program_feeds_it(
    tmp_path: Path, captures: bool, outputs: bool, state: str, camera: bool
) -> None:
    device = VideoDevice(tmp_path / "dev/video7", "Phone", LOOPBACK_DRIVER, captures, outputs)
    folder = tmp_path / "sys/devices/virtual/video4linux/video7"
    folder.mkdir(parents=True)
    (folder / "state").write_text(f"{state}\n")
    assert is_camera(device, tmp_path) is camera


@pytest.mark.parametrize(("flags", "camera"), [("0100001", False), ("0100002", True)])
@pytest.mark.parametrize("outputs", [True, False])
def test_virtual_camera_that_signcap_writes_to_is_none(
    tmp_path: Path, flags: str, camera: bool, outputs: bool
) -> None:
    device = VideoDevice(tmp_path / "dev/video7", "Signcap", LOOPBACK_DRIVER, captures=True, outputs=outputs)
    folder = tmp_path / "sys/devices/virtual/video4linux/video7"
    folder.mkdir(parents=True)
    (folder / "state").write_text("capture\n")
    process = tmp_path / "proc/77"
    (process / "fd").mkdir(parents=True)
    (process / "fdinfo").mkdir()
    (process / "comm").write_text("signcap\n")
    (process / "fd/5").symlink_to(device.path)
    (process / "fdinfo/5").write_text(f"pos:\t0\nflags:\t{flags}\n")
    assert is_camera(device, tmp_path) is camera


def test_real_devices_of_this_machine() -> None:
    devices = video_devices()
    if not devices:
        pytest.skip("this machine has no video device")
    assert all(device.path.exists() and device.name for device in devices)
