"""The pace of what goes out, on cameras of all rates. Time is simulated: what is tested is arithmetic."""

import itertools
import random
from collections.abc import Iterator

import numpy as np
import pytest

from overlay.media.sinks.pacing import Pace

pytestmark = pytest.mark.unit

PERIOD = 1 / 30


def arrivals(rate: float, *, jitter: float = 0.0, start: float = 0.0) -> Iterator[float]:
    """When the pictures of a camera come."""
    dice = random.Random(1)
    for number in itertools.count():
        yield start + number / rate + dice.gauss(0, jitter)


def run(times: Iterator[float], seconds: float) -> tuple[list[float], list[float], int, int]:
    """Beats, the waits of the pictures that went out at them, and how many beats had none or too many new ones.

    Only after the first three seconds, in which the beats are led to their place.
    """
    pace = Pace(PERIOD, 0.0)
    coming = next(times)
    beats: list[float] = []
    waits: list[float] = []
    repeated = skipped = 0
    while pace.due < seconds:
        newest: float | None = None
        settled = pace.due > 3
        while coming <= pace.due:
            pace.arrived(coming)
            skipped += settled and newest is not None
            newest, coming = coming, next(times)
        if settled:
            beats.append(pace.due)
            repeated += newest is None
            if newest is not None:
                waits.append(pace.due - newest)
        pace.sent(pace.due)
    return beats, waits, repeated, skipped


@pytest.mark.parametrize("rate", [5, 15, 24, 25, 29.7, 29.97, 30, 30.3, 48, 50, 60, 120])
@pytest.mark.parametrize("jitter", [0.0, 0.002, 0.02])
def test_thirty_a_second_whatever_the_camera_does(rate: float, jitter: float) -> None:
    beats, _, _, _ = run(arrivals(rate, jitter=jitter), 60)
    between = np.diff(beats)
    assert (len(beats) - 1) / (beats[-1] - beats[0]) == pytest.approx(30, abs=0.5)
    assert between.min() > 0.98 * PERIOD
    assert between.max() < 1.02 * PERIOD


@pytest.mark.e2e
@pytest.mark.parametrize("start", np.linspace(0, PERIOD, 9))
def test_in_step_with_a_camera_of_the_same_rate(start: float) -> None:
    _, waits, repeated, skipped = run(arrivals(30, jitter=0.001, start=start), 60)
    assert np.median(waits) < 0.006
    assert repeated <= 10  # of 1,700
    assert skipped <= 10


@pytest.mark.parametrize("rate", [29.7, 29.97, 30.3])
def test_in_step_with_a_camera_that_is_nearly_as_fast(rate: float) -> None:
    _, waits, repeated, skipped = run(arrivals(rate, jitter=0.001), 60)
    assert np.median(waits) < 0.016
    assert repeated + skipped <= 10  # 35 or more without being led


def test_each_picture_of_a_camera_of_half_the_rate_goes_out_soon() -> None:
    beats, waits, _, skipped = run(arrivals(15, jitter=0.001), 60)
    assert np.median(waits) < 0.006
    assert skipped == 0
    assert len(waits) == pytest.approx(len(beats) / 2, abs=2)


def test_no_picture_of_a_slower_camera_is_lost() -> None:
    _, waits, _, skipped = run(arrivals(25), 60)
    assert skipped == 0
    assert max(waits) <= PERIOD + 1e-6


def test_other_rates_are_not_followed() -> None:
    pace = Pace(PERIOD, 0.0)
    for at in itertools.islice(arrivals(25), 100):
        pace.arrived(at)
    assert not pace.in_step


def test_missed_beats_are_not_made_up_for() -> None:
    pace = Pace(PERIOD, 0.0)
    pace.sent(10 * PERIOD + 0.001)
    assert pace.due == pytest.approx(11 * PERIOD)


def test_a_beat_that_is_a_little_late_shifts_nothing() -> None:
    pace = Pace(PERIOD, 0.0)
    pace.sent(0.01)
    assert pace.due == pytest.approx(PERIOD)
