"""The newest value wins, and what nobody took is counted."""

import threading

import pytest

from overlay.pipeline.latest_value import LatestValue

pytestmark = pytest.mark.unit


def test_newest_value_wins_and_drops_are_counted() -> None:
    slot: LatestValue[int] = LatestValue()
    for value in range(5):
        slot.put(value)
    assert slot.take() == 4
    assert slot.dropped == 4


def test_take_gives_up_after_its_timeout() -> None:
    assert LatestValue[int]().take(timeout=0.01) is None


def test_close_wakes_a_waiting_reader() -> None:
    slot: LatestValue[int] = LatestValue()
    taken: list[int | None] = []
    reader = threading.Thread(target=lambda: taken.append(slot.take()))
    reader.start()
    slot.close()
    reader.join(30)
    assert taken == [None]


def test_the_last_value_before_close_is_still_taken_and_later_ones_are_not() -> None:
    slot: LatestValue[int] = LatestValue()
    slot.put(1)
    slot.close()
    slot.put(2)
    assert slot.take() == 1
    assert slot.take() is None


def test_nothing_is_lost_for_a_reader_that_keeps_up() -> None:
    slot: LatestValue[int] = LatestValue()
    seen: list[int] = []
    turn = threading.Semaphore(1)

    def read() -> None:
        while (value := slot.take()) is not None:
            seen.append(value)
            turn.release()

    reader = threading.Thread(target=read)
    reader.start()
    for value in range(200):
        turn.acquire()
        slot.put(value + 1)
    turn.acquire()
    slot.close()
    reader.join(30)
    assert seen == list(range(1, 201))
    assert slot.dropped == 0


def test_a_writer_that_waits_goes_on_when_its_value_is_taken() -> None:
    slot: LatestValue[int] = LatestValue()
    assert slot.wait_taken(0)
    slot.put(1)
    assert not slot.wait_taken(0.01)
    reader = threading.Thread(target=slot.take)
    reader.start()
    assert slot.wait_taken(30)
    reader.join(30)
    slot.put(2)
    slot.close()
    assert slot.wait_taken(30)
