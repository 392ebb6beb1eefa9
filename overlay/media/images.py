"""Picture files from elsewhere: their size is known before anything is decoded, and what leaves is encoded anew."""

import re
import struct
from pathlib import Path
from typing import Final

import cv2
import numpy as np

from overlay.core.errors import SigncapError
from overlay.core.process.native_output import silence_opencv
from overlay.media.frame import LONGEST_SIDE, Pixels

MOST_PIXELS: Final = 40_000_000
MOST_BYTES: Final = 20_000_000
LARGEST_FILE: Final = 200_000_000  # bytes of a file in a folder of pictures: 40 megapixels, not compressed, have 120
KINDS: Final = "JPEG, PNG, WebP or BMP"

MOST_MARKERS: Final = 2000  # of a JPEG file before its size; a camera writes some ten, with a profile a few hundred
_PNG = b"\x89PNG\r\n\x1a\n"
_STANDALONE = frozenset((0x01, *range(0xD0, 0xD9)))  # JPEG markers that nothing belongs to
_FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}  # those that tell the size
_NOT_FILLED = re.compile(rb"[^\xff]")


def picture_size(data: bytes) -> tuple[int, int] | None:
    """Width and height that the head of a JPEG, PNG, WebP or BMP file tells; None for anything else."""
    try:
        if data[:3] == b"\xff\xd8\xff":
            return _jpeg_size(data)
        if data[:8] == _PNG and data[12:16] == b"IHDR":
            return _sides(*struct.unpack_from(">II", data, 16))
        if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
            return _webp_size(data)
        if data[:2] == b"BM":
            if struct.unpack_from("<I", data, 14)[0] == 12:
                return _sides(*struct.unpack_from("<HH", data, 18))
            width, height = struct.unpack_from("<ii", data, 18)
            return _sides(width, abs(height))
    except (struct.error, IndexError):  # cut off
        return None
    return None


def _sides(width: int, height: int) -> tuple[int, int] | None:
    return (width, height) if width > 0 and height > 0 else None


def _jpeg_size(data: bytes) -> tuple[int, int] | None:
    place = 2
    for _ in range(MOST_MARKERS):
        place = data.find(b"\xff", place)
        found = _NOT_FILLED.search(data, place) if place >= 0 else None
        if found is None:
            return None
        marker = data[found.start()]
        place = found.end()
        if marker == 0 or marker in _STANDALONE:
            continue
        if marker in (0xD9, 0xDA):  # the end, or pixels, before any size
            return None
        if marker in _FRAMES:
            height, width = struct.unpack_from(">HH", data, place + 3)
            return _sides(width, height)
        place += struct.unpack_from(">H", data, place)[0]
    return None


def _webp_size(data: bytes) -> tuple[int, int] | None:
    kind = data[12:16]
    if kind == b"VP8X":
        return _sides(int.from_bytes(data[24:27], "little") + 1, int.from_bytes(data[27:30], "little") + 1)
    if kind == b"VP8L":
        bits = struct.unpack_from("<I", data, 21)[0]
        return _sides((bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1)
    if kind == b"VP8 ":
        width, height = struct.unpack_from("<HH", data, 26)
        return _sides(width & 0x3FFF, height & 0x3FFF)
    return None


def decode_picture(data: bytes, name: str, flags: int = cv2.IMREAD_COLOR) -> Pixels:
    """BGR uint8 (H, W, 3) of a picture file, the way up that its metadata ask for.

    Args:
        data: what is in the file.
        name: of the file, for people.
        flags: OpenCV's, for a smaller or grey picture.

    Raises:
        SigncapError: it is no picture, or too large a one; says what to do.
    """
    size = picture_size(data)
    if size is None:
        raise SigncapError(f"{name} is not a picture that can be read: choose a {KINDS} file.")
    _check_size(size, name)
    silence_opencv()
    try:
        pixels = cv2.imdecode(np.frombuffer(data, np.uint8), flags)
    except cv2.error:
        pixels = None
    if pixels is None:
        raise SigncapError(f"{name} is damaged: choose another {KINDS} file.")
    _check_size((pixels.shape[1], pixels.shape[0]), name)  # a second head may say something else
    return np.asarray(pixels, np.uint8)


def _check_size(size: tuple[int, int], name: str) -> None:
    if size[0] * size[1] > MOST_PIXELS:
        raise SigncapError(
            f"{name} has {size[0]} × {size[1]} pixels: choose a picture of at most "
            f"{MOST_PIXELS // 1_000_000} megapixels."
        )
    if max(size) > LONGEST_SIDE:  # native libraries abort, and with them the program
        raise SigncapError(
            f"{name} has {size[0]} × {size[1]} pixels: choose a picture with sides of at most {LONGEST_SIDE} pixels, "
            "or cut the hand out of it."
        )


def read_picture(path: Path, flags: int = cv2.IMREAD_COLOR) -> Pixels | None:
    """A picture file as BGR uint8 (H, W, 3), the way up that its metadata ask for; None if it cannot be read.

    Args:
        path: of the file.
        flags: OpenCV's, for a smaller or grey picture.
    """
    try:
        if path.stat().st_size > LARGEST_FILE:
            return None
        return decode_picture(path.read_bytes(), path.name, flags)
    except (OSError, SigncapError):
        return None


def shrink(pixels: Pixels, side: int) -> Pixels:
    """The picture with no side longer than `side` pixels."""
    scale = side / max(pixels.shape[:2])
    if scale < 1:
        size = tuple(max(round(length * scale), 1) for length in pixels.shape[1::-1])
        pixels = np.asarray(cv2.resize(pixels, size, interpolation=cv2.INTER_AREA), np.uint8)
    return pixels


def encode_jpeg(pixels: Pixels, quality: int = 88) -> bytes:
    """BGR uint8 (H, W, 3) as a JPEG file."""
    _, data = cv2.imencode(".jpg", pixels, [cv2.IMWRITE_JPEG_QUALITY, quality])
    return bytes(data)


def thumbnail(path: Path, side: int) -> bytes:
    """A picture file as a small JPEG, without anything else that was in it.

    Args:
        path: of the file.
        side: the longest side may have so many pixels.

    Raises:
        SigncapError: it cannot be read, or is no picture.
    """
    try:
        if path.stat().st_size > MOST_BYTES:
            raise SigncapError(f"{path.name} has more than {MOST_BYTES // 1_000_000} MB.")
        data = path.read_bytes()
    except OSError as error:
        raise SigncapError(f"{path.name} cannot be read ({error.strerror}).") from error
    return encode_jpeg(shrink(decode_picture(data, path.name), side))
