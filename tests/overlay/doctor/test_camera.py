"""Cameras of Linux, macOS and Windows, none of which this machine needs to have."""

import grp
import json
import os
import pwd
import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from overlay.core.errors import SourceError
from overlay.doctor import Finding, Machine
from overlay.doctor.cameras import camera
from overlay.doctor.cameras.camera import check_cameras
from overlay.doctor.cameras.camera_elsewhere import check_cameras_elsewhere
from overlay.doctor.cameras.looking import Look, look_through, take
from overlay.doctor.cameras.permission import how_to_get
from overlay.media.frame import Frame
from overlay.media.pipewire_cameras import PipeWireNode
from overlay.media.source import Source
from overlay.media.v4l2 import VideoDevice
from overlay.media.v4l2_modes import formats

pytestmark = pytest.mark.unit

GOOD = Look((1280, 720), 29.8, dark=False)


def check(
    computer: Any,
    *devices: VideoDevice,
    look: Callable[[str], Look | None] | None = lambda _spec: GOOD,
    users: dict[str, list[str]] | None = None,
    formats: tuple[str, ...] = ("MJPG", "YUYV"),
) -> list[Finding]:
    return check_cameras(
        computer.machine,
        devices,
        look,
        used_by=lambda path: (users or {}).get(path.name, []),
        formats=lambda _path: list(formats),
    )


def never(spec: str) -> Look | None:
    raise AssertionError(f"camera {spec} was opened")


def test_none(computer: Any) -> None:
    (finding,) = check(computer, look=never)
    assert (finding.state, finding.found) == ("warning", "none")
    assert finding.advice is not None
    assert "demo" in finding.advice


def test_one_that_works(computer: Any) -> None:
    device = computer.camera()
    (finding,) = check(computer, device)
    found = f"HD Webcam ({device.path}), MJPG, YUYV: 1280x720, 30 pictures a second"
    assert finding == Finding("camera", "good", found)


def test_many_formats_are_not_all_told(computer: Any) -> None:
    (finding,) = check(computer, computer.camera(), formats=tuple("ABCDEFGHIJ"))
    assert "A, B, C, D, E, F and 4 more formats" in finding.found


@pytest.mark.parametrize(
    ("look", "part"),
    [
        (replace(GOOD, dark=True, light=2.0), "all black"),
        (replace(GOOD, light=12.0), "pictures a second, dark"),
        (replace(GOOD, rate=9.8), "10 pictures a second"),
    ],
)
def test_one_that_sees_little(computer: Any, look: Look, part: str) -> None:
    (finding,) = check(computer, computer.camera(), look=lambda _spec: look)
    assert finding.state == "warning"
    assert part in finding.found
    assert finding.advice is not None
    assert "light" in finding.advice


def test_one_that_another_program_uses(computer: Any) -> None:
    (finding,) = check(computer, computer.camera(), look=lambda _spec: None, users={"video0": ["zoom"]})
    assert finding.state == "problem"
    assert finding.found.endswith("in use by zoom")


def test_one_that_a_program_has_open_without_using_it(computer: Any) -> None:
    """PipeWire does, for example."""
    (finding,) = check(computer, computer.camera(), users={"video0": ["pipewire"]})
    assert finding.state == "good"


def test_one_that_gives_nothing(computer: Any) -> None:
    (finding,) = check(computer, computer.camera(), look=lambda _spec: None)
    assert finding.state == "problem"
    assert finding.found.endswith("no pictures come")


def test_a_second_one_that_gives_nothing_is_no_problem(computer: Any) -> None:
    front, second = computer.camera(0), computer.camera(2, "Second Camera")
    looks = {str(front.path): GOOD, str(second.path): None}
    assert [one.state for one in check(computer, front, second, look=looks.get)] == ["good", "warning"]


@pytest.mark.parametrize(("offered", "told"), [("GREY", "infrared"), ("H264", "cannot read these formats")])
def test_one_that_is_not_read_by_itself_is_not_opened(computer: Any, offered: str, told: str) -> None:
    (finding,) = check(computer, computer.camera(), look=never, formats=(offered,))
    assert finding.state == "good"
    assert told in finding.found


def test_cameras_of_pipewire(computer: Any) -> None:
    front = PipeWireNode(40, "imx", "Front Camera", "71", "Camera", "libcamera")
    looks = {"pipewire:imx": GOOD}
    (finding,) = check_cameras(computer.machine, [], looks.get, pipewire=[front])
    assert finding == Finding("camera", "good", "Front Camera (PipeWire): 1280x720, 30 pictures a second")
    (finding,) = check_cameras(computer.machine, [], lambda _spec: None, pipewire=[front])
    assert finding.state == "warning"
    assert finding.advice is not None
    assert "privacy settings" in finding.advice
    infrared = replace(front, label="Built-in IR Camera")
    (finding,) = check_cameras(computer.machine, [], never, pipewire=[infrared])
    assert "infrared" in finding.found


def test_one_that_is_fed_through_a_loopback_without_exclusive_caps(computer: Any) -> None:
    phone = computer.loopback(1, "Phone", caps="both", state="capture")
    (finding,) = check(computer, phone, users={"video1": ["ffmpeg"]})
    assert finding.found.startswith(f"Phone ({phone.path}), a virtual one that ffmpeg feeds")
    (finding,) = check(computer, computer.loopback(1, "Phone", caps="both", state="output"), look=never)
    assert finding.found == "none"


@pytest.mark.parametrize("process", ["4242", "self"])
def test_one_that_signcap_uses_is_not_opened(computer: Any, process: str) -> None:
    device, phone = computer.camera(0), computer.loopback(1, "Phone", caps="capture", state="capture")
    for one in (device, phone):
        computer.signcap_opens(one, to_write=False, process=process)
        (finding,) = check(computer, one, look=never)
        assert finding.state == "good"
        assert finding.found == f"{one.name} ({one.path}): in use by Signcap, which runs now"
        (computer.root / "proc" / process / "fd/9").unlink()


def test_where_none_may_be_opened_it_is_told_what_is_there(computer: Any) -> None:
    (finding,) = check(computer, computer.camera(), look=None)
    assert finding.state == "good"
    assert finding.found.endswith("MJPG, YUYV")


def test_virtual_ones_are_cameras_only_while_another_program_feeds_them(computer: Any) -> None:
    free, fed = computer.loopback(0), computer.loopback(1, "Phone", caps="capture", state="capture")
    (finding,) = check(
        computer, free, fed, look=lambda _spec: replace(GOOD, rate=15.0), users={"video1": ["droidcam"]}
    )
    assert finding.state == "good"
    assert finding.found.startswith(f"Phone ({fed.path}), a virtual one that droidcam feeds")
    computer.signcap_opens(fed, to_write=True)
    (finding,) = check(computer, free, fed, look=never)
    assert finding.found == "none"
    locked = VideoDevice(free.path, "Signcap")  # one that may not even be asked
    (finding,) = check(computer, locked, look=never)
    assert finding.found == "none"


def test_nodes_that_give_no_pictures_are_left_out(computer: Any) -> None:
    metadata = replace(computer.camera(1), captures=False)
    assert len(check(computer, computer.camera(0), metadata)) == 1


def test_a_user_without_permission(computer: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(camera, "may_use", lambda _device: False)
    monkeypatch.setattr(camera, "how_to_get", lambda _device: "Ask.")
    device = computer.camera()
    (finding,) = check(computer, device, look=never)
    assert finding == Finding("camera", "problem", f"HD Webcam ({device.path}): this user may not use it", "Ask.")


@pytest.mark.parametrize(
    ("group", "gid", "is_member", "part"),
    [
        ("video", 44_444, False, "`sudo usermod -aG video $USER`, then log out"),
        ("video", 44_444, True, "since a short while: log out and in again"),
        ("root", 0, False, "sudo chgrp video"),
    ],
)
def test_how_to_get_permission(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, group: str, gid: int, is_member: bool, part: str
) -> None:
    user = pwd.getpwuid(os.getuid()).pw_name
    entry = SimpleNamespace(gr_name=group, gr_gid=gid, gr_mem=[user] if is_member else [])
    monkeypatch.setattr(grp, "getgrgid", lambda _gid: entry)
    device = tmp_path / "video0"
    device.touch()
    assert part in how_to_get(device)


def test_a_file_that_is_no_camera_has_no_formats(tmp_path: Path) -> None:
    (tmp_path / "video0").touch()
    assert formats(tmp_path / "video0") == []
    assert formats(tmp_path / "absent") == []


class Pictures:
    """A source of even pictures; or one that waits until it is closed."""

    name = "camera 0"
    live = True
    rate = 30.0
    notice: str | None = None

    def __init__(self, value: int = 120, *, hangs: bool = False) -> None:
        self._value, self._hangs = value, hangs
        self.closed = threading.Event()

    def read(self) -> Frame | None:
        self.closed.wait(30 if self._hangs else 0.005)
        if self.closed.is_set():
            return None
        return Frame(np.full((36, 64, 3), self._value, np.uint8), 0, 0.0)

    def close(self) -> None:
        self.closed.set()


@pytest.mark.parametrize(("value", "dark"), [(120, False), (2, True)])
def test_looking_through_a_camera(value: int, dark: bool) -> None:
    source = Pictures(value)
    look = take(lambda: source, seconds=0.1)
    assert look is not None
    assert (look.size, look.dark) == ((64, 36), dark)
    assert look.rate > 0
    assert source.closed.is_set()


def test_a_camera_that_hangs_is_given_up() -> None:
    source = Pictures(hangs=True)
    assert take(lambda: source, patience=0.1) is None
    assert source.closed.is_set()


def test_a_camera_that_cannot_be_opened() -> None:
    def fail() -> Source:
        raise SourceError("There is no such camera.")

    assert take(fail) is None
    assert look_through("/dev/video-that-is-not-there") is None


MAC, WINDOWS = Machine("darwin", Path("/nowhere"), "23.1.0"), Machine("win32", Path("/nowhere"), "10")


def profiler(*models: str) -> Callable[..., str]:
    listed = [{"_name": "Ann's camera", "spcamera_model-id": model} for model in models]
    return lambda *_command: json.dumps({"SPCameraDataType": listed})


def test_a_mac_lists_its_cameras_without_opening_them() -> None:
    (finding,) = check_cameras_elsewhere(MAC, never, profiler())
    assert (finding.state, finding.found) == ("warning", "none")
    opened = []

    def look(spec: str) -> Look:
        opened.append(spec)
        return GOOD

    findings = check_cameras_elsewhere(MAC, look, profiler("FaceTime HD Camera", "iPhone14,3"))
    assert [one.state for one in findings] == ["good", "good"]
    assert opened == ["0", "1"]


def test_a_mac_that_lets_nobody_see() -> None:
    (finding,) = check_cameras_elsewhere(MAC, lambda _spec: None, profiler("FaceTime HD Camera"))
    assert (finding.state, finding.found) == ("problem", "FaceTime HD Camera: no pictures come")
    assert finding.advice is not None
    assert "System Settings, Privacy & Security, Camera" in finding.advice
    assert "Ann" not in finding.found + finding.advice


@pytest.mark.parametrize(
    "place", ["HKEY_LOCAL_MACHINE webcam", "HKEY_CURRENT_USER webcam", r"HKEY_CURRENT_USER NonPackaged"]
)
def test_windows_that_lets_no_program_see(place: str) -> None:
    def registry(hive: str, key: str, name: str) -> str:
        return "Deny" if (f"{hive} {key.rpartition(chr(92))[2]}", name) == (place, "Value") else "Allow"

    (finding,) = check_cameras_elsewhere(WINDOWS, never, lambda *_: None, registry)
    assert finding.state == "problem"
    assert finding.advice is not None
    assert "Let desktop apps access your camera" in finding.advice


def test_windows_opens_by_number_until_there_is_none() -> None:
    looks = {"0": GOOD, "1": replace(GOOD, dark=True)}
    findings = check_cameras_elsewhere(WINDOWS, looks.get, lambda *_: None, lambda *_: None)
    assert [one.state for one in findings] == ["good", "warning"]
    (finding,) = check_cameras_elsewhere(WINDOWS, lambda _spec: None, lambda *_: None, lambda *_: None)
    assert (finding.state, finding.found) == ("warning", "none, or none that may be used")
