"""The bones of a hand clothed in round cones: fingers, palm, nails, forearm and sleeve."""

import numpy as np
from numpy.typing import NDArray

from overlay.synthesis.signer.hand.skeleton import KNUCKLES, THUMB_BASE, Proportions

Array = NDArray[np.float64]

SKIN, PALM, NAIL, ARM, SLEEVE, SLEEVE_FAR = range(6)  # paints

FINGER_RADII = np.array(
    [
        (0.125, 0.112, 0.098, 0.080),
        (0.128, 0.115, 0.100, 0.083),
        (0.122, 0.110, 0.096, 0.079),
        (0.106, 0.094, 0.083, 0.069),
    ]
)
THUMB_RADII = (0.17, 0.135, 0.122, 0.095)

Part = tuple[Array, Array, float, float, int]  # start, end, their radii, paint; in the hand frame


def hand_parts(points: Array, proportions: Proportions, thickness: float, camera: Array) -> list[Part]:
    """Round cones of a hand whose joints are `points` (21, 3), in the hand frame.

    `thickness` is a factor on the fingers' girth; `camera` is the way to the camera in the hand frame: palms
    are lighter than the backs of hands, and nails that face away are left out.
    """
    skin = PALM if camera[2] > -0.1 else SKIN
    parts: list[Part] = []
    for finger in range(4):
        radii = FINGER_RADII[finger] * thickness
        chain = points[5 + 4 * finger : 9 + 4 * finger]
        for bone in range(3):
            end = chain[bone + 1]
            if bone == 2:  # the landmark of a tip is close to the skin
                end = chain[2] + (end - chain[2]) * 0.80
            parts.append((chain[bone], end, radii[bone], radii[bone + 1], skin))
        parts.extend(_nail(chain[1], chain[2], chain[3], radii[3], camera))
    thumb = points[1:5]
    girth = [r * thickness for r in THUMB_RADII]
    parts.append((thumb[0], thumb[1], girth[0], girth[1], skin))
    parts.append((thumb[1], thumb[2], girth[1], girth[2], skin))
    parts.append((thumb[2], thumb[2] + (thumb[3] - thumb[2]) * 0.78, girth[2], girth[3], skin))
    parts.extend(_nail(thumb[1], thumb[2], thumb[3], girth[3], camera))
    parts.extend(_palm(points, proportions, skin))
    return parts


def _nail(middle: Array, joint: Array, tip: Array, radius: float, camera: Array) -> list[Part]:
    bone = tip - joint
    way = bone / np.linalg.norm(bone)
    before = joint - middle
    back = before - way * (before @ way)
    size = float(np.linalg.norm(back))
    # The back of a bent finger is where its middle bone points; a straight finger's is behind the hand.
    up = back / size if size > 1e-3 else np.array([0.0, 0.0, -1.0])
    if up @ camera < -0.2:
        return []
    shift = up * radius * 0.42
    return [(joint + bone * 0.58 + shift, joint + bone * 0.86 + shift, radius * 0.68, radius * 0.62, NAIL)]


def _palm(points: Array, proportions: Proportions, skin: int) -> list[Part]:
    wide = np.array([proportions.palm_width, 1.0, 1.0])
    knuckles = KNUCKLES * wide
    base = THUMB_BASE * wide
    parts: list[Part] = []
    for k, (r0, r1) in enumerate(((0.17, 0.135), (0.17, 0.14), (0.17, 0.132), (0.16, 0.118))):
        start = np.array([knuckles[k][0] * 0.55, 0.10, 0.0])
        parts.append((start, knuckles[k] + (0, -0.02, 0.01), r0, r1, skin))
    parts.extend((knuckles[k] * (1, 0.93, 1), knuckles[k + 1] * (1, 0.93, 1), 0.125, 0.12, skin) for k in range(3))
    # Between the bones, so that no valleys show.
    for k in range(3):
        middle = (knuckles[k] + knuckles[k + 1]) / 2
        parts.append((middle * (0.55, 0.14, 1.0), middle * (1.0, 0.93, 1.0), 0.168, 0.128, skin))
    # The ball of the thumb, the heel of the hand, and the web between thumb and index finger.
    parts.append((np.array([0.12, 0.10, 0.05]) * wide, base * 0.35 + points[2] * 0.65, 0.19, 0.145, skin))
    parts.append((np.array([-0.14, 0.14, 0.05]), np.array([-0.32, 0.55, 0.05]) * wide, 0.17, 0.135, skin))
    web = base * 0.35 + points[2] * 0.65
    parts.append((web, np.array([0.17, 0.55, 0.0]) * wide, 0.10, 0.12, skin))
    return parts


def forearm_parts(elbow: Array, side: Array) -> list[Part]:
    """The bare forearm in the view, about the wrist; `side` points across the wrist to the thumb."""
    edge = side * 0.11
    return [
        (edge, elbow * 0.45 + edge * 0.6, 0.165, 0.235, ARM),
        (-edge, elbow * 0.45 - edge * 0.6, 0.165, 0.235, ARM),
        (elbow * 0.02, elbow * 0.45, 0.165, 0.24, ARM),
    ]


def sleeve_parts(elbow: Array, shoulder: Array, body: float, cuff: float) -> list[Part]:
    """The rest of the arm in the view; `cuff` is where the sleeve begins on the way
    from wrist to elbow, `body` the body's size, 1 where its palms would be the unit."""
    cuff_at = elbow * cuff
    girth = 0.23 + 0.10 * cuff
    return [
        (elbow, shoulder, 0.37, 0.5 * body, SLEEVE_FAR),
        (elbow * 0.45, elbow * 0.97, 0.25, 0.31, ARM),
        (cuff_at, elbow, girth + 0.05, 0.37, SLEEVE),
        (cuff_at, cuff_at + (elbow - cuff_at) * 0.05, girth + 0.07, girth + 0.075, SLEEVE),
    ]
