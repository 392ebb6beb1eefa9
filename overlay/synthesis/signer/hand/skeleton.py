"""The bones of a hand: joint angles to the 21 landmarks that MediaPipe uses, by forward kinematics.

Hand frame, a right hand: x towards the thumb, y along the fingers, z out of the palm; the wrist is the
origin and the unit is the distance from the wrist to the middle knuckle. Proportions are the medians that
MediaPipe measures on photographs of flat hands.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

KNUCKLES = np.array([(0.26, 0.985, 0.0), (0.0, 1.0, -0.02), (-0.21, 0.92, 0.0), (-0.40, 0.78, 0.04)])
FINGER_LENGTHS = np.array([(0.44, 0.28, 0.235), (0.465, 0.31, 0.25), (0.43, 0.29, 0.24), (0.345, 0.22, 0.20)])
THUMB_BASE = np.array([0.29, 0.19, 0.07])
THUMB_LENGTHS = np.array([0.46, 0.39, 0.30])

FINGER_ANGLES = 4  # knuckle, middle joint, end joint (degrees, towards the palm), spread (towards the thumb)
POSE_SIZE = 21  # four fingers of four angles, then the thumb: away, forward, roll, knuckle, end joint


@dataclass(frozen=True, slots=True)
class Proportions:
    """The proportions of one hand; every value is a factor, 1 for the median hand."""

    finger_length: float = 1.0
    thumb_length: float = 1.0
    palm_width: float = 1.0


def rotation_matrix(vector: Array) -> Array:
    """The (3, 3) matrix of a rotation vector in radians (Rodrigues)."""
    angle = float(np.linalg.norm(vector))
    if angle < 1e-9:
        return np.eye(3)
    x, y, z = vector / angle
    k = np.array([[0.0, -z, y], [z, 0.0, -x], [-y, x, 0.0]])
    turned: Array = np.eye(3) + np.sin(angle) * k + (1.0 - np.cos(angle)) * (k @ k)
    return turned


def rotation_vector(matrix: Array) -> Array:
    """The rotation vector in radians of a (3, 3) rotation matrix, at most pi long."""
    angle = float(np.arccos(np.clip((np.trace(matrix) - 1.0) / 2.0, -1.0, 1.0)))
    skew = np.array([matrix[2, 1] - matrix[1, 2], matrix[0, 2] - matrix[2, 0], matrix[1, 0] - matrix[0, 1]])
    if angle < 1e-6:
        return np.zeros(3)
    if angle > np.pi - 1e-3:  # the skew part vanishes: take the axis from the symmetric one
        values, vectors = np.linalg.eigh((matrix + matrix.T) / 2.0)
        axis = vectors[:, int(np.argmax(values))]
        found: Array = axis * (angle if skew @ axis >= 0 else -angle)
        return found
    turned: Array = skew * (angle / (2.0 * np.sin(angle)))
    return turned


def joints(pose: Array, proportions: Proportions = Proportions()) -> Array:
    """Landmarks (21, 3) in the hand frame of a pose (21 angles in degrees), in MediaPipe's order."""
    out = np.zeros((21, 3))
    fingers = np.radians(pose[:16].reshape(4, FINGER_ANGLES))
    base = KNUCKLES * (proportions.palm_width, 1.0, 1.0)
    lengths = FINGER_LENGTHS * proportions.finger_length
    flexion = np.cumsum(fingers[:, :3], axis=1)
    spread = fingers[:, 3]
    out[5::4] = base
    for bone in range(3):
        along, forward = np.cos(flexion[:, bone]), np.sin(flexion[:, bone])
        direction = np.stack([np.sin(spread) * along, np.cos(spread) * along, forward], axis=1)
        out[6 + bone :: 4] = out[5 + bone :: 4] + direction * lengths[:, bone, None]
    out[1:5] = _thumb(np.radians(pose[16:]), proportions)
    return out


def _thumb(angles: Array, proportions: Proportions) -> Array:
    away, forward, roll, knuckle, end = angles
    sa, ca, sf, cf = np.sin(away), np.cos(away), np.sin(forward), np.cos(forward)
    along = np.array([sa * cf, ca * cf, sf])
    # Bending happens in one plane: towards the index finger at roll 0, out of the palm at roll 90.
    bend = -np.array([ca, -sa, 0.0]) * np.cos(roll) + np.array([-sa * sf, -ca * sf, cf]) * np.sin(roll)
    points = [THUMB_BASE * (proportions.palm_width, 1.0, 1.0)]
    for length, angle in zip(THUMB_LENGTHS * proportions.thumb_length, (0.0, knuckle, knuckle + end), strict=True):
        points.append(points[-1] + length * (along * np.cos(angle) + bend * np.sin(angle)))
    return np.array(points)
