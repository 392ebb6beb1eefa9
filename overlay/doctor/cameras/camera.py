"""The cameras of Linux: there, in use, allowed, and whether pictures come."""

from collections.abc import Callable, Sequence
from pathlib import Path

from overlay.doctor.cameras.looking import Look, look_through
from overlay.doctor.cameras.permission import how_to_get, may_use
from overlay.doctor.finding import Finding, good, joined, problem, warning
from overlay.doctor.machine import Machine
from overlay.media.pipewire_cameras import PREFIX, PipeWireNode
from overlay.media.v4l2 import LOOPBACK_DRIVER, VideoDevice, is_camera, users
from overlay.media.v4l2_modes import formats as formats_of
from overlay.media.v4l2_modes import is_infrared, kind
from overlay.recognition.seeing import DARK_ROOM

NAME = "camera"
DEMO = "Until then Signcap shows its demo."
SHOWN = 6  # formats
LEAST_RATE = 20.0  # pictures a second below which fast spelling is missed

Looking = Callable[[str], Look | None]


def check_cameras(
    machine: Machine,
    devices: Sequence[VideoDevice],
    look: Looking | None = look_through,
    used_by: Callable[[Path], list[str]] = users,
    formats: Callable[[Path], list[str]] = formats_of,
    pipewire: Sequence[PipeWireNode] = (),
) -> list[Finding]:
    """One finding for each camera, or one that says that there is none.

    Args:
        machine: a Linux.
        devices: as the system lists them.
        look: opens a camera; None: none is opened.
        used_by: names of the other programs that have a device open.
        formats: that a camera offers.
        pipewire: the cameras that only PipeWire offers.
    """
    findings: list[Finding] = []
    for device in devices:
        if not is_camera(device, machine.root) or _is_locked_virtual(machine, device):
            continue
        if machine.signcap_use(device.path) == "reads":
            findings.append(good(NAME, f"{_called(device)}: in use by Signcap, which runs now"))
        else:
            finding = _check(device, used_by(device.path), look, formats)
            if finding.state == "problem" and any(other.state == "good" for other in findings):
                finding = warning(NAME, finding.found, finding.advice or "")  # there is another one that works
            findings.append(finding)
    findings += [_check_pipewire(node, look) for node in pipewire]
    return findings or [_none(machine)]


def _is_locked_virtual(machine: Machine, device: VideoDevice) -> bool:
    """It may not be asked what it is, and it is a virtual one."""
    return not device.driver and is_loopback(machine, device.path)


def is_loopback(machine: Machine, device: Path) -> bool:
    """Whether a device is v4l2loopback's, which its folder tells also where it may not be opened."""
    return (machine.root / "sys/devices/virtual/video4linux" / device.name / "max_openers").exists()


def _called(device: VideoDevice) -> str:
    return f"{device.name} ({device.path})"


def _check(
    device: VideoDevice, programs: list[str], look: Looking | None, formats: Callable[[Path], list[str]]
) -> Finding:
    called = _called(device)
    if not may_use(device.path):
        return problem(NAME, f"{called}: this user may not use it", how_to_get(device.path))
    if device.driver == LOOPBACK_DRIVER:
        called = f"{called}, a virtual one that {joined(programs) or 'another program'} feeds"
    offered = formats(device.path)
    called = f"{called}, {_listed(offered)}" if offered else called
    if (seen_as := kind(device.name, offered)) == "infrared":
        return good(NAME, f"{called}, infrared: Signcap reads it only if you choose it", None)
    if seen_as == "unreadable":
        return good(NAME, f"{called}: Signcap cannot read these formats, and does not list it", None)
    if look is None:
        return good(NAME, called, None)
    seen = look(str(device.path))
    if seen is None and programs and device.driver != LOOPBACK_DRIVER:
        return problem(
            NAME, f"{called}: in use by {joined(programs)}", "Close that program, or choose another camera in it."
        )
    if seen is None:
        return problem(
            NAME,
            f"{called}: no pictures come",
            "Unplug it and plug it in again, or restart the computer; close other programs that use it.",
        )
    return judge(called, seen, is_virtual=device.driver == LOOPBACK_DRIVER)


def _check_pipewire(node: PipeWireNode, look: Looking | None) -> Finding:
    called = f"{node.label} (PipeWire)"
    if is_infrared(node.label):
        return good(NAME, f"{called}, infrared: Signcap reads it only if you choose it", None)
    if look is None:
        return good(NAME, called, None)
    seen = look(f"{PREFIX}{node.name}")
    if seen is None:
        return warning(
            NAME,
            f"{called}: no pictures come",
            "Allow cameras in the system's privacy settings, and close other programs that use it.",
        )
    return judge(called, seen, is_virtual=not node.api)


def _listed(formats: list[str]) -> str:
    rest = len(formats) - SHOWN
    return ", ".join(formats[:SHOWN]) + (f" and {rest} more formats" if rest > 0 else "")


def judge(called: str, seen: Look, *, is_virtual: bool = False) -> Finding:
    """Return the finding for such pictures from a camera of that name; a virtual one needs no light."""
    found = f"{called}: {seen.size[0]}x{seen.size[1]}, {seen.rate:.0f} pictures a second"
    if is_virtual:
        return good(NAME, found)
    if seen.dark:
        return warning(NAME, f"{found}, all black", "Open its shutter or lens cover, and put on a light.")
    if seen.light < DARK_ROOM:
        return warning(NAME, f"{found}, dark", "Letters are missed in the dark: put on a light in front of you.")
    if seen.rate < LEAST_RATE:
        return warning(
            NAME, found, "In dim light cameras become slow, and fast letters are missed: put on a light before you."
        )
    return good(NAME, found)


def _none(machine: Machine) -> Finding:
    if machine.is_wsl:
        return warning(NAME, "none: Linux inside Windows sees no cameras", f"Run Signcap on Windows itself. {DEMO}")
    return warning(NAME, "none", f"Plug one in, or switch it on with its key or in the computer's firmware. {DEMO}")
