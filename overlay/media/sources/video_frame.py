"""From a decoded picture of a video to pixels as they are meant: square, in true colours, the right way up."""

from fractions import Fraction
from typing import Final

import av
import numpy as np
from av.sidedata.sidedata import SideData
from av.video.reformatter import Colorspace

from overlay.media.frame import Pixels

SHAPES: Final = (Fraction(1, 4), Fraction(4))  # pixels that are wider or higher than that are a mistake in the file
UNTOLD: Final = 2  # of FFmpeg's colour spaces
HIGH: Final = 720  # lines; from there on players take untold colours for BT.709's


class Developer:
    """Makes the pixels of the pictures of one stream, one after the other.

    PyAV's picture and its side data, once they are looked at, refer to each other: its pixels stay in memory until
    the garbage collector comes, which may be after hundreds of pictures, and for some after hours. So the matrix by
    which pictures are turned and mirrored is looked at only where its angle, which can be had without, is another one
    than before.

    Args:
        stream: of pictures.
    """

    def __init__(self, stream: av.VideoStream) -> None:
        shape = stream.sample_aspect_ratio
        self._stream = stream
        self._shape = Fraction(shape) if shape and SHAPES[0] <= shape <= SHAPES[1] else Fraction(1)
        self._angle: int | None = None
        self._matrix: tuple[int, int, int, int] | None = None

    @property
    def size(self) -> tuple[int, int]:
        """Width and height with square pixels, as the file says, before pictures are turned."""
        return self.square(self._stream.width, self._stream.height)

    def pixels(self, picture: av.VideoFrame) -> Pixels:
        """BGR uint8 (H, W, 3) with square pixels, turned the way up that the file's metadata ask for."""
        width, height = self.square(picture.width, picture.height)
        told = Colorspace.ITU709 if picture.colorspace == UNTOLD and picture.height >= HIGH else None
        pixels = picture.to_ndarray(format="bgr24", width=width, height=height, src_colorspace=told)
        return self._upright(np.asarray(pixels, np.uint8), picture)

    def square(self, width: int, height: int) -> tuple[int, int]:
        """The size with square pixels: never smaller."""
        shape = self._shape  # how wide a pixel is for its height
        return (round(width * shape), height) if shape > 1 else (width, round(height / shape))

    def _upright(self, pixels: Pixels, picture: av.VideoFrame) -> Pixels:
        if picture.rotation != self._angle:
            self._angle, self._matrix = picture.rotation, _matrix(picture)
        if self._matrix is None:
            return pixels
        right, down, also_right, also_down = self._matrix
        if abs(right) + abs(also_down) >= abs(down) + abs(also_right):
            return np.ascontiguousarray(pixels[:: _way(also_down), :: _way(right)])
        return np.ascontiguousarray(pixels.transpose(1, 0, 2)[:: _way(down), :: _way(also_right)])


def _matrix(picture: av.VideoFrame) -> tuple[int, int, int, int] | None:
    """How far right and down each step right, and each step down, leads; None where that is not told."""
    told = picture.side_data.get("DISPLAYMATRIX")
    if not isinstance(told, SideData):
        return None
    right, down, _, also_right, also_down, _ = np.frombuffer(bytes(told), np.int32)[:6].tolist()
    return right, down, also_right, also_down


def _way(share: int) -> int:
    return -1 if share < 0 else 1
