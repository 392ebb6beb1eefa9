"""Which formats of pictures a camera of Linux offers."""

import ctypes
import os
import struct
from pathlib import Path

# From linux/videodev2.h: struct v4l2_fmtdesc is 64 bytes.
_ENUM_FMT = 0xC0405602
_DESCRIPTION = struct.Struct("<III32sI16x")
_TYPE_CAPTURE = 1
_MOST = 64


def camera_formats(device: Path) -> list[str]:
    """The formats by their four letters, such as MJPG and YUYV; none where the device does not say."""
    try:
        import fcntl  # not there on Windows

        handle = os.open(device, os.O_RDWR | os.O_NONBLOCK)
    except (ImportError, OSError):
        return []
    found: list[str] = []
    try:
        for index in range(_MOST):
            buffer = ctypes.create_string_buffer(
                _DESCRIPTION.pack(index, _TYPE_CAPTURE, 0, b"", 0), _DESCRIPTION.size
            )
            fcntl.ioctl(handle, _ENUM_FMT, buffer)  # type: ignore[call-overload,unused-ignore]
            code = _DESCRIPTION.unpack(buffer.raw)[4] & 0x7FFFFFFF  # the first bit says "the other byte order"
            name = code.to_bytes(4, "little").decode("ascii", "replace").strip()
            if name not in found:
                found.append(name)
    except OSError:
        pass  # that was the last one
    finally:
        os.close(handle)
    return found
