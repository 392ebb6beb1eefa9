"""Divides captions into parts, so that words which are settled go out before their caption ends. Clock-free."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final

from overlay.captions.state import Cue
from overlay.pipeline.result import CaptionResult

SETTLED: Final = 2.0  # seconds after a word's end in which the user may still correct it before it goes out
LATEST: Final = 4.0  # seconds after its end at which a word goes out, and with it all that are settled by then
RUN: Final = 12  # letters without an end that are no longer waited for: few words have more
SHORTEST: Final = 6  # letters of such a run that go out by themselves


@dataclass(frozen=True, slots=True)
class CaptionPart:
    """Some words of a caption. Its parts, in order, are the caption, each word in one of them.

    A part that has gone out comes again only where the user has changed its words since.

    Attributes:
        caption: the index of its caption.
        number: its place in there, from 0.
        text: as it stands now; empty where the user has taken it away.
        typed: nothing of its caption was signed.
        ends: its caption has ended with it. Else its words are settled: they go out now.
        goes_on: its last word goes on in the next part.
    """

    caption: int
    number: int
    text: str
    typed: bool = False
    ends: bool = False
    goes_on: bool = False

    @property
    def place(self) -> tuple[int, int]:
        """Its place among the parts of all captions."""
        return self.caption, self.number


class CaptionParts:
    """Tells which parts of captions each reading gives out or changes. To be given every reading, in one thread."""

    def __init__(self) -> None:
        self._open: _Divided | None = None
        self._closed: _Divided | None = None  # the newest finished one: no other can change

    def accept(
        self, reading: CaptionResult, finished: Sequence[tuple[Cue, bool]], changed: Sequence[Cue]
    ) -> tuple[CaptionPart, ...]:
        """Take the next reading.

        Args:
            reading: it.
            finished: captions that it finishes, in order, and whether all of each was typed.
            changed: finished captions whose text it changes.
        """
        parts: list[CaptionPart] = []
        for cue in changed:
            if self._closed is not None and self._closed.caption == cue.index:
                parts += self._closed.follow(cue.text, reading.at)
        for cue, typed in finished:
            ended = self._of(cue.index)
            parts += ended.follow(cue.text, reading.at)
            parts += ended.finish(typed)
            self._open, self._closed = None, ended
        state = reading.state
        number = state.cues[-1].index + 1 if state.cues else 0
        if state.committed or (self._open is not None and self._open.caption == number):
            current = self._of(number)
            parts += current.follow(state.committed, reading.at)
            parts += current.due(reading.at)
            self._open = current
        return tuple(parts)

    def _of(self, caption: int) -> "_Divided":
        """Return the caption of that number: the current one, or a new one."""
        return self._open if self._open is not None and self._open.caption == caption else _Divided(caption)


class _Divided:
    """A caption and its parts."""

    def __init__(self, caption: int) -> None:
        self.caption = caption
        self._text = ""
        self._came: list[tuple[int, float]] = []  # how long the text was from then on, in order
        self._parts: list[CaptionPart] = []  # that have gone out, as they stand now
        self._ends: list[int] = []  # of them, in the text
        self._given: list[str] = []  # of the text, as they went out
        self._finished = False

    def follow(self, text: str, at: float) -> list[CaptionPart]:
        """Take the text as it stands now, and return the parts that are not what they were."""
        old = self._text
        if text == old:
            return []
        same = _common(old, text)
        after = min(_common(old[::-1], text[::-1]), len(old) - same, len(text) - same)
        moved = len(text) - len(old)
        self._came = [
            (end if end <= same else end + moved, since)
            for end, since in self._came
            if end <= same or (after and end >= len(old) - after)
        ]
        if len(text) > (self._came[-1][0] if self._came else 0):
            self._came.append((len(text), at))
        self._text = text
        if text.startswith("".join(self._given)):  # as it went out, perhaps as what was taken back is there again
            self._ends = [len("".join(self._given[: number + 1])) for number in range(len(self._given))]
        else:
            self._ends = [self._moved(end, old, same, after) for end in self._ends]
        return list(self._changed())

    def due(self, at: float) -> list[CaptionPart]:
        """Return the part that goes out now, if there is one."""
        start = self._ends[-1] if self._ends else 0
        ended = [end for end in _word_ends(self._text) if end > start]
        if ended:
            if at - self._since(ended[0] + 1) < LATEST:
                return []
            end = max(end for end in ended if end == ended[0] or at - self._since(end + 1) >= SETTLED)
            return [self._give(end)]
        start = max(start, self._text.rfind(" ") + 1)
        settled = max((end for end, since in self._came if at - since >= SETTLED), default=0)
        if settled - start < RUN or at - self._since(start + 1) < LATEST:
            return []
        # Where the pause between two letters is longest, a word ends most likely.
        cuts = range(start + SHORTEST, settled + 1)
        pauses = {cut: (self._since(cut + 1) if cut < len(self._text) else at) - self._since(cut) for cut in cuts}
        return [self._give(max(cuts, key=lambda cut: pauses[cut]), goes_on=True)]

    def finish(self, typed: bool) -> list[CaptionPart]:
        """Return the last part, which holds all that has not gone out; none where nothing is left."""
        part = self._give(len(self._text), typed=typed, ends=True)
        self._finished = True
        return [part] if part.text or not part.number else []

    def _give(self, end: int, *, typed: bool = False, ends: bool = False, goes_on: bool = False) -> CaptionPart:
        start = self._ends[-1] if self._ends else 0
        part = CaptionPart(self.caption, len(self._ends), self._text[start:end].strip(), typed, ends, goes_on)
        self._parts.append(part)
        self._ends.append(end)
        self._given.append(self._text[start:end])
        return part

    def _changed(self) -> Iterator[CaptionPart]:
        for number, part in enumerate(self._parts):
            start = self._ends[number - 1] if number else 0
            text = self._text[start : self._ends[number]].strip()
            if text != part.text:
                self._parts[number] = replace(part, text=text)
                yield self._parts[number]

    def _moved(self, end: int, old: str, same: int, after: int) -> int:
        """Return where a part ends now.

        Args:
            end: where it ended.
            old: the text before.
            same: so many characters at the beginning have not changed.
            after: so many at the end have not.
        """
        if end <= same:
            return end
        if after or self._finished:
            return max(end, len(old) - after) + len(self._text) - len(old)
        if same == len(self._text):  # taken back: what is left of a word goes out with what is put in its place
            return self._text.rfind(" ", 0, same) + 1
        # Another reading of a word whose beginning has gone out: what follows as many letters has not.
        letters = sum(not sign.isspace() for sign in old[:end])
        for place, sign in enumerate(self._text):
            letters -= not sign.isspace()
            if letters == 0:
                return place + 1
        return len(self._text)

    def _since(self, end: int) -> float:
        """Return since when the text has been so long."""
        return next((since for length, since in self._came if length >= end), float("inf"))


def _word_ends(text: str) -> list[int]:
    """Where words end that have ended: a space follows."""
    return [place for place in range(1, len(text)) if text[place].isspace() and not text[place - 1].isspace()]


def _common(one: str, other: str) -> int:
    """How many characters two texts begin with alike."""
    count = 0
    for first, second in zip(one, other, strict=False):
        if first != second:
            break
        count += 1
    return count
