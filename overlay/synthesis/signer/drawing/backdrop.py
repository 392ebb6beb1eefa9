"""The still backdrop: a softly blurred room, and the signer's head and shoulders."""

from functools import lru_cache
from itertools import pairwise

import cv2
import numpy as np
from numpy.typing import NDArray

from overlay.synthesis.signer.drawing.surface import Bytes, Cone, Float, floats, height_field, pixels, shade
from overlay.synthesis.signer.look import Colour, SignerLook

SKIN, SHIRT, COLLAR, HAIR, LIPS = range(5)
FACE_LINE = 0.345  # height of the middle of the face, as a fraction of the picture's


def ramp(colour: Colour, warmth: float = 0.0) -> Bytes:
    """A paint: uint8 (256, 3), the colour from full shadow to full light; warmth reddens the shadows."""
    level = np.linspace(0.0, 255.0, 256) / 205.0
    channels = [
        np.clip(np.power(level, 1.0 + bend * warmth) * value, 0, 255)
        for value, bend in zip(colour, (0.35, 0.18, -0.12), strict=True)
    ]
    out: Bytes = np.stack(channels, axis=1).astype(np.uint8)
    return out


def backdrop(look: SignerLook, width: int, height: int, middle: float) -> Bytes:
    """The picture without the hand, BGR uint8 (height, width, 3); `middle` is where the body stands, 0 to 1."""
    picture = _room(look, width, height)
    # Soft shapes need few pixels: the body is drawn at 480 lines at most.
    scale = min(1.0, 480 / height)
    w, h = round(width * scale), round(height * scale)
    body, opacity = _body(look, w, h, middle)
    body = pixels(cv2.resize(body, (width, height), interpolation=cv2.INTER_LINEAR))
    opacity = floats(cv2.resize(opacity, (width, height), interpolation=cv2.INTER_LINEAR))
    return pixels(cv2.blendLinear(body, picture, opacity, 1 - opacity))


def _room(look: SignerLook, width: int, height: int) -> Bytes:
    rng = np.random.default_rng((look.style, 11))
    w, h = 320, max(16, round(320 * height / width))
    wall = np.array(look.wall, np.float32)
    across = np.linspace(0, 1, w, dtype=np.float32)[None, :, None]
    down = np.linspace(0, 1, h, dtype=np.float32)[:, None, None]
    side = 1.0 if look.light[0] < 0 else -1.0
    room = wall * (1.02 - 0.16 * side * (across - 0.5) - 0.22 * down)
    room = np.clip(room, 0, 255).astype(np.uint8)

    def box(x0: float, y0: float, x1: float, y1: float, colour: NDArray[np.floating]) -> None:
        shade_of = tuple(float(v) for v in np.clip(colour, 0, 255))
        cv2.rectangle(room, (int(x0 * w), int(y0 * h)), (int(x1 * w), int(y1 * h)), shade_of, -1)

    wood = np.array(look.furniture, np.float64)
    # A window on the light's side, a shelf with books on the other.
    left = float(rng.uniform(-0.04, 0.05)) if side > 0 else float(rng.uniform(0.72, 0.82))
    bright = np.array([250.0, 244.0, 236.0])
    box(left - 0.012, 0.04, left + 0.232, 0.70, wall * 0.8 + 40)
    box(left, 0.06, left + 0.105, 0.67, bright)
    box(left + 0.115, 0.06, left + 0.22, 0.67, bright * 0.97)
    start = float(rng.uniform(0.66, 0.72)) if side > 0 else float(rng.uniform(-0.04, 0.04))
    for level in (0.26, 0.56, 0.86):
        x = start + 0.01
        while x < start + 0.27:
            thick, tall = float(rng.uniform(0.012, 0.03)), float(rng.uniform(0.12, 0.22))
            if rng.random() < 0.8:
                cover = np.clip(wood * rng.uniform(0.5, 1.3) + rng.normal(0, 38, 3), 15, 235)
                box(x, level - tall, x + thick, level, cover)
            x += thick + 0.003
        box(start, level, start + 0.30, level + 0.025, wood)
    blurred = cv2.GaussianBlur(room, (0, 0), 3.2)
    return pixels(cv2.resize(blurred, (width, height), interpolation=cv2.INTER_CUBIC))


@lru_cache(maxsize=8)
def _body(look: SignerLook, width: int, height: int, middle: float) -> tuple[Bytes, Float]:
    """Head and shoulders: BGR uint8 (height, width, 3) and opacity float32 (height, width)."""
    rng = np.random.default_rng((look.style, 13))
    unit = 0.165 * height  # a palm
    cx, cy = middle * width, FACE_LINE * height

    def cone(a: tuple[float, float, float], b: tuple[float, float, float], r0: float, r1: float, paint: int) -> Cone:
        def place(p: tuple[float, float, float]) -> tuple[float, float, float]:
            return cx + p[0] * unit, cy - p[1] * unit, p[2] * unit

        return Cone(place(a), place(b), r0 * unit, r1 * unit, paint)

    wide = float(rng.uniform(0.94, 1.06))
    jaw = float(rng.uniform(0.30, 0.42))
    flesh = [
        cone((0, 0.30, -0.1), (0, -0.02, 0.0), 0.80 * wide, 0.74 * wide, SKIN),  # skull to cheeks
        cone((0, -0.05, 0.05), (0, -0.62, 0.22), 0.70 * wide, jaw, SKIN),  # jaw
        cone((-0.30, -0.18, 0.30), (-0.18, -0.5, 0.25), 0.40, 0.30, SKIN),
        cone((0.30, -0.18, 0.30), (0.18, -0.5, 0.25), 0.40, 0.30, SKIN),
        cone((0, 0.16, 0.72), (0, -0.14, 0.90), 0.07, 0.11, SKIN),  # nose
        cone((-0.09, -0.15, 0.80), (0.09, -0.15, 0.80), 0.085, 0.085, SKIN),
        cone((-0.80 * wide, 0.12, -0.15), (-0.76 * wide, -0.12, -0.12), 0.13, 0.09, SKIN),  # ears
        cone((0.80 * wide, 0.12, -0.15), (0.76 * wide, -0.12, -0.12), 0.13, 0.09, SKIN),
        cone((0, -0.5, -0.35), (0, -1.5, -0.35), 0.42, 0.50, SKIN),  # neck
    ]
    hair = [
        cone((-0.15, 0.52, -0.30), (0.15, 0.54, -0.30), 0.80 * wide, 0.80 * wide, HAIR),
        cone((-0.45, 0.62, 0.12), (0.35, 0.72, 0.16), 0.40, 0.44, HAIR),
        cone((-0.70 * wide, 0.45, -0.2), (-0.76 * wide, 0.10, -0.25), 0.22, 0.13, HAIR),
        cone((0.70 * wide, 0.45, -0.2), (0.76 * wide, 0.10, -0.25), 0.22, 0.13, HAIR),
    ]
    if rng.random() < 0.4:  # long hair
        hair += [
            cone((x * 0.72 * wide, 0.3, -0.4), (x * 0.86 * wide, -1.1, -0.35), 0.26, 0.22, HAIR) for x in (-1.0, 1.0)
        ]
    cloth = [
        cone((0, -1.55, -0.5), (-1.45, -1.95, -0.6), 0.50, 0.55, SHIRT),
        cone((0, -1.55, -0.5), (1.45, -1.95, -0.6), 0.50, 0.55, SHIRT),
        cone((-1.40, -2.0, -0.6), (-1.55, -4.6, -0.6), 0.60, 0.55, SHIRT),
        cone((1.40, -2.0, -0.6), (1.55, -4.6, -0.6), 0.60, 0.55, SHIRT),
        cone((-0.7, -2.3, -0.7), (-0.6, -5.0, -0.6), 1.05, 1.0, SHIRT),
        cone((0.0, -2.2, -0.7), (0.0, -5.0, -0.6), 1.13, 1.08, SHIRT),
        cone((0.7, -2.3, -0.7), (0.6, -5.0, -0.6), 1.05, 1.0, SHIRT),
        cone((-0.50, -1.18, -0.30), (-0.16, -1.62, -0.02), 0.10, 0.06, COLLAR),
        cone((0.50, -1.18, -0.30), (0.16, -1.62, -0.02), 0.10, 0.06, COLLAR),
    ]
    depth, paint = height_field(cloth + flesh + hair, width, height, 0.07 * unit)
    light_cloth = tuple(int(min(255, v * 1.25 + 18)) for v in look.shirt)
    palette = np.stack(
        [
            ramp(look.skin, 1.0),
            ramp(look.shirt),
            ramp((light_cloth[0], light_cloth[1], light_cloth[2])),
            ramp(look.hair),
            ramp(look.skin),
        ]
    )
    lx, ly, lz = np.array(look.light) / np.linalg.norm(look.light)
    colours, opacity = shade(depth, paint, palette, (float(lx), float(-ly), float(lz)), unit, 0.35)
    _face(colours, look, cx, cy, unit, rng)
    return pixels(cv2.GaussianBlur(colours, (0, 0), max(0.5, height / 700))), opacity


def _face(picture: Bytes, look: SignerLook, cx: float, cy: float, unit: float, rng: np.random.Generator) -> None:
    """Draws eyes, brows and mouth onto the head."""
    bits = 4

    def at(x: float, y: float) -> tuple[int, int]:
        return round((cx + x * unit) * 2**bits), round((cy - y * unit) * 2**bits)

    def oval(x: float, y: float, rx: float, ry: float, colour: NDArray[np.floating], turn: float = 0.0) -> None:
        axes = round(rx * unit * 2**bits), round(ry * unit * 2**bits)
        ink = tuple(float(v) for v in np.clip(colour, 0, 255))
        cv2.ellipse(picture, at(x, y), axes, turn, 0, 360, ink, -1, cv2.LINE_AA, bits)

    skin = np.array(look.skin, np.float64)
    white = np.array([222.0, 226.0, 230.0]) * (0.72 + 0.28 * skin.mean() / 200)
    iris = np.array([[40, 60, 88], [90, 88, 62], [132, 108, 78], [36, 44, 58]], np.float64)[int(rng.integers(4))]
    brow = np.array(look.hair, np.float64) * 0.8 + skin * 0.12
    lift = float(rng.uniform(0.30, 0.35))
    for x in (-0.31, 0.31):
        oval(x, 0.10, 0.155, 0.085, skin * 0.74)
        oval(x, 0.09, 0.125, 0.058, white)
        oval(x, 0.09, 0.060, 0.058, iris)
        oval(x, 0.09, 0.028, 0.028, np.array([12.0, 12.0, 14.0]))
        oval(x + 0.018, 0.115, 0.014, 0.014, np.array([235.0, 235.0, 235.0]))
        ends = [
            at(x - 0.17, lift - 0.05 + 0.02 * np.sign(x)),
            at(x, lift + 0.02),
            at(x + 0.17, lift - 0.05 - 0.02 * np.sign(x)),
        ]
        ink = tuple(float(v) for v in brow)
        for a, b in pairwise(ends):
            cv2.line(picture, a, b, ink, max(1, round(0.055 * unit)), cv2.LINE_AA, bits)
    lips = skin * np.array([0.66, 0.62, 0.86])
    oval(0, -0.49, 0.20, 0.062, lips)
    dark = tuple(float(v) for v in lips * 0.55)
    centre, axes = at(0, -0.30), (round(0.36 * unit * 2**bits), round(0.18 * unit * 2**bits))
    cv2.ellipse(picture, centre, axes, 0, 52, 128, dark, max(1, round(0.03 * unit)), cv2.LINE_AA, bits)  # a smile
