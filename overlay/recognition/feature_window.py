"""The last second of features on a fixed time grid, whatever the camera's frame rate."""

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

GRID_RATE = 30.0  # steps a second
STEPS = 32  # length of the window
LONGEST_GAP = 0.25  # seconds between two frames that may be bridged
MOTION = 7  # motion of three points (x, y each) and whether a hand is there
MOTION_UNIT = 0.1  # palms a step that count as 1


@dataclass(frozen=True, slots=True)
class Sample:
    """The feature of the hand in one frame, and what goes with it.

    Attributes:
        at: capture time in seconds.
        feature: float32 (F,), from the encoder.
        traced: float32 (3, 2), see `overlay.recognition.crop.HandCrop.traced`.
        palm: size of the palm in pixels.
    """

    at: float
    feature: NDArray[np.float32]
    traced: NDArray[np.float32]
    palm: float


@dataclass(frozen=True, slots=True)
class Step:
    """The window as it stood at one point of the grid.

    Attributes:
        at: time of the window's newest row, in seconds.
        rows: float32 (STEPS, F + MOTION), oldest first.
        hands: how many of the rows have a hand.
    """

    at: float
    rows: NDArray[np.float32]
    hands: int


def shortened(step: Step, seconds: float) -> Step:
    """The same step with only the newest `seconds` of the window."""
    first = STEPS - max(1, round(seconds * GRID_RATE))
    if first <= 0:
        return step
    rows = step.rows.copy()
    rows[:first] = 0
    return Step(step.at, rows, int(rows[:, -1].sum()))


def motion_row(traced: NDArray[np.float32], before: NDArray[np.float32] | None, palm: float) -> NDArray[np.float32]:
    """Motion (MOTION,) of the traced points since the row before, in palms; the last says that a hand is there."""
    row = np.zeros(MOTION, np.float32)
    if before is not None:
        row[:6] = np.clip((traced - before).ravel() / (palm * MOTION_UNIT), -10, 10)
    row[6] = 1.0
    return row


class Window:
    """Resamples what the frames say onto the grid and keeps the last `STEPS` rows.

    Between two frames with a hand, features and places are interpolated; so a camera of 15, 24, 25, 30 or
    60 frames a second gives the same rows, and motion is measured in palms a step.

    Args:
        features: length F of a feature.
    """

    def __init__(self, features: int) -> None:
        self._features = features
        empty = np.zeros(features + MOTION, np.float32)
        self._rows: deque[NDArray[np.float32]] = deque([empty] * STEPS, maxlen=STEPS)
        self._next: int | None = None  # number of the next point of the grid
        self._last_at = 0.0
        self._last: Sample | None = None
        self._before: NDArray[np.float32] | None = None

    def accept(self, at: float, sample: Sample | None) -> Iterator[Step]:
        """Take one frame, with or without a hand, and give every step of the grid up to its time.

        The steps must be consumed before the next frame is given.
        """
        if self._next is None or at - self._last_at > STEPS / GRID_RATE:
            # The first frame, or the camera stood still for longer than the window: what was before is past.
            self._next = int(np.ceil(at * GRID_RATE))
            self._rows.extend([np.zeros(self._features + MOTION, np.float32)] * STEPS)
            self._last, self._before = None, None
            self._last_at = at
        while self._next / GRID_RATE <= at + 1e-6:
            moment = self._next / GRID_RATE
            self._rows.append(self._row(moment, at, sample))
            self._next += 1
            rows = np.stack(self._rows)
            yield Step(moment, rows, int(rows[:, -1].sum()))
        self._last, self._last_at = sample, at

    def _row(self, moment: float, at: float, sample: Sample | None) -> NDArray[np.float32]:
        last, span = self._last, at - self._last_at
        here = (moment - self._last_at) / span if span > 1e-6 else 1.0
        feature: NDArray[np.float32]
        if last is not None and sample is not None and span <= LONGEST_GAP:
            feature = last.feature + np.float32(here) * (sample.feature - last.feature)
            traced = last.traced + np.float32(here) * (sample.traced - last.traced)
            palm = sample.palm
        else:
            nearest = sample if here > 0.5 or span > LONGEST_GAP else last
            if nearest is None:
                self._before = None
                return np.zeros(self._features + MOTION, np.float32)
            feature, traced, palm = nearest.feature, nearest.traced, nearest.palm
        row = np.concatenate([feature, motion_row(traced, self._before, palm)])
        self._before = traced
        return row
