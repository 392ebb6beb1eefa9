"""Pictures as single JPEG images, for browsers that cannot have them over WebRTC."""

from collections.abc import Callable
from typing import Final

import cv2

from overlay.media.frame import Picture
from overlay.media.sinks.viewers import Viewers
from overlay.media.sinks.vp8_preview import HEIGHT, LEAN_HEIGHT, LEAN_WIDTH, WIDTH, fit, scale

QUALITY: Final = 80


class StillsSink:
    """Encodes each picture once, whatever the number of viewers, and only while somebody watches.

    Args:
        clean: give the pictures without captions.
    """

    def __init__(self, *, clean: bool = False) -> None:
        self.name = "stills without captions" if clean else "stills"
        self._clean = clean
        self._viewers: Viewers[bytes] = Viewers()
        self._lean = False
        self._turn = 0

    @property
    def viewers(self) -> int:
        """The number of viewers."""
        return len(self._viewers)

    def watch(self, viewer: Callable[[bytes], None]) -> Callable[[], None]:
        """Give `viewer` each picture as JPEG from now on; called in the sink's thread, must be quick.

        Returns:
            A function that ends it.
        """
        return self._viewers.add(viewer)

    def send(self, picture: Picture) -> None:
        """Encode a picture for the viewers there are."""
        if not self._viewers:
            return
        self._turn += 1
        if self._lean and self._turn % 2:
            return
        within = (LEAN_WIDTH, LEAN_HEIGHT) if self._lean else (WIDTH, HEIGHT)
        if self._clean and picture.frame is not None:
            size = fit(*picture.frame.size, within=within)
            pixels = cv2.resize(picture.frame.pixels, size, interpolation=cv2.INTER_AREA)
        else:
            pixels = cv2.cvtColor(scale(picture.i420, *fit(*picture.size, within=within)), cv2.COLOR_YUV2BGR_I420)
        _, jpeg = cv2.imencode(".jpg", pixels, [cv2.IMWRITE_JPEG_QUALITY, QUALITY])
        self._viewers.hand_out(jpeg.tobytes())

    def spare(self, lean: bool) -> None:
        """Smaller pictures and half of them, or all again. From any thread."""
        self._lean = lean

    def close(self) -> None:
        """Let go of the viewers."""
        self._viewers.clear()
