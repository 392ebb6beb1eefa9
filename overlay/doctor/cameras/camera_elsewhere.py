"""The cameras of macOS and Windows, and whether programs may use them."""

import json
from collections.abc import Callable

from overlay.doctor.cameras.camera import DEMO, NAME, judge
from overlay.doctor.cameras.looking import Look, look_through
from overlay.doctor.finding import Finding, joined, problem, warning
from overlay.doctor.machine import Machine, ask_program

MOST = 4  # cameras that are looked through
ALLOW = {
    "darwin": (
        "Open System Settings, Privacy & Security, Camera, and switch on the program in which you type this "
        "(Terminal, for example); then close it and open it again."
    ),
    "win32": (
        "Open Settings, Privacy & security, Camera, and switch on Camera access and "
        "Let desktop apps access your camera."
    ),
}
CONSENT = r"SOFTWARE\Microsoft\Windows\CurrentVersion\CapabilityAccessManager\ConsentStore\webcam"


def read_registry(hive: str, key: str, name: str) -> str | None:
    """A value of Windows' registry; None where there is none.

    Args:
        hive: such as "HKEY_CURRENT_USER".
        key: its path.
        name: of the value; empty for the key's own, which may be empty itself.
    """
    try:
        import winreg

        opened = winreg.OpenKey(getattr(winreg, hive), key)  # type: ignore[attr-defined,unused-ignore]
        return str(winreg.QueryValueEx(opened, name)[0]) if name else ""  # type: ignore[attr-defined,unused-ignore]
    except (ImportError, OSError):
        return None


def check_cameras_elsewhere(
    machine: Machine,
    look: Callable[[str], Look | None] = look_through,
    ask: Callable[..., str | None] = ask_program,
    registry: Callable[[str, str, str], str | None] = read_registry,
) -> list[Finding]:
    """One finding for each camera, or one that says that there is none to be had.

    Args:
        machine: a macOS or a Windows.
        look: opens a camera by its number.
        ask: gives what a program of the system prints.
        registry: reads Windows' registry.
    """
    if machine.platform == "win32" and _is_denied(registry):
        return [problem(NAME, "Windows lets no program use it", ALLOW["win32"])]
    models = _models(ask) if machine.platform == "darwin" else None
    if models == []:
        return [warning(NAME, "none", f"Plug one in. {DEMO}")]
    findings: list[Finding] = []
    for index in range(MOST if models is None else min(MOST, len(models))):
        seen = look(str(index))
        if seen is None:
            break
        findings.append(judge(f"camera {index}", seen))
    if findings:
        return findings
    if models:
        return [
            problem(
                NAME,
                f"{joined(models)}: no pictures come",
                f"{ALLOW['darwin']} Close other programs that use the camera.",
            )
        ]
    allow = ALLOW.get(machine.platform, "")
    return [
        warning(
            NAME, "none, or none that may be used", f"Plug one in; close other programs that use it. {allow} {DEMO}"
        )
    ]


def _is_denied(registry: Callable[[str, str, str], str | None]) -> bool:
    places = [("HKEY_LOCAL_MACHINE", CONSENT), ("HKEY_CURRENT_USER", CONSENT)]
    places.append(("HKEY_CURRENT_USER", CONSENT + r"\NonPackaged"))  # programs from elsewhere than Microsoft's store
    return any(registry(hive, key, "Value") == "Deny" for hive, key in places)


def _models(ask: Callable[..., str | None]) -> list[str] | None:
    """Models of a Mac's cameras, without opening one; not their names, which may hold the user's. None: not known."""
    try:
        listed = json.loads(ask("system_profiler", "SPCameraDataType", "-json") or "")["SPCameraDataType"]
        return [str(camera.get("spcamera_model-id", "a camera")) for camera in listed]
    except (ValueError, KeyError, TypeError, AttributeError):
        return None
