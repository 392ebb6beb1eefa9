"""Finding the hand: MediaPipe's Hand Landmarker, one hand, tracked from frame to frame."""

import atexit
import ctypes
import weakref
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import cv2
import numpy as np
from numpy.typing import NDArray

from overlay.errors import SigncapError
from overlay.frame import Pixels
from overlay.quiet import without_chatter

Handedness = Literal["right", "left"]

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
    """MediaPipe Hand Landmarker, in VIDEO mode if not told otherwise, one hand.

    One hand because asking for two while one is visible runs the palm detector on every frame, which
    doubles the cost.

    Args:
        model: a `hand_landmarker.task` bundle.
        video: False for pictures that have nothing to do with each other.

    Raises:
        SigncapError: MediaPipe cannot load the model.
    """

    def __init__(self, model: Path, *, video: bool = True) -> None:
        from mediapipe import Image, ImageFormat  # 0.6 s to import: only who finds hands pays it
        from mediapipe.tasks.python import BaseOptions, vision

        options = vision.HandLandmarkerOptions(
            base_options=BaseOptions(model_asset_path=str(model)),
            running_mode=vision.RunningMode.VIDEO if video else vision.RunningMode.IMAGE,
            num_hands=1,
        )
        # Ctrl-C can end the making of an image before it has this, and its destructor then complains aloud.
        Image._image_ptr = getattr(Image, "_image_ptr", None)
        self._image: Any = Image
        self._format: Any = ImageFormat.SRGB
        self._video = video
        self._last_ms = -1
        with without_chatter():
            try:
                self._landmarker = vision.HandLandmarker.create_from_options(options)
            except (RuntimeError, ValueError) as error:
                raise SigncapError(f"MediaPipe cannot load the hand model {model}: give another one.") from error
            self._close = weakref.finalize(self, self._landmarker.close)
            self._close.atexit = False
            atexit.register(_leave_open, weakref.ref(self._landmarker))
            self.find(np.zeros((64, 64, 3), np.uint8), 0.0)  # the first picture is slow and makes it chatter again

    def find(self, pixels: Pixels, at: float) -> Hand | None:
        """The hand in BGR uint8 (H, W, 3) at time `at` in seconds, which must not go back; or None."""
        ms = max(round(at * 1000), self._last_ms + 1)  # MediaPipe wants time to grow strictly
        self._last_ms = ms
        rgb = cv2.cvtColor(pixels, cv2.COLOR_BGR2RGB)
        image = self._image(image_format=self._format, data=rgb)
        result = self._landmarker.detect_for_video(image, ms) if self._video else self._landmarker.detect(image)
        if not result.hand_landmarks:
            return None
        height, width = pixels.shape[:2]
        points = [(p.x * width, p.y * height, p.z * width) for p in result.hand_landmarks[0]]
        label = result.handedness[0][0]
        return Hand(
            landmarks=np.array(points, np.float32),
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


def _leave_open(landmarker: "weakref.ref[object]") -> None:
    """Never destroy what is still open when the interpreter ends: MediaPipe cannot close it then, and complains."""
    if (still := landmarker()) is not None:
        ctypes.pythonapi.Py_IncRef(ctypes.py_object(still))
