"""The handshapes of the American manual alphabet, as joint angles and the way the hand is turned.

The angles were fitted to the medians of landmarks that MediaPipe measured on photographs of some seventy
people, then corrected by eye where a picture leaves depth open (the thumb in fists).
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from overlay.signer.skeleton import rotation_matrix, rotation_vector

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Pose:
    """A handshape and its orientation.

    Attributes:
        angles: (21,) degrees, see `overlay.signer.skeleton`.
        turn: (3,) rotation vector in radians from the hand frame to the view (x right, y up, z towards the
            camera) for a right hand seen unmirrored.
    """

    angles: Array
    turn: Array


Four = tuple[float, float, float, float]
Five = tuple[float, float, float, float, float]
Three = tuple[float, float, float]


def _pose(index: Four, middle: Four, ring: Four, pinky: Four, thumb: Five, turn: Three) -> Pose:
    angles = np.array([*index, *middle, *ring, *pinky, *thumb], dtype=np.float64)
    return Pose(angles, np.radians(np.array(turn, dtype=np.float64)))


# Fingers: knuckle, middle joint, end joint, spread. Thumb: away, forward, roll, knuckle, end joint.
# table begins
LETTERS: dict[str, Pose] = {
    "A": _pose(
        (76, 105, 53, 1),
        (86, 106, 54, -10),
        (88, 114, 43, -13),
        (85, 115, 56, -17),
        (27, 15, 10, 21, 10),
        (-18, 1, -11),
    ),
    "B": _pose((3, 14, 5, -11), (6, 6, 3, -7), (8, 4, 3, -6), (11, 3, 3, -5), (20, 18, -11, 60, 53), (4, -5, -13)),
    "C": _pose(
        (15, 52, 20, -22), (16, 56, 29, -10), (16, 45, 27, 0), (19, 28, 21, 7), (22, 41, 48, 48, -15), (-2, 64, -19)
    ),
    "D": _pose(
        (11, 3, 3, -2), (28, 112, 56, -6), (25, 115, 67, -8), (9, 109, 65, -5), (17, 42, -20, 37, 72), (6, 9, -3)
    ),
    "E": _pose(
        (20, 106, 69, -7), (20, 115, 60, -9), (11, 115, 68, -11), (-4, 105, 71, -6), (29, 24, 1, 69, 61), (-2, 9, -10)
    ),
    "F": _pose((35, 75, 40, -5), (14, 3, 3, -3), (11, 3, 3, -9), (7, 3, 3, -11), (32, 45, -39, 28, 74), (3, 11, -11)),
    "G": _pose(
        (44, 5, 3, -6), (61, 102, 85, -2), (66, 96, 85, -7), (61, 92, 71, -11), (0, 14, 26, 9, 24), (73, 97, 13)
    ),
    "H": _pose(
        (39, 6, 3, -12), (48, 4, 3, -4), (57, 105, 85, -7), (52, 109, 81, -9), (-5, 5, 32, 35, -1), (73, 96, 10)
    ),
    "I": _pose(
        (68, 108, 52, -2), (79, 101, 35, -9), (71, 114, 30, -17), (22, 3, 3, -12), (31, 16, 16, 36, 56), (-14, 6, -10)
    ),
    "J": _pose(
        (57, 113, 54, -1),
        (67, 105, 35, -12),
        (68, 108, 32, -20),
        (14, 3, 3, -22),
        (24, 32, -24, 38, 58),
        (-10, 5, 30),
    ),
    "K": _pose(
        (26, 3, 3, 13), (35, 3, 3, -6), (85, 99, 36, -13), (92, 98, 40, -17), (3, 10, 19, 16, -1), (-12, -5, 3)
    ),
    "L": _pose(
        (14, 3, 3, -2), (72, 100, 39, -8), (82, 104, 39, -13), (77, 109, 45, -16), (42, 17, -1, -2, -15), (5, -2, -11)
    ),
    "M": _pose(
        (66, 97, 26, 3), (63, 108, 26, -6), (59, 115, 32, -14), (81, 105, 35, -19), (5, 18, 5, 55, 13), (-8, 9, -5)
    ),
    "N": _pose(
        (68, 88, 33, 9), (60, 99, 38, -3), (92, 97, 20, -14), (95, 99, 26, -20), (1, 18, 0, 40, 10), (-9, 7, -4)
    ),
    "O": _pose(
        (39, 75, 34, -18), (46, 72, 28, -8), (43, 67, 27, -1), (42, 43, 34, 10), (26, 45, 25, 47, 25), (-14, 72, -4)
    ),
    "P": _pose(
        (43, 3, 3, 4), (79, 14, 18, -1), (81, 74, 75, -2), (71, 77, 67, -7), (-14, 29, 54, -18, 30), (59, 58, -22)
    ),
    "Q": _pose(
        (79, 3, 3, -19), (74, 69, 74, -9), (83, 81, 57, -15), (86, 82, 44, -22), (14, 42, -21, 8, -15), (91, 7, 7)
    ),
    "R": _pose(
        (9, 3, 3, -13), (9, 3, 3, 7), (48, 112, 38, -13), (69, 92, 40, -18), (-1, 31, -31, 42, 26), (11, 13, -1)
    ),
    "S": _pose(
        (61, 105, 67, -1),
        (70, 108, 68, -10),
        (75, 115, 59, -15),
        (73, 115, 63, -17),
        (22, 18, 10, 45, 59),
        (-11, 4, -6),
    ),
    "T": _pose(
        (60, 81, 55, 4), (87, 100, 24, -10), (95, 103, 24, -14), (91, 111, 35, -19), (9, 19, 2, 26, 12), (-14, 5, -10)
    ),
    "U": _pose(
        (8, 3, 3, -5), (6, 3, 3, 0), (51, 111, 41, -13), (61, 100, 42, -15), (0, 27, -18, 45, 29), (11, 11, -2)
    ),
    "V": _pose(
        (7, 3, 3, 13), (4, 3, 3, -11), (61, 103, 49, -15), (73, 100, 43, -19), (-3, 35, -26, 50, 34), (13, 5, 2)
    ),
    "W": _pose(
        (11, 3, 3, 8), (1, 3, 3, -4), (1, 3, 3, -20), (42, 104, 57, -12), (-12, 39, -45, 63, 27), (13, 13, -5)
    ),
    "X": _pose(
        (8, 39, 37, 0), (67, 112, 52, -6), (81, 108, 50, -15), (85, 104, 47, -20), (26, 27, 3, 56, 40), (0, -4, 2)
    ),
    "Y": _pose(
        (73, 103, 43, 2), (88, 94, 37, -8), (85, 104, 32, -13), (27, 3, 3, -21), (40, 12, 4, 9, -15), (-10, -2, 2)
    ),
    "Z": _pose(
        (13, 3, 3, 0), (62, 104, 55, -6), (77, 105, 54, -15), (70, 110, 47, -17), (17, 29, -5, 48, 42), (7, 3, 6)
    ),
}
# table ends

REST = _pose(
    (25, 30, 15, 2), (28, 34, 16, 0), (32, 36, 18, -2), (36, 38, 20, -5), (30, 30, 25, 10, 15), (-20, 35, -10)
)


def stroke(letter: str, pose: Pose, mirrored_z: bool = False) -> list[tuple[float, Array, float, float]]:
    """The motion of J or Z from its pose: (moment 0 to 1, turn, shift right, shift up in palms).

    J: the little finger goes down and hooks towards the signer's other side as the hand turns over. Z: the
    index finger draws the letter as the signer sees it, so a camera sees the mirror image.
    """
    if letter == "Z":
        sense = -1.0 if mirrored_z else 1.0
        corners = ((0.0, 0.45, 0.45), (0.30, -0.45, 0.45), (0.68, 0.40, -0.35), (1.0, -0.45, -0.38))
        return [(u, pose.turn, sense * x, y) for u, x, y in corners]
    path: list[tuple[float, Array, float, float]] = []
    start = rotation_matrix(pose.turn)
    keys = [start, rotation_matrix(np.radians(np.array([70.0, 10.0, 20.0]))) @ start, J_END]
    for step in range(11):
        u = step / 10
        s = u * u * (3 - 2 * u)
        part = min(int(s * 2), 1)
        a, b = keys[part], keys[part + 1]
        turn = a @ rotation_matrix(rotation_vector(a.T @ b) * (s * 2 - part))
        path.append((u, rotation_vector(turn), 0.0, 0.25 - 0.75 * float(np.sin(min(s * 1.25, 1.0) * np.pi / 2))))
    return path


def _frame(thumb: Three, fingers: Three) -> Array:
    """The turn that points the thumb's side and the fingers these ways in the view."""
    y = np.array(fingers) / np.linalg.norm(fingers)
    x = np.array(thumb) - y * (y @ np.array(thumb))
    x /= np.linalg.norm(x)
    return np.stack([x, y, np.cross(x, y)], axis=1)


J_END = _frame((-0.4, 0.9, 0.0), (0.85, 0.42, 0.30))
