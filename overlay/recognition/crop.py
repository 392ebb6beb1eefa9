"""From a hand in a frame to what the encoder sees: a square crop and normalised landmarks of a right hand."""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from overlay.media.frame import Pixels
from overlay.recognition.hands.hand_detector import Hand

CROP_SIZE = 96
MARGIN = 1.4  # side of the crop over the longer side of the landmarks' box: landmarks run inside the flesh
ROOM = 1.25  # side of the square from which an upright crop is turned, over that of the crop
LARGER = 4 / 3  # its pixels over those of the crop
PALM = (0, 5, 9, 13, 17)
TRACED = (8, 20)  # the tips that draw Z and J


@dataclass(frozen=True, slots=True)
class HandCrop:
    """A hand made ready for the encoder. A left hand is mirrored, so that the model sees right hands only.

    The landmarks are never turned upright: orientation tells K from P, G from Q and U from H. The pixels are, for
    models that ask for it: they tell M from N and S from T, whichever way the hand points.

    Attributes:
        pixels: RGB uint8 (S, S, 3), or None where only landmarks are known.
        landmarks: float32 (21, 3), 0 in the middle of the crop, 1 at its right and lower edge; z likewise,
            0 at the wrist.
        traced: float32 (3, 2), middle of the palm, tip of the index, tip of the little finger, in the
            pixels of the frame (mirrored for a left hand): what motion is measured on.
        palm: size of the palm in pixels of the frame, whatever the hand's pose: the unit of motion.
    """

    pixels: Pixels | None
    landmarks: NDArray[np.float32]
    traced: NDArray[np.float32]
    palm: float


def normalise_landmarks(landmarks: NDArray[np.float32], *, mirror: bool) -> NDArray[np.float32]:
    """Landmarks (21, 3) in pixels to the crop's own coordinates, -1 to 1 at the edges of the crop."""
    centre, side = _box(landmarks, MARGIN)
    result = landmarks.copy()
    result[:, :2] -= centre
    result[:, 2] -= result[0, 2]
    result /= side / 2
    if mirror:
        result[:, 0] *= -1
    return result.astype(np.float32)


def trace(landmarks: NDArray[np.float32], *, mirror: bool) -> tuple[NDArray[np.float32], float]:
    """The points whose motion matters, (3, 2) in pixels, and the palm's size in pixels."""
    points = np.concatenate([landmarks[list(PALM), :2].mean(0, keepdims=True), landmarks[list(TRACED), :2]])
    if mirror:
        points = points * np.array([-1, 1], np.float32)
    # Two spans of the palm in three dimensions: turning the hand away shortens neither by much.
    length = float(np.linalg.norm(landmarks[9] - landmarks[0]))
    width = float(np.linalg.norm(landmarks[17] - landmarks[5]))
    return points.astype(np.float32), max(length, 1.4 * width, 1.0)


def cut_hand(
    pixels: Pixels, landmarks: NDArray[np.float32], *, mirror: bool, size: int, margin: float = MARGIN
) -> Pixels:
    """A square around the hand with landmarks (21, 3), RGB uint8 (size, size, 3).

    Args:
        pixels: BGR uint8 (H, W, 3).
        landmarks: in its pixels.
        mirror: mirror the square.
        size: side of the square in pixels.
        margin: side of the square over the longer side of the landmarks' box.
    """
    (x, y), side = _box(landmarks, margin)
    # A crop that sticks out of the frame is filled by repeating the edge: a black border would be a
    # feature of its own.
    left, top = round(float(x) - side / 2), round(float(y) - side / 2)
    length = max(round(side), 2)
    height, width = pixels.shape[:2]
    if left >= 0 and top >= 0 and left + length <= width and top + length <= height:
        cut = pixels[top : top + length, left : left + length]
    else:
        columns = np.clip(np.arange(left, left + length), 0, width - 1)
        rows = np.clip(np.arange(top, top + length), 0, height - 1)
        cut = pixels[np.ix_(rows, columns)]
    method = cv2.INTER_AREA if length > size else cv2.INTER_LINEAR
    square = cv2.cvtColor(cv2.resize(cut, (size, size), interpolation=method), cv2.COLOR_BGR2RGB)
    if mirror:
        square = cv2.flip(square, 1)
    return np.asarray(square, np.uint8)


def points_in_square(landmarks: NDArray[np.float32], size: int) -> NDArray[np.float32]:
    """Return landmarks (21, 3) in the square of `size` that was cut around them with room to turn it, (21, 2)."""
    centre, side = _box(landmarks, MARGIN * ROOM)
    return np.asarray(((landmarks[:, :2] - centre) / side + 0.5) * size, np.float32)


def upright_view(points: NDArray[np.float32], size: int) -> NDArray[np.float64]:
    """The matrix (2, 3) from where landmarks (21, 2) are to a square of `size` with the hand upright in it."""
    palm = points[list(PALM[1:])].mean(0) - points[0]
    turn = float(np.arctan2(palm[0], -palm[1]))  # clockwise from straight up
    cos, sin = np.cos(turn), np.sin(turn)
    rotation = np.array([[cos, sin], [-sin, cos]])
    centre, side = _box((points @ rotation.T).astype(np.float32), MARGIN)
    scale = size / side
    return np.concatenate([rotation * scale, (size / 2 - centre * scale)[:, None]], 1)


def crop_hand(
    pixels: Pixels, hand: Hand, *, mirror: bool | None = None, size: int = CROP_SIZE, upright: bool = False
) -> HandCrop:
    """Cut the hand out of BGR uint8 (H, W, 3).

    Args:
        pixels: the frame that the hand was found in.
        hand: its landmarks.
        mirror: treat it as a left hand; by default what `hand.handedness` says.
        size: side of the crop in pixels.
        upright: turn the pixels, not the landmarks, so that the palm is below the fingers.
    """
    mirror = hand.handedness == "left" if mirror is None else mirror
    if upright:
        # In two steps, as in training: shrinking must average, and turning cannot.
        larger = round(size * LARGER)
        square = cut_hand(pixels, hand.landmarks, mirror=mirror, size=larger, margin=MARGIN * ROOM)
        points = hand.landmarks * np.array([-1, 1, 1], np.float32) if mirror else hand.landmarks
        view = upright_view(points_in_square(points, larger), size)
        square = np.asarray(cv2.warpAffine(square, view, (size, size), borderMode=cv2.BORDER_REPLICATE), np.uint8)
    else:
        square = cut_hand(pixels, hand.landmarks, mirror=mirror, size=size)
    traced, palm = trace(hand.landmarks, mirror=mirror)
    return HandCrop(square, normalise_landmarks(hand.landmarks, mirror=mirror), traced, palm)


def _box(landmarks: NDArray[np.float32], margin: float) -> tuple[NDArray[np.float32], float]:
    low, high = landmarks[:, :2].min(0), landmarks[:, :2].max(0)
    return (low + high) / 2, max(float((high - low).max()) * margin, 2.0)
