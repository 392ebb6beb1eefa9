"""Finished captions as subtitle files: WebVTT, SRT and plain text. Clock-free: times come with the cues."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from overlay.captions.layout import wrap
from overlay.captions.state import READING_SPEED, CaptionState, Cue
from overlay.captions.subtitle_text import unmarked_text, vtt_text
from overlay.captions.transcript import plain_text
from overlay.core.settings import Endpointing

LEAST_SHOWN = 1.0  # seconds; what is shown for less cannot be read
LONGEST_SHOWN = 7.0  # seconds; what stands for longer is read a second time
COLUMNS = 42  # characters a line, at most
LINES = 2  # on screen at a time


@dataclass(frozen=True, slots=True)
class Subtitle:
    """A text that is on the screen for a while.

    Attributes:
        start: in seconds from the beginning of the session.
        end: when it goes.
        lines: of its text; none is empty.
    """

    start: float
    end: float
    lines: tuple[str, ...]


def subtitles(cues: Iterable[Cue], began: float = 0.0, after: float = 0.0) -> list[Subtitle]:
    """Finished captions, cut and timed so that they can be read.

    - What would be shown for less than a second, because the next one comes, is shown together with it.
    - A caption of more than two lines, or that was signed for longer than seven seconds, is shown in parts, each for
      as long as its share of the letters took.
    - What ends before it can be read, as typed text does at once, stays for as long as that takes, each part of it;
      what follows begins after it. Nothing is shown for less than one second or for more than seven.

    Args:
        cues: in order.
        began: time of the session's beginning, in the seconds of the cues.
        after: when the subtitles before these end, in seconds from the beginning.
    """
    result: list[Subtitle] = []
    shown_until = after
    for part in (part for cue in _merged(cues, began) for part in _parts(cue)):
        start = max(part.start, shown_until)
        end = max(part.end, start + sum(map(len, part.lines)) / READING_SPEED)
        shown_until = min(max(end, start + LEAST_SHOWN), start + LONGEST_SHOWN)
        result.append(Subtitle(start, shown_until, part.lines))
    return result


def to_vtt(shown: Iterable[Subtitle]) -> str:
    """A WebVTT file."""
    blocks = ["WEBVTT"]
    for number, one in enumerate(shown, 1):
        text = vtt_text("\n".join(one.lines))
        blocks.append(f"{number}\n{_time(one.start, '.')} --> {_time(one.end, '.')}\n{text}")
    return "\n\n".join(blocks) + "\n"


def to_srt(shown: Iterable[Subtitle]) -> str:
    """An SRT file. The format cannot escape: see `unmarked_text`."""
    blocks = []
    for number, one in enumerate(shown, 1):
        text = unmarked_text("\n".join(one.lines))
        blocks.append(f"{number}\n{_time(one.start, ',')} --> {_time(one.end, ',')}\n{text}\n")
    return "\n".join(blocks)


def to_text(cues: Sequence[Cue], silence: float = Endpointing().caption_silence) -> str:
    """A text file: a new line where nothing was signed for `silence` seconds."""
    text = plain_text(CaptionState(cues=tuple(cues)), silence)
    return f"{text}\n" if text else ""


def _merged(cues: Iterable[Cue], began: float) -> Iterator[Cue]:
    """Captions with times from the session's beginning; those that the next one would follow too soon, with it."""
    held: Cue | None = None
    for cue in cues:
        start = max(0.0, cue.start - began)
        cue = replace(cue, start=start, end=max(start, cue.end - began))
        if held is not None and cue.start - held.start < LEAST_SHOWN:
            cue = Cue(held.index, f"{held.text} {cue.text}", held.start, max(held.end, cue.end))
        elif held is not None:
            yield held
        held = cue
    if held is not None:
        yield held


def _parts(cue: Cue) -> Iterator[Subtitle]:
    """A caption by what is shown at a time: as many words as two lines and seven seconds hold."""
    words = [word for line in wrap(cue.text, COLUMNS) for word in line.split()]  # none is longer than a line
    a_letter = (cue.end - cue.start) / max(1, sum(map(len, words)))
    start = end = cue.start
    shown: list[str] = []
    for word in words:
        takes = len(word) * a_letter
        is_full = len(wrap(" ".join((*shown, word)), COLUMNS)) > LINES or end + takes - start > LONGEST_SHOWN
        if shown and is_full:
            yield Subtitle(start, end, tuple(wrap(" ".join(shown), COLUMNS)))
            shown, start = [], end
        shown.append(word)
        end += takes
    if shown:
        yield Subtitle(start, max(end, cue.end), tuple(wrap(" ".join(shown), COLUMNS)))


def _time(seconds: float, point: str) -> str:
    milliseconds = round(seconds * 1000)
    minutes, milliseconds = divmod(milliseconds, 60_000)
    hours, minutes = divmod(minutes, 60)
    whole, milliseconds = divmod(milliseconds, 1000)
    return f"{hours:02}:{minutes:02}:{whole:02}{point}{milliseconds:03}"
