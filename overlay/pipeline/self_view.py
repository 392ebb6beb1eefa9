"""The self-view while collecting: small, mirrored, with the outline of the hand."""

import threading
from collections.abc import Callable
from dataclasses import replace
from typing import Final

import cv2
import numpy as np

from overlay.captions.renderer import draw_hand
from overlay.media.frame import Frame, Pixels
from overlay.media.sinks.viewers import Viewers
from overlay.pipeline.latest_value import LatestValue
from overlay.recognition.hands.hand_detector import Hand

WIDTH: Final = 640  # pixels, at most
RATE: Final = 15.0  # pictures a second, at most
QUALITY: Final = 75
OUTLINE: Final = 2.0  # as thick as in captioned pictures: the person stands back from the screen


def mirrored_view(pixels: Pixels, hand: Hand | None, width: int = WIDTH) -> Pixels:
    """The picture as the person sees themselves in a mirror.

    Args:
        pixels: BGR uint8 (H, W, 3); left as it is.
        hand: to be outlined, in pixels of that picture.
        width: of the result, at most.
    """
    scale = min(1.0, width / pixels.shape[1])
    size = (max(1, round(pixels.shape[1] * scale)), max(1, round(pixels.shape[0] * scale)))
    small = np.asarray(cv2.resize(pixels, size, interpolation=cv2.INTER_AREA), np.uint8)
    if hand is not None:
        draw_hand(small, replace(hand, landmarks=hand.landmarks * np.float32(scale)), weight=OUTLINE)
    return np.asarray(cv2.flip(small, 1), np.uint8)


class LiveView:
    """Encodes each view once for all who watch, in a thread that is there only while somebody does."""

    def __init__(self) -> None:
        self._viewers: Viewers[bytes] = Viewers()
        self._lock = threading.Lock()
        self._slot: LatestValue[tuple[Frame, Hand | None]] | None = None
        self._last = float("-inf")

    @property
    def viewers(self) -> int:
        """The number of viewers."""
        return len(self._viewers)

    def watch(self, viewer: Callable[[bytes], None]) -> Callable[[], None]:
        """Give `viewer` each view as JPEG from now on; called in the view's thread, must be quick.

        Returns:
            A function that ends it.
        """
        with self._lock:
            leave = self._viewers.add(viewer)
            if self._slot is None:
                self._slot = LatestValue()
                threading.Thread(target=self._run, args=(self._slot,), name="self-view", daemon=True).start()

        def end() -> None:
            with self._lock:
                leave()
                if not self._viewers and self._slot is not None:
                    self._slot.close()
                    self._slot = None

        return end

    def show(self, frame: Frame, hand: Hand | None) -> None:
        """Take a frame, in any one thread; quick, and nothing while nobody watches."""
        slot = self._slot
        if slot is not None and frame.at - self._last >= 0.9 / RATE:
            self._last = frame.at
            slot.put((frame, hand))

    def _run(self, slot: LatestValue[tuple[Frame, Hand | None]]) -> None:
        while (shown := slot.take()) is not None:
            frame, hand = shown
            view = mirrored_view(frame.pixels, hand)
            _, jpeg = cv2.imencode(".jpg", view, [cv2.IMWRITE_JPEG_QUALITY, QUALITY])
            self._viewers.hand_out(jpeg.tobytes())
