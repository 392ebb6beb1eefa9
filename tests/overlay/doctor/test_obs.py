"""OBS's virtual camera on macOS and Windows, which this machine is neither of."""

from pathlib import Path
from typing import Any

import pytest

from overlay.doctor import Machine
from overlay.doctor.cameras.obs import check_obs

pytestmark = pytest.mark.unit

MISSING = "'obs' backend: OBS Virtual Camera is not installed in your system. Use the Virtual Camera function in OBS."
CLASS = r"CLSID\{A3FCE0F5-3493-419F-958A-ABA1250EC20B}"
PROGRAM = r"SOFTWARE\OBS Studio"
EXTENSION = "Library/SystemExtensions/8A1B/com.obsproject.obs-studio.mac-camera-extension.systemextension/Contents"


def fails(reason: str) -> Any:
    def open_one() -> str:
        raise RuntimeError(reason)

    return open_one


def test_one_that_opens() -> None:
    finding = check_obs(Machine("win32"), lambda: "OBS Virtual Camera", lambda *_: None)
    assert (finding.state, finding.found) == ("good", "OBS Virtual Camera: free")


@pytest.mark.parametrize(
    ("keys", "state", "part"),
    [
        ((), "warning", "Install OBS 30 or newer"),
        ((PROGRAM,), "problem", "press Start Virtual Camera in it once"),
        ((PROGRAM, CLASS), "problem", "Press Stop Virtual Camera"),
        ((CLASS,), "problem", "Press Stop Virtual Camera"),
    ],
)
def test_windows(keys: tuple[str, ...], state: str, part: str) -> None:
    def registry(_hive: str, key: str, _name: str) -> str | None:
        return "" if key in keys else None

    finding = check_obs(Machine("win32"), fails("virtual camera output could not be started"), registry)
    assert finding.state == state
    assert finding.advice is not None
    assert part in finding.advice


@pytest.mark.parametrize(
    ("files", "reason", "state", "part"),
    [
        ((), MISSING, "warning", "Install OBS 30 or newer"),
        (("Applications/OBS.app",), MISSING, "problem", "allow its extension in System Settings"),
        (("Applications/OBS.app", EXTENSION), MISSING, "problem", "allow its extension in System Settings"),
        (("Applications/OBS.app", EXTENSION), "Couldn't start stream", "problem", "Press Stop Virtual Camera"),
        (
            ("Library/CoreMediaIO/Plug-Ins/DAL/obs-mac-virtualcam.plugin",),
            "virtual camera output could not be started",
            "problem",
            "Press Stop Virtual Camera",
        ),
    ],
)
def test_a_mac(tmp_path: Path, files: tuple[str, ...], reason: str, state: str, part: str) -> None:
    for file in files:
        (tmp_path / file).mkdir(parents=True)
    finding = check_obs(Machine("darwin", tmp_path), fails(reason), lambda *_: None)
    assert finding.state == state
    assert finding.advice is not None
    assert part in finding.advice


def test_another_system() -> None:
    assert check_obs(Machine("freebsd14"), fails("no backend"), lambda *_: None).state == "unknown"
