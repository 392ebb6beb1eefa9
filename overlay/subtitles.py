"""Finished captions as subtitle files: WebVTT, SRT and plain text. Clock-free: times come with the cues."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from overlay.caption import CaptionState, Cue
from overlay.caption_layout import wrap
from overlay.settings import Endpointing
from overlay.transcript import plain_text

LEAST_SHOWN = 1.0  # seconds; what is shown for less cannot be read
COLUMNS = 42  # characters a line, at most
LINES = 2  # on screen at a time
_ESCAPED = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;"})


@dataclass(frozen=True, slots=True)
class Subtitle:
    """What stands on the screen for a while.

    Attributes:
        start: in seconds from the beginning of the session.
        end: when it goes.
        lines: of its text; none is empty.
    """

    start: float
    end: float
    lines: tuple[str, ...]


def subtitles(cues: Iterable[Cue], began: float = 0.0) -> list[Subtitle]:
    """Finished captions, cut and timed so that they can be read.

    A caption of more than two lines is shown in parts, each for as long as its share of the letters took. What
    would be shown for less than a second stays until the second is over; where the next one comes sooner, the
    two are shown together.

    Args:
        cues: in order.
        began: time of the session's beginning, in the seconds of the cues.
    """
    parts = [part for cue in cues for part in _parts(cue, began)]
    result: list[Subtitle] = []
    held: Subtitle | None = None
    for number, part in enumerate(parts):
        if held is not None:
            part = Subtitle(held.start, part.end, tuple(wrap(" ".join((*held.lines, *part.lines)), COLUMNS)))
            held = None
        end = max(part.end, part.start + LEAST_SHOWN)
        if number + 1 < len(parts):
            end = min(end, parts[number + 1].start)
            if end - part.start < LEAST_SHOWN:
                held = part
                continue
        result.append(replace(part, end=end))
    return result


def to_vtt(shown: Iterable[Subtitle]) -> str:
    """A WebVTT file."""
    blocks = ["WEBVTT"]
    for number, one in enumerate(shown, 1):
        text = "\n".join(one.lines).translate(_ESCAPED)
        blocks.append(f"{number}\n{_time(one.start, '.')} --> {_time(one.end, '.')}\n{text}")
    return "\n\n".join(blocks) + "\n"


def to_srt(shown: Iterable[Subtitle]) -> str:
    """An SRT file. The format cannot escape: an arrow in the text, which could be taken for times, is changed."""
    blocks = []
    for number, one in enumerate(shown, 1):
        text = "\n".join(one.lines).replace("-->", "→")
        blocks.append(f"{number}\n{_time(one.start, ',')} --> {_time(one.end, ',')}\n{text}\n")
    return "\n".join(blocks)


def to_text(cues: Sequence[Cue], silence: float = Endpointing().caption_silence) -> str:
    """A text file: a new line where nothing was signed for `silence` seconds."""
    text = plain_text(CaptionState(cues=tuple(cues)), silence)
    return f"{text}\n" if text else ""


def _parts(cue: Cue, began: float) -> list[Subtitle]:
    """A caption by screenfuls."""
    lines = wrap(cue.text, COLUMNS)
    screens = [tuple(lines[first : first + LINES]) for first in range(0, len(lines), LINES)]
    weights = [sum(map(len, screen)) for screen in screens]
    start = max(0.0, cue.start - began)
    a_letter = max(0.0, cue.end - began - start) / max(1, sum(weights))
    parts = []
    for screen, weight in zip(screens, weights, strict=True):
        parts.append(Subtitle(start, start + weight * a_letter, screen))
        start = parts[-1].end
    return parts


def _time(seconds: float, point: str) -> str:
    milliseconds = round(seconds * 1000)
    minutes, milliseconds = divmod(milliseconds, 60_000)
    hours, minutes = divmod(minutes, 60)
    whole, milliseconds = divmod(milliseconds, 1000)
    return f"{hours:02}:{minutes:02}:{whole:02}{point}{milliseconds:03}"
