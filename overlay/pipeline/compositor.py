"""From a frame and what is known of it to the picture that the sinks are given."""

import cv2
import numpy as np

from overlay.captions.renderer import CaptionRenderer
from overlay.core.settings import Settings
from overlay.media.frame import Frame, Picture
from overlay.pipeline.result import CaptionResult


class Composer:
    """Draws once and converts once, for all sinks."""

    def __init__(self) -> None:
        self._renderer = CaptionRenderer()

    def compose(
        self,
        frame: Frame,
        reading: CaptionResult,
        settings: Settings,
        *,
        at: float | None = None,
        notice: str | None = None,
    ) -> Picture:
        """The captioned picture of a frame.

        Args:
            frame: left as it is.
            reading: the newest there is; it may be about an earlier frame.
            settings: how captions look.
            at: time of the picture in seconds; the frame's own by default.
            notice: what people should know now.
        """
        at = frame.at if at is None else at
        width, height = (side - side % 2 for side in frame.size)  # 4:2:0 has no odd sizes
        hand = reading.hand if settings.caption.hand_outline else None
        pixels = frame.pixels[:height, :width]
        captioned = self._renderer.paint(
            pixels, reading.state, at, settings, hand=hand, signing=reading.hand, notice=notice
        )
        i420 = np.asarray(cv2.cvtColor(captioned, cv2.COLOR_BGR2YUV_I420), np.uint8)
        return Picture(i420, frame.index, at, frame)
