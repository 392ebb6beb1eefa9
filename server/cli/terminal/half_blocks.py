"""Pictures in a terminal: each character cell shows two pixels, one above the other."""

from typing import Final, Literal

import cv2
import numpy as np

from overlay.media.frame import Pixels

Colours = Literal["truecolor", "256"]

UPPER: Final = "▀"
CUBE_EDGES: Final = (48, 115, 155, 195, 235)  # halfway between the cube's levels 0, 95, 135, 175, 215 and 255
STEP: Final = 8  # colours are rounded to this, so that neighbours often have the same and need no new code


def half_blocks(pixels: Pixels, columns: int, rows: int, colours: Colours = "truecolor") -> list[str]:
    """Lines that show a picture as large as fits, its shape kept.

    Args:
        pixels: BGR uint8 (H, W, 3).
        columns: most character cells in a line.
        rows: most lines.
        colours: what the terminal can show.
    """
    height, width = pixels.shape[:2]
    scale = min(columns / width, 2 * rows / height)
    across, down = max(1, int(width * scale)), max(1, int(height * scale / 2))
    small = np.asarray(cv2.resize(pixels, (across, 2 * down), interpolation=cv2.INTER_AREA), np.uint8)[..., ::-1]
    coded = _cube(small) if colours == "256" else small // STEP * STEP
    return [_line(coded[2 * row].tolist(), coded[2 * row + 1].tolist(), colours) for row in range(down)]


def _cube(rgb: Pixels) -> Pixels:
    """Colours of the palette of 256: a cube of 6 x 6 x 6 from 16 on; (H, W, 1)."""
    levels = np.digitize(rgb, CUBE_EDGES)
    return np.asarray(16 + levels @ np.array([36, 6, 1]), np.uint8)[..., None]


def _line(upper: list[list[int]], lower: list[list[int]], colours: Colours) -> str:
    kind = "5" if colours == "256" else "2"
    parts = []
    last_upper: list[int] | None = None
    last_lower: list[int] | None = None
    for one, other in zip(upper, lower, strict=True):
        if one != last_upper:
            parts.append(f"\x1b[38;{kind};{';'.join(map(str, one))}m")
        if other != last_lower:
            parts.append(f"\x1b[48;{kind};{';'.join(map(str, other))}m")
        last_upper, last_lower = one, other
        parts.append(UPPER)
    return "".join(parts) + "\x1b[0m"
