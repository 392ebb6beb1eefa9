"""Signing that is played slower: its own time and that of the clock."""

import numpy as np
import pytest

from overlay.captions.state import Letter
from overlay.core.settings import Endpointing
from overlay.media.frame import Frame
from overlay.pipeline.slow_motion import SlowMotion

pytestmark = pytest.mark.unit

GREY = np.full((4, 4, 3), 128, np.uint8)


def played(slowness: float, frames: int = 90, rate: float = 30.0) -> SlowMotion:
    """What is known after so many frames of a recording that began at 100 s."""
    slow = SlowMotion()
    for index in range(frames):
        moment, at = 100 + index / rate, 100 + index * slowness / rate
        slow.note(Frame(GREY, index, at, behind=at - moment))
    return slow


def test_letters_have_the_time_at_which_they_were_shown() -> None:
    letter = Letter("A", 0.9, 101.0, 101.5)
    shown = played(3.0).letter(letter)
    assert (shown.text, shown.start, shown.end) == ("A", pytest.approx(103.0), pytest.approx(104.5))


def test_what_is_older_than_all_that_is_remembered_has_the_oldest_delay() -> None:
    slow = played(2.0, frames=900)
    assert slow.clock(100.0) < slow.clock(105.0) < slow.clock(125.0) == pytest.approx(150.0)


def test_pauses_last_as_much_longer_as_it_plays_slower() -> None:
    rules = Endpointing()
    longer = played(2.5).pauses(rules)
    assert longer.word_pause == pytest.approx(2.5 * rules.word_pause, rel=0.05)
    assert longer.caption_silence == pytest.approx(2.5 * rules.caption_silence, rel=0.05)
    assert longer.shown_after == rules.shown_after  # people read no slower


def test_a_source_that_does_not_wait_changes_nothing() -> None:
    rules, letter, slow = Endpointing(), Letter("A", 0.9, 101.0, 101.5), played(1.0)
    assert slow.pauses(rules) is rules
    assert slow.letter(letter) is letter


def test_pauses_are_the_usual_ones_again_when_it_keeps_up() -> None:
    rules, slow = Endpointing(), played(3.0)
    for index in range(60):
        moment = 103 + (index + 1) / 30
        slow.note(Frame(GREY, 90 + index, moment + 6, behind=6.0))
    assert slow.pauses(rules) is rules
    assert slow.clock(105.0) == pytest.approx(111.0)
