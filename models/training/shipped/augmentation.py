"""Other light, other distance, other rooms, other cameras, other wrists: what one picture of a hand could also be."""

from functools import cache

import cv2
import numpy as np
from numpy.typing import NDArray

from models.training.data.batches.augmentation import warp
from models.training.data.rotations import rotations
from overlay.media.frame import Pixels
from overlay.recognition.crop import CROP_SIZE, LARGER, MARGIN, PALM, ROOM, points_in_square, upright_view
from overlay.recognition.hands.hand_detector import CONNECTIONS

Landmarks = NDArray[np.float32]

STORED = round(CROP_SIZE * LARGER)  # side in pixels of a crop that is kept: what the live path turns upright
STORED_MARGIN = MARGIN * ROOM

MOST_TURN = 15.0  # degrees out of the picture
SIDE_BANK = 160  # of the noise from which pieces are cut


def turn_landmarks(
    landmarks: Landmarks, rng: np.random.Generator, roll: NDArray[np.float64] | float, *, alike: bool = False
) -> Landmarks:
    """What the landmarks of another signer, a little turned, would be.

    Args:
        landmarks: float32 (N, 21, 3).
        rng: decides everything but the roll.
        roll: degrees in the picture, (N,) or one for all.
        alike: all are of the same signer: turned, stretched and spoiled alike.
    """
    count = 1 if alike else len(landmarks)
    turn = np.radians(np.broadcast_to(roll, (count,)))
    yaw, pitch = np.radians(rng.uniform(-MOST_TURN, MOST_TURN, (2, count)))
    width, height = rng.uniform(0.92, 1.08, (2, count))
    stretch = np.stack([width, height, rng.uniform(0.7, 1.2, count)], 1)[..., None] * np.eye(3)
    matrix = rotations(2, turn) @ rotations(1, -yaw) @ rotations(0, pitch) @ stretch
    palm = np.linalg.norm(landmarks[:, 9] - landmarks[:, 0], axis=1)[:, None, None]
    turned = np.einsum(
        "nij,nkj->nki", np.broadcast_to(matrix, (len(landmarks), 3, 3)), landmarks - landmarks[:, 9:10]
    )
    error = rng.normal(0, 1, (count, 21, 3)) * rng.uniform(0, 0.035, (count, 1, 1))
    return np.asarray(turned + error * palm, np.float32)


def normalise_all(landmarks: Landmarks, mirrored: NDArray[np.bool_] | None = None) -> Landmarks:
    """`overlay.recognition.crop.normalise_landmarks` of (N, 21, 3) at once, those of `mirrored` (N,) mirrored."""
    low, high = landmarks[..., :2].min(1), landmarks[..., :2].max(1)
    side = np.maximum((high - low).max(1) * MARGIN, 2.0)
    result = landmarks.copy()
    result[..., :2] -= ((low + high) / 2)[:, None]
    result[..., 2] -= landmarks[:, :1, 2]
    result /= (side / 2)[:, None, None]
    if mirrored is not None:
        result[mirrored, :, 0] *= -1
    return result


def augment_crop(
    crop: Pixels, landmarks: Landmarks, rng: np.random.Generator, background: Pixels | None = None
) -> Pixels:
    """What the encoder could see of a stored crop: RGB uint8 (CROP_SIZE, CROP_SIZE, 3), the hand about upright.

    Args:
        crop: RGB uint8 (S, S, 3), `STORED_MARGIN` around the hand.
        landmarks: float32 (21, 3) in pixels of the picture it was cut from.
        rng: decides everything.
        background: RGB uint8 of the same size to put behind the hand.
    """
    if background is not None:
        crop = put_behind(crop, landmarks, background)
    return recolour(upright(crop, landmarks, rng), rng)


def upright(crop: Pixels, landmarks: Landmarks, rng: np.random.Generator | None = None) -> Pixels:
    """What the encoder sees of a stored crop: RGB uint8 (CROP_SIZE, CROP_SIZE, 3); with `rng`, a little shaken."""
    matrix = upright_view(points_in_square(landmarks, crop.shape[0]), CROP_SIZE)
    if rng is not None:
        matrix = _shaken(matrix, rng)
    return warp(crop, matrix, CROP_SIZE)


def _shaken(matrix: NDArray[np.float64], rng: np.random.Generator) -> NDArray[np.float64]:
    """A view a little turned, stretched, sheared and shifted."""
    turn = np.radians(np.clip(rng.normal(0, 8), -22, 22))
    rotation = np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]])
    stretch = np.diag(np.exp(rng.normal(0, 0.06, 2) + rng.normal(0, 0.09))) @ rotation
    stretch[0, 1] += rng.normal(0, 0.06)
    middle = np.full(2, CROP_SIZE / 2)
    result = stretch @ matrix
    result[:, 2] += middle - stretch @ middle + rng.normal(0, 0.035 * CROP_SIZE, 2)
    return np.asarray(result, np.float64)


def put_behind(crop: Pixels, landmarks: Landmarks, background: Pixels) -> Pixels:
    """Replace what is not near the hand's bones in a stored crop by another picture of the same size."""
    side = crop.shape[0]
    points = points_in_square(landmarks, side)
    palm = float(np.linalg.norm(points[9] - points[0]))
    width = float(np.linalg.norm(points[17] - points[5]))
    thick = max(round(0.42 * max(palm, 1.3 * width)), 3)
    mask = np.zeros((side, side), np.uint8)
    at = np.round(points).astype(np.int32)
    cv2.fillConvexPoly(mask, cv2.convexHull(at[list(PALM)]), 255)
    for a, b in CONNECTIONS:
        cv2.line(mask, at[a].tolist(), at[b].tolist(), 255, thick)
    wrist = at[0] + (at[0] - at[9]) * 2  # the forearm stays
    cv2.line(mask, at[0].tolist(), wrist.tolist(), 255, thick * 2)
    result = background.copy()
    cv2.copyTo(crop, mask, result)
    return result


@cache
def _noise_bank() -> NDArray[np.float32]:
    return np.random.default_rng(0).normal(0, 1, (SIDE_BANK, SIDE_BANK, 3)).astype(np.float32)


def recolour(crop: Pixels, rng: np.random.Generator) -> Pixels:
    """Other light and another camera: RGB uint8 (S, S, 3)."""
    image: cv2.typing.MatLike = crop
    side = image.shape[0]
    if rng.random() < 0.85:
        image = _other_light(image, rng)
    if rng.random() < 0.15:
        image = cv2.cvtColor(cv2.cvtColor(image, cv2.COLOR_RGB2GRAY), cv2.COLOR_GRAY2RGB)
    if rng.random() < 0.25:
        image = _shadow(image, rng)
    if rng.random() < 0.2:  # far away, or a cheap camera
        small = int(rng.integers(side // 3, side))
        image = cv2.resize(image, (small, small), interpolation=cv2.INTER_AREA)
        image = cv2.resize(image, (side, side), interpolation=cv2.INTER_LINEAR)
    if rng.random() < 0.25:
        image = cv2.GaussianBlur(image, (0, 0), rng.uniform(0.4, 1.8))
    if rng.random() < 0.35:
        x, y = rng.integers(0, SIDE_BANK - side, 2)
        noise = _noise_bank()[y : y + side, x : x + side] * np.float32(rng.uniform(2, 12))
        image = cv2.add(image, noise, dtype=cv2.CV_8U)
    if rng.random() < 0.25:
        y, x, h, w = rng.integers(0, side, 2).tolist() + rng.integers(8, 30, 2).tolist()
        image = np.array(image)
        image[y : y + h, x : x + w] = rng.integers(0, 256, 3)
    return np.asarray(image, np.uint8)


def _other_light(image: cv2.typing.MatLike, rng: np.random.Generator) -> Pixels:
    """Gain, contrast, gamma and white balance, by a table for each colour."""
    values = np.arange(256, dtype=np.float32)[:, None]
    mean = float(image[::8, ::8].mean())
    gain = np.exp(rng.normal(0, 0.22)) * np.exp(rng.normal(0, 0.08, 3))
    bent = 255 * (values / 255) ** float(np.exp(rng.normal(0, 0.2)))
    table = (bent - mean) * np.exp(rng.normal(0, 0.2)) + mean * gain + rng.normal(0, 12)
    return np.asarray(cv2.LUT(image, np.clip(table, 0, 255).astype(np.uint8)[None]), np.uint8)


def _shadow(image: cv2.typing.MatLike, rng: np.random.Generator) -> Pixels:
    """One side in the shadow."""
    ramp = np.linspace(rng.uniform(0.45, 1), rng.uniform(0.8, 1.25), image.shape[1], dtype=np.float32)
    along = np.repeat((ramp[None, :] if rng.random() < 0.5 else ramp[:, None])[..., None], 3, 2)
    shade = np.broadcast_to(along, image.shape)
    return np.asarray(cv2.multiply(image, np.ascontiguousarray(shade), dtype=cv2.CV_8U), np.uint8)
