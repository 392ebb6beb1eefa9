"""Formats of pictures and buffers for PipeWire, in the bytes that it speaks ("pods")."""

import struct
from fractions import Fraction

# From spa/utils/type.h, spa/param/*.h and spa/pod/pod.h: numbers that stay as they are from version to version.
_ID, _INT, _RECTANGLE, _FRACTION, _OBJECT, _CHOICE = 3, 4, 10, 11, 15, 19
_RANGE, _FLAGS = 1, 4
_FORMAT, _ENUM_FORMAT = 0x40003, 3
_VIDEO, _RAW, _I420 = 2, 1, 2
_NARROW_RANGE, _BT601 = 2, 4
_PARAM_BUFFERS, _BUFFERS = 0x40004, 5
_SHARED_MEMORY = 1 << 2

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
        _ENUM_FORMAT,
        {
            0x1: _pod(_ID, struct.pack("=I", _VIDEO)),
            0x2: _pod(_ID, struct.pack("=I", _RAW)),
            0x20001: _pod(_ID, struct.pack("=I", _I420)),
            0x20003: _pod(_RECTANGLE, struct.pack("=II", *size)),
            0x20004: _pod(_FRACTION, struct.pack("=II", rate.numerator, rate.denominator)),
            0x2000C: _pod(_ID, struct.pack("=I", _NARROW_RANGE)),
            0x2000D: _pod(_ID, struct.pack("=I", _BT601)),
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


def _pod(kind: int, body: bytes) -> bytes:
    return struct.pack("=II", len(body), kind) + body + bytes(-len(body) % 8)


def _int(value: int) -> bytes:
    return _pod(_INT, struct.pack("=i", value))


def _choice(kind: int, *values: int) -> bytes:
    return _pod(_CHOICE, struct.pack("=IIII", kind, 0, 4, _INT) + struct.pack(f"={len(values)}i", *values))


def _object(kind: int, identity: int, properties: dict[int, bytes]) -> bytes:
    body = b"".join(struct.pack("=II", key, 0) + value for key, value in properties.items())
    return _pod(_OBJECT, struct.pack("=II", kind, identity) + body)
