"""Pictures of one size in a device of another: scaled as they are, with black bars where they do not reach."""

import cv2
import numpy as np

from overlay.media.frame import Pixels

BLANK = (16, 128, 128)  # black, in the three planes


def letterbox(i420: Pixels, size: tuple[int, int]) -> Pixels:
    """Scale an I420 picture, keeping its shape.

    Args:
        i420: uint8 (H * 3 / 2, W), planar YUV 4:2:0, W and H even.
        size: width and height wanted, both even.

    Returns:
        uint8 (height * 3 / 2, width), contiguous; the picture itself where it has that size already.
    """
    width, height = i420.shape[1], i420.shape[0] * 2 // 3
    i420 = np.ascontiguousarray(i420)
    if (width, height) == size:
        return i420
    scale = min(size[0] / width, size[1] / height)
    way = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
    result = np.empty((size[1] * 3 // 2, size[0]), np.uint8)
    for source, target, blank in zip(_planes(i420), _planes(result), BLANK, strict=True):
        full = target.shape == (size[1], size[0])
        inner_width, inner_height = (max(1, round(side * scale / 2)) * (2 if full else 1) for side in (width, height))
        left, top = (target.shape[1] - inner_width) // 2, (target.shape[0] - inner_height) // 2
        if full:
            left, top = left - left % 2, top - top % 2
        target[:] = blank
        target[top : top + inner_height, left : left + inner_width] = cv2.resize(
            source, (inner_width, inner_height), interpolation=way
        )
    return result


def _planes(i420: Pixels) -> tuple[Pixels, Pixels, Pixels]:
    """Views of brightness and the two colours."""
    width, height = i420.shape[1], i420.shape[0] * 2 // 3
    flat, size = i420.reshape(-1), width * height
    colours = flat[size:].reshape(2, height // 2, width // 2)
    return flat[:size].reshape(height, width), colours[0], colours[1]
