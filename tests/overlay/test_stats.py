"""Rolling figures of a stage."""

import pytest

from overlay.stats import KEPT, StageClock


def test_nothing_noted_is_all_zero() -> None:
    stats = StageClock().stats(dropped=3)
    assert (stats.rate, stats.median_ms, stats.p95_ms, stats.dropped) == (0, 0, 0, 3)


def test_rate_median_and_percentile() -> None:
    clock = StageClock()
    for index in range(100):
        clock.note(index / 20, 10.0 if index < 90 else 50.0)
    stats = clock.stats()
    assert stats.rate == pytest.approx(20)
    assert stats.median_ms == 10
    assert stats.p95_ms == 50


def test_what_is_long_past_is_forgotten() -> None:
    clock = StageClock()
    clock.note(0.0, 1000.0)
    for index in range(KEPT):
        clock.note(100 + index / 30, 1.0)
    assert clock.stats().p95_ms == 1
    assert clock.stats().rate == pytest.approx(30)
