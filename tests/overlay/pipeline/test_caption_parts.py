"""Words that are settled go out before their caption ends: each once, in order, and soon."""

import random

import pytest

from overlay.captions.state import CaptionState, Letter
from overlay.captions.transcript import Transcript
from overlay.pipeline.caption_parts import LATEST, CaptionPart
from overlay.pipeline.final_captions import FinalCaptionStream, FinalCaptionUpdate
from overlay.pipeline.result import CaptionResult
from tests.clock import SteppedClock

pytestmark = pytest.mark.unit

LIMIT = 6.0  # seconds from a word's end until it goes out
FRAME = 0.1  # seconds


class Signer:
    """Signs into a transcript, a reading each tenth of a second, and keeps what goes out."""

    def __init__(self, *, assisted: dict[str, str] | None = None, suggested: dict[str, str] | None = None) -> None:
        self.transcript = Transcript(
            suggest=lambda read: tuple(word for one, word in (suggested or {}).items() if one == read),
            assist=lambda read, _start, _end: (assisted or {}).get(read),
        )
        self.at = 100.0
        self.out: list[tuple[float, CaptionPart]] = []
        self.letters: list[tuple[float, str]] = []  # when each was signed
        self._stream = FinalCaptionStream(SteppedClock())
        self._stream.listen(self._hear)

    def sign(self, text: str, each: float = 0.3, pause: float = 0.9) -> None:
        """Letters, each held for as long as it takes; a space is a pause with the hand up."""
        for sign in text:
            if sign == " ":
                self.rest(pause, hand_up=True)
                continue
            began = self.at
            self.letters.append((began + each, sign))
            while self.at < began + each - 1e-6:
                self._pass((), signing=True)
            self._pass((Letter(sign, 0.9, began, self.at),), signing=True, seconds=0.0)

    def rest(self, seconds: float, *, hand_up: bool = False) -> None:
        for _ in range(round(seconds / FRAME)):
            self._pass((), signing=False, hand_up=hand_up)

    def edit(self, state: CaptionState) -> None:
        self._stream.accept(CaptionResult(self.at, state))

    @property
    def texts(self) -> list[str]:
        return [part.text for _, part in self.out]

    def _pass(
        self, letters: tuple[Letter, ...], *, signing: bool, hand_up: bool = True, seconds: float = FRAME
    ) -> None:
        self.at += seconds
        state = self.transcript.accept(letters, None, self.at, hand_up=hand_up, signing=signing)
        self._stream.accept(CaptionResult(self.at, state, letters=letters))

    def _hear(self, update: FinalCaptionUpdate) -> None:
        self.out += [(self.at, part) for part in update.parts]


def late(signer: Signer) -> list[float]:
    """How long after it was signed each letter went out."""
    letters = iter(signer.letters)
    return [at - next(letters)[0] for at, part in signer.out for sign in part.text if not sign.isspace()]


def test_a_short_caption_goes_out_whole_when_it_is_finished() -> None:
    signer = Signer()
    signer.sign("NICE TO")
    signer.rest(4.0)
    assert [part for _, part in signer.out] == [CaptionPart(0, 0, "NICE TO", ends=True)]


def test_words_go_out_soon_though_their_caption_goes_on_and_each_once() -> None:
    signer = Signer()
    text = "PLEASE TELL THE OTHERS THAT MY TRAIN IS LATE"
    signer.sign(text)
    assert signer.transcript.state.cues == ()  # not yet ended: nobody waited for that
    assert len(signer.out) >= 2
    signer.rest(5.0)
    assert " ".join(signer.texts) == text
    assert [part.place for _, part in signer.out] == [(0, number) for number in range(len(signer.out))]
    ends = [signer.letters[count - 1][0] for count in word_ends(text)]
    out = [at for at, part in signer.out for _ in part.text.split()]
    assert all(went - ended <= LIMIT for went, ended in zip(out, ends, strict=True))
    assert not any(part.goes_on for _, part in signer.out)


def word_ends(text: str) -> list[int]:
    """How many letters there are up to the end of each word."""
    counts, count = [], 0
    for word in text.split():
        count += len(word)
        counts.append(count)
    return counts


@pytest.mark.parametrize("each", [0.2, 0.3, 0.4])
def test_who_spells_without_any_pause_is_read_soon_as_well(each: float) -> None:
    signer = Signer()
    text = "WHOEVERSPELLSWITHOUTAPAUSEISREADASWELLBYTHOSEWHOREADTHECAPTIONSOFTHECALLANDNOTHINGGETSLOST" * 2
    signer.sign(text, each)
    signer.rest(5.0)
    assert "".join(signer.texts) == text
    assert max(late(signer)) <= LIMIT + 12 * each / 2
    assert len(signer.transcript.state.cues) >= 2  # and captions end
    assert all(cue.end - cue.start <= 21.0 for cue in signer.transcript.state.cues)


def test_a_run_of_letters_is_divided_where_its_pause_is_longest() -> None:
    signer = Signer()
    signer.sign("MYNAME", 0.3)
    signer.rest(0.5, hand_up=True)  # too short to end a word
    signer.sign("ISANNANDIAMDEAF", 0.3)
    parts = [part for _, part in signer.out]
    assert parts[0] == CaptionPart(0, 0, "MYNAME", goes_on=True)


def test_a_long_word_that_ends_in_time_is_not_divided() -> None:
    signer = Signer()
    signer.sign("CONGRATULATIONS TO ANN", 0.25)
    signer.rest(5.0)
    assert signer.texts[0].startswith("CONGRATULATIONS")


def test_a_slow_word_is_waited_for() -> None:
    signer = Signer()
    signer.sign("SATURDAY", 1.5)
    signer.rest(5.0)
    assert signer.texts == ["SATURDAY"]


def test_what_is_typed_goes_out_at_once_and_whole() -> None:
    signer = Signer()
    signer.transcript.type_text("Good morning to you all", signer.at)
    signer.edit(signer.transcript.finish())
    assert [part for _, part in signer.out] == [CaptionPart(0, 0, "Good morning to you all", typed=True, ends=True)]


def test_a_word_that_is_corrected_in_time_goes_out_as_corrected() -> None:
    signer = Signer(suggested={"HELO": "HELLO"})
    signer.sign("HELO ")
    signer.edit(signer.transcript.choose(0, 0, "HELO", "HELLO"))
    signer.sign("MY NAME IS ANN")
    signer.rest(5.0)
    assert " ".join(signer.texts) == "HELLO MY NAME IS ANN"


def test_a_word_that_is_changed_after_it_went_out_is_told_and_not_sent_again() -> None:
    signer = Signer(suggested={"HELO": "HELLO"})
    signer.sign("HELO MY NAME IS")
    assert signer.texts == ["HELO MY"]
    signer.edit(signer.transcript.choose(0, 0, "HELO", "HELLO"))
    assert signer.out[-1][1] == CaptionPart(0, 0, "HELLO MY")
    signer.sign(" ANN ")
    signer.rest(5.0)
    assert " ".join(part.text for _, part in signer.out[2:]) == "NAME IS ANN"
    signer.edit(signer.transcript.undo())
    assert signer.out[-1][1] == CaptionPart(0, 0, "HELO MY")


def test_what_was_taken_back_and_is_there_again_is_not_sent_twice() -> None:
    signer = Signer()
    signer.sign("HELLO MY NAME IS")
    assert signer.texts == ["HELLO MY"]
    for _ in range(len(" NAME IS") + 1):
        signer.edit(signer.transcript.backspace())
    assert signer.out[-1][1].text == "HELLO"  # what the call has of it is no longer all there
    for _ in range(len(" NAME IS") + 1):
        signer.edit(signer.transcript.undo())
    assert signer.out[-1][1].text == "HELLO MY"
    del signer.out[:]
    signer.rest(5.0)
    assert signer.texts == ["NAME IS"]


def test_another_word_in_the_place_of_one_that_was_taken_back_goes_out_whole() -> None:
    signer = Signer()
    signer.sign("HELLO MY NAME IS")
    assert signer.texts == ["HELLO MY"]
    for _ in range(len(" NAME IS") + 1):
        signer.edit(signer.transcript.backspace())
    del signer.out[:]
    signer.sign("E")
    signer.rest(5.0)
    assert signer.texts == ["ME"]


def test_a_caption_that_is_cleared_is_told_and_the_next_letters_go_out() -> None:
    signer = Signer()
    signer.sign("HELLO MY NAME IS")
    signer.edit(signer.transcript.clear())
    assert [part.text for _, part in signer.out] == ["HELLO MY", ""]
    signer.sign("YES")
    signer.rest(5.0)
    assert signer.texts[2:] == ["YES"]


def test_an_assisted_reading_goes_out_in_the_place_of_what_was_spelled() -> None:
    signer = Signer(assisted={"HRTE": "HORSE"})
    signer.sign("MY HRTE IS NOT HERE TODAY")
    signer.rest(5.0)
    assert " ".join(signer.texts) == "MY HORSE IS NOT HERE TODAY"


def test_an_assisted_reading_of_letters_that_went_out_is_told_and_sends_no_letter_twice() -> None:
    signer = Signer(assisted={"MYNAMEISANNANDIAMDEAF": "MY NAME IS ANN AND I AM DEAF"})
    signer.sign("MYNAMEISANNANDIAMDEAF")
    (first,) = signer.out
    assert first[1].goes_on
    signer.rest(6.0)
    told, last = [part for _, part in signer.out[1:]]
    assert told.place == (0, 0)
    assert told.text.replace(" ", "") == first[1].text
    assert f"{told.text} {last.text}" == "MY NAME IS ANN AND I AM DEAF"


def test_a_finished_caption_that_is_changed_is_told_again_in_its_place() -> None:
    signer = Signer(suggested={"HELO": "HELLO", "NAEM": "NAME"})
    signer.sign("HELO MY NAEM")
    signer.rest(3.0)
    assert signer.texts == ["HELO MY", "NAEM"]
    signer.edit(signer.transcript.choose(0, 2, "NAEM", "NAME"))
    assert signer.out[-1][1] == CaptionPart(0, 1, "NAME", ends=True)
    signer.edit(signer.transcript.choose(0, 0, "HELO", "HELLO"))
    assert signer.out[-1][1] == CaptionPart(0, 0, "HELLO MY")


def test_whatever_is_signed_and_edited_the_parts_come_in_order_and_are_the_caption_as_it_stands() -> None:
    for seed in range(30):
        source = random.Random(seed)
        signer = Signer(assisted={"ABAB": "ABBA"})
        stands: dict[tuple[int, int], str] = {}
        for _ in range(60):
            what = source.random()
            if what < 0.75:
                signer.sign(source.choice("ABC") * source.choice((1, 1, 2)), source.choice((0.2, 0.6)))
            elif what < 0.9:
                signer.rest(source.choice((0.4, 0.9, 3.0)), hand_up=True)
            elif what < 0.95:
                signer.edit(signer.transcript.backspace())
            else:
                signer.edit(signer.transcript.undo())
        signer.rest(LATEST + 3.0)
        for _, part in signer.out:
            assert part.place in stands or all(part.place > place for place in stands)
            stands[part.place] = part.text
        for cue in signer.transcript.state.cues:
            parts = [text for (caption, _), text in sorted(stands.items()) if caption == cue.index]
            assert "".join(parts).replace(" ", "") == cue.text.replace(" ", ""), seed
