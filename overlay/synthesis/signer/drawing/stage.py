"""Puts solid parts in front of a picture: from palms about the wrist to blended pixels."""

import math
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from overlay.synthesis.signer.drawing.surface import EMPTY, Bytes, Cone, Float, floats, height_field, pixels, shade
from overlay.synthesis.signer.hand.flesh import Part

Array = NDArray[np.float64]

MARGIN = 2  # pixels around the computed shapes, for soft edges


@dataclass(frozen=True, slots=True)
class Fade:
    """One paint goes from opaque at `start` to clear at `end`; (x, y) in palms about the wrist, y up."""

    paint: int
    start: tuple[float, float]
    end: tuple[float, float]


@dataclass(frozen=True, slots=True)
class Stage:
    """The place and manner in which the parts of an arm are drawn.

    Attributes:
        size: width and height of the picture.
        unit: a palm in pixels.
        mirrored: draws the mirror image, a left arm.
        palette: see `overlay.synthesis.signer.drawing.surface.shade`.
        light: towards the light, x right, y up, z towards the camera.
    """

    size: tuple[int, int]
    unit: float
    mirrored: bool
    palette: Bytes
    light: tuple[float, float, float]

    def paint(self, picture: Bytes, parts: list[Part], wrist: tuple[float, float], lines: int, fade: Fade) -> None:
        """Draws parts (in palms about the wrist, y up) into the picture (H, W, 3) in place.

        `wrist` is in pixels as if unmirrored, `lines` the greatest height at which the whole picture's shapes
        are computed.
        """
        width, height = self.size
        sign, wrist_x = (-1.0, width - wrist[0]) if self.mirrored else (1.0, wrist[0])
        starts = np.array([part[0] for part in parts]) * (sign, -1.0, 1.0) * self.unit + (wrist_x, wrist[1], 0.0)
        ends = np.array([part[1] for part in parts]) * (sign, -1.0, 1.0) * self.unit + (wrist_x, wrist[1], 0.0)
        r0 = np.array([part[2] for part in parts]) * self.unit
        r1 = np.array([part[3] for part in parts]) * self.unit
        low = np.minimum(starts[:, :2] - r0[:, None], ends[:, :2] - r1[:, None]).min(axis=0)
        high = np.maximum(starts[:, :2] + r0[:, None], ends[:, :2] + r1[:, None]).max(axis=0)
        scale = min(1.0, lines / height)
        margin = math.ceil(MARGIN / scale)
        left, top = (max(0, math.floor(v) - margin) for v in low)
        right, bottom = min(width, math.ceil(high[0]) + margin), min(height, math.ceil(high[1]) + margin)
        if right - left < 2 or bottom - top < 2:
            return
        w, h = math.ceil((right - left) * scale), math.ceil((bottom - top) * scale)
        fit = np.array([w / (right - left), h / (bottom - top), scale])
        origin = np.array([left, top, 0.0])
        first, last = ((starts - origin) * fit).tolist(), ((ends - origin) * fit).tolist()
        cones = [
            Cone(tuple(a), tuple(b), float(p) * scale, float(q) * scale, part[4])
            for a, b, p, q, part in zip(first, last, r0, r1, parts, strict=True)
        ]
        depth, paint = height_field(cones, w, h, 0.045 * self.unit * scale)
        lx, ly, lz = np.array(self.light) / np.linalg.norm(self.light)
        light = float(lx), float(-ly), float(lz)
        colours, opacity = shade(depth, paint, self.palette, light, self.unit * scale, 0.5)
        start = (np.array(fade.start) * (sign, -1.0) * self.unit + (wrist_x, wrist[1]) - (left, top)) * fit[:2]
        end = (np.array(fade.end) * (sign, -1.0) * self.unit + (wrist_x, wrist[1]) - (left, top)) * fit[:2]
        _fade(opacity, (paint == fade.paint) | (depth <= EMPTY / 2), start, end)
        area = (right - left, bottom - top)
        if (w, h) != area:
            colours = pixels(cv2.resize(colours, area, interpolation=cv2.INTER_LINEAR))
            opacity = floats(cv2.resize(opacity, area, interpolation=cv2.INTER_LINEAR))
        under = np.ascontiguousarray(picture[top:bottom, left:right])
        picture[top:bottom, left:right] = cv2.blendLinear(colours, under, opacity, 1 - opacity)


def _fade(opacity: Float, where: NDArray[np.bool_], start: Array, end: Array) -> None:
    """Lets the opacity (H, W) fall from 1 at `start` to 0 at `end` (x, y in pixels) where asked."""
    h, w = opacity.shape
    way = end - start
    slope = way / max(float(way @ way), 1e-3)
    x = (np.arange(w, dtype=np.float32) - np.float32(start[0])) * np.float32(slope[0])
    y = (np.arange(h, dtype=np.float32) - np.float32(start[1])) * np.float32(slope[1])
    keep = np.float32(1.0) - x[None, :] - y[:, None]
    np.clip(keep, 0, 1, out=keep)
    np.maximum(keep, ~where, out=keep)
    opacity *= keep
