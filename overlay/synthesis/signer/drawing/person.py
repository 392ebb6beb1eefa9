"""A person who does not exist, drawn with one hand in any pose."""

import math

import numpy as np
from numpy.typing import NDArray

from overlay.core.errors import SigncapError
from overlay.synthesis.signer.drawing.backdrop import backdrop, ramp
from overlay.synthesis.signer.drawing.stage import Fade, Stage
from overlay.synthesis.signer.hand.flesh import ARM, SLEEVE_FAR, forearm_parts, hand_parts, sleeve_parts
from overlay.synthesis.signer.hand.skeleton import Proportions, joints, rotation_matrix
from overlay.synthesis.signer.look import SignerLook
from overlay.synthesis.signer.movement.motion import Moment, Wobble

Array = NDArray[np.float64]

PALM = 0.165  # wrist to middle knuckle, as a fraction of the picture's height
FINEST, COARSEST = 440, 270  # lines at which hand and sleeve are drawn at most; cameras are no sharper
BODY_MIDDLE = 0.57


class Person:
    """A body before a backdrop and the living hand in front of it.

    Pictures are unmirrored, as a camera sees the person: a right hand is on the left of the picture. All
    coordinates are a right-hander's; a left-hander is the mirror image.

    Args:
        look: who it is.
        size: width and height of the pictures in pixels; SigncapError below 48x48.
        rng: draws the hand's small motions.
        follow: how far the forearm follows the way the fingers point.
    """

    def __init__(
        self, look: SignerLook, size: tuple[int, int], rng: np.random.Generator, follow: float = 0.5
    ) -> None:
        if min(size) < 48:
            raise SigncapError(f"Pictures of {size[0]}x{size[1]} are too small; ask for 48x48 or more.")
        self.look = look
        self.size = size
        self._follow = follow
        self._wobble = Wobble.make(26, rng)
        self._proportions = Proportions(self.look.finger_length, self.look.thumb_length, self.look.palm_width)
        self._unit = PALM * size[1] * self.look.hand_scale
        self._body = 1 / self.look.hand_scale  # the body's palms in those of the hand drawn
        self._left = self.look.handedness == "left"
        middle = 1 - BODY_MIDDLE if self._left else BODY_MIDDLE
        self._backdrop = backdrop(self.look, *size, middle)
        self._stage = Stage(size, self._unit, self._left, _palette(self.look), self.look.light)

    def landmarks(self, moment: Moment, t: float) -> NDArray[np.float32] | None:
        """Landmarks (21, 3) of a moment, its small motions those at t seconds, in pixels and MediaPipe's order:
        x right, y down, z away from the camera relative to the wrist, scaled like x. None while less than two
        thirds of them are in the picture.
        """
        points, turn, wrist = self._hand(moment, t)
        seen = points @ turn.T * (self._unit, -self._unit, -self._unit)
        out = (seen + np.array([*wrist, 0.0])).astype(np.float32)
        if self._left:
            out[:, 0] = self.size[0] - out[:, 0]
        width, height = self.size
        inside = (out[:, 0] > 0) & (out[:, 0] < width) & (out[:, 1] > 0) & (out[:, 1] < height)
        return out if inside.sum() >= 14 else None

    def render(self, moment: Moment, t: float) -> NDArray[np.uint8]:
        """The picture of a moment, its small motions those at t seconds: BGR uint8 (H, W, 3)."""
        points, turn, wrist = self._hand(moment, t)
        picture = self._backdrop.copy()
        hand = hand_parts(points, self._proportions, self.look.finger_thickness, turn[2])
        placed = [(turn @ a, turn @ b, r0, r1, paint) for a, b, r0, r1, paint in hand]
        elbow, shoulder = self._arm(turn, wrist)
        forearm = forearm_parts(elbow, turn[:, 0])
        sleeve = sleeve_parts(elbow, shoulder, self._body, self.look.cuff)
        reach = float(np.linalg.norm((elbow - shoulder)[:2])) + 1e-6
        # The upper arm goes over into the body's shirt, and the finely drawn wrist into the coarse forearm.
        inwards = _between(elbow, shoulder, 1 - 0.9 * self._body / reach, 1 - 0.4 * self._body / reach, SLEEVE_FAR)
        self._stage.paint(picture, sleeve + forearm, wrist, COARSEST, inwards)
        near = min(self.look.cuff, 0.4)
        back = _between(np.zeros(3), elbow, 0.33 * near, 0.9 * near, ARM)
        self._stage.paint(picture, placed + forearm, wrist, FINEST, back)
        return picture

    def _arm(self, turn: Array, wrist: tuple[float, float]) -> tuple[Array, Array]:
        """Elbow and shoulder in palms about the wrist, x right, y up, z towards the camera."""
        way = -self._follow * turn[:, 1] + np.array([-0.26, -1.05, -0.2])
        elbow = way / np.linalg.norm(way) * 2.6
        shoulder_x = (BODY_MIDDLE * self.size[0] - 1.0 * PALM * self.size[1] - wrist[0]) / self._unit
        shoulder_y = (wrist[1] - 0.71 * self.size[1]) / self._unit
        return elbow, np.array([shoulder_x, shoulder_y, -1.0])

    def _hand(self, moment: Moment, t: float) -> tuple[Array, Array, tuple[float, float]]:
        """Joints in the hand frame, the turn to the view, and the wrist in pixels as if right-handed."""
        angles, turn, shift, raised = moment
        look = self.look
        noise = self._wobble.at(t) * look.wobble
        points = joints(angles + noise[:21] * 1.1, self._proportions)
        offset = rotation_matrix(np.array([0.0, 0.0, math.radians(look.roll)])) @ rotation_matrix(
            np.array([math.radians(look.pitch), math.radians(look.yaw), 0.0])
        )
        turn = rotation_matrix(np.radians(noise[21:24] * 1.2)) @ offset @ turn
        unit = self._unit
        # The palm's middle is held at the place, so that the wrist goes where the turn of the hand needs it.
        centre = turn @ np.array([0.0, 0.55, 0.0])
        x = look.place[0] * self.size[0] + (shift[0] + noise[24] * 0.022 - centre[0]) * unit
        y = look.place[1] * self.size[1] - (shift[1] + noise[25] * 0.022 - centre[1]) * unit
        low = self.size[1] + 2.1 * unit
        return points, turn, (x, low + (y - low) * raised)


def _between(a: Array, b: Array, start: float, end: float, paint: int) -> Fade:
    first, last = a + (b - a) * start, a + (b - a) * end
    return Fade(paint, (float(first[0]), float(first[1])), (float(last[0]), float(last[1])))


def _palette(look: SignerLook) -> NDArray[np.uint8]:
    """The paints of `overlay.synthesis.signer.hand.flesh`, in its order."""
    skin = np.array(look.skin, np.float64)
    light = np.array([176.0, 190.0, 226.0])

    def towards(colour: NDArray[np.float64], share: float) -> NDArray[np.uint8]:
        b, g, r = (int(v) for v in skin + (colour - skin) * share)
        return ramp((b, g, r), 1.0)

    far = (int(look.shirt[0] * 0.88), int(look.shirt[1] * 0.88), int(look.shirt[2] * 0.88))
    return np.stack(
        [
            ramp(look.skin, 1.0),
            towards(light, 0.30),
            towards(np.array([190.0, 190.0, 235.0]), 0.35),
            towards(light, 0.12),
            ramp(look.shirt),
            ramp(far),
        ]
    )
