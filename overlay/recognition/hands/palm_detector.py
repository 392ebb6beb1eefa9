"""MediaPipe's palm detector in ONNX Runtime: where in a picture a hand is that is not yet followed."""

import math
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import cv2
import numpy as np
import onnxruntime as ort
from numpy.typing import NDArray

from overlay.core.files.strict_json import parse_json
from overlay.media.frame import Pixels
from overlay.recognition.hands.square import HandSquare
from overlay.recognition.onnx_options import one_thread

SIDE: Final = 192  # pixels of the picture that it looks at
GRAPH: Final = "palm.onnx"  # without weights
PLACES: Final = "palm.json"  # where those are in MediaPipe's file
MEMBER: Final = "hand_detector.tflite"  # MediaPipe's file, in its bundle
OVERLAP: Final = 0.3  # intersection over union of boxes that are of one palm
SHIFT, SCALE = 0.5, 2.6  # from the palm's box to the hand's square: of its side, towards the fingers
WRIST, MIDDLE = 0, 2  # of the seven points that come with a box


@dataclass(frozen=True, slots=True)
class Palm:
    """A palm that was found.

    Attributes:
        square: where the hand is to be looked for.
        score: confidence, 0 to 1.
    """

    square: HandSquare
    score: float


class PalmDetector:
    """Finds palms in a picture.

    Args:
        bundle: MediaPipe's `hand_landmarker.task`, checked: the very one that the graph was made for.
        folder: holds the graph and the places of its weights.
    """

    def __init__(self, bundle: Path, folder: Path) -> None:
        with zipfile.ZipFile(bundle) as archive:
            self._content = content = archive.read(MEMBER)  # the session reads the weights where they are
        options = one_thread()
        places = parse_json((folder / PLACES).read_bytes())
        names, values = [], []
        for place in places:
            count = math.prod(place["shape"])
            weights = np.frombuffer(content, np.float16, count, place["offset"]).reshape(place["shape"])
            names.append(place["name"])
            values.append(ort.OrtValue.ortvalue_from_numpy(weights))
        options.add_external_initializers(names, values)
        self._session = ort.InferenceSession(
            (folder / GRAPH).read_bytes(), options, providers=["CPUExecutionProvider"]
        )
        self._anchors = _anchors()

    def find(self, pixels: Pixels, least: float, most: int = 2) -> list[Palm]:
        """Palms in BGR uint8 (H, W, 3), the surest first.

        Args:
            pixels: the picture.
            least: confidence from which on something counts as a palm.
            most: how many are wanted.
        """
        height, width = pixels.shape[:2]
        longest = max(height, width)
        scale = SIDE / longest
        across, down = max(round(width * scale), 1), max(round(height * scale), 1)
        # As MediaPipe does; averaging instead takes 3 ms of a picture of 1280x720, and finds no more.
        small = cv2.resize(pixels, (across, down), interpolation=cv2.INTER_LINEAR)
        left, top = (SIDE - across) // 2, (SIDE - down) // 2
        picture = np.zeros((SIDE, SIDE, 3), np.uint8)
        picture[top : top + down, left : left + across] = small
        boxes, scores = self._session.run(None, {"picture": picture[None]})
        palms = []
        for points, score in _palms(boxes[0], scores[0, :, 0], self._anchors, least, most):
            in_frame = (points - (left, top)) * (width / across, height / down)
            palms.append(Palm(_square(in_frame), score))
        return palms


def _anchors() -> NDArray[np.float32]:
    """The middles (2016, 2) of the boxes that the answers are beside, 0 to 1: as in MediaPipe's SSD anchors."""
    layers = []
    for cells, each in ((24, 2), (12, 6)):
        middles = (np.arange(cells, dtype=np.float32) + 0.5) / cells
        grid = np.stack(np.meshgrid(middles, middles), -1).reshape(-1, 2)
        layers.append(np.repeat(grid, each, axis=0))
    return np.concatenate(layers)


def _palms(
    boxes: NDArray[np.float32],
    logits: NDArray[np.float32],
    anchors: NDArray[np.float32],
    least: float,
    most: int,
) -> list[tuple[NDArray[np.float64], float]]:
    """Corners and points (9, 2) of palms, in pixels of the network's picture, with their scores.

    Boxes that overlap the surest one are averaged with it, by their scores, as MediaPipe does.
    """
    kept = np.flatnonzero(logits > math.log(least / (1 - least)))
    kept = kept[np.argsort(-logits[kept])]
    scores = 1 / (1 + np.exp(-np.clip(logits[kept].astype(np.float64), -100, 100)))
    raw, middles = boxes[kept].astype(np.float64), anchors[kept] * SIDE
    centre, half = raw[:, :2] + middles, raw[:, 2:4] / 2
    points = raw[:, 4:].reshape(-1, 7, 2) + middles[:, None]
    corners = np.stack([centre - half, centre + half], 1)
    found: list[tuple[NDArray[np.float64], float]] = []
    left = np.arange(len(kept))
    while len(left) and len(found) < most:
        alike = left[_overlap(corners[left[0]], corners[left]) > OVERLAP]
        alike = alike if len(alike) else left[:1]
        weights = scores[alike] / scores[alike].sum()
        whole = np.concatenate([corners[alike], points[alike]], 1)
        found.append((np.tensordot(weights, whole, 1), float(scores[left[0]])))
        left = np.setdiff1d(left, alike, assume_unique=True)
        left = left[np.argsort(-scores[left], kind="stable")]
    return found


def _overlap(box: NDArray[np.float64], others: NDArray[np.float64]) -> NDArray[np.float64]:
    """Intersection over union of a box (2, 2) with others (N, 2, 2)."""
    low, high = np.maximum(box[0], others[:, 0]), np.minimum(box[1], others[:, 1])
    shared = np.prod(np.clip(high - low, 0, None), axis=1)
    area = np.prod(np.clip(others[:, 1] - others[:, 0], 0, None), axis=1)
    own = float(np.prod(np.clip(box[1] - box[0], 0, None)))
    return np.asarray(shared / np.maximum(own + area - shared, 1e-9), np.float64)


def _square(points: NDArray[np.float64]) -> HandSquare:
    """The hand's square from a palm's corners and points (9, 2) in the frame."""
    (left, top), (right, bottom) = points[:2]
    across, up = points[2 + MIDDLE] - points[2 + WRIST]
    turn = math.atan2(across, -up)
    width, height = float(right - left), float(bottom - top)
    x, y = float(left + right) / 2, float(top + bottom) / 2
    x += math.sin(turn) * SHIFT * height
    y -= math.cos(turn) * SHIFT * height
    return HandSquare(x, y, max(width, height, 1.0) * SCALE, turn)
