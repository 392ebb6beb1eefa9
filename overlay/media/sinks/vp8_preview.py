"""Pictures encoded once for every viewer of the preview, however many there are."""

import fractions
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

import cv2
import numpy as np

from overlay.core.clock import REAL, Clock
from overlay.media.frame import Picture, Pixels
from overlay.media.sinks.viewers import Viewers

WIDTH, HEIGHT = 960, 540  # the preview fits into this: 4 ms a picture to scale and encode, against 9 ms at 720p
LEAN_WIDTH, LEAN_HEIGHT = 640, 360  # where the machine is too slow for that
CALL_WIDTH, CALL_HEIGHT = 1280, 720  # where it goes into a call
BIT_RATE: Final = 3_000_000  # bits a second; it never leaves the machine
KEY_FRAME_EVERY: Final = 150  # pictures: mends within five seconds what nothing else does
KEY_FRAME_PAUSE: Final = 0.3  # seconds between two asked-for key frames, however many viewers ask
TIME_BASE: Final = fractions.Fraction(1, 90_000)


@dataclass(frozen=True, slots=True)
class EncodedPicture:
    """One VP8 picture.

    Attributes:
        data: the bitstream.
        pts: presentation time in `TIME_BASE`; grows strictly.
        is_key: decoding can begin here.
    """

    data: bytes
    pts: int
    is_key: bool


class StreamSink:
    """Encodes pictures as VP8 and hands each to all viewers.

    VP8 because every browser with WebRTC plays it; H.264 is missing from some builds of Chromium and
    from Firefox until it has downloaded a decoder. Nothing is scaled or encoded while nobody watches.

    Args:
        clock: by which pictures are stamped, when they are encoded.
    """

    name = "preview"

    def __init__(self, clock: Clock = REAL) -> None:
        self._clock = clock
        self._viewers: Viewers[EncodedPicture] = Viewers()
        self._calls: set[object] = set()  # viewers who pass the pictures on
        self._key_wanted = True
        self._last_key = float("-inf")
        self._last_pts = -1
        self._lean = False
        self._turn = 0
        self._codec: Any = None

    @property
    def viewers(self) -> int:
        """The number of viewers."""
        return len(self._viewers)

    @property
    def calls(self) -> int:
        """The number of viewers who pass the pictures on into a call."""
        return len(self._calls)

    def watch(self, viewer: Callable[[EncodedPicture], None], *, in_call: bool = False) -> Callable[[], None]:
        """Give `viewer` each picture from now on, soon a key frame; called in the sink's thread, must be quick.

        Args:
            viewer: takes a picture.
            in_call: it goes on into a call: larger pictures for all who watch, and all of them on a busy machine too.

        Returns:
            A function that ends it.
        """
        leave = self._viewers.add(viewer)
        call = object()
        if in_call:
            self._calls.add(call)
        self.want_key_frame()

        def end() -> None:
            self._calls.discard(call)
            leave()

        return end

    def want_key_frame(self) -> None:
        """Ask for a key frame: a viewer came, or one lost the thread. From any thread."""
        self._key_wanted = True

    def send(self, picture: Picture) -> None:
        """Encode a picture for the viewers there are."""
        if not self._viewers:
            self._codec = None  # who comes next starts with a fresh codec, so with a key frame
            return
        self._turn += 1
        if self._calls:
            size = fit(*picture.size, within=(CALL_WIDTH, CALL_HEIGHT))
        elif not self._lean:
            size = fit(*picture.size)
        elif self._turn % 2:
            return
        else:
            size = fit(*picture.size, within=(LEAN_WIDTH, LEAN_HEIGHT))
        self._viewers.hand_out(self._encode(scale(picture.i420, *size)))

    def spare(self, lean: bool) -> None:
        """Smaller pictures and half of them, or all again. From any thread."""
        self._lean = lean

    def close(self) -> None:
        """Let go of the codec."""
        self._viewers.clear()
        self._codec = None

    def _encode(self, i420: Pixels) -> EncodedPicture:
        import av

        height, width = i420.shape[0] * 2 // 3, i420.shape[1]
        if self._codec is None or (self._codec.width, self._codec.height) != (width, height):
            self._codec = _make_codec(width, height)
        now = self._clock.monotonic()
        frame = av.VideoFrame.from_ndarray(i420, format="yuv420p")
        self._last_pts = max(round(now / TIME_BASE), self._last_pts + 1)
        frame.pts = self._last_pts
        frame.time_base = TIME_BASE
        if self._key_wanted and now - self._last_key >= KEY_FRAME_PAUSE:
            self._key_wanted = False
            frame.pict_type = av.video.frame.PictureType.I
        packets = self._codec.encode(frame)
        is_key = any(packet.is_keyframe for packet in packets)
        if is_key:
            self._last_key = now
        return EncodedPicture(b"".join(bytes(packet) for packet in packets), self._last_pts, is_key)


def _make_codec(width: int, height: int) -> Any:
    import av

    codec = av.CodecContext.create("libvpx", "w")
    codec.width, codec.height = width, height
    codec.pix_fmt = "yuv420p"
    codec.framerate = fractions.Fraction(30)
    codec.time_base = TIME_BASE
    codec.bit_rate = BIT_RATE
    codec.gop_size = KEY_FRAME_EVERY
    codec.thread_count = 1
    codec.options = {
        "deadline": "realtime",
        "cpu-used": "-12",
        "lag-in-frames": "0",
        "static-thresh": "100",
        "max-intra-rate": "400",  # per cent of an average picture: a newcomer's key frame is no burst
    }
    return codec


def fit(width: int, height: int, *, within: tuple[int, int] = (WIDTH, HEIGHT)) -> tuple[int, int]:
    """The largest even size within these bounds, or those turned, with that shape; never larger than the picture."""
    across, along = within
    wide, high = (across, along) if width >= height else (along, across)
    factor = min(1.0, wide / width, high / height)
    return max(2, round(width * factor / 2) * 2), max(2, round(height * factor / 2) * 2)


def scale(i420: Pixels, width: int, height: int) -> Pixels:
    """An I420 picture, uint8 (H * 3 / 2, W), at another even size."""
    old_height, old_width = i420.shape[0] * 2 // 3, i420.shape[1]
    if (old_width, old_height) == (width, height):
        return i420
    scaled = np.empty((height * 3 // 2, width), np.uint8)
    cv2.resize(i420[:old_height], (width, height), dst=scaled[:height], interpolation=cv2.INTER_LINEAR)
    old_chroma = i420[old_height:].reshape(2, old_height // 2, old_width // 2)
    chroma = scaled[height:].reshape(2, height // 2, width // 2)
    for old, new in zip(old_chroma, chroma, strict=True):
        cv2.resize(old, (width // 2, height // 2), dst=new, interpolation=cv2.INTER_LINEAR)
    return scaled
