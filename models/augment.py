"""Other light, other distance, other cameras, other wrists: what one picture of a hand could also have been."""

import cv2
import numpy as np
from numpy.typing import NDArray

from overlay.crop import CROP_SIZE, normalise_landmarks
from overlay.frame import Pixels

Landmarks = NDArray[np.float32]


def turn_landmarks(landmarks: Landmarks, rng: np.random.Generator, roll: float, most: float = 15.0) -> Landmarks:
    """Turn (21, 3) by `roll` degrees in the picture and by up to `most` degrees out of it; stretch and jitter."""
    yaw, pitch = np.radians(rng.uniform(-most, most, 2))
    turn = np.radians(roll)
    about_z = np.array([[np.cos(turn), -np.sin(turn), 0], [np.sin(turn), np.cos(turn), 0], [0, 0, 1]])
    about_y = np.array([[np.cos(yaw), 0, np.sin(yaw)], [0, 1, 0], [-np.sin(yaw), 0, np.cos(yaw)]])
    about_x = np.array([[1, 0, 0], [0, np.cos(pitch), -np.sin(pitch)], [0, np.sin(pitch), np.cos(pitch)]])
    stretch = np.diag([*rng.uniform(0.92, 1.08, 2), rng.uniform(0.7, 1.2)])
    palm = float(np.linalg.norm(landmarks[9] - landmarks[0]))
    turned = (landmarks - landmarks[9]) @ (about_z @ about_y @ about_x @ stretch).T.astype(np.float32)
    jitter = rng.normal(0, rng.uniform(0, 0.035) * palm, landmarks.shape)
    return np.asarray(turned + jitter, np.float32)


def augment_still(crop: Pixels, landmarks: Landmarks, rng: np.random.Generator) -> tuple[Pixels, Landmarks]:
    """One crop (S, S, 3) with its landmarks (21, 3) → another (CROP_SIZE, CROP_SIZE, 3), (21, 3) normalised."""
    roll = float(np.clip(rng.normal(0, 7), -18, 18))
    side = crop.shape[0]
    scale = CROP_SIZE / side * float(np.exp(rng.normal(0, 0.07)))
    matrix = cv2.getRotationMatrix2D((side / 2, side / 2), -roll, scale)
    matrix[:, 2] += CROP_SIZE / 2 - side / 2 + rng.normal(0, 0.03 * CROP_SIZE, 2)
    warped = cv2.warpAffine(crop, matrix, (CROP_SIZE, CROP_SIZE), borderMode=cv2.BORDER_REPLICATE)
    turned = turn_landmarks(landmarks, rng, roll)
    return recolour(warped.astype(np.uint8), rng), normalise_landmarks(turned, mirror=False)


def recolour(crop: Pixels, rng: np.random.Generator) -> Pixels:
    """Other light and another camera."""
    image: Landmarks = crop.astype(np.float32)
    if rng.random() < 0.8:
        gain = np.exp(rng.normal(0, 0.22)) * np.exp(rng.normal(0, 0.08, 3))
        mean = image.mean()
        image = (image - mean) * np.exp(rng.normal(0, 0.2)) + mean * gain + rng.normal(0, 12)
    if rng.random() < 0.15:
        image = np.repeat(image.mean(2, keepdims=True), 3, 2)
    if rng.random() < 0.25:
        # One side in the shadow.
        ramp = np.linspace(rng.uniform(0.5, 1), rng.uniform(0.8, 1.2), image.shape[1], dtype=np.float32)
        image = image * (ramp[None, :, None] if rng.random() < 0.5 else ramp[:, None, None])
    if rng.random() < 0.3:
        image = np.asarray(cv2.GaussianBlur(image, (0, 0), rng.uniform(0.4, 1.8)), np.float32)
    if rng.random() < 0.4:
        image = image + rng.normal(0, rng.uniform(2, 12), image.shape).astype(np.float32)
    if rng.random() < 0.25:
        y, x, h, w = rng.integers(0, CROP_SIZE, 2).tolist() + rng.integers(8, 30, 2).tolist()
        image[y : y + h, x : x + w] = rng.uniform(0, 255, 3)
    return np.clip(image, 0, 255).astype(np.uint8)
