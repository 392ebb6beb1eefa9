"""Formats of pictures and buffers for PipeWire, in the bytes that it speaks ("pods")."""

import struct
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Final

from overlay.media.v4l2_modes import JPEG, RAW, Mode, common_sizes

# From spa/utils/type.h, spa/param/*.h and spa/pod/pod.h: numbers that stay as they are from version to version.
_ID, _INT, _RECTANGLE, _FRACTION, _OBJECT, _CHOICE = 3, 4, 10, 11, 15, 19
_NONE, _RANGE, _STEP, _ENUM, _FLAGS = 0, 1, 2, 3, 4
_FORMAT = 0x40003
ENUM_FORMAT: Final = 3
FORMAT: Final = 4
_TYPE, _SUBTYPE, _VIDEO_FORMAT, _SIZE, _RATE = 0x1, 0x2, 0x20001, 0x20003, 0x20004
_VIDEO, _RAW, _MJPG, _I420 = 2, 1, 0x20002, 2
_NARROW_RANGE, _BT601 = 2, 4
_PARAM_BUFFERS, _BUFFERS = 0x40004, 5
_OWN_MEMORY, _SHARED_MEMORY = 1 << 1, 1 << 2
_MOST_PODS: Final = 1000  # in one pod: nothing real has as many, and a broken one ends there

# The four letters that V4L2 has for the formats of PipeWire that can be read, cheapest first.
_FOURCCS: Final = {
    "NV12": 23,
    "NV21": 24,
    "YU12": 2,
    "YV12": 3,
    "YUYV": 4,
    "UYVY": 5,
    "BGR3": 16,
    "RGB3": 15,
    "XR24": 8,
    "AR24": 12,
    "XB24": 7,
    "AB24": 11,
}
_GREY: Final = {"GREY": 25}
READABLE: Final = (*RAW, "XR24", "AR24", "XB24", "AB24", JPEG, *_GREY)
_NUMBERS: Final = _FOURCCS | _GREY
_NAMES: Final = {number: fourcc for fourcc, number in _NUMBERS.items()}


@dataclass(frozen=True, slots=True)
class _Choice:
    """Values to choose from: a range or step has the default, the least and the most, an enumeration all."""

    kind: int
    values: tuple[Any, ...]

    @property
    def alternatives(self) -> tuple[Any, ...]:
        """The values, each once; of a range the default, the least and the most."""
        return tuple(dict.fromkeys(self.values))


_FEWEST, _USUAL, MOST_BUFFERS = 2, 8, 16


def picture_format(size: tuple[int, int], fps: float) -> bytes:
    """Raw I420 pictures, coloured as BT.601 with brightness from 16 to 235, as OpenCV makes them.

    Args:
        size: width and height.
        fps: pictures a second.
    """
    rate = Fraction(fps).limit_denominator(1001)
    return _object(
        _FORMAT,
        ENUM_FORMAT,
        {
            _TYPE: _id(_VIDEO),
            _SUBTYPE: _id(_RAW),
            _VIDEO_FORMAT: _id(_I420),
            _SIZE: _pod(_RECTANGLE, struct.pack("=II", *size)),
            _RATE: _pod(_FRACTION, struct.pack("=II", rate.numerator, rate.denominator)),
            0x2000C: _id(_NARROW_RANGE),
            0x2000D: _id(_BT601),
        },
    )


def buffers(size: tuple[int, int]) -> bytes:
    """Shared memory, one block a picture.

    Args:
        size: width and height.
    """
    width, height = size
    return _object(
        _PARAM_BUFFERS,
        _BUFFERS,
        {
            1: _choice(_RANGE, _USUAL, _FEWEST, MOST_BUFFERS),
            2: _int(1),
            3: _int(width * height * 3 // 2),
            4: _int(width),
            6: _choice(_FLAGS, _SHARED_MEMORY),
        },
    )


def wished_formats(best: Mode | None, size: tuple[int, int], rate: float) -> list[bytes]:
    """Return what to ask a camera for, the most wanted first.

    Args:
        best: the mode that fits best; None where the camera does not list any. Where another program reads the camera
            in another one already, that must do.
        size: width and height that are wanted then.
        rate: frames a second that are wanted then.
    """
    wished = [] if best is None else [_wished((best.fourcc,), best, exact=True)]
    usual = Mode("", *size, rate)
    return [*wished, _wished(tuple(_NUMBERS), usual, exact=False), _wished((JPEG,), usual, exact=False)]


def _wished(fourccs: Sequence[str], mode: Mode, *, exact: bool) -> bytes:
    size, rate = struct.pack("=II", mode.width, mode.height), Fraction(mode.rate).limit_denominator(1001)
    parts = {_TYPE: _id(_VIDEO), _SUBTYPE: _id(_MJPG if JPEG in fourccs else _RAW)}
    if JPEG not in fourccs:
        numbers = [struct.pack("=I", _NUMBERS[fourcc]) for fourcc in fourccs]
        # The first value of an enumeration is the default, and stands among the others once more.
        parts[_VIDEO_FORMAT] = _id(_NUMBERS[fourccs[0]]) if exact else _choice_of(_ENUM, _ID, numbers[0], *numbers)
    parts[_SIZE] = (
        _pod(_RECTANGLE, size)
        if exact
        else _choice_of(_RANGE, _RECTANGLE, size, struct.pack("=II", 16, 16), struct.pack("=II", 8192, 8192))
    )
    # Cameras whose rate changes with the light announce 0.
    usual, least, most = (struct.pack("=II", *pair) for pair in (rate.as_integer_ratio(), (0, 1), (1000, 1)))
    variable = not exact or mode.rate <= 0
    parts[_RATE] = _choice_of(_RANGE, _FRACTION, usual, least, most) if variable else _pod(_FRACTION, usual)
    return _object(_FORMAT, ENUM_FORMAT, parts)


def buffers_to_read() -> bytes:
    """Memory that can be read without further ado, of whatever size and in whatever blocks the camera likes."""
    return _object(
        _PARAM_BUFFERS,
        _BUFFERS,
        {
            1: _choice(_RANGE, _USUAL, _FEWEST, MOST_BUFFERS),
            6: _choice(_FLAGS, _OWN_MEMORY | _SHARED_MEMORY),
        },
    )


def offered_modes(pod: bytes, rate: float) -> Iterator[Mode]:
    """The modes in one format that a camera offers; none where it cannot be read.

    Args:
        pod: the format, with choices.
        rate: frames a second that are wanted.
    """
    parts = _parts(pod)
    for fourcc in _fourccs(parts):
        for width, height in _sizes(parts.get(_SIZE)):
            yield Mode(fourcc, width, height, _best_rate(parts.get(_RATE), rate))


def agreed_mode(pod: bytes) -> Mode | None:
    """The mode in a format that was agreed on; None where it cannot be read."""
    return next(offered_modes(pod, 0.0), None)


def _fourccs(parts: dict[int, Any]) -> list[str]:
    if parts.get(_TYPE) != _VIDEO:
        return []
    if parts.get(_SUBTYPE) == _MJPG:
        return [JPEG]
    if parts.get(_SUBTYPE) != _RAW:
        return []
    return [_NAMES[number] for number in _alternatives(parts.get(_VIDEO_FORMAT)) if number in _NAMES]


def _sizes(value: Any) -> list[tuple[int, int]]:
    if isinstance(value, _Choice) and value.kind in (_RANGE, _STEP) and len(value.values) >= 3:
        step = value.values[3] if value.kind == _STEP and len(value.values) > 3 else (1, 1)
        return list(common_sizes(value.values[1], value.values[2], step))
    return [size for size in _alternatives(value) if isinstance(size, tuple)]


def _best_rate(value: Any, wanted: float) -> float:
    """The slowest that is fast enough, or the fastest there is; 0 where it changes with the light."""
    if isinstance(value, _Choice) and value.kind in (_RANGE, _STEP) and len(value.values) >= 3:
        return min(max(wanted, float(value.values[1])), float(value.values[2]))
    rates = [float(rate) for rate in _alternatives(value) if isinstance(rate, Fraction)]
    return min((rate for rate in rates if rate >= wanted - 1.0), default=max(rates, default=0.0))


def _alternatives(value: Any) -> tuple[Any, ...]:
    if value is None:
        return ()
    return value.alternatives if isinstance(value, _Choice) else (value,)


def _parts(pod: bytes) -> dict[int, Any]:
    """The properties of an object by their numbers; those of kinds that are not known here are left out."""
    found: dict[int, Any] = {}
    place = 16
    end = min(len(pod), 8 + struct.unpack_from("=I", pod)[0]) if len(pod) >= place else 0
    while place + 16 <= end and len(found) < _MOST_PODS:
        key, _ = struct.unpack_from("=II", pod, place)
        size, kind = struct.unpack_from("=II", pod, place + 8)
        value = _value(kind, pod[place + 16 : min(end, place + 16 + size)])
        if value is not None:
            found[key] = value
        place += 16 + size + -size % 8
    return found


def _value(kind: int, body: bytes) -> Any:
    if kind in (_ID, _INT) and len(body) >= 4:
        return struct.unpack_from("=I" if kind == _ID else "=i", body)[0]
    if kind in (_RECTANGLE, _FRACTION) and len(body) >= 8:
        first, second = struct.unpack_from("=II", body)
        return (first, second) if kind == _RECTANGLE else Fraction(first, second or 1)
    if kind == _CHOICE and len(body) >= 16:
        choice, _, size, child = struct.unpack_from("=IIII", body)
        places = range(16, len(body) - size + 1, size) if size else range(0)
        values = [_value(child, body[place : place + size]) for place in places[:_MOST_PODS]]
        known = tuple(value for value in values if value is not None)
        if not known:
            return None
        return known[0] if choice == _NONE else _Choice(choice, known)
    return None


def _id(number: int) -> bytes:
    return _pod(_ID, struct.pack("=I", number))


def _choice_of(kind: int, child: int, *values: bytes) -> bytes:
    return _pod(_CHOICE, struct.pack("=IIII", kind, 0, len(values[0]), child) + b"".join(values))


def _pod(kind: int, body: bytes) -> bytes:
    return struct.pack("=II", len(body), kind) + body + bytes(-len(body) % 8)


def _int(value: int) -> bytes:
    return _pod(_INT, struct.pack("=i", value))


def _choice(kind: int, *values: int) -> bytes:
    return _choice_of(kind, _INT, *(struct.pack("=i", value) for value in values))


def _object(kind: int, identity: int, properties: dict[int, bytes]) -> bytes:
    body = b"".join(struct.pack("=II", key, 0) + value for key, value in properties.items())
    return _pod(_OBJECT, struct.pack("=II", kind, identity) + body)
