"""Pacing of pictures: an even pace, in step with the camera where that has the same one."""

import cmath
import math
from typing import Final

MEMORY: Final = 0.1  # share of the newest arrival in the mean
IN_STEP: Final = 0.6  # length of the mean arrival, 0 to 1, from which on the camera counts as having our pace
MOST: Final = 0.015  # of the period: how much a beat may come earlier or later than an even pace would have it
LEAST_WAIT, MOST_WAIT = 0.002, 0.010  # seconds from a picture's arrival to its beat, when in step
SPREADS: Final = 3.5  # of the arrivals: how long a picture waits, so that few come too late for their beat


class Pace:
    """Beats of a steady clock, moved towards the arrivals of the pictures a little at a time.

    A camera of the same rate comes at the same place between two beats each time. The beats are led there, so that a
    picture waits just long enough for those that come a little late; a beat without a new picture, or with two, is
    then rare. Where pictures come at another rate there is no such place, and the clock is left alone.

    How steadily they come is the length of the mean of their places on a circle of one period (Fisher, Statistical
    Analysis of Circular Data, 1993, section 2.3).

    Args:
        period: seconds between two beats.
        now: of the first beat, in seconds.
    """

    def __init__(self, period: float, now: float) -> None:
        self.due = now
        self._period = period
        self._mean = 0j

    @property
    def in_step(self) -> bool:
        """Whether pictures come at the pace of the beats."""
        return abs(self._mean) >= IN_STEP

    def arrived(self, at: float) -> None:
        """Note that a new picture came, at `at` seconds."""
        place = cmath.exp(2j * math.pi * (at - self.due) / self._period)
        self._mean += MEMORY * (place - self._mean)

    def sent(self, now: float) -> None:
        """A beat's picture went out at `now` seconds: sets `due` to the next one. Missed ones are not made up for."""
        missed = math.floor(max(0.0, now - self.due) / self._period)
        move = self._move()
        self.due += (1 + missed) * self._period + move
        # The places are counted from the beat: they move the other way.
        self._mean *= cmath.exp(-2j * math.pi * move / self._period)

    def _move(self) -> float:
        """By how many seconds the next beat comes later than an even pace would have it."""
        if not self.in_step:
            return 0.0
        steadiness = min(abs(self._mean), 1 - 1e-9)
        spread = math.sqrt(-2 * math.log(steadiness)) / (2 * math.pi) * self._period
        wait = min(max(SPREADS * spread, LEAST_WAIT), MOST_WAIT)
        late = cmath.phase(self._mean * cmath.exp(2j * math.pi * wait / self._period)) / (2 * math.pi) * self._period
        return min(max(late, -MOST * self._period), MOST * self._period)
