"""Captions that wait to be spoken."""

import pytest

from overlay.speech.queue import MOST, Waiting, WaitingCaptions

pytestmark = pytest.mark.unit


def caption(index: int | None, at: float = 0.0, text: str = "", due: float | None = None) -> Waiting:
    return Waiting(None if index is None else (index, 0), text or f"CAPTION {index}", at, at if due is None else due)


def test_order_is_kept_and_each_comes_once() -> None:
    waiting = WaitingCaptions()
    for index in range(3):
        waiting.put(caption(index))
        waiting.put(caption(index))
    assert [waiting.take(1.0, 10.0) for _ in range(4)] == [caption(0), caption(1), caption(2), None]
    waiting.put(caption(2))  # what was spoken does not come again, nor does a correction of it
    waiting.put(caption(1, text="CORRECTED"))
    assert waiting.take(1.0, 10.0) is None
    assert waiting.skipped == 0


def test_a_correction_takes_the_place_of_what_waits() -> None:
    waiting = WaitingCaptions()
    waiting.put(caption(0))
    waiting.put(caption(1))
    waiting.put(caption(0, at=0.5, text="CORRECTED"))
    taken = waiting.take(1.0, 10.0)
    assert taken == Waiting((0, 0), "CORRECTED", 0.0, 0.0)  # its age and its place are those of the caption
    assert waiting.take(1.0, 10.0) == caption(1)


def test_what_is_too_old_is_left_out_and_counted() -> None:
    waiting = WaitingCaptions()
    for index in range(4):
        waiting.put(caption(index, at=float(index)))
    assert waiting.take(12.5, 10.0) == caption(3, at=3.0)
    assert (len(waiting), waiting.skipped) == (0, 3)


def test_too_many_push_the_oldest_out() -> None:
    waiting = WaitingCaptions()
    for index in range(MOST + 2):
        waiting.put(caption(index))
    assert (len(waiting), waiting.skipped) == (MOST, 2)
    assert waiting.take(0.0, 10.0) == caption(2)


def test_one_that_may_still_be_corrected_holds_back_those_behind_it() -> None:
    waiting = WaitingCaptions()
    waiting.put(caption(0, due=2.0))
    waiting.put(caption(1))
    assert (waiting.take(1.0, 10.0), waiting.rest(1.0)) == (None, 1.0)
    assert waiting.take(2.0, 10.0) == caption(0, due=2.0)
    assert waiting.take(2.0, 10.0) == caption(1)
    assert waiting.rest(2.0) == float("inf")


def test_what_came_while_nothing_was_spoken_is_not_spoken_later() -> None:
    waiting = WaitingCaptions()
    waiting.note((4, 0))
    waiting.put(caption(4, text="CORRECTED"))
    assert len(waiting) == 0
    waiting.put(caption(5))
    waiting.put(caption(None))
    waiting.clear()
    assert (len(waiting), waiting.skipped) == (0, 0)
