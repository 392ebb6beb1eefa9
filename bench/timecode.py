"""A number and a time written into pictures as black and white squares, at the top and again at the bottom.

What comes out of a chain of cameras says then which picture it is, how old it is, and whether its two halves belong
together.
"""

import time

import numpy as np
from numpy.typing import NDArray

SQUARE = 8  # pixels
NUMBER_BITS, TIME_BITS = 24, 32
WIDTH = SQUARE * (NUMBER_BITS + TIME_BITS)  # pixels that a code takes
BLACK, WHITE = 24, 232


def now_ms() -> int:
    """Milliseconds of the monotonic clock, which all processes of a machine share."""
    return int(time.monotonic() * 1000) % (1 << TIME_BITS)


def write(luma: NDArray[np.uint8], number: int, ms: int) -> None:
    """Write a code into brightness, uint8 (H, W), W at least `WIDTH`."""
    value = (number % (1 << NUMBER_BITS)) << TIME_BITS | ms
    bits = [value >> place & 1 for place in range(NUMBER_BITS + TIME_BITS)]
    row = np.repeat(np.where(bits, WHITE, BLACK).astype(np.uint8), SQUARE)
    luma[:SQUARE, :WIDTH] = row
    luma[-SQUARE:, :WIDTH] = row


def read(luma: NDArray[np.uint8]) -> tuple[int, int] | None:
    """Number and time of a picture's brightness, uint8 (H, W); None where its halves are of two pictures."""
    middle = slice(SQUARE // 2, WIDTH, SQUARE)
    top, bottom = luma[SQUARE // 2, middle] > 128, luma[-SQUARE // 2, middle] > 128
    if not np.array_equal(top, bottom):
        return None
    value = sum(1 << place for place in np.flatnonzero(top).tolist())
    return value >> TIME_BITS, value & ((1 << TIME_BITS) - 1)


def is_coded(luma: NDArray[np.uint8]) -> bool:
    """Whether both edges of a picture's brightness bear a code, if not the same one."""
    middle = slice(SQUARE // 2, WIDTH, SQUARE)
    rows = luma[SQUARE // 2, middle], luma[-SQUARE // 2, middle]
    return all(
        bool(((abs(row.astype(int) - BLACK) < 12) | (abs(row.astype(int) - WHITE) < 12)).all()) for row in rows
    )
