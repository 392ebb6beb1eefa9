"""Subtitle files, read back by a player's own reader (FFmpeg's, in PyAV)."""

import html
from itertools import pairwise
from pathlib import Path

import av
import pytest

from overlay.captions.state import Cue
from overlay.captions.subtitles import COLUMNS, LINES, Subtitle, subtitles, to_srt, to_text, to_vtt

pytestmark = pytest.mark.unit

Read = list[tuple[float, float, str]]


def read_back(text: str, path: Path) -> Read:
    """Start, end and raw text of what a player finds in the file."""
    path.write_text(text, "utf-8")
    with av.open(str(path)) as container:
        return [
            (
                float(packet.pts * packet.time_base),
                float((packet.pts + packet.duration) * packet.time_base),
                bytes(packet).decode(),
            )
            for packet in container.demux()
            if packet.pts is not None
        ]


def cue(index: int, text: str, start: float, end: float) -> Cue:
    return Cue(index, text, start, end)


def spans(cues: list[Cue], began: float = 0.0) -> Read:
    return [(one.start, one.end, "\n".join(one.lines)) for one in subtitles(cues, began)]


CUES = [cue(0, "HELLO", 102.5, 104.25), cue(1, "NICE TO MEET YOU", 3802.0, 3806.1)]
EXPECTED = [(2.5, 4.25, "HELLO"), (3702.0, 3706.1, "NICE TO MEET YOU")]


def test_times_count_from_the_beginning_of_the_session() -> None:
    assert spans(CUES, 100.0) == [(pytest.approx(start), pytest.approx(end), text) for start, end, text in EXPECTED]


def test_vtt_is_read_back(tmp_path: Path) -> None:
    text = to_vtt(subtitles(CUES, 100.0))
    assert text.startswith("WEBVTT\n\n1\n00:00:02.500 --> 00:00:04.250\nHELLO\n")
    assert read_back(text, tmp_path / "a.vtt") == EXPECTED


def test_srt_is_read_back(tmp_path: Path) -> None:
    text = to_srt(subtitles(CUES, 100.0))
    assert text.startswith("1\n00:00:02,500 --> 00:00:04,250\nHELLO\n\n2\n01:01:42,000")
    assert read_back(text, tmp_path / "a.srt") == EXPECTED


def test_text_has_a_line_for_each_pause() -> None:
    cues = [cue(0, "HELLO", 0.0, 2.0), cue(1, "WORLD", 2.5, 4.0), cue(2, "BYE", 9.0, 10.0)]
    assert to_text(cues) == "HELLO WORLD\nBYE\n"


def test_nothing_spelled_makes_valid_empty_files() -> None:
    assert (to_vtt([]), to_srt([]), to_text([])) == ("WEBVTT\n", "", "")


@pytest.mark.parametrize(
    "text", ["A & B", "1 < 2", "I <3 YOU", "A --> B", "00:00:01.000 --> 00:00:02.000", "É 你好 🙂"]
)
def test_typed_text_is_text_and_nothing_else(text: str, tmp_path: Path) -> None:
    cues = [cue(0, text, 1.0, 3.0), cue(1, "NEXT", 4.0, 6.0)]
    found = [html.unescape(one) for _, _, one in read_back(to_vtt(subtitles(cues)), tmp_path / "a.vtt")]
    assert found == [text, "NEXT"]
    found = [one for _, _, one in read_back(to_srt(subtitles(cues)), tmp_path / "a.srt")]
    assert found == [text.replace("-->", "→"), "NEXT"]


def test_empty_lines_cannot_end_a_subtitle_early() -> None:
    assert spans([cue(0, "ONE\n\nTWO", 0.0, 2.0)]) == [(0.0, 2.0, "ONE TWO")]


def test_a_short_one_stays_for_a_second() -> None:
    assert spans([cue(0, "HI", 1.0, 1.2), cue(1, "YOU", 4.0, 6.0)]) == [(1.0, 2.0, "HI"), (4.0, 6.0, "YOU")]
    assert spans([cue(0, "HI", 1.0, 1.0)]) == [(1.0, 2.0, "HI")]


def test_short_ones_without_room_are_shown_together() -> None:
    cues = [cue(0, "A", 1.0, 1.1), cue(1, "B", 1.5, 1.6), cue(2, "C", 1.9, 4.0), cue(3, "D", 9.0, 10.0)]
    assert spans(cues) == [(1.0, 4.0, "A B C"), (9.0, 10.0, "D")]


def test_a_long_one_is_shown_two_lines_at_a_time() -> None:
    text = " ".join(["WORD"] * 40)
    shown = subtitles([cue(0, text, 10.0, 30.0)])
    assert len(shown) == 3
    assert all(len(one.lines) <= LINES and all(len(line) <= COLUMNS for line in one.lines) for one in shown)
    assert " ".join(" ".join(one.lines) for one in shown) == text
    assert (shown[0].start, shown[-1].end) == (10.0, pytest.approx(30.0))
    assert all(one.end == other.start for one, other in pairwise(shown))


def test_they_never_overlap_and_lose_no_word() -> None:
    cues = [cue(index, f"W{index}", index * 0.3, index * 0.3 + index % 3) for index in range(50)]
    shown = subtitles(cues)
    assert all(one.end <= other.start for one, other in pairwise(shown))
    assert all(one.end - one.start >= 1.0 - 1e-9 for one in shown)
    assert " ".join(" ".join(one.lines) for one in shown).split() == [one.text for one in cues]


def test_what_was_typed_before_the_session_began_starts_with_it() -> None:
    assert spans([cue(0, "EARLY", 1.0, 2.0)], began=5.0) == [(0.0, 1.0, "EARLY")]


def test_times_are_rounded_to_the_nearest_thousandth() -> None:
    assert "00:00:59.999 --> 00:01:01.000" in to_vtt([Subtitle(59.9994, 60.9996, ("A",))])


def test_a_slow_one_is_shown_in_parts_of_seven_seconds_at_most() -> None:
    shown = spans([cue(0, "NICE TO MEET YOU", 10.0, 23.0)])
    assert shown == [(10.0, 16.0, "NICE TO"), (16.0, 23.0, "MEET YOU")]
    assert spans([cue(0, "HELLO", 10.0, 30.0)]) == [(10.0, 17.0, "HELLO")]


def reading_time(one: Subtitle) -> float:
    return max(1.0, sum(map(len, one.lines)) / 17)


def test_what_was_typed_stays_until_it_can_be_read_also_when_another_follows() -> None:
    text = "TYPED IN NO TIME AT ALL BUT READ IN THREE SECONDS"
    (typed,) = subtitles([cue(0, text, 5.0, 5.0)])
    assert typed.end - typed.start == pytest.approx(reading_time(typed)) == pytest.approx(2.8, abs=0.1)
    first, following = subtitles([cue(0, text, 5.0, 5.0), cue(1, "NEXT", 6.5, 9.0)])
    assert (first.start, first.end) == (typed.start, typed.end)
    assert (following.start, following.end) == (typed.end, 9.0)  # and that has caught up


@pytest.mark.parametrize(
    "following", [(), (cue(2, "NEXT", 3.0, 5.0), cue(3, "AND", 9.0, 11.0))], ids=["", "followed"]
)
def test_a_page_typed_at_once_has_two_lines_at_a_time_for_as_long_as_they_take_to_read(
    following: tuple[Cue, ...],
) -> None:
    text = " ".join(["WORD"] * 100)
    shown = subtitles([cue(0, "HI", 1.0, 1.1), cue(1, text, 1.5, 1.5), *following])
    assert all(len(one.lines) <= LINES and all(len(line) <= COLUMNS for line in one.lines) for one in shown)
    assert all(one.end - one.start >= reading_time(one) - 1e-9 for one in shown)
    assert all(one.end == pytest.approx(other.start) for one, other in pairwise(shown))
    typed = shown[: len(shown) - len(following)]
    assert typed[-1].end - typed[0].start == pytest.approx(
        len(f"HI {text}") / 17, abs=1.0
    )  # spaces get lost where lines break
    assert " ".join(" ".join(one.lines) for one in shown) == " ".join(["HI", text, *(one.text for one in following)])


def test_subtitles_begin_after_those_that_were_written_before() -> None:
    assert subtitles([cue(0, "NEXT", 3.0, 6.0)], after=5.0) == [Subtitle(5.0, 6.0, ("NEXT",))]


def test_nothing_is_shown_for_more_than_seven_seconds() -> None:
    cues = [cue(0, "A", 0.0, 0.5), cue(1, "B" * 90, 0.9, 60.0), cue(2, "C D E", 61.0, 100.0)]
    assert all(1.0 - 1e-9 <= one.end - one.start <= 7.0 + 1e-9 for one in subtitles(cues))
