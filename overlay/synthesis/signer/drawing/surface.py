"""Round cones to a shaded picture: a height field, one light, ambient occlusion, soft edges.

A round cone is the hull of two spheres. Seen along z without perspective, the nearest point of one over a
pixel has a closed form, so a hand costs some thirty small array expressions and no ray marching.
"""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

Float = NDArray[np.float32]
Bytes = NDArray[np.uint8]

EMPTY = -1e4  # depth where nothing is
STEEPEST = 1.8  # slopes are cut here: a step in depth is an edge, not a wall that catches light


def floats(image: object) -> Float:
    """Return an array of OpenCV's as float32 for the type checker; no copy."""
    return np.asarray(image, dtype=np.float32)


def pixels(image: object) -> Bytes:
    """Return an array of OpenCV's as uint8 for the type checker; no copy."""
    return np.asarray(image, dtype=np.uint8)


@dataclass(frozen=True, slots=True)
class Cone:
    """A round cone in pixels: x right, y down, z towards the camera; `paint` indexes the palette."""

    start: tuple[float, float, float]
    end: tuple[float, float, float]
    start_radius: float
    end_radius: float
    paint: int


def height_field(cones: list[Cone], width: int, height: int, blend: float) -> tuple[Float, Bytes]:
    """Depth float32 (height, width), `EMPTY` where nothing is, and the paint on top, uint8 of that shape.

    `blend` is the depth in pixels over which cones flow into each other (polynomial smooth maximum).
    """
    depth = np.full((height, width), EMPTY, np.float32)
    paint = np.zeros((height, width), np.uint8)
    for cone in cones:
        (ax, ay, az), (bx, by, bz), r0, r1 = cone.start, cone.end, cone.start_radius, cone.end_radius
        left, right = max(0, int(min(ax - r0, bx - r1))), min(width, int(max(ax + r0, bx + r1)) + 1)
        top, bottom = max(0, int(min(ay - r0, by - r1))), min(height, int(max(ay + r0, by + r1)) + 1)
        if left >= right or top >= bottom:
            continue
        z = _cone_depth(
            np.arange(left, right, dtype=np.float32)[None, :] + np.float32(0.5 - ax),
            np.arange(top, bottom, dtype=np.float32)[:, None] + np.float32(0.5 - ay),
            (bx - ax, by - ay, bz - az),
            r0,
            r1,
            az,
        )
        under = depth[top:bottom, left:right]
        np.copyto(paint[top:bottom, left:right], cone.paint, where=z > under)
        near: Float = np.abs(z - under)
        np.subtract(np.float32(blend), near, out=near)
        np.maximum(near, 0, out=near)
        np.maximum(under, z, out=under)
        near *= near
        near *= np.float32(0.25 / blend)
        under += near
    return depth, paint


def _cone_depth(x: Float, y: Float, axis: tuple[float, float, float], r0: float, r1: float, base: float) -> Float:
    """Depth of a cone, `EMPTY` beside it; x is a row and y a column, from the first sphere, which lies at `base`."""
    dx, dy, dz = axis
    dr = r1 - r0
    flat = dx * dx + dy * dy - dr * dr
    whole = max(flat + dz * dz, 1e-6)
    # A cone that points at the camera has no side that shows; a small slant keeps the formula finite.
    slant = max(flat, 1e-3 * (whole + dr * dr))
    middle = (x * np.float32(dx / slant) + np.float32(r0 * dr / slant)) + y * np.float32(dy / slant)
    beside = (x * x - np.float32(r0 * r0)) + y * y
    # Over the pixel, sphere h of the cone rises dz * h + sqrt(2 slant middle h - flat h^2 - beside).
    along = middle * middle
    along *= np.float32(slant)
    along -= beside
    np.maximum(along, 0, out=along)
    np.sqrt(along, out=along)
    along *= np.float32(dz / np.sqrt(slant * max(slant + dz * dz, 1e-6)))
    along += middle
    np.maximum(along, 0, out=along)
    np.minimum(along, 1, out=along)
    middle *= np.float32(2 * slant)
    rise = along * np.float32(-flat)
    rise += middle
    rise *= along
    rise -= beside
    missing = rise <= 0
    np.maximum(rise, 0, out=rise)
    np.sqrt(rise, out=rise)
    along *= np.float32(dz)
    rise += along
    rise += np.float32(base)
    rise[missing] = EMPTY
    return rise


def shade(
    depth: Float, paint: Bytes, palette: Bytes, light: tuple[float, float, float], unit: float, gloss: float
) -> tuple[Bytes, Float]:
    """BGR uint8 (H, W, 3) and opacity float32 (H, W) of a height field.

    `palette` is uint8 (paints, 256, 3): each paint's colour from full shadow to full light. `light` points
    to the light (x right, y down, z towards the camera), `unit` is the size of a palm in pixels, and `gloss`
    the strength of the highlights, 0 to 1.
    """
    solid = depth > EMPTY / 2
    mask = solid.astype(np.float32)
    skirt = cv2.dilate(depth, np.ones((3, 3), np.uint8)) - np.float32(1.0)
    filled = np.where(solid, depth, skirt)
    low = np.float32(depth[solid].min()) if solid.any() else np.float32(0)
    np.maximum(filled, low, out=filled)

    slope_x = cv2.Sobel(filled, cv2.CV_32F, 1, 0, ksize=3, scale=0.125)
    slope_y = cv2.Sobel(filled, cv2.CV_32F, 0, 1, ksize=3, scale=0.125)
    np.clip(slope_x, -STEEPEST, STEEPEST, out=slope_x)
    np.clip(slope_y, -STEEPEST, STEEPEST, out=slope_y)
    facing = 1.0 / np.sqrt(slope_x * slope_x + slope_y * slope_y + 1.0)
    lx, ly, lz = light
    lit = (np.float32(lz) - slope_x * np.float32(lx) - slope_y * np.float32(ly)) * facing

    # A point below the mean height around it lies in a hollow: less of the room's light gets there.
    total = np.zeros_like(depth)
    inside = depth * mask
    for reach, weight in ((0.10, 0.75), (0.32, 0.42)):
        size = max(3, int(reach * unit) * 2 + 1)
        mean = cv2.blur(inside, (size, size)) / np.maximum(cv2.blur(mask, (size, size)), 1e-3)
        mean -= depth
        most = np.float32(reach * unit * 1.6)
        np.clip(mean, 0, 2 * most, out=mean)
        # What is far in front shades less than what is near: weight x (2 - x), back to nothing.
        total += mean * (2 * most - mean) * np.float32(weight / (most * most))
    open_sky = 1.0 - np.minimum(total, 0.62)
    value = (0.48 + 0.54 * np.maximum(lit, -0.2) + 0.10 * facing) * open_sky
    level = np.clip(value * 230.0, 0, 255).astype(np.uint8)
    # Beside the shapes their own paint goes on, so that soft edges blend with nothing else.
    around = np.where(solid, paint, pixels(cv2.dilate(paint, np.ones((5, 5), np.uint8))))
    colours: Bytes = np.take(palette.reshape(-1, 3), around.astype(np.int32) * 256 + level, axis=0)
    if gloss > 0:
        spot = floats(cv2.pow(np.clip(lit, 0, 1), 9)) * open_sky
        glow = (spot * np.float32(46.0 * gloss)).astype(np.uint8)
        colours = pixels(cv2.add(colours, cv2.merge((glow, glow, glow))))
    colours = pixels(cv2.GaussianBlur(colours, (3, 3), 0.8))  # steps in depth and edges of paint are jagged
    opacity = np.clip(floats(cv2.blur(mask, (3, 3))) * 1.5 - 0.5, 0, 1)
    return colours, opacity
