"""Landmarks of a hand over time: from the camera's own times to a constant rate."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from overlay.recognition.feature_window import GRID_RATE, LONGEST_GAP
from overlay.recognition.hands.hand_detector import Hand

Floats = NDArray[np.float32]


def in_fractions(hand: Hand | None, size: tuple[int, int]) -> Floats:
    """Return landmarks (21, 3) in fractions of the picture, z scaled like x; NaN where there is no hand.

    Args:
        hand: its landmarks in pixels.
        size: width and height of the picture in pixels.
    """
    if hand is None:
        return np.full((21, 3), np.nan, np.float32)
    width, height = size
    return (hand.landmarks / np.array([width, height, width], np.float32)).astype(np.float32)


def resampled(times: Sequence[float], landmarks: Floats, rate: float = GRID_RATE) -> Floats:
    """Return landmarks (T, 21, 3) at a constant rate, from the first frame to the last.

    Between two frames with a hand that are at most `LONGEST_GAP` apart, landmarks are interpolated. Elsewhere the
    nearer frame counts, where it is near enough; NaN is no hand.

    Args:
        times: (N,), seconds, rising; at least one.
        landmarks: (N, 21, 3), NaN in every frame without a hand.
        rate: frames a second of the result.
    """
    own = np.asarray(times, np.float64)
    moments = own[0] + np.arange(int((own[-1] - own[0]) * rate + 1e-6) + 1) / rate
    before = np.clip(np.searchsorted(own, moments + 1e-9, side="right") - 1, 0, len(own) - 1)
    after = np.minimum(before + 1, len(own) - 1)
    spans = own[after] - own[before]
    parts = np.divide(moments - own[before], spans, out=np.zeros_like(moments), where=spans > 0)
    nearest = np.where(parts > 0.5, after, before)
    result: Floats = landmarks[nearest].astype(np.float32)
    result[np.abs(own[nearest] - moments) > LONGEST_GAP / 2] = np.nan
    seen = np.isfinite(landmarks).all((1, 2)).reshape(-1)
    between = seen[before] & seen[after] & (spans <= LONGEST_GAP)
    share = parts[between, None, None].astype(np.float32)
    first, second = landmarks[before[between]], landmarks[after[between]]
    result[between] = first + share * (second - first)
    return result
