"""Finding the hand: MediaPipe's Hand Landmarker, one hand, tracked from frame to frame."""

import atexit
import contextlib
import ctypes
import functools
import threading
import weakref
from concurrent.futures import Future
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import cv2
import numpy as np
from numpy.typing import NDArray

from overlay.errors import SigncapError
from overlay.frame import Pixels
from overlay.offline import OfflineThread
from overlay.quiet import without_chatter
from overlay.spared_imports import without
from overlay.views import VIEWS, View, return_landmarks

_importing = threading.Lock()
Handedness = Literal["right", "left"]

DETECTION = 0.2  # confidence of a palm from which on the landmark network, which is pickier, looks at it
PRESENCE = 0.5  # confidence of the landmark network that this is a hand
EMPTY = np.full((64, 64, 3), 110, np.uint8)
SETTLING = 3  # frames for which a hand in a picture is followed
LONG_GONE = 1.0  # seconds without a hand after which not every frame is looked at ...
LOOK_EVERY = 0.06  # ... but one in so many seconds: of thirty a second every second one; finding none costs most
CLOSING = 10.0  # seconds that closing is waited for; it takes some milliseconds
SOON = 0.4  # seconds after a hand was lost in which every frame is looked at twice

# Wrist to the knuckles, along the fingers: pairs of landmark numbers to draw.
CONNECTIONS: tuple[tuple[int, int], ...] = (
    (0, 1), (1, 2), (2, 3), (3, 4),
    (0, 5), (5, 6), (6, 7), (7, 8),
    (5, 9), (9, 10), (10, 11), (11, 12),
    (9, 13), (13, 14), (14, 15), (15, 16),
    (13, 17), (17, 18), (18, 19), (19, 20), (0, 17),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Hand:
    """A hand in one frame.

    Attributes:
        landmarks: float32 (21, 3), pixels of the frame; x right, y down, z towards the back, scaled like x,
            0 at the wrist. MediaPipe's order: wrist, thumb (4), index (4), middle, ring, little finger.
        handedness: which hand of the signer it is.
        score: confidence of the handedness, 0 to 1.
    """

    landmarks: NDArray[np.float32]
    handedness: Handedness
    score: float


class HandFinder:
    """MediaPipe Hand Landmarker, one hand, followed from frame to frame.

    One hand because asking for two while one is visible runs the palm detector on every frame, which
    doubles the cost.

    Where the frame as it is shows no hand, it is looked at in other ways, see `overlay.views`: in one of them every
    second time, which costs no more than looking at it as it is, and besides in each frame for `SOON` after a hand
    was lost. A view that shows the hand is kept while it does.

    Args:
        model: a `hand_landmarker.task` bundle.
        video: False for pictures that have nothing to do with each other.

    Raises:
        SigncapError: MediaPipe cannot load the model.
    """

    def __init__(self, model: Path, *, video: bool = True) -> None:
        Image, ImageFormat, BaseOptions, vision = _mediapipe()  # noqa: N806, classes
        options = vision.HandLandmarkerOptions(
            base_options=BaseOptions(model_asset_path=str(model)),
            running_mode=vision.RunningMode.VIDEO,
            num_hands=1,
            min_hand_detection_confidence=DETECTION,
            min_hand_presence_confidence=PRESENCE,
        )
        # Ctrl-C can end the making of an image before it has this, and its destructor then complains aloud.
        Image._image_ptr = getattr(Image, "_image_ptr", None)
        self._image: Any = Image
        self._format: Any = ImageFormat.SRGB
        self._video = video
        self._last_ms = -1
        self._view: View | None = None  # the one that shows the hand; None: the frame as it is
        self._seen_at = float("-inf")
        self._looked_at = float("-inf")
        self._turn = 0  # counts looks without a hand
        self._thread = OfflineThread()
        with without_chatter():
            made = self._thread.post(lambda: vision.HandLandmarker.create_from_options(options))
            try:
                self._landmarker = made.result()
            except (RuntimeError, ValueError) as error:
                self._thread.stop()
                raise SigncapError(f"MediaPipe cannot load the hand model {model}: give another one.") from error
            except BaseException:  # Ctrl-C, and it is made all the same
                made.add_done_callback(_leave_what_was_made)
                raise
            self._close = weakref.finalize(self, _end, self._thread, self._landmarker)
            self._close.atexit = False
            atexit.register(_leave_open, weakref.ref(self._landmarker))
            self._look(EMPTY, 0.0, None)  # the first picture is slow and makes it chatter again

    def find(self, pixels: Pixels, at: float) -> Hand | None:
        """The hand in BGR uint8 (H, W, 3) at time `at` in seconds, which must not go back; or None."""
        if not self._video:
            return self._find_held(pixels)
        if at - self._seen_at > LONG_GONE and 0 <= at - self._looked_at < LOOK_EVERY:
            return None
        self._looked_at = at
        hand = self._look(pixels, at, self._view)
        if hand is None and at - self._seen_at <= SOON:
            self._view = self._other_view()
            hand = self._look(pixels, at, self._view)
        if hand is None:
            self._view = self._other_view()
        else:
            self._seen_at = at
        return hand

    def _find_held(self, pixels: Pixels) -> Hand | None:
        """As in a video in which the picture stands still: found in one of the views, then followed for a few frames.

        The landmarks of the first frame rest on the palm detector's rough place and are clearly worse than those
        that follow.
        """
        at = self._last_ms / 1000
        self._look(EMPTY, at, None)  # lets go of the hand before
        for view in (None, *VIEWS):
            hand = self._look(pixels, at, view)
            if hand is not None:
                break
        else:
            return None
        for _ in range(SETTLING):
            followed = self._look(pixels, at, view)
            if followed is None:
                break
            hand = followed
        return hand

    def _other_view(self) -> View | None:
        """The frame as it is and the other views by turns."""
        self._turn += 1
        return None if self._turn % 2 == 0 else VIEWS[self._turn // 2 % len(VIEWS)]

    def _look(self, pixels: Pixels, at: float, view: View | None) -> Hand | None:
        seen, back = (pixels, None) if view is None else view.look(pixels)
        rgb = cv2.cvtColor(seen, cv2.COLOR_BGR2RGB)
        self._last_ms = max(round(at * 1000), self._last_ms + 1)  # MediaPipe wants time to grow strictly
        make, kind, landmarker, ms = self._image, self._format, self._landmarker, self._last_ms
        # Nothing of the finder itself goes into that thread, which would hold it when this one has been interrupted.
        # The picture is made and let go of there: in its destructor, Ctrl-C would be lost.
        result = self._thread.call(lambda: landmarker.detect_for_video(make(image_format=kind, data=rgb), ms))
        if not result.hand_landmarks:
            return None
        height, width = seen.shape[:2]
        points = np.array([(p.x * width, p.y * height, p.z * width) for p in result.hand_landmarks[0]], np.float32)
        label = result.handedness[0][0]
        return Hand(
            landmarks=points if back is None else return_landmarks(points, back),
            # The Tasks API names the hand of the person, given an unmirrored picture.
            handedness="left" if label.category_name == "Left" else "right",
            score=float(label.score),
        )

    def close(self) -> None:
        """Let go of the model."""
        self._close()

    def __enter__(self) -> "HandFinder":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def preload() -> None:
    """Import what finding hands needs, so that it is there when it is asked for."""
    _mediapipe()


@functools.cache
def _mediapipe() -> tuple[Any, Any, Any, Any]:
    # Imported by and by: it takes a quarter of a second, and only who finds hands should pay it.
    with _importing:
        thread = OfflineThread()  # what the library begins while it is loaded reaches no network either
        try:
            return thread.call(_import)
        finally:
            thread.stop()


def _import() -> tuple[Any, Any, Any, Any]:
    with without("matplotlib", "matplotlib.pyplot", "sounddevice"):
        from mediapipe import Image, ImageFormat
        from mediapipe.tasks.python import BaseOptions, vision
    return Image, ImageFormat, BaseOptions, vision


def _end(thread: OfflineThread, landmarker: Any) -> None:
    """Close a landmarker where it was made, and wait for it: it cannot be closed any more when the program ends."""
    closed = thread.post(landmarker.close)
    thread.stop()
    if not thread.is_current:  # a finder that is dropped in that very thread is closed there in a moment
        with contextlib.suppress(TimeoutError):
            closed.result(CLOSING)


def _leave_what_was_made(made: "Future[Any]") -> None:
    if made.exception() is None:
        _never_destroy(made.result())


def _leave_open(landmarker: "weakref.ref[object]") -> None:
    if (still := landmarker()) is not None:
        _never_destroy(still)


def _never_destroy(landmarker: object) -> None:
    """For what is open when the interpreter ends: MediaPipe cannot close it then, and complains."""
    ctypes.pythonapi.Py_IncRef(ctypes.py_object(landmarker))
