"""Captions of a recording, told by a real transcript."""

from itertools import pairwise
from pathlib import Path

import pytest

from overlay.captions.state import Letter
from overlay.captions.subtitles import Subtitle, to_srt, to_vtt
from overlay.captions.transcript import Transcript
from overlay.pipeline.result import CaptionResult
from overlay.recording.recorded_captions import RecordedCaptions
from overlay.recording.subtitle_files import SubtitleFiles

pytestmark = pytest.mark.unit

ZERO = 100.0


class Signer:
    """Signs into a transcript, a reading each tenth of a second."""

    def __init__(self, at: float = ZERO) -> None:
        self.transcript, self.captions = Transcript(), RecordedCaptions()
        self.at = at
        self.due: list[tuple[float, Subtitle]] = []  # when each was final

    def sign(self, text: str) -> float:
        """A letter in a quarter of a second; when the first began."""
        first = self.at
        for letter in text:
            self._read([Letter(letter, 0.9, self.at, self.at + 0.2)])
            self.at += 0.25
        return first - ZERO

    def rest(self, seconds: float) -> None:
        for _ in range(round(seconds * 10)):
            self.at += 0.1
            self._read([])

    def edit(self, text: str) -> None:
        state = self.transcript.type_text(text, self.at)
        self.captions.accept(CaptionResult(self.at, state))

    def finish(self) -> None:
        self.captions.accept(CaptionResult(self.at, self.transcript.finish()))

    def _read(self, letters: list[Letter]) -> None:
        at = self.at + 0.25 if letters else self.at
        state = self.transcript.accept(letters, None, at, hand_up=bool(letters), signing=bool(letters))
        self.captions.accept(CaptionResult(at, state, letters=tuple(letters)))
        self.due += [(at - ZERO, one) for one in self.captions.due(ZERO)]

    @property
    def shown(self) -> list[tuple[float, str]]:
        return [(one.start, " ".join(one.lines)) for _, one in self.due]


def test_each_is_known_soon_after_it_became_final_and_begins_with_its_letters() -> None:
    signer = Signer()
    signer.rest(2.0)
    first = signer.sign("HELLO")
    signer.rest(5.0)
    second = signer.sign("YES")
    signer.rest(5.0)
    assert [text for _, text in signer.shown] == ["HELLO", "YES"]
    assert [start for start, _ in signer.shown] == pytest.approx([first, second], abs=0.1)
    for final, one in signer.due:
        assert final - one.end < 4.0


def test_a_short_one_before_another_is_not_lost() -> None:
    """What is shown for less than a second is shown together with the next one: so it waits for that."""
    signer = Signer()
    first = signer.sign("A")
    signer.finish()
    signer.sign("NEXT")
    signer.rest(6.0)
    assert len(signer.shown) == 1
    start, text = signer.shown[0]
    assert start == pytest.approx(first, abs=0.1)
    assert text.split() == ["A", "NEXT"]


def test_the_caption_that_is_being_signed_at_the_end_is_there_from_its_first_letter() -> None:
    signer = Signer()
    signer.sign("HELLO")
    signer.rest(5.0)
    begins = signer.sign("WOR")
    everything = signer.captions.all(ZERO, signer.at)
    assert [one.lines for one in everything] == [("HELLO",), ("WOR",)]
    assert everything[1].start == pytest.approx(begins, abs=0.1)
    assert everything[1].end <= signer.at - ZERO


def test_what_was_signed_before_the_first_picture_is_left_out() -> None:
    signer = Signer(ZERO - 20)
    signer.sign("BEFORE")
    signer.rest(25.0)
    signer.sign("AFTER")
    signer.rest(6.0)
    assert [text for _, text in signer.shown] == ["AFTER"]
    assert [one.lines for one in signer.captions.all(ZERO, signer.at)] == [("AFTER",)]


def test_typed_text_is_there_as_well() -> None:
    signer = Signer()
    signer.rest(3.0)
    signer.edit("Good morning")
    signer.rest(6.0)
    assert [text for _, text in signer.shown] == ["Good morning"]
    assert signer.shown[0][0] == pytest.approx(3.0, abs=0.1)


LONG = " ".join(f"WORD{number:02}" for number in range(40))


def words(shown: list[Subtitle]) -> str:
    return " ".join(line for one in shown for line in one.lines)


def test_a_page_typed_at_once_has_its_time_also_in_what_is_written_while_it_goes_on() -> None:
    signer = Signer()
    signer.rest(1.0)
    signer.edit(LONG)
    signer.finish()
    signer.rest(2.0)
    begins = signer.sign("NEXT")
    signer.rest(30.0)
    shown = [one for _, one in signer.due]
    assert words(shown) == f"{LONG} NEXT"
    assert all(one.end - one.start >= sum(map(len, one.lines)) / 17 - 1e-9 for one in shown)
    assert all(one.end <= other.start for one, other in pairwise(shown))
    assert shown[0].start == pytest.approx(1.0, abs=0.1)
    assert shown[-1].start == pytest.approx(1.0 + len(LONG) / 17, abs=1.0)
    assert shown[-1].start > begins
    assert shown == signer.captions.all(ZERO, signer.at)


def test_what_there_is_no_time_left_to_read_is_not_lost() -> None:
    signer = Signer()
    signer.rest(1.0)
    signer.edit(LONG)
    signer.finish()
    signer.rest(2.0)
    everything = signer.captions.all(ZERO, signer.at)
    assert words(everything) == LONG
    assert everything[-1].end <= signer.at - ZERO


def test_the_files_are_whole_after_each_caption(tmp_path: Path) -> None:
    shown = [Subtitle(1.0, 2.0, ("HELLO",)), Subtitle(3.0, 5.5, ("HOW ARE", "YOU <3")), Subtitle(8.0, 9.0, ("BYE",))]
    files = SubtitleFiles(tmp_path / "talk.mp4")
    for number, one in enumerate(shown, 1):
        files.add([one])
        assert (tmp_path / "Captions of talk.vtt").read_text("utf-8") == to_vtt(shown[:number])
        assert (tmp_path / "Captions of talk.srt").read_text("utf-8") == to_srt(shown[:number])
    files.close()
    files.replace(shown[1:])
    assert (tmp_path / "Captions of talk.vtt").read_text("utf-8") == to_vtt(shown[1:])
    assert {path.stat().st_mode & 0o777 for path in tmp_path.iterdir()} == {0o600}
