"""What one picture of a hand could also have been: turned, nearer, in other light, in front of something else."""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from models.training.data.rotations import rotations
from overlay.media.frame import Pixels
from overlay.recognition.crop import normalise_landmarks, upright_view

Landmarks = NDArray[np.float32]
HULL_GROWTH = 0.12  # of the crop's side: landmarks run inside the flesh


@dataclass(frozen=True)
class Augmentation:
    """Which changes are made, each at random.

    Attributes:
        rotation: degrees, at most, either way; the report's 15.
        flip: mirror half of the pictures, as the report does. Off: the live path mirrors left hands itself, so
            that the network only ever sees right ones.
        scale: grow or shrink, at most by this share.
        colour: light, contrast, tint, noise.
        blur: out of focus, or moving.
        background: put something else behind the hand, where its landmarks are known.
    """

    rotation: float = 15.0
    flip: bool = False
    scale: float = 0.12
    colour: bool = True
    blur: bool = True
    background: bool = True

    @classmethod
    def none(cls) -> "Augmentation":
        """No change at all."""
        return cls(rotation=0.0, flip=False, scale=0.0, colour=False, blur=False, background=False)

    def apply(
        self, picture: Pixels, landmarks: Landmarks | None, size: int, rng: np.random.Generator
    ) -> tuple[Pixels, Landmarks | None]:
        """Change a picture.

        Args:
            picture: RGB uint8 (S, S, 3).
            landmarks: float32 (21, 3), -1 to 1 at the picture's edges; or None.
            size: side of what comes out.
            rng: the chance.

        Returns:
            RGB uint8 (size, size, 3), and its landmarks, put into the middle as those of a crop are.
        """
        if self.background and landmarks is not None and rng.random() < 0.3:
            picture = _in_front_of_something_else(picture, landmarks, rng)
        picture, landmarks = self._place(picture, landmarks, size, rng)
        if self.colour:
            picture = _relight(picture, rng)
        if self.blur and rng.random() < 0.3:
            picture = _blur(picture, rng)
        if self.flip and rng.random() < 0.5:
            picture, landmarks = mirror(picture, landmarks)
        return np.ascontiguousarray(picture, np.uint8), landmarks

    def _place(
        self, picture: Pixels, landmarks: Landmarks | None, size: int, rng: np.random.Generator
    ) -> tuple[Pixels, Landmarks | None]:
        side = picture.shape[0]
        angle = float(rng.uniform(-self.rotation, self.rotation))
        grow = float(np.exp(rng.uniform(-self.scale, self.scale)))
        shift = rng.uniform(-self.scale, self.scale, 2) / 4 * size
        if not (self.rotation or self.scale):
            return resize(picture, size), landmarks
        if side > 1.5 * size:  # a warp takes single pixels: shrink first, or it would be grainy
            picture = resize(picture, round(1.25 * size))
            side = picture.shape[0]
        matrix = cv2.getRotationMatrix2D((side / 2, side / 2), angle, size / side * grow)
        matrix[:, 2] += size / 2 - side / 2 + shift
        warped = warp(picture, np.asarray(matrix, np.float64), size)
        if landmarks is not None:
            landmarks = turn(landmarks, angle, rng)
        return warped, landmarks


def turn(landmarks: Landmarks, angle: float, rng: np.random.Generator, *, most: float = 12.0) -> Landmarks:
    """Landmarks (21, 3) of a crop, turned by `angle` degrees against the clock, and a little out of the picture's
    plane, jittered as MediaPipe jitters, and fitted into the crop anew.
    """
    roll, yaw, pitch = np.radians([-angle, *rng.uniform(-most, most, 2)])[:, None]
    matrix = rotations(2, roll)[0] @ rotations(1, -yaw)[0] @ rotations(0, pitch)[0]
    centred = landmarks - landmarks[9]
    palm = float(np.linalg.norm(centred[0]))
    turned = centred @ matrix.T
    turned = turned + rng.normal(0, rng.uniform(0, 0.03) * palm, turned.shape)
    return normalise_landmarks(turned.astype(np.float32), mirror=False)


def mirror(picture: Pixels, landmarks: Landmarks | None) -> tuple[Pixels, Landmarks | None]:
    """The other hand."""
    flipped = None if landmarks is None else landmarks * np.array([-1, 1, 1], np.float32)
    return np.ascontiguousarray(picture[:, ::-1]), flipped


def resize(picture: Pixels, size: int) -> Pixels:
    """To (size, size, 3), as the live path resizes a crop."""
    if picture.shape[:2] == (size, size):
        return picture
    method = cv2.INTER_AREA if max(picture.shape[:2]) > size else cv2.INTER_LINEAR
    return np.asarray(cv2.resize(picture, (size, size), interpolation=method), np.uint8)


def _in_front_of_something_else(picture: Pixels, landmarks: Landmarks, rng: np.random.Generator) -> Pixels:
    """Keep the hand and what is close to it; the rest becomes a colour, a gradient or blotches."""
    side = picture.shape[0]
    points = np.round((landmarks[:, :2] + 1) * side / 2).astype(np.int32)
    mask = np.zeros((side, side), np.uint8)
    cv2.fillConvexPoly(mask, cv2.convexHull(points), 255)
    reach = max(3, round(HULL_GROWTH * side)) | 1
    mask = cv2.dilate(mask, cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * reach + 1, 2 * reach + 1))).astype(
        np.uint8
    )
    soft = cv2.GaussianBlur(mask, (0, 0), side / 40).astype(np.float32)[..., None] / 255
    coarse = int(rng.choice([1, 2, 3, 6, 12]))
    blotches = rng.uniform(0, 255, (coarse, coarse, 3)).astype(np.float32)
    behind = np.atleast_3d(cv2.resize(blotches, (side, side), interpolation=cv2.INTER_CUBIC)).reshape(side, side, 3)
    return np.clip(picture * soft + behind * (1 - soft), 0, 255).astype(np.uint8)


def _relight(picture: Pixels, rng: np.random.Generator) -> Pixels:
    image = picture.astype(np.float32)
    if rng.random() < 0.8:
        mean = float(image.mean())
        tint = np.exp(rng.normal(0, 0.07, 3)).astype(np.float32)
        image = (image - mean) * float(np.exp(rng.normal(0, 0.2))) + mean * float(np.exp(rng.normal(0, 0.22))) * tint
    if rng.random() < 0.15:
        image = np.repeat(image.mean(2, keepdims=True), 3, 2)
    if rng.random() < 0.3:
        image = image + rng.normal(0, rng.uniform(2, 10), image.shape).astype(np.float32)
    return np.clip(image, 0, 255).astype(np.uint8)


def _blur(picture: Pixels, rng: np.random.Generator) -> Pixels:
    """Out of focus, or drawn along a line by motion."""
    side = picture.shape[0]
    if rng.random() < 0.6:
        return np.asarray(cv2.GaussianBlur(picture, (0, 0), rng.uniform(0.004, 0.016) * side), np.uint8)
    length = max(3, round(rng.uniform(0.02, 0.07) * side)) | 1
    kernel = np.zeros((length, length), np.float32)
    kernel[length // 2] = 1 / length
    matrix = cv2.getRotationMatrix2D((length / 2 - 0.5, length / 2 - 0.5), float(rng.uniform(0, 180)), 1)
    kernel = cv2.warpAffine(kernel, matrix, (length, length)).astype(np.float32)
    return np.asarray(cv2.filter2D(picture, -1, kernel / max(float(kernel.sum()), 1e-6)), np.uint8)


def turn_upright(picture: Pixels, landmarks: Landmarks) -> Pixels:
    """A crop RGB uint8 (S, S, 3) with the hand upright in it; landmarks (21, 3), -1 to 1 at its edges."""
    size = picture.shape[0]
    return warp(picture, upright_view(np.asarray((landmarks[:, :2] + 1) / 2 * size, np.float32), size), size)


def warp(picture: Pixels, matrix: NDArray[np.float64], size: int) -> Pixels:
    """The square of `size` that a matrix (2, 3) leads to, as the live path warps a crop: its edges are repeated."""
    return np.asarray(cv2.warpAffine(picture, matrix, (size, size), borderMode=cv2.BORDER_REPLICATE), np.uint8)
