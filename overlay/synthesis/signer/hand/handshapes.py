"""Handshapes that are no letters, as joint angles, and ways to turn a hand by where it points and faces."""

import numpy as np
from numpy.typing import NDArray

from overlay.synthesis.signer.hand.letters import Five, Four, Three
from overlay.synthesis.signer.hand.skeleton import rotation_matrix

Array = NDArray[np.float64]


def _shape(index: Four, middle: Four, ring: Four, pinky: Four, thumb: Five) -> Array:
    return np.array([*index, *middle, *ring, *pinky, *thumb], dtype=np.float64)


# Fingers: knuckle, middle joint, end joint, spread. Thumb: away, forward, roll, knuckle, end joint.
SHAPES: dict[str, Array] = {
    "open": _shape((3, 4, 3, 13), (2, 4, 3, 2), (3, 4, 3, -10), (5, 5, 4, -22), (46, 12, 5, 0, 0)),
    "flat": _shape((4, 5, 3, 5), (4, 5, 3, 0), (5, 5, 4, -5), (7, 6, 5, -11), (34, 14, 8, 4, 4)),
    "relaxed": _shape((22, 28, 14, 4), (26, 32, 16, 0), (30, 36, 18, -4), (32, 36, 20, -9), (33, 28, 25, 10, 14)),
    "loose": _shape((12, 16, 9, 8), (15, 19, 10, 1), (18, 22, 12, -5), (20, 24, 14, -13), (40, 22, 15, 4, 6)),
    "curled": _shape((42, 55, 28, 4), (48, 60, 30, 0), (52, 64, 32, -4), (52, 62, 32, -10), (28, 30, 28, 22, 20)),
    "claw": _shape((8, 52, 38, 9), (8, 55, 40, 1), (10, 55, 40, -7), (12, 52, 38, -16), (42, 30, 20, 20, 30)),
    "cup": _shape((32, 45, 22, -4), (34, 48, 24, -2), (37, 50, 26, -2), (40, 50, 26, -4), (26, 50, 55, 8, 12)),
    "phone": _shape((26, 50, 22, 2), (30, 54, 24, 0), (34, 56, 26, -3), (36, 56, 28, -7), (32, 38, 35, 12, 10)),
    "fist": _shape(
        (68, 104, 68, -1), (76, 106, 68, -8), (80, 112, 60, -12), (80, 113, 58, -15), (26, 30, 26, 46, 52)
    ),
    "point": _shape((8, 5, 4, 0), (66, 100, 54, -6), (76, 104, 56, -12), (74, 106, 52, -16), (16, 25, 12, 44, 34)),
    "hook": _shape((14, 40, 26, 0), (66, 92, 50, -6), (74, 98, 54, -12), (74, 100, 50, -16), (18, 26, 12, 42, 34)),
    "thumb": _shape(
        (78, 104, 58, 1), (84, 106, 56, -7), (86, 108, 52, -12), (86, 108, 52, -17), (62, 2, 5, -12, -18)
    ),
    "pinch": _shape((40, 62, 32, -2), (22, 26, 14, 2), (18, 22, 12, -8), (16, 20, 12, -19), (31, 38, 10, 26, 36)),
    "purse": _shape((48, 38, 20, -6), (54, 36, 18, -2), (54, 38, 18, 4), (48, 40, 20, 10), (24, 46, 36, 26, 16)),
    "two": _shape((4, 4, 3, 13), (2, 4, 3, -10), (60, 100, 50, -15), (68, 99, 46, -19), (0, 25, 5, 40, 20)),
    "three": _shape((4, 4, 3, 13), (2, 4, 3, -6), (60, 100, 50, -15), (68, 99, 46, -19), (46, 12, 5, -2, -4)),
    "four": _shape((5, 5, 3, 12), (4, 4, 3, 2), (5, 4, 3, -9), (7, 5, 3, -20), (12, 22, 8, 50, 50)),
    "scratch": _shape((24, 38, 22, 3), (32, 46, 24, -1), (50, 66, 34, -6), (54, 68, 34, -12), (26, 28, 18, 22, 20)),
    "chin": _shape((36, 34, 16, 2), (66, 84, 44, -3), (72, 92, 46, -8), (74, 94, 46, -13), (36, 20, 12, 8, 6)),
    "rest": _shape((58, 78, 42, 2), (62, 82, 44, -4), (66, 86, 46, -8), (68, 86, 46, -13), (24, 30, 22, 34, 36)),
    "mouse": _shape((28, 30, 14, 2), (26, 26, 12, -2), (36, 44, 24, -7), (40, 46, 24, -14), (30, 30, 14, 14, 10)),
    "typing": _shape((34, 38, 18, 5), (32, 42, 20, 0), (34, 42, 20, -5), (36, 38, 18, -12), (28, 26, 18, 10, 8)),
}

# What people can do with their fingers, lowest and highest: the limits of random handshapes.
BENT_LEAST: Four = (-8.0, 2.0, 0.0, -6.0)
BENT_MOST: Four = (88.0, 108.0, 62.0, 6.0)
FAN = (8.0, 0.0, -7.0, -15.0)  # spread of a flat hand's fingers
THUMB_LEAST: Five = (0.0, 0.0, 3.0, -8.0, -10.0)
THUMB_MOST: Five = (55.0, 48.0, 50.0, 55.0, 60.0)


def facing(fingers: Three, palm: Three) -> Array:
    """The turn (3, 3) of a right hand whose fingers point one way and whose palm faces another.

    Ways are in the view: x right in the picture, y up, z towards the camera; of any length. The palm's is bent
    to be square to the fingers'.
    """
    along = np.array(fingers, dtype=np.float64)
    along /= np.linalg.norm(along)
    out = np.array(palm, dtype=np.float64)
    out -= along * (along @ out)
    out /= np.linalg.norm(out)
    return np.stack([np.cross(along, out), along, out], axis=1)


def random_shape(rng: np.random.Generator) -> Array:
    """A handshape (21,) in degrees that a hand can take: neighbours bend alike, end joints follow middle ones."""
    together = rng.random() ** 0.8 if rng.random() < 0.7 else 0.0  # how alike the fingers are
    common = rng.random(2)
    opened = float(rng.uniform(0.2, 1.3))
    out = np.zeros(21)
    for finger in range(4):
        own = np.where(rng.random(2) < 0.3, np.round(rng.random(2)), rng.random(2))
        knuckle, middle = common * together + own * (1 - together)
        end = float(np.clip(middle + rng.normal(0, 0.12), 0, 1))
        share = np.array([knuckle, middle, end, rng.random()])
        out[4 * finger : 4 * finger + 4] = BENT_LEAST + (np.array(BENT_MOST) - BENT_LEAST) * share
        out[4 * finger + 3] += FAN[finger] * opened * (1 - 0.6 * knuckle)
    out[16:] = THUMB_LEAST + (np.array(THUMB_MOST) - THUMB_LEAST) * rng.random(5)
    return out


def random_turn(rng: np.random.Generator) -> Array:
    """A turn (3, 3) that an arm can give a hand: any side to the camera, the fingers seldom straight down."""
    along = np.array([rng.normal(0, 0.6), rng.normal(0.75, 0.6), rng.normal(0.25, 0.5)])
    out = rng.normal(0, 1, 3) + np.array([0.0, 0.0, 0.35])
    return facing((along[0], along[1], along[2]), (out[0], out[1], out[2]))


def tilted(turn: Array, rng: np.random.Generator, degrees: float) -> Array:
    """A turn (3, 3) that differs from another by about this much, some other way each time."""
    out: Array = rotation_matrix(rng.normal(0, np.radians(degrees), 3)) @ turn
    return out


def rolled(turn: Array, degrees: float) -> Array:
    """A turn (3, 3) tipped over in the picture, anticlockwise."""
    out: Array = rotation_matrix(np.array([0.0, 0.0, np.radians(degrees)])) @ turn
    return out


def wiggled(shape: str, rng: np.random.Generator, degrees: float) -> Array:
    """A handshape with every finger bent a little more or less."""
    out = SHAPES[shape].copy()
    bends = rng.uniform(-0.5, 1.0, 4) * degrees
    for finger in range(4):
        out[4 * finger : 4 * finger + 3] += bends[finger] * np.array([1.0, 0.7, 0.4])
    return out
