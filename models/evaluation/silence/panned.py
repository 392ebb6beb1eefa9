"""Real pictures with the hand left out, as a camera that moves a little would film them."""

from dataclasses import dataclass
from itertools import islice, zip_longest
from pathlib import Path
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from models.evaluation.silence.camera_noise import grainy
from models.evaluation.synthetic.unseen import SIZE
from models.training.data.tree import PICTURES
from overlay.core.errors import SigncapError
from overlay.media.images import read_picture
from overlay.recognition.hands.detector_choice import open_detector
from overlay.recognition.hands.hand_detector import Hand, HandDetector
from overlay.recognition.hands.photograph import find_hand_in_picture

ROOM: Final = 1.5  # sides of the box that is kept free, in those of the landmarks' box
POOL: Final = 4  # views looked at for each that is taken
LEAST: Final = 0.3  # sides that a region must have, in those of the picture
CLOSEST, FARTHEST = 0.6, 0.95  # side of the window in that of the region
SWAY: Final = 12.0  # seconds to and fro
PACES: Final = np.array([1.0, 0.7, 0.45])  # across, down, nearer; in those of the sway

Region = tuple[int, int, int, int]  # left, top, right, bottom in pixels


@dataclass(frozen=True, slots=True)
class View:
    """Part of a picture in which no hand is.

    Attributes:
        path: the picture.
        region: where, in the pixels of the enlarged picture.
        shape: height and width of that.
        detail: how much there is to see: the mean step between neighbouring pixels.
    """

    path: Path
    region: Region
    shape: tuple[int, int]
    detail: float


def views_without_hand(folder: Path, hand_model: Path, count: int) -> list[View]:
    """So many views, or fewer, of the pictures under a folder: those in which there is most to see.

    A picture counts where its hand is found, so that it is known where it is not, and leaves room beside it.
    Signers come by turns.

    Raises:
        SigncapError: there is none.
    """
    if not folder.is_dir():
        raise SigncapError(f"There is no folder {folder}: --rest takes a folder of pictures.")
    by_signer: dict[Path, list[Path]] = {}
    for path in sorted(path for path in folder.rglob("*") if path.suffix.lower() in PICTURES):
        by_signer.setdefault(path.parent.parent, []).append(path)
    rng = np.random.default_rng(0)
    turns = zip_longest(*([paths[k] for k in rng.permutation(len(paths))] for paths in by_signer.values()))
    paths = (path for turn in turns for path in turn if path is not None)
    with open_detector(hand_model, video=False) as finder:
        views = (view for path in paths if (view := _view(path, finder)) is not None)
        pool = list(islice(views, POOL * count))
    if not pool:
        raise SigncapError(f"No picture in {folder} shows one hand and enough beside it: give --rest other pictures.")
    return sorted(pool, key=lambda view: -view.detail)[:count]


def _view(path: Path, finder: HandDetector) -> View | None:
    pixels = read_picture(path)
    found = None if pixels is None else find_hand_in_picture(finder, pixels)
    if found is None:
        return None
    seen, hand = found
    height, width = seen.shape[:2]
    region = region_beside(hand, width, height)
    if region is None:
        return None
    left, top, right, bottom = region
    grey = cv2.cvtColor(seen[top:bottom, left:right], cv2.COLOR_BGR2GRAY).astype(np.int16)
    return View(path, region, (height, width), float(np.abs(np.diff(grey, axis=1)).mean()))


def region_beside(hand: Hand, width: int, height: int) -> Region | None:
    """The largest rectangle of a picture that the hand does not reach; None where it leaves too little."""
    low, high = hand.landmarks[:, :2].min(0), hand.landmarks[:, :2].max(0)
    half = (high - low) / 2 * ROOM
    (left, top), (right, bottom) = (low + high) / 2 - half, (low + high) / 2 + half
    regions = [
        (0, 0, int(left), height),
        (int(np.ceil(right)), 0, width, height),
        (0, 0, width, int(top)),
        (0, int(np.ceil(bottom)), width, height),
    ]
    roomy = [r for r in regions if r[2] - r[0] >= LEAST * width and r[3] - r[1] >= LEAST * height]
    return max(roomy, key=lambda r: (r[2] - r[0]) * (r[3] - r[1]), default=None)


class PannedView:
    """A view filmed by a camera that pans and zooms slowly, with noise.

    Args:
        view: what is filmed.
        seconds: how long.
        seed: of the ways of the camera and of the noise.

    Raises:
        SigncapError: the picture has gone since.
    """

    def __init__(self, view: View, seconds: float, seed: int) -> None:
        pixels = read_picture(view.path)
        if pixels is None:
            raise SigncapError(f"{view.path} can no longer be read: run the same again.")
        height, width = view.shape
        left, top, right, bottom = view.region
        enlarged = cv2.resize(pixels, (width, height), interpolation=cv2.INTER_CUBIC)
        self._picture = enlarged[top:bottom, left:right]
        self._seconds, self._seed = seconds, seed
        self._phases = np.random.default_rng((seed, 1)).uniform(0, 2 * np.pi, 3)

    @property
    def duration(self) -> float:
        """Seconds that it lasts."""
        return self._seconds

    def render(self, t: float) -> NDArray[np.uint8]:
        """The picture at t seconds, BGR uint8 (H, W, 3)."""
        across, down, near = (0.5 + 0.5 * np.sin(2 * np.pi * t / SWAY * PACES + self._phases)).tolist()
        height, width = self._picture.shape[:2]
        share = CLOSEST + (FARTHEST - CLOSEST) * near
        # As wide as the camera's picture, in the region.
        w = share * min(width, height * SIZE[0] / SIZE[1])
        h = w * SIZE[1] / SIZE[0]
        x, y = across * (width - w), down * (height - h)
        scale = SIZE[0] / w
        matrix = np.array([[scale, 0, -x * scale], [0, scale, -y * scale]])
        window = cv2.warpAffine(self._picture, matrix, SIZE, flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
        return grainy(np.asarray(window, np.uint8), self._seed, t)
