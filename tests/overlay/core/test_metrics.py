"""Rolling figures of a stage."""

import pytest

from overlay.core.metrics import SPAN, StageTimer

pytestmark = pytest.mark.unit


def test_nothing_noted_is_all_zero() -> None:
    stats = StageTimer().stats(dropped=3)
    assert (stats.rate, stats.median_ms, stats.p95_ms, stats.dropped) == (0, 0, 0, 3)


def test_rate_median_and_percentile() -> None:
    clock = StageTimer()
    for index in range(100):
        clock.note(index / 20, 10.0 if index < 90 else 50.0)
    stats = clock.stats(now=99 / 20)
    assert stats.rate == pytest.approx(20)
    assert stats.median_ms == 10
    assert stats.p95_ms == 50


def test_what_is_long_past_is_forgotten() -> None:
    clock = StageTimer()
    clock.note(0.0, 1000.0)
    for index in range(300):
        clock.note(100 + index / 30, 1.0)
    assert clock.stats(now=100 + 299 / 30).p95_ms == 1
    assert clock.stats(now=100 + 299 / 30).rate == pytest.approx(30)


def test_what_happens_rarely_has_a_low_rate() -> None:
    clock = StageTimer()
    clock.note(50.0, 1.0)
    clock.note(50.03, 1.0)
    assert clock.stats(now=50.0 + SPAN - 0.01).rate < 0.2


def test_what_has_stopped_has_no_rate() -> None:
    clock = StageTimer()
    for index in range(30):
        clock.note(index / 30, 1.0)
    assert clock.stats(now=1 + 2 * SPAN).rate == 0
