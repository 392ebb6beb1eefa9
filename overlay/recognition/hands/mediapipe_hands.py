"""Finding the hand with the package `mediapipe`: its Hand Landmarker, one hand, tracked from frame to frame."""

import atexit
import contextlib
import ctypes
import functools
import threading
import weakref
from concurrent.futures import Future
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from overlay.core.errors import SigncapError
from overlay.core.process.imports import without
from overlay.core.process.native_output import without_chatter
from overlay.core.process.offline import OfflineThread
from overlay.media.frame import Pixels
from overlay.recognition.hands.detection_views import View, return_landmarks
from overlay.recognition.hands.hand_detector import Hand
from overlay.recognition.hands.search import DETECTION, PRESENCE, HandSearch

_importing = threading.Lock()

EMPTY = np.full((64, 64, 3), 110, np.uint8)
CLOSING = 10.0  # seconds that closing is waited for; it takes some milliseconds


class MediaPipeHands:
    """MediaPipe Hand Landmarker, one hand, followed from frame to frame.

    One hand because asking for two while one is visible runs the palm detector on every frame, which
    doubles the cost.

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
        self._search = HandSearch(looks=2)  # the first only tells it that the hand it follows has gone
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
        if self._video:
            return self._search.find(self._look, pixels, at)
        at = self._last_ms / 1000
        self._look(EMPTY, at, None)  # lets go of the hand before
        return self._search.find_held(self._look, pixels, at)

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

    def take_other(self) -> None:
        """Find another hand than the one that is followed, as soon as one is up. From any thread."""
        self._search.take_other()

    def close(self) -> None:
        """Let go of the model."""
        self._close()

    def __enter__(self) -> "MediaPipeHands":
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
