"""Finding the hand with MediaPipe's networks, without the package: both run in ONNX Runtime."""

import functools
import math
import threading
import zipfile
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Final, Self

import numpy as np
import onnxruntime as ort
from numpy.typing import NDArray

from overlay.core.errors import SigncapError
from overlay.core.files.strict_json import parse_json
from overlay.media.frame import Pixels
from overlay.recognition.hands.detection_views import View
from overlay.recognition.hands.hand_detector import Hand
from overlay.recognition.hands.palm_detector import PalmDetector
from overlay.recognition.hands.search import DETECTION, PRESENCE, HandSearch
from overlay.recognition.hands.square import HandSquare, square_of_landmarks
from overlay.recognition.hands.weights import MEMBER, PLACES, give_weights
from overlay.recognition.onnx_options import one_thread

FAR_OFF: Final = 0.12  # of a square's side: a hand that moved so far since the last frame is looked at twice
NETWORK: Final = "hand.onnx"
SHARE: Final = "share"  # in that file: side of the crop over that of MediaPipe's square


def shipped_networks() -> Path:
    """The folder of the networks that come with Signcap."""
    return Path(__file__).resolve().parents[3] / "models" / "weights" / "hands"


@dataclass(frozen=True, slots=True)
class Seen:
    """The answer of the landmark network for one square.

    Attributes:
        landmarks: float32 (21, 3), in pixels of the frame, z scaled like x.
        presence: confidence that it is a hand, 0 to 1.
        right: confidence that it is a right one, 0 to 1.
    """

    landmarks: NDArray[np.float32]
    presence: float
    right: float


class LandmarkNetwork:
    """Landmarks of the hand in a square of the frame.

    Args:
        path: the ONNX file.
        bundle: MediaPipe's `hand_landmarker.task`, checked.
    """

    def __init__(self, path: Path, bundle: Path) -> None:
        options = one_thread()
        places = path.with_name(PLACES)
        if places.exists():  # a graph for Google's weights; otherwise it has its own
            with zipfile.ZipFile(bundle) as archive:
                self._kept = give_weights(options, parse_json(places.read_bytes()), archive.read(MEMBER))
        self._session = ort.InferenceSession(path.read_bytes(), options, providers=["CPUExecutionProvider"])
        (crop,) = self._session.get_inputs()
        if [output.shape for output in self._session.get_outputs()] != [[21, 3], [1], [1]]:
            raise ValueError(f"{path} holds another network")
        self._size = int(crop.shape[1])
        self._share = float(self._session.get_modelmeta().custom_metadata_map[SHARE])

    def look(self, pixels: Pixels, square: HandSquare) -> Seen:
        """The hand that is in a square of BGR uint8 (H, W, 3), if one is."""
        square = square.resized(self._share)
        crop = square.cut(pixels, self._size)
        points, presence, right = self._session.run(None, {"crop": crop[None]})
        return Seen(square.project(points), float(presence[0]), float(right[0]))


_loading = threading.Lock()


def load_networks(bundle: Path, folder: Path) -> tuple[LandmarkNetwork, PalmDetector]:
    """Both networks; the last that were loaded are kept, so that they can be loaded before they are needed.

    Raises:
        SigncapError: they cannot be loaded.
    """
    with _loading:  # who comes while they are being loaded waits for them
        return _load_networks(bundle, folder)


@functools.lru_cache(maxsize=1)
def _load_networks(bundle: Path, folder: Path) -> tuple[LandmarkNetwork, PalmDetector]:
    try:
        return LandmarkNetwork(folder / NETWORK, bundle), PalmDetector(bundle, folder)
    except Exception as error:  # ONNX Runtime's own, which are no common kind
        raise SigncapError(
            f"The networks that find hands ({folder}) cannot be loaded: install Signcap anew, "
            "or find hands with --hands mediapipe."
        ) from error


class HandTracker:
    """One hand, followed from frame to frame.

    While there is a hand, its square is known from its last landmarks, and the landmark network alone looks there.
    When it is no longer sure, the palm detector looks at the whole frame.

    Args:
        bundle: MediaPipe's `hand_landmarker.task`, checked.
        video: False for pictures that have nothing to do with each other.
        networks: the folder of the networks; those that come with Signcap by default.

    Raises:
        SigncapError: the networks cannot be loaded.
    """

    def __init__(self, bundle: Path, *, video: bool = True, networks: Path | None = None) -> None:
        self._network, self._palms = load_networks(bundle, networks or shipped_networks())
        self._video = video
        self._search = HandSearch()
        self._square: HandSquare | None = None
        self._right = False  # the hand that is followed is a right one

    def find(self, pixels: Pixels, at: float) -> Hand | None:
        """The hand in BGR uint8 (H, W, 3) at time `at` in seconds, which must not go back; or None."""
        if self._video:
            return self._search.find(self._look, pixels, at)
        self._square = None
        return self._search.find_held(self._look, pixels, at)

    def take_other(self) -> None:
        """Find another hand than the one that is followed, as soon as one is up. From any thread."""
        self._search.take_other()

    def close(self) -> None:
        """Let go of the hand; the networks go with this object."""
        self._square = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _look(self, pixels: Pixels, at: float, view: View | None) -> Hand | None:
        seen = self._followed(pixels)
        # Hands do not change sides: this one turned too fast, and its thumb was taken for its little finger. The
        # network would hold on to that for a third of a second.
        if seen is None or (seen.right > 0.5) != self._right:
            seen = self._found_anew(pixels, view) or seen
        if seen is None:
            self._square = None
            return None
        self._square = square_of_landmarks(seen.landmarks)
        self._right = is_right = seen.right > 0.5
        return Hand(seen.landmarks, "right" if is_right else "left", max(seen.right, 1 - seen.right))

    def _followed(self, pixels: Pixels) -> Seen | None:
        return None if self._square is None else self._seen(pixels, self._square)

    def _found_anew(self, pixels: Pixels, view: View | None) -> Seen | None:
        shown, back = (pixels, None) if view is None else view.look(pixels)
        for palm in self._palms.find(shown, DETECTION):
            seen = self._seen(pixels, palm.square if back is None else palm.square.moved(back))
            if seen is not None:
                return seen
        return None

    def _seen(self, pixels: Pixels, square: HandSquare) -> Seen | None:
        """The hand in a square; where it lies far off the middle, as seen in the square that fits it better."""
        seen = self._network.look(pixels, square)
        if seen.presence < PRESENCE:
            return None
        fit = square_of_landmarks(seen.landmarks)
        if math.hypot(fit.x - square.x, fit.y - square.y) > FAR_OFF * square.side:
            again = self._network.look(pixels, fit)
            seen = again if again.presence >= PRESENCE else seen
        return seen
