"""The kernel module v4l2loopback: installed, built, loaded, how, and whether it will be after a restart."""

import re
from collections.abc import Callable
from dataclasses import dataclass

from overlay.doctor.finding import what_to_do
from overlay.doctor.machine import Machine, ask_program
from overlay.media.sinks.virtual_camera import LOAD, WITH_LOOPBACK

MODULE = "v4l2loopback"
OPTIONS = LOAD.partition(f"{MODULE} ")[2]
ONCE_BEFORE = (0, 13)  # versions before open for writing only once, with exclusive_caps=1
KEEP_LOADED = (
    f"echo {MODULE} | sudo tee /etc/modules-load.d/{MODULE}.conf",
    f"echo 'options {MODULE} {OPTIONS}' | sudo tee /etc/modprobe.d/{MODULE}.conf",
)  # so that it is loaded, and in this way, when the computer starts
LAST = " and ".join(f"`{line}`" for line in KEEP_LOADED)
BUILD = "sudo apt install linux-headers-$(uname -r) && sudo dkms autoinstall"
_SECURE_BOOT = "sys/firmware/efi/efivars/SecureBoot-8be4df61-93ca-11d2-aa0d-00e098032b8c"
# Where distributions keep the key that DKMS signs with.
_KEYS = ("var/lib/shim-signed/mok/MOK.der", "var/lib/dkms/mok.pub")
# By what the system calls itself; on Debian and Ubuntu as elsewhere in Signcap.
_INSTALL = {
    "fedora": "`sudo dnf install v4l2loopback`, which is in RPM Fusion",
    "arch": "`sudo pacman -S v4l2loopback-dkms linux-headers`",
    "suse": "`sudo zypper install v4l2loopback-kmp-default`",
}


@dataclass(frozen=True, slots=True)
class Module:
    """The kernel module v4l2loopback, as the system tells of it.

    Attributes:
        loaded: it is in the kernel now.
        built: there is one for this kernel.
        sources: they are installed, for DKMS to build it.
        version: its numbers; None where nothing tells.
        buffers: that a device has at most; None where it does not say.
        lasts: it will be loaded when the computer starts.
        keeps_options: and with `exclusive_caps=1`.
    """

    loaded: bool
    built: bool
    sources: bool
    version: tuple[int, ...] | None
    buffers: int | None
    lasts: bool
    keeps_options: bool

    @property
    def opens_once(self) -> bool:
        """Whether its devices can be written to once only until it is loaded again (`exclusive_caps=1`)."""
        return self.version is not None and self.version < ONCE_BEFORE

    @property
    def called(self) -> str:
        """The module's name and version, for people."""
        return MODULE if self.version is None else f"{MODULE} {'.'.join(map(str, self.version))}"


def look_at_module(machine: Machine) -> Module:
    """Read it from /sys, /lib/modules, /usr/src and /etc."""
    folder = f"lib/modules/{machine.release}"
    built = f"{MODULE}.ko" in (machine.text(f"{folder}/modules.dep") or "") or any(
        any((machine.root / folder / place).rglob(f"{MODULE}.ko*"))
        for place in ("updates", "extra", "kernel/drivers")
    )
    loading = machine.texts("etc/modules", "etc/modules-load.d/*.conf", "usr/lib/modules-load.d/*.conf")
    options = machine.texts("etc/modprobe.d/*.conf", "usr/lib/modprobe.d/*.conf", "lib/modprobe.d/*.conf")
    buffers = machine.text(f"sys/module/{MODULE}/parameters/max_buffers")
    return Module(
        loaded=(machine.root / f"sys/module/{MODULE}").is_dir(),
        built=built,
        sources=any((machine.root / "usr/src").glob(f"{MODULE}-*")),
        version=_version(machine),
        buffers=int(buffers) if buffers is not None and buffers.isdecimal() else None,
        lasts=any(re.search(rf"^\s*{MODULE}\b", text, re.MULTILINE) for text in loading),
        keeps_options=any(
            re.search(rf"^\s*options\s+{MODULE}\b.*\bexclusive_caps=[1Yy]", text, re.MULTILINE) for text in options
        ),
    )


def _version(machine: Machine) -> tuple[int, ...] | None:
    """Of the loaded module; where it does not say, as 0.12 does not, of the installed sources."""
    said = _numbers(machine.text(f"sys/module/{MODULE}/version") or "")
    if said is not None:
        return said
    sources = sorted(filter(None, (_numbers(path.name) for path in (machine.root / "usr/src").glob(f"{MODULE}-*"))))
    devices = list((machine.root / "sys/devices/virtual/video4linux").glob("video*/max_openers"))
    if devices and not any((device.parent / "state").exists() for device in devices):
        # Later ones say of each device whether it is written to. Newer sources may wait for a restart.
        return next((numbers for numbers in reversed(sources) if numbers < ONCE_BEFORE), (0, 12))
    return sources[-1] if sources else None


def _numbers(text: str) -> tuple[int, ...] | None:
    found = re.search(r"\d+(\.\d+)+", text)
    return tuple(map(int, found[0].split("."))) if found else None


def secure_boot(machine: Machine, ask: Callable[..., str | None] = ask_program) -> bool | None:
    """Whether the computer loads signed modules only; None where nothing tells."""
    if not (machine.root / "sys/firmware/efi").is_dir():
        return False
    try:
        return (machine.root / _SECURE_BOOT).read_bytes()[4:5] == b"\1"
    except OSError:
        said = ask("mokutil", "--sb-state")
        return None if said is None else "enabled" in said


def how_to_sign(machine: Machine) -> str:
    """Return how to make the computer trust the modules that DKMS builds."""
    key = next((f"/{key}" for key in _KEYS if (machine.root / key).exists()), f"/{_KEYS[1]}")
    return (
        "Secure Boot is on: where modprobe says that the key was rejected, run "
        f"`sudo mokutil --import {key}`, think of a password, restart, choose Enroll MOK on the blue screen, "
        "and load it again."
    )


def how_to_install(machine: Machine) -> str:
    """Return how to get the module on this distribution."""
    families = re.findall(r"^ID(?:_LIKE)?=(.*)$", machine.text("etc/os-release") or "", re.MULTILINE)
    for family, command in _INSTALL.items():
        if family in " ".join(families):
            return f"Run {command}, then `{LOAD}`, and start again."
    return what_to_do(WITH_LOOPBACK)
