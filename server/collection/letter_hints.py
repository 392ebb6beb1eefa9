"""Pictures of letters, drawn by the synthetic signer."""

import functools
from typing import Final

import cv2
import numpy as np

from overlay.media.frame import Pixels
from overlay.synthesis.signer import SignerLook, SyntheticSigner
from server.collection.options import MOVING

SIZE: Final = (640, 480)  # of the drawn picture, before the hand is cut out
SIDE: Final = 240  # pixels, of one picture
MARGIN: Final = 0.35  # around the hand, as a fraction of its longer side
MOMENTS: Final = (0.05, 0.35, 0.65, 0.95)  # of a motion, as fractions of its time
GAP: Final = 4  # pixels between the pictures of a motion
TIPS: Final = {"J": 20, "Z": 8}  # landmarks that draw the letter
TRACE: Final = (64, 96, 255)  # blue, green, red
TRACE_STEPS: Final = 24  # of the whole motion
QUALITY: Final = 85


@functools.lru_cache(maxsize=32)
def letter_picture(letter: str) -> bytes:
    """A JPEG of the hand that makes a letter, mirrored like a self-view; four in a row for J and Z.

    Args:
        letter: A to Z.
    """
    signer = SyntheticSigner(letter, letters_per_second=1.0, size=SIZE, look=SignerLook(wobble=0, hand_scale=1.3))
    span = signer.letters[0]
    moments = MOMENTS if letter in MOVING else (0.5,)
    times = [span.start + moment * (span.end - span.start) for moment in moments]
    left, top, side = _around(signer, times)
    pictures = []
    for time in times:
        picture = signer.render(time)
        if letter in TIPS:
            _draw_trace(picture, signer, TIPS[letter], span.start, time)
        part = picture[top : top + side, left : left + side]
        pictures.append(cv2.resize(cv2.flip(part, 1), (SIDE, SIDE), interpolation=cv2.INTER_AREA))
    gap = np.full((SIDE, GAP, 3), 255, np.uint8)
    row = [piece for picture in pictures for piece in (gap, picture)][1:]
    _, jpeg = cv2.imencode(".jpg", np.hstack(row), [cv2.IMWRITE_JPEG_QUALITY, QUALITY])
    return jpeg.tobytes()


def _around(signer: SyntheticSigner, times: list[float]) -> tuple[int, int, int]:
    """Left, top and side of a square around the hand at all of these times, within the picture."""
    found = [marks[:, :2] for time in times if (marks := signer.landmarks(time)) is not None]
    points: Pixels | np.ndarray = np.concatenate(found) if found else np.array([(0, 0), SIZE])
    low, high = points.min(axis=0), points.max(axis=0)
    side = int(min((high - low).max() * (1 + 2 * MARGIN), *SIZE))
    left, top = (
        int(np.clip(middle - side / 2, 0, whole - side)) for middle, whole in zip((low + high) / 2, SIZE, strict=True)
    )
    return left, top, side


def _draw_trace(picture: Pixels, signer: SyntheticSigner, tip: int, start: float, end: float) -> None:
    """The way that a fingertip has come."""
    times = np.linspace(start, end, TRACE_STEPS)
    way = [marks[tip, :2] for time in times if (marks := signer.landmarks(float(time))) is not None]
    if way:
        cv2.polylines(picture, [np.rint(way).astype(np.int32)], False, TRACE, 3, cv2.LINE_AA)
