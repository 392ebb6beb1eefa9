"""Raw pictures of cameras in memory, turned into BGR."""

from typing import Final

import cv2
import numpy as np

from overlay.media.frame import Pixels
from overlay.media.v4l2_modes import JPEG

Plane = tuple[bytes, int]

# Bytes of a pixel, and what OpenCV calls the way to BGR; None where it is BGR already.
_PACKED: Final[dict[str, tuple[int, int | None]]] = {
    "YUYV": (2, cv2.COLOR_YUV2BGR_YUY2),
    "UYVY": (2, cv2.COLOR_YUV2BGR_UYVY),
    "BGR3": (3, None),
    "RGB3": (3, cv2.COLOR_RGB2BGR),
    "XR24": (4, cv2.COLOR_BGRA2BGR),
    "AR24": (4, cv2.COLOR_BGRA2BGR),
    "XB24": (4, cv2.COLOR_RGBA2BGR),
    "AB24": (4, cv2.COLOR_RGBA2BGR),
    "GREY": (1, cv2.COLOR_GRAY2BGR),
}
# Whether the two colours take turns in one plane, or have one each.
_PLANAR: Final[dict[str, tuple[bool, int]]] = {
    "NV12": (True, cv2.COLOR_YUV2BGR_NV12),
    "NV21": (True, cv2.COLOR_YUV2BGR_NV21),
    "YU12": (False, cv2.COLOR_YUV2BGR_I420),
    "YV12": (False, cv2.COLOR_YUV2BGR_YV12),
}


def to_bgr(planes: list[Plane], fourcc: str, size: tuple[int, int]) -> Pixels | None:
    """Return a picture as uint8 (height, width, 3), or None where it is not whole or of another format.

    Args:
        planes: its blocks of memory and the bytes of a row in each, 0 for rows without a gap; brightness and colours
            together in one block, or in one each.
        fourcc: its format, as V4L2 calls it.
        size: width and height; formats of several planes have even ones, an odd last row or column is left out.
    """
    if not planes or not planes[0][0]:
        return None
    if fourcc == JPEG:
        decoded = cv2.imdecode(np.frombuffer(planes[0][0], np.uint8), cv2.IMREAD_COLOR)
        return None if decoded is None else decoded.astype(np.uint8, copy=False)
    if fourcc in _PACKED:
        depth, way = _PACKED[fourcc]
        rows = _rows(planes[0], size[0] * depth, size[1])
        if rows is None:
            return None
        packed = np.ascontiguousarray(rows).reshape(size[1], size[0], depth)
        return packed if way is None else _converted(packed, way)
    if fourcc in _PLANAR:
        shared, way = _PLANAR[fourcc]
        together = _together(planes, shared, (size[0] - size[0] % 2, size[1] - size[1] % 2), size[1])
        return None if together is None else _converted(together, way)
    return None


def _converted(pixels: Pixels, way: int) -> Pixels:
    return cv2.cvtColor(pixels, way).astype(np.uint8, copy=False)


def _together(planes: list[Plane], shared: bool, size: tuple[int, int], full_height: int) -> Pixels | None:
    """The planes below each other without gaps, as OpenCV wants them: (height * 3 / 2, width)."""
    width, height = size
    if len(planes) == 1:
        content, stride = planes[0]
        stride = stride or width
        begin = stride * full_height
        chroma = stride if shared else (stride + 1) // 2
        middle = begin + chroma * ((full_height + 1) // 2)
        parts = [(content[:begin], stride), (content[begin:] if shared else content[begin:middle], chroma)]
        planes = parts if shared else [*parts, (content[middle:], chroma)]
    widths = [width, width] if shared else [width, width // 2, width // 2]
    if len(planes) != len(widths):
        return None
    heights = [height, *[height // 2] * (len(planes) - 1)]
    found = [_rows(*one) for one in zip(planes, widths, heights, strict=True)]
    whole = [np.ascontiguousarray(rows).reshape(-1) for rows in found if rows is not None]
    return np.concatenate(whole).reshape(height * 3 // 2, width) if len(whole) == len(planes) else None


def _rows(plane: Plane, width: int, height: int) -> Pixels | None:
    """So many rows of so many bytes, without what stands between them; None where there are fewer."""
    content, stride = plane
    stride = stride or width
    # The last row may end without its gap.
    if stride < width or len(content) < stride * (height - 1) + width:
        return None
    flat = np.frombuffer(content, np.uint8)
    return np.lib.stride_tricks.as_strided(flat, (height, width), (stride, 1), writeable=False)
