"""Modes of a V4L2 camera: formats, sizes and rates, asked of its driver; and which of them is best for us."""

import contextlib
import re
import struct
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

from overlay.media.v4l2 import ask, opened

# From linux/videodev2.h.
_ENUM_FMT, _ENUM_FRAMESIZES, _ENUM_FRAMEINTERVALS = 0xC0405602, 0xC02C564A, 0xC034564B
_FMTDESC = struct.Struct("<III32sI16x")
_SIZES = struct.Struct("<III6I8x")
_INTERVALS = struct.Struct("<IIIII6I8x")
_CAPTURE, _DISCRETE = 1, 1
_MOST: Final = 64  # of each kind: no driver lists more, and a broken one could go on for ever

# What OpenCV turns into BGR itself, cheapest first: a raw picture of 1280x720 takes 0.5 to 0.6 ms, a JPEG 3.6
# (measured, one core).
RAW: Final = ("NV12", "NV21", "YU12", "YV12", "YUYV", "UYVY", "BGR3", "RGB3")
JPEG: Final = "MJPG"
# What else OpenCV turns into colour, at a higher price or of a single channel.
_OTHER_COLOURS: Final = ("411P", "AR24", "XR24", "JPEG", "BA81", "GBRG", "GRBG", "RGGB")
_GREYS: Final = ("GREY", "Y10", "Y12", "Y16")
_INFRARED: Final = re.compile(r"(?<![A-Za-z])(?:IR|infrared)(?![A-Za-z])", re.IGNORECASE)
ENOUGH: Final = 29.0  # frames a second; cameras call 30 29.97


@dataclass(frozen=True, slots=True)
class Mode:
    """One way in which a camera gives pictures.

    Attributes:
        fourcc: the format's four letters, for example "MJPG".
        width, height: in pixels.
        rate: most frames a second.
    """

    fourcc: str
    width: int
    height: int
    rate: float


def formats(path: Path) -> list[str]:
    """The formats that a camera lists by their four letters, such as MJPG; none where it lists none."""
    try:
        with opened(path) as device:
            return [fourcc for fourcc, _ in _formats(device)]
    except (ImportError, OSError):  # another system than Linux
        return []


def kind(name: str, offered: Sequence[str]) -> Literal["colour", "infrared", "unreadable"]:
    """Return what pictures a camera gives: in colour, infrared ones, or none that OpenCV can read.

    The camera that unlocks laptops by the face is an infrared one: its pictures are grey, or its name says so. H.264
    and depth cannot be read.

    Args:
        name: of the camera.
        offered: its formats, as `formats` gives them; where it lists none, as one that this user may not open, it
            counts as a colour one.
    """
    if not offered or {*RAW, JPEG, *_OTHER_COLOURS}.intersection(offered):
        return "infrared" if is_infrared(name) else "colour"
    return "infrared" if set(_GREYS).intersection(offered) else "unreadable"


def is_infrared(name: str) -> bool:
    """Whether a camera's name says that it is an infrared one."""
    return _INFRARED.search(name) is not None


def modes(path: Path) -> list[Mode]:
    """All modes that the driver of a camera lists; none where it lists none or may not be asked."""
    found: list[Mode] = []
    with contextlib.suppress(OSError), opened(path) as device:
        for fourcc, code in _formats(device):
            for width, height in _sizes(device, code):
                found += [Mode(fourcc, width, height, rate) for rate in _rates(device, code, width, height)[:1]]
    return found


def best_mode(
    choice: list[Mode], size: tuple[int, int], rate: float, readable: Sequence[str] = (*RAW, JPEG)
) -> Mode | None:
    """The mode to ask for; None where there is none that can be read.

    The largest that fits into `size` among those that are fast enough; among its formats a raw one, which costs a
    sixth of decoding a JPEG. Where none fits, the smallest; where none is fast enough, the fastest.

    Args:
        choice: what the camera can do.
        size: width and height that are wanted.
        rate: frames a second that are wanted.
        readable: formats that can be read, cheapest first.
    """

    def cheap(mode: Mode) -> int:
        return -readable.index(mode.fourcc)

    known = [mode for mode in choice if mode.fourcc in readable]
    fitting = [mode for mode in known if mode.width <= size[0] and mode.height <= size[1]]
    larger = not fitting
    fast = [mode for mode in fitting or known if mode.rate >= min(rate, ENOUGH)]
    if not fast:
        return max(fitting or known, key=lambda mode: (mode.rate, _area(mode), cheap(mode)), default=None)
    return max(fast, key=lambda mode: (-_area(mode) if larger else _area(mode), cheap(mode), mode.rate))


def common_sizes(least: tuple[int, int], most: tuple[int, int], step: tuple[int, int]) -> Iterator[tuple[int, int]]:
    """The usual sizes among those from the least to the most, in steps, and the most."""
    for width, height in ((1280, 720), (960, 540), (848, 480), (640, 480), (640, 360), most):
        if least[0] <= width <= most[0] and least[1] <= height <= most[1]:
            if (width - least[0]) % max(1, step[0]) or (height - least[1]) % max(1, step[1]):
                continue
            yield width, height


def _area(mode: Mode) -> int:
    return mode.width * mode.height


def _formats(device: int) -> Iterator[tuple[str, int]]:
    for index in range(_MOST):
        try:
            answer = ask(device, _ENUM_FMT, _FMTDESC.pack(index, _CAPTURE, 0, b"", 0), _FMTDESC.size)
        except OSError:
            return
        code = _FMTDESC.unpack(answer)[4] & 0x7FFFFFFF  # the first bit says "the other byte order"
        yield code.to_bytes(4, "little").decode("ascii", "replace").strip(), code


def _sizes(device: int, code: int) -> Iterator[tuple[int, int]]:
    for index in range(_MOST):
        try:
            answer = ask(device, _ENUM_FRAMESIZES, _SIZES.pack(index, code, 0, *[0] * 6), _SIZES.size)
        except OSError:
            return
        _, _, kind, *numbers = _SIZES.unpack(answer)
        if kind == _DISCRETE:
            yield numbers[0], numbers[1]
            continue
        least_width, most_width, width_step, least_height, most_height, height_step = numbers
        yield from common_sizes((least_width, least_height), (most_width, most_height), (width_step, height_step))
        return


def _rates(device: int, code: int, width: int, height: int) -> list[float]:
    """Frames a second, most first."""
    found: list[float] = []
    for index in range(_MOST):
        try:
            request = _INTERVALS.pack(index, code, width, height, 0, *[0] * 6)
            answer = ask(device, _ENUM_FRAMEINTERVALS, request, _INTERVALS.size)
        except OSError:
            break
        _, _, _, _, kind, numerator, denominator, *_ = _INTERVALS.unpack(answer)
        if numerator:
            found.append(denominator / numerator)  # of a range the shortest interval comes first
        if kind != _DISCRETE:
            break
    return sorted(found, reverse=True)
