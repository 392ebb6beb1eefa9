"""The look of a synthetic signer: body, clothes, light, room, and the way they hold the hand."""

from dataclasses import dataclass
from typing import Literal

import numpy as np

Colour = tuple[int, int, int]  # blue, green, red

# From very dark to very light, blue-green-red; random looks lie between neighbours.
SKIN_TONES: tuple[Colour, ...] = (
    (38, 48, 66),
    (52, 70, 102),
    (74, 100, 146),
    (104, 138, 190),
    (138, 172, 218),
    (168, 196, 234),
    (186, 208, 242),
)

HAIRS: tuple[Colour, ...] = ((22, 24, 28), (34, 40, 52), (30, 48, 78), (48, 80, 122), (96, 142, 182), (150, 154, 158))


@dataclass(frozen=True, slots=True)
class SignerLook:
    """One signer's looks and habits.

    Attributes:
        skin, hair, shirt, wall, furniture: colours, blue-green-red.
        hand_scale: size of the hand; 1 makes the palm (wrist to middle knuckle) 0.165 of the picture's height.
        finger_thickness, finger_length, thumb_length, palm_width: factors on the median hand.
        cuff: where the sleeve ends, as a fraction of the forearm from the wrist.
        light: direction to the light, x right, y up, z towards the camera; need not be of unit length.
        yaw, pitch, roll: how the whole hand is turned away from the usual, in degrees.
        place: where the middle of the palm is held, as fractions of the picture's width and height, for a
            right-hander; a left-hander's is the mirror image.
        handedness: the signing hand.
        pose_jitter: spread in degrees of the joint angles by which this signer's letters differ from the usual.
        wobble: factor on the small motions of a living hand; 0 holds it perfectly still.
        style: seed of the signer's own letter shapes (see `pose_jitter`), face and room.
        mirrored_z: draws Z the other way round, as some left-handed and some beginning signers do.
    """

    skin: Colour = (126, 160, 210)
    hair: Colour = (34, 40, 52)
    shirt: Colour = (108, 74, 50)
    wall: Colour = (196, 204, 208)
    furniture: Colour = (96, 128, 158)
    hand_scale: float = 1.0
    finger_thickness: float = 1.0
    finger_length: float = 1.0
    thumb_length: float = 1.0
    palm_width: float = 1.0
    cuff: float = 0.45
    light: tuple[float, float, float] = (-0.35, 0.6, 0.8)
    yaw: float = 0.0
    pitch: float = 0.0
    roll: float = 0.0
    place: tuple[float, float] = (0.30, 0.52)
    handedness: Literal["right", "left"] = "right"
    pose_jitter: float = 0.0
    wobble: float = 1.0
    style: int = 0
    mirrored_z: bool = False

    @classmethod
    def random(cls, seed: int) -> "SignerLook":
        """A signer drawn at random; the same seed gives the same signer."""
        rng = np.random.default_rng((seed, 7))

        def around(middle: float, spread: float) -> float:
            return float(middle + spread * np.clip(rng.normal(), -2.2, 2.2))

        def colour(low: int, high: int, strength: float) -> Colour:
            tint = rng.normal(0, strength, 3)
            b, g, r = np.clip(rng.uniform(low, high) * (1.0 + tint - tint.mean()), 8, 250)
            return int(b), int(g), int(r)

        tone = rng.uniform(0, len(SKIN_TONES) - 1.001)
        below, part = int(tone), tone - int(tone)
        base = np.array(SKIN_TONES[below]) * (1 - part) + np.array(SKIN_TONES[below + 1]) * part
        b, g, r = np.clip(base * rng.normal(1.0, 0.035, 3), 20, 250)
        side = rng.uniform(-0.8, 0.8)
        return cls(
            skin=(int(b), int(g), int(r)),
            hair=HAIRS[int(rng.integers(len(HAIRS)))],
            shirt=colour(25, 210, 0.35),
            wall=colour(75, 235, 0.08),
            furniture=colour(40, 190, 0.3),
            hand_scale=float(np.exp(rng.uniform(np.log(0.68), np.log(1.5)))),
            finger_thickness=around(1.0, 0.08),
            finger_length=around(1.0, 0.05),
            thumb_length=around(1.0, 0.05),
            palm_width=around(1.0, 0.05),
            cuff=float(rng.uniform(0.12, 1.0)),
            light=(float(side), float(rng.uniform(0.1, 0.9)), float(rng.uniform(0.55, 1.0))),
            yaw=around(0, 9.0),
            pitch=around(0, 8.0),
            roll=around(0, 7.0),
            place=(float(rng.uniform(0.24, 0.52)), float(rng.uniform(0.44, 0.60))),
            handedness="left" if rng.random() < 0.25 else "right",
            pose_jitter=float(rng.uniform(1.0, 6.0)),
            wobble=float(rng.uniform(0.5, 1.8)),
            style=int(rng.integers(1 << 30)),
            mirrored_z=bool(rng.random() < 0.15),
        )
