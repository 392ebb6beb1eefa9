"""A person who does not exist and fingerspells any text, drawn frame by frame."""

import math

import cv2
import numpy as np
from numpy.typing import NDArray

from overlay.errors import SigncapError
from overlay.signer.backdrop import backdrop, ramp
from overlay.signer.flesh import Part, arm_parts, hand_parts
from overlay.signer.letters import LETTERS, Pose
from overlay.signer.look import SignerLook
from overlay.signer.motion import Score, Span, Wobble, compose, words_of
from overlay.signer.skeleton import Proportions, joints, rotation_matrix, rotation_vector
from overlay.signer.surface import Cone, height_field, shade

Array = NDArray[np.float64]

PALM = 0.165  # wrist to middle knuckle, as a fraction of the picture's height
FINEST = 440  # lines at which the hand is drawn at most; cameras are no sharper
SLOWEST, FASTEST = 0.2, 12.0
BODY_MIDDLE = 0.57


class SyntheticSigner:
    """Fingerspells a text; every frame is a pure function of (text, seed, look, t).

    Pictures are unmirrored, as a camera sees the signer: a right hand is on the left of the picture.

    Args:
        text: A to Z and spaces; lower case is folded. SigncapError lists any other character.
        letters_per_second: speed within words, 0.2 to 12.
        seed: of the small differences between two makings of a letter, and of the wobble.
        look: the signer; the default look when None.
        size: width and height of the pictures in pixels.
        lead: seconds before the first letter is made, in which the hand comes up.
        tail: seconds after the last.

    Attributes:
        duration: seconds, from 0, after which the hand stays down.
        letters: what is made when, in order.
    """

    def __init__(
        self,
        text: str,
        *,
        letters_per_second: float = 3.0,
        seed: int = 0,
        look: SignerLook | None = None,
        size: tuple[int, int] = (1280, 720),
        lead: float = 0.6,
        tail: float = 1.2,
    ) -> None:
        words = words_of(text)
        if not SLOWEST <= letters_per_second <= FASTEST:
            raise SigncapError(
                f"{letters_per_second:g} letters a second cannot be signed; choose {SLOWEST:g} to {FASTEST:g}."
            )
        if min(size) < 48:
            raise SigncapError(f"Pictures of {size[0]}x{size[1]} are too small; ask for 48x48 or more.")
        self.look = look or SignerLook()
        self.size = size
        rng = np.random.default_rng((seed, 3))
        self._score: Score = compose(
            words, letters_per_second, lead, tail, _styled(self.look), rng, self.look.wobble, self.look.mirrored_z
        )
        self._wobble = Wobble.make(26, rng)
        self._proportions = Proportions(self.look.finger_length, self.look.thumb_length, self.look.palm_width)
        self._unit = PALM * size[1] * self.look.hand_scale
        self._left = self.look.handedness == "left"
        middle = 1 - BODY_MIDDLE if self._left else BODY_MIDDLE
        self._backdrop = backdrop(self.look, *size, middle)
        self._scale = min(1.0, FINEST / size[1])
        skin = self.look.skin
        b, g, r = skin
        palm = (min(250, int(b * 0.80 + 46)), min(250, int(g * 0.80 + 44)), min(250, int(r * 0.82 + 44)))
        nail = (min(250, int(b * 0.80 + 50)), min(250, int(g * 0.76 + 44)), min(250, int(r * 0.80 + 50)))
        far = tuple(int(v * 0.85) for v in self.look.shirt)
        self._palette = np.stack(
            [
                ramp(skin, 1.0),
                ramp(palm, 1.0),
                ramp(nail, 0.8),
                ramp(self.look.shirt),
                ramp((far[0], far[1], far[2])),
            ]
        )
        light = np.array(self.look.light) / np.linalg.norm(self.look.light)
        self._light = (float(light[0]), float(-light[1]), float(light[2]))

    @property
    def duration(self) -> float:
        """Seconds that the performance lasts."""
        return self._score.duration

    @property
    def letters(self) -> tuple[Span, ...]:
        """(letter, start, end) of every letter, in order, in seconds."""
        return self._score.spans

    def label(self, t: float) -> str | None:
        """The letter whose sign is being made at t seconds; None on the way between letters and at rest."""
        return self._score.label(t)

    def landmarks(self, t: float) -> NDArray[np.float32] | None:
        """Landmarks (21, 3) at t seconds in pixels, in MediaPipe's order: x right, y down, z away from the
        camera relative to the wrist, scaled like x. None while less than two thirds of them are in the picture.
        """
        points, turn, wrist = self._hand(t)
        seen = points @ turn.T * (self._unit, -self._unit, -self._unit)
        out = (seen + (*wrist, 0.0)).astype(np.float32)
        if self._left:
            out[:, 0] = self.size[0] - out[:, 0]
        width, height = self.size
        inside = (out[:, 0] > 0) & (out[:, 0] < width) & (out[:, 1] > 0) & (out[:, 1] < height)
        return out if inside.sum() >= 14 else None

    def render(self, t: float) -> NDArray[np.uint8]:
        """The picture at t seconds, BGR uint8 (H, W, 3)."""
        points, turn, wrist = self._hand(t)
        picture = self._backdrop.copy()
        unit = self._unit
        palm_seen = bool(turn[2, 2] > -0.1)
        parts = hand_parts(points, self._proportions, self.look.finger_thickness, palm_seen)
        placed = [(turn @ a, turn @ b, r0, r1, paint) for a, b, r0, r1, paint in parts]
        placed += self._arm(turn, wrist, palm_seen)
        self._paint(picture, placed, wrist, unit)
        return picture

    def _arm(self, turn: Array, wrist: tuple[float, float], palm_seen: bool) -> list[Part]:
        back = -turn[:, 1]
        way = 0.55 * back + np.array([-0.30, -1.0, -0.15])
        elbow = way / np.linalg.norm(way) * 2.6
        middle = BODY_MIDDLE * self.size[0]
        shoulder = np.array(
            [
                (middle - 1.5 * PALM * self.size[1] - wrist[0]) / self._unit,
                (wrist[1] - 0.70 * self.size[1]) / self._unit,
                -1.6,
            ]
        )
        return arm_parts(elbow, shoulder, int(palm_seen), self.look.cuff)

    def _paint(self, picture: NDArray[np.uint8], parts: list[Part], wrist: tuple[float, float], unit: float) -> None:
        width, height = self.size
        low = (
            [min(a[0] - r0, b[0] - r1) for a, b, r0, r1, _ in parts],
            [max(a[0] + r0, b[0] + r1) for a, b, r0, r1, _ in parts],
        )
        top_most = max(max(a[1] + r0, b[1] + r1) for a, b, r0, r1, _ in parts)
        left = wrist[0] + min(low[0]) * unit
        right = wrist[0] + max(low[1]) * unit
        if self._left:
            left, right = width - right, width - left
        x0, x1 = max(0, math.floor(left) - 3), min(width, math.ceil(right) + 3)
        y0, y1 = max(0, math.floor(wrist[1] - top_most * unit) - 3), height
        if x1 - x0 < 2 or y1 - y0 < 2:
            return
        fine = self._scale
        w, h = math.ceil((x1 - x0) * fine), math.ceil((y1 - y0) * fine)
        fx, fy = w / (x1 - x0), h / (y1 - y0)
        wrist_x = (width - wrist[0]) if self._left else wrist[0]
        sign = -1.0 if self._left else 1.0
        cones = []
        for a, b, r0, r1, paint in parts:
            start = ((wrist_x + sign * a[0] * unit - x0) * fx, (wrist[1] - a[1] * unit - y0) * fy, a[2] * unit * fx)
            end = ((wrist_x + sign * b[0] * unit - x0) * fx, (wrist[1] - b[1] * unit - y0) * fy, b[2] * unit * fx)
            cones.append(Cone(start, end, r0 * unit * fx, r1 * unit * fx, paint))
        depth, paint_map = height_field(cones, w, h, 0.045 * unit * fx)
        colours, opacity = shade(depth, paint_map, self._palette, self._light, unit * fx, 0.5)
        if (w, h) != (x1 - x0, y1 - y0):
            colours = cv2.resize(colours, (x1 - x0, y1 - y0), interpolation=cv2.INTER_LINEAR)
            opacity = cv2.resize(opacity, (x1 - x0, y1 - y0), interpolation=cv2.INTER_LINEAR)
        under = picture[y0:y1, x0:x1]
        picture[y0:y1, x0:x1] = cv2.blendLinear(colours, np.ascontiguousarray(under), opacity, 1 - opacity)

    def _hand(self, t: float) -> tuple[Array, Array, tuple[float, float]]:
        """Joints in the hand frame, the turn to the view, and the wrist in pixels as if right-handed."""
        angles, turn, shift, raised = self._score.at(t)
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


def _styled(look: SignerLook) -> dict[str, Pose]:
    """The alphabet as this signer forms it."""
    styled: dict[str, Pose] = {}
    for k, (letter, pose) in enumerate(LETTERS.items()):
        rng = np.random.default_rng((look.style, k, 17))
        joints_off = rng.normal(0, 1, 21) * look.pose_jitter
        turn_off = rotation_matrix(rng.normal(0, 1, 3) * math.radians(look.pose_jitter))
        styled[letter] = Pose(pose.angles + joints_off, rotation_vector(turn_off @ rotation_matrix(pose.turn)))
    return styled
