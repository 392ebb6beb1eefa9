"""The bones of a hand clothed in round cones: fingers, palm, nails, forearm and sleeve."""

import numpy as np
from numpy.typing import NDArray

from overlay.signer.skeleton import KNUCKLES, THUMB_BASE, Proportions

Array = NDArray[np.float64]

SKIN, PALM, NAIL, SLEEVE, SLEEVE_FAR = range(5)  # paints

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


def hand_parts(points: Array, proportions: Proportions, thickness: float, palm_seen: bool) -> list[Part]:
    """Round cones of a hand whose joints are `points` (21, 3), in the hand frame.

    `thickness` is a factor on the fingers' girth; `palm_seen` says which paint the skin gets, since palms
    are lighter than the backs of hands.
    """
    skin = PALM if palm_seen else SKIN
    parts: list[Part] = []
    for finger in range(4):
        radii = FINGER_RADII[finger] * thickness
        chain = points[5 + 4 * finger : 9 + 4 * finger]
        for bone in range(3):
            end = chain[bone + 1]
            if bone == 2:  # the landmark of a tip is close to the skin
                end = chain[2] + (end - chain[2]) * 0.80
            parts.append((chain[bone], end, radii[bone], radii[bone + 1], skin))
        parts.append(_nail(chain[1], chain[2], chain[3], radii[3]))
    thumb = points[1:5]
    girth = [r * thickness for r in THUMB_RADII]
    parts.append((thumb[0], thumb[1], girth[0], girth[1], skin))
    parts.append((thumb[1], thumb[2], girth[1], girth[2], skin))
    parts.append((thumb[2], thumb[2] + (thumb[3] - thumb[2]) * 0.78, girth[2], girth[3], skin))
    parts.extend(_palm(points, proportions, skin))
    return parts


def _nail(middle: Array, joint: Array, tip: Array, radius: float) -> Part:
    bone = (tip - joint) / np.linalg.norm(tip - joint)
    before = joint - middle
    back = before - bone * (before @ bone)
    size = float(np.linalg.norm(back))
    # The back of a bent finger is where its middle bone points; a straight finger's is behind the hand.
    up = back / size if size > 1e-3 else np.array([0.0, 0.0, -1.0])
    length = float(np.linalg.norm(tip - joint))
    shift = up * radius * 0.42
    return (
        joint + bone * length * 0.58 + shift,
        joint + bone * length * 0.86 + shift,
        radius * 0.68,
        radius * 0.62,
        NAIL,
    )


def _palm(points: Array, proportions: Proportions, skin: int) -> list[Part]:
    wide = np.array([proportions.palm_width, 1.0, 1.0])
    knuckles = KNUCKLES * wide
    base = THUMB_BASE * wide
    parts: list[Part] = []
    for k, (r0, r1) in enumerate(((0.17, 0.135), (0.17, 0.14), (0.17, 0.132), (0.16, 0.118))):
        start = np.array([knuckles[k][0] * 0.55, 0.10, 0.0])
        parts.append((start, knuckles[k] + (0, -0.02, 0.01), r0, r1, skin))
    for k in range(3):
        parts.append((knuckles[k] * (1, 0.93, 1), knuckles[k + 1] * (1, 0.93, 1), 0.125, 0.12, skin))
    # The ball of the thumb, the heel of the hand, and the web between thumb and index finger.
    parts.append((np.array([0.12, 0.10, 0.05]) * wide, base * 0.35 + points[2] * 0.65, 0.19, 0.145, skin))
    parts.append((np.array([-0.14, 0.14, 0.05]), np.array([-0.32, 0.55, 0.05]) * wide, 0.17, 0.135, skin))
    web = base * 0.35 + points[2] * 0.65
    parts.append((web, np.array([0.17, 0.55, 0.0]) * wide, 0.10, 0.12, skin))
    return parts


def arm_parts(elbow: Array, shoulder: Array | None, skin: int, cuff: float) -> list[Part]:
    """Forearm, sleeve from `cuff` (fraction of the way to the elbow) and upper arm; the wrist is the origin."""
    cuff_at = elbow * cuff
    parts: list[Part] = [
        (np.zeros(3), elbow * 0.30, 0.215, 0.225, skin),
        (elbow * 0.30, elbow * 0.95, 0.225, 0.34, skin),
        (cuff_at, cuff_at + (elbow - cuff_at) * 0.06, 0.335, 0.34, SLEEVE),
        (cuff_at, elbow, 0.315, 0.44, SLEEVE),
    ]
    if shoulder is not None:
        parts.append((elbow, shoulder, 0.44, 0.58, SLEEVE_FAR))
    return parts
