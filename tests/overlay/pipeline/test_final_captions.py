"""Which captions are finished, told by a real transcript."""

import pytest

from overlay.captions.edits import Edit
from overlay.captions.state import CaptionState, Cue, Letter
from overlay.captions.transcript import Transcript
from overlay.pipeline.final_captions import FinalCaption, FinalCaptions, FinalCaptionStream, FinalCaptionUpdate
from overlay.pipeline.origin import Origin
from overlay.pipeline.result import CaptionResult
from overlay.transcripts.session import KeptCue
from tests.clock import SteppedClock

pytestmark = pytest.mark.unit


class Signer:
    """Signs into a transcript, three letters a second."""

    def __init__(self) -> None:
        self.transcript = Transcript()
        self.at = 100.0

    def sign(self, text: str) -> list[CaptionResult]:
        readings = []
        for letter in text:
            letters = (Letter(letter, 0.9, self.at - 0.2, self.at - 0.1),)
            state = self.transcript.accept(letters, None, self.at, hand_up=True, signing=True)
            readings.append(CaptionResult(self.at, state, letters=letters))
            self.at += 0.3
        return readings

    def rest(self, seconds: float = 10.0) -> list[CaptionResult]:
        readings = []
        for _ in range(round(seconds * 10)):
            self.at += 0.1
            readings.append(CaptionResult(self.at, self.transcript.accept((), None, self.at, hand_up=False)))
        return readings

    def edit(self, edit: Edit) -> list[CaptionResult]:
        return [CaptionResult(self.at, edit(self.transcript))]


def told(captions: FinalCaptions, readings: list[CaptionResult]) -> list[FinalCaption]:
    return [one for reading in readings for one in captions.accept(reading)]


def test_each_caption_is_told_once_when_it_is_finished() -> None:
    signer, captions = Signer(), FinalCaptions()
    assert told(captions, signer.sign("HELLO")) == []
    (hello,) = told(captions, signer.rest())
    assert (hello.cue.index, hello.cue.text, hello.origin, hello.is_new) == (0, "HELLO", Origin(), True)
    assert hello.cue.start == pytest.approx(99.8)
    (bye,) = told(captions, signer.sign("BYE") + signer.rest())
    assert (bye.cue.index, bye.cue.text) == (1, "BYE")
    assert told(captions, signer.rest()) == []


def test_a_caption_that_is_changed_is_told_again() -> None:
    signer, captions = Signer(), FinalCaptions()
    told(captions, signer.sign("HELO") + signer.rest())
    state = signer.transcript.state
    mended = CaptionState(state.revision + 1, (Cue(0, "HELLO", state.cues[0].start, state.cues[0].end),))
    (again,) = captions.accept(CaptionResult(signer.at, mended))
    assert (again.cue.text, again.origin, again.is_new) == ("HELLO", Origin(edited=True), False)
    assert captions.accept(CaptionResult(signer.at, mended)) == []


def test_times_that_change_are_no_edit() -> None:
    captions = FinalCaptions()
    letter = Letter("A", 1.0, 1.0, 1.1)
    captions.accept(CaptionResult(2.0, CaptionState(1, (Cue(0, "A", 1.0, 1.1),)), letters=(letter,)))
    (again,) = captions.accept(CaptionResult(3.0, CaptionState(2, (Cue(0, "A", 1.0, 1.2),))))
    assert (again.cue.end, again.origin, again.is_new) == (1.2, Origin(), False)


def test_what_is_typed_is_told_as_typed() -> None:
    signer, captions = Signer(), FinalCaptions()
    (one,) = told(
        captions, signer.edit(lambda transcript: transcript.type_text("Good morning", 100.0)) + signer.rest()
    )
    assert (one.cue.text, one.origin) == ("Good morning", Origin(typed=True))


def test_a_reading_without_captions_makes_none_of_them_new() -> None:
    signer, captions = Signer(), FinalCaptions()
    told(captions, signer.sign("HELLO") + signer.rest())
    captions.accept(CaptionResult(signer.at))
    assert captions.accept(CaptionResult(signer.at, signer.transcript.state)) == []


def test_the_caption_that_is_being_signed_has_the_times_of_its_letters() -> None:
    signer, captions = Signer(), FinalCaptions()
    assert captions.open is None
    told(captions, signer.sign("HI") + signer.rest())
    start = signer.at - 0.2
    told(captions, signer.sign("YOU"))
    assert captions.open is not None
    assert (captions.open.index, captions.open.text) == (1, "YOU")
    assert (captions.open.start, captions.open.end) == pytest.approx((start, start + 0.7))
    told(captions, signer.rest())
    assert captions.open is None


class Heard:
    """What a hearer of a stream has been told."""

    def __init__(self) -> None:
        self.clock = SteppedClock()
        self.stream = FinalCaptionStream(self.clock)
        self.updates: list[FinalCaptionUpdate] = []
        self.end = self.stream.listen(self.updates.append)

    @property
    def dated(self) -> list[KeptCue]:
        return [cue for update in self.updates for cue in update.dated]

    def read(self, readings: list[CaptionResult], ahead: float = 0.0) -> None:
        """Read while the time of day is so far ahead of the frames."""
        for reading in readings:
            self.clock.ahead = reading.at - self.clock.monotonic() + ahead
            self.stream.accept(reading)


def test_times_of_day_are_those_of_the_frames_moved() -> None:
    """The machine slept in between: the clock went on, and frame times did not."""
    signer, heard = Signer(), Heard()
    heard.read(signer.sign("HI") + signer.rest(), 1000.0)
    heard.read(signer.sign("BYE"), 5000.0)
    assert heard.updates[-1].dated_open == KeptCue(
        1, "BYE", pytest.approx(signer.at - 1.1 + 5000), pytest.approx(signer.at + 4999.6)
    )
    heard.read(signer.rest(), 5000.0)
    kept = heard.dated
    assert [(one.index, one.text) for one in kept] == [(0, "HI"), (1, "BYE")]
    assert kept[0].start == pytest.approx(1099.8)
    assert kept[1].end - kept[0].end > 4000


def test_hearers_are_told_of_the_caption_that_is_being_signed_and_of_its_end() -> None:
    signer, heard = Signer(), Heard()
    heard.read(signer.sign("HI") + signer.rest())
    opened = [None if update.open is None else update.open.text for update in heard.updates]
    assert opened == ["H", "HI", None]
    assert [len(update.captions) for update in heard.updates] == [0, 0, 1]
    heard.read(signer.rest())
    assert len(heard.updates) == 3


def test_all_hearers_are_told_the_same_in_the_order_in_which_they_came() -> None:
    signer, heard = Signer(), Heard()
    order: list[tuple[str, FinalCaptionUpdate]] = []
    heard.stream.listen(lambda update: order.append(("second", update)))
    heard.stream.listen(lambda update: order.append(("third", update)))
    heard.read(signer.sign("A"))
    assert order == [("second", heard.updates[0]), ("third", heard.updates[0])]
    heard.end()
    heard.read(signer.rest())
    assert len(heard.updates) == 1
    assert [name for name, _ in order] == ["second", "third"] * 2


def test_a_date_is_told_again_where_the_text_is_another_and_keeps_its_times() -> None:
    heard = Heard()
    for revision, (text, end) in enumerate((("HELO", 2.0), ("HELO", 2.5), ("HELLO", 2.5)), start=1):
        heard.read([CaptionResult(3.0, CaptionState(revision, (Cue(0, text, 1.0, end),)))], 1000.0)
    assert [len(update.captions) for update in heard.updates] == [1, 1, 1]
    assert heard.dated == [
        KeptCue(0, "HELO", 1001.0, 1002.0, typed=True),
        KeptCue(0, "HELLO", 1001.0, 1002.0, typed=True, edited=True),
    ]
