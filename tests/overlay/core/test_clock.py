"""The clock that tests step, and what the real one adds to waiting."""

import threading
from collections.abc import Callable

import pytest

from overlay.core.clock import REAL, Clock
from tests.clock import MORNING, SteppedClock

pytestmark = pytest.mark.unit


def begin(work: Callable[[], object]) -> threading.Thread:
    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    return thread


def test_all_that_is_due_meanwhile_has_been_done_in_order_when_time_has_passed() -> None:
    clock, done = SteppedClock(10.0), list[tuple[str, float]]()
    never = threading.Event()

    def work(name: str, every: float, times: int) -> None:
        for _ in range(times):
            assert not clock.wait(never, every)
            done.append((name, clock.monotonic()))

    begin(lambda: work("slow", 2.0, 3))
    begin(lambda: work("quick", 1.5, 2))
    clock.advance(1.4)
    assert done == []
    clock.advance(2.6)
    assert done == [("quick", 11.5), ("slow", 12.0), ("quick", 13.0), ("slow", 14.0)]
    assert (clock.monotonic(), clock.time()) == (14.0, MORNING + 14.0)
    clock.advance(100.0)
    assert done[-1] == ("slow", 16.0)


def test_who_is_told_goes_on_before_his_time_and_others_wait_on() -> None:
    clock, told = SteppedClock(), threading.Event()
    changed, orders, done = threading.Condition(), list[int](), list[object]()

    def obey() -> None:
        while len(done) < 4:
            with changed:
                clock.wait_for(changed, lambda: bool(orders))
                done.append(orders.pop(0))

    begin(obey)
    begin(lambda: done.append(clock.wait(told, 60.0)))
    clock.settle()
    for number in (1, 2):
        with changed:
            orders.append(number)
            changed.notify()
        clock.settle()
    clock.advance(59.0)
    assert done == [1, 2]
    told.set()
    clock.settle()
    assert done == [1, 2, True]
    with changed:
        orders.append(3)
        changed.notify()
    clock.settle()


@pytest.mark.parametrize("clock", [REAL, SteppedClock()])
def test_it_is_not_waited_for_what_holds_or_for_no_time(clock: Clock) -> None:
    condition, holds = threading.Condition(), threading.Event()
    with condition:
        assert clock.wait_for(condition, lambda: True)
        assert not clock.wait_for(condition, lambda: False, 0.0)
        assert not clock.wait(condition, 0.0)
    assert not clock.wait(holds, 0.0)
    holds.set()
    assert clock.wait(holds)


def test_the_real_one_waits_for_a_condition_as_long_as_it_is_told() -> None:
    condition, began = threading.Condition(), REAL.monotonic()
    with condition:
        assert not REAL.wait_for(condition, lambda: False, 0.02)
    assert REAL.monotonic() - began >= 0.02
    assert REAL.time() > MORNING - 10 * 365 * 86_400
