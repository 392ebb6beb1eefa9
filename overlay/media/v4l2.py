"""Facts about Linux's video devices, asked of the driver itself: nothing here opens a stream."""

import contextlib
import ctypes
import os
import re
import stat
import struct
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

DEV = Path("/dev")
SIGNCAP = "signcap"  # the name of its process
LOOPBACK_DRIVER = "v4l2 loopback"

# From linux/videodev2.h: struct v4l2_capability is 104 bytes, struct v4l2_format 208 on 64-bit machines.
_QUERYCAP = 0x80685600
_G_FMT = 0xC0D05604
_TRY_FMT = 0xC0D05640
_CAPABILITY = struct.Struct("<16s32s32sIII12x")
_FORMAT = struct.Struct("<I4xIII184x4x")
_TYPE_OUTPUT = 2
_CAPTURE, _OUTPUT, _M2M, _CAPTURE_MPLANE, _HAS_DEVICE_CAPS = 0x1, 0x2, 0x8000, 0x1000, 0x80000000
_IO_MC = 0x20000000  # gives raw pictures of a sensor, once libcamera has set up the media controller
_I420 = int.from_bytes(b"YU12", "little")


@dataclass(frozen=True, slots=True)
class VideoDevice:
    """A device file of a camera, real or virtual.

    Attributes:
        path: for example /dev/video0.
        name: as shown to people in calls.
        driver: of the kernel; empty where it may not be asked.
        captures: pictures can be read from it.
        outputs: pictures can be written to it.
    """

    path: Path
    name: str
    driver: str = ""
    captures: bool = True
    outputs: bool = False

    @property
    def is_loopback(self) -> bool:
        """A virtual camera of v4l2loopback that pictures can be written to."""
        return self.outputs and self.driver == LOOPBACK_DRIVER


def video_devices() -> list[VideoDevice]:
    """All video devices, in the order of their numbers; none on other systems than Linux."""
    if not sys.platform.startswith("linux"):
        return []
    paths = [path for path in DEV.glob("video*") if path.name[5:].isdigit()]
    return [_describe(path) for path in sorted(paths, key=lambda path: int(path.name[5:]))]


def _describe(path: Path) -> VideoDevice:
    try:
        with opened(path) as device:
            driver, card, _, _, capabilities, own = _CAPABILITY.unpack(ask(device, _QUERYCAP, b"", _CAPABILITY.size))
    except OSError:
        name = Path("/sys/class/video4linux") / path.name / "name"
        try:
            return VideoDevice(path, name.read_text().strip())
        except OSError:
            return VideoDevice(path, path.name)
    able = own if capabilities & _HAS_DEVICE_CAPS else capabilities
    return VideoDevice(
        path,
        _text(card),
        _text(driver),
        captures=bool(able & (_CAPTURE | _CAPTURE_MPLANE)) and not able & (_M2M | _IO_MC),
        outputs=bool(able & _OUTPUT) and not able & _M2M,
    )


def output_size(path: Path, size: tuple[int, int] | None = None) -> tuple[int, int] | None:
    """Width and height that pictures written to a virtual camera have; None where the driver does not say.

    Args:
        path: the device.
        size: ask what would become of this size, which a reader or a setting may have fixed otherwise;
            without it, what is set now.
    """
    width, height = size or (0, 0)
    request = _FORMAT.pack(_TYPE_OUTPUT, width, height, _I420)
    try:
        with opened(path) as device:
            answer = ask(device, _TRY_FMT if size else _G_FMT, request, _FORMAT.size)
    except OSError:
        return None
    _, width, height, _ = _FORMAT.unpack(answer)
    return (width, height) if width and height else None


def is_fed(path: Path, root: Path = Path("/")) -> bool:
    """Whether a program writes pictures to a virtual camera now, as far as v4l2loopback tells; `root` holds /sys."""
    folder = root / "sys/devices/virtual/video4linux" / path.name
    with contextlib.suppress(OSError):
        return (folder / "state").read_text().strip() == "capture"
    with contextlib.suppress(OSError):  # old ones tell the format, while somebody writes in it
        return bool((folder / "format").read_text().strip())
    return False


def is_camera(device: VideoDevice, root: Path = Path("/")) -> bool:
    """Whether pictures can be read from a device: a real camera, or a virtual one that another program feeds.

    Where v4l2loopback runs with `exclusive_caps=0`, a device says of itself that it captures and outputs at once,
    whether or not somebody writes to it. Signcap's own virtual camera is no camera to read: it would show itself.

    Args:
        device: as `video_devices` lists it.
        root: the folder that holds /sys and /proc.
    """
    if not device.captures or (device.is_loopback and not is_fed(device.path, root)):
        return False
    return signcap_use(device.path, root) != "writes"


def signcap_use(path: Path, root: Path = Path("/")) -> Literal["reads", "writes"] | None:
    """Return what a Signcap that this user may look into, this one included, has a device open for.

    Args:
        path: of the device.
        root: the folder that holds /proc.
    """
    folder = root / "proc"
    others = [process for process in folder.glob("[0-9]*") if _file_text(process / "comm").strip() == SIGNCAP]
    found: Literal["reads"] | None = None
    for process in (folder / "self", *others):
        with contextlib.suppress(OSError):
            for entry in (process / "fd").iterdir():
                if _link(entry) != str(path):
                    continue
                flags = re.search(r"^flags:\s*([0-7]+)", _file_text(process / "fdinfo" / entry.name), re.MULTILINE)
                if flags and int(flags[1], 8) & 3 == os.O_WRONLY:  # as pyvirtualcam opens them
                    return "writes"
                found = "reads"
    return found


def users(path: Path) -> list[str]:
    """Names of the other programs of this user that have a device open, as far as the system tells."""
    found: set[str] = set()
    try:
        device = path.stat().st_rdev
    except OSError:
        return []
    for process in Path("/proc").glob("[0-9]*"):
        if process.name == str(os.getpid()):
            continue
        with contextlib.suppress(OSError):
            for entry in (process / "fd").iterdir():
                with contextlib.suppress(OSError):
                    facts = entry.stat()
                    if stat.S_ISCHR(facts.st_mode) and facts.st_rdev == device:
                        found.add((process / "comm").read_text().strip())
                        break
    return sorted(found)


@contextlib.contextmanager
def opened(path: Path) -> Iterator[int]:
    """A device's file descriptor, to ask its driver with; no stream is opened.

    Raises:
        OSError: it may not be opened.
    """
    device = os.open(path, os.O_RDWR | os.O_NONBLOCK)
    try:
        yield device
    finally:
        os.close(device)


def ask(device: int, request: int, content: bytes, size: int) -> bytes:
    """Return a driver's answer to an ioctl.

    Args:
        device: file descriptor.
        request: number of the ioctl.
        content: beginning of the struct that it takes.
        size: of that struct, in bytes.

    Raises:
        OSError: the driver refuses, or knows no such thing.
    """
    import fcntl  # not there on Windows

    buffer = ctypes.create_string_buffer(content, size)
    fcntl.ioctl(device, request, buffer)  # type: ignore[call-overload,unused-ignore]
    return buffer.raw


def _text(field: bytes) -> str:
    return field.split(b"\0")[0].decode("utf-8", "replace")


def _file_text(path: Path) -> str:
    try:
        return path.read_text("utf-8", "replace")
    except OSError:
        return ""


def _link(path: Path) -> str | None:
    try:
        return os.readlink(path)
    except OSError:
        return None
