"""The handshapes of the American manual alphabet, as joint angles and the way the hand is turned.

The angles were fitted to the medians of landmarks that MediaPipe measured on photographs of some seventy
people, then corrected by eye where a picture leaves depth open (the thumb in fists).
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from overlay.synthesis.signer.hand.skeleton import rotation_matrix, rotation_vector

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Pose:
    """A handshape and its orientation.

    Attributes:
        angles: (21,) degrees, see `overlay.synthesis.signer.hand.skeleton`.
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
LETTERS: dict[str, Pose] = {
    "A": _pose(
        (77, 106, 56, 1),
        (87, 106, 55, -10),
        (89, 114, 44, -13),
        (87, 115, 56, -18),
        (27, 13, 3, 22, 10),
        (-19, 0, -12),
    ),
    "B": _pose((4, 13, 5, -11), (7, 4, 3, -7), (8, 4, 3, -6), (10, 3, 3, -5), (20, 14, 5, 56, 52), (4, -6, -13)),
    "C": _pose(
        (15, 53, 20, -21), (15, 56, 29, -9), (16, 46, 27, 0), (19, 28, 22, 6), (23, 40, 49, 49, -10), (-3, 64, -19)
    ),
    "D": _pose(
        (1, 3, 3, -2), (21, 115, 58, -7), (19, 115, 68, -8), (2, 107, 61, -4), (18, 27, 6, 40, 50), (11, 9, -3)
    ),
    "E": _pose(
        (20, 106, 72, -7),
        (20, 115, 59, -9),
        (11, 115, 65, -11),
        (-4, 105, 62, -6),
        (30, 29, 19, 69, 52),
        (-1, 9, -10),
    ),
    "F": _pose((34, 72, 37, -6), (10, 3, 3, -3), (7, 3, 3, -9), (3, 3, 3, -11), (33, 36, 4, 25, 43), (5, 10, -11)),
    "G": _pose(
        (43, 6, 3, -7), (62, 102, 85, -2), (66, 97, 85, -6), (60, 95, 73, -10), (30, 17, 11, 21, 29), (83, 98, 25)
    ),
    "H": _pose(
        (42, 5, 3, -12), (50, 3, 3, -4), (59, 103, 85, -8), (54, 108, 83, -9), (-1, 12, 20, 39, -3), (73, 97, 11)
    ),
    "I": _pose(
        (70, 103, 55, -1), (81, 97, 38, -9), (73, 109, 32, -17), (21, 3, 3, -11), (31, 24, 20, 35, 54), (-16, 7, -10)
    ),
    "J": _pose(
        (70, 103, 55, -1), (81, 97, 38, -9), (73, 109, 32, -17), (21, 3, 3, -11), (31, 24, 20, 35, 54), (-6, 7, -29)
    ),
    "K": _pose(
        (28, 3, 3, 14), (34, 3, 3, -6), (88, 97, 38, -13), (95, 96, 42, -17), (4, 15, 18, 18, -3), (-16, -5, 3)
    ),
    "L": _pose(
        (10, 3, 3, -2), (72, 99, 40, -8), (81, 102, 41, -13), (76, 108, 46, -16), (42, 17, 3, -4, -10), (6, -2, -11)
    ),
    "M": _pose(
        (70, 88, 32, 3), (68, 90, 32, -4), (66, 92, 32, -10), (84, 108, 40, -18), (12, 19, 3, 71, 19), (-8, 10, -5)
    ),
    "N": _pose(
        (69, 87, 35, 9), (61, 98, 38, -3), (92, 96, 20, -14), (95, 97, 27, -19), (2, 15, 3, 41, 10), (-10, 8, -4)
    ),
    "O": _pose(
        (40, 76, 33, -15), (47, 72, 28, -8), (44, 67, 27, -2), (43, 43, 33, 7), (27, 44, 27, 50, 23), (-14, 73, -4)
    ),
    "P": _pose(
        (40, 3, 3, 4), (79, 15, 19, -1), (80, 75, 74, -3), (70, 78, 68, -6), (-14, 29, 55, -16, 27), (60, 58, -22)
    ),
    "Q": _pose(
        (62, 8, 5, -2), (74, 90, 60, -9), (80, 90, 60, -13), (84, 90, 60, -16), (8, 48, 10, 5, 5), (107, 20, -57)
    ),
    "R": _pose(
        (17, 6, 4, -13), (-2, 3, 3, 8), (51, 109, 41, -13), (72, 87, 41, -18), (-2, 23, 3, 35, 15), (9, 11, -2)
    ),
    "S": _pose(
        (65, 103, 71, -2),
        (74, 105, 72, -10),
        (78, 114, 61, -15),
        (76, 115, 62, -18),
        (26, 32, 29, 49, 58),
        (-14, 5, -6),
    ),
    "T": _pose(
        (64, 82, 50, 6), (88, 99, 25, -10), (95, 102, 24, -14), (91, 109, 38, -19), (12, 21, 9, 31, 6), (-15, 5, -10)
    ),
    "U": _pose((6, 3, 3, -5), (4, 3, 3, 0), (54, 107, 44, -13), (63, 94, 44, -15), (-3, 23, 4, 39, 19), (10, 10, -2)),
    "V": _pose(
        (3, 3, 3, 13), (-1, 3, 3, -11), (59, 103, 51, -15), (70, 99, 45, -19), (-5, 25, 3, 40, 17), (14, 6, 2)
    ),
    "W": _pose((7, 3, 3, 7), (1, 3, 3, -5), (2, 3, 3, -21), (45, 89, 63, -11), (-11, 25, 3, 43, 10), (12, 11, -6)),
    "X": _pose(
        (17, 44, 36, -7), (74, 86, 62, 0), (85, 81, 73, -9), (87, 76, 82, -14), (23, 38, 3, 52, 21), (10, 61, 9)
    ),
    "Y": _pose(
        (75, 102, 45, 2), (89, 94, 38, -8), (86, 103, 34, -13), (23, 3, 3, -21), (40, 12, 4, 6, -10), (-11, -3, 2)
    ),
    "Z": _pose(
        (10, 3, 3, 0), (62, 104, 56, -7), (76, 104, 56, -15), (70, 108, 49, -17), (16, 24, 11, 46, 32), (7, 3, 6)
    ),
}

REST = _pose(
    (25, 30, 15, 2), (28, 34, 16, 0), (32, 36, 18, -2), (36, 38, 20, -5), (30, 30, 25, 10, 15), (-20, 35, -10)
)


# J as people move: medians over photographed takes, turn in degrees and the wrist's place in palms.
J_TURNS: tuple[Three, ...] = (
    (-6, 7, -29),
    (-2, 6, -24),
    (4, 8, -20),
    (16, 10, -14),
    (34, 17, -5),
    (55, 30, 4),
    (72, 49, 11),
    (81, 72, 23),
    (80, 94, 33),
    (74, 112, 36),
    (63, 126, 34),
)
J_PLACES: tuple[tuple[float, float], ...] = (
    (0.00, 0.40),
    (-0.00, 0.16),
    (0.03, -0.13),
    (0.07, -0.52),
    (0.15, -0.82),
    (0.19, -0.96),
    (0.15, -0.94),
    (0.17, -0.90),
    (0.26, -0.88),
    (0.37, -0.84),
    (0.47, -0.80),
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
    first = rotation_matrix(np.radians(np.array(J_TURNS[0])))
    own = rotation_matrix(pose.turn) @ first.T
    return [
        (u, rotation_vector(own @ rotation_matrix(np.radians(np.array(turn)))), x, y)
        for u, turn, (x, y) in zip(np.linspace(0, 1, len(J_TURNS)), J_TURNS, J_PLACES, strict=True)
    ]
