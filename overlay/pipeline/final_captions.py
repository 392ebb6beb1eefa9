"""Captions that results finish, where their text is from, and what the user changes in them later."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from overlay.captions.state import CaptionState, Cue
from overlay.core.clock import REAL, Clock
from overlay.core.signal import Listeners
from overlay.pipeline.caption_parts import CaptionPart, CaptionParts
from overlay.pipeline.origin import Origin, Origins
from overlay.pipeline.result import CaptionResult
from overlay.transcripts.session import KeptCue

_REMEMBERED: Final = 1000  # captions; a transcript holds fewer, and none changes that it no longer holds


@dataclass(frozen=True, slots=True)
class FinalCaption:
    """A caption that has been finished, or has changed since.

    Attributes:
        cue: as it stands now.
        origin: where its text is from.
        is_new: it has just been finished.
    """

    cue: Cue
    origin: Origin
    is_new: bool


class FinalCaptions:
    """Tells which captions each reading finishes or changes. Clock-free: times are those of the frames.

    To be given every reading, in one thread; it tells each caption once, and again when it changes. Who follows a
    run hears of them from its `FinalCaptionStream`.
    """

    def __init__(self) -> None:
        self._origins = Origins()
        self._cues: tuple[Cue, ...] = ()  # of the last reading
        self._known: dict[int, FinalCaption] = {}  # by the cue's index, in order
        self._newest = -1
        self._open: Cue | None = None

    def accept(self, reading: CaptionResult) -> list[FinalCaption]:
        """Take the next reading and return the captions that are new or changed, in order; mostly there are none."""
        if reading.letters:
            self._origins.note(reading.letters)
        state = reading.state
        found = self._changed(state.cues) if state.cues is not self._cues else []
        self._note_open(state, reading)
        return found

    @property
    def open(self) -> Cue | None:
        """The caption that is being signed, as far as it is final; its number is the one that it is going to have.

        It has the times of its letters; of what is typed, those of the readings.
        """
        return self._open

    def _changed(self, cues: tuple[Cue, ...]) -> list[FinalCaption]:
        self._cues = cues
        found = []
        for cue in cues:
            before = self._known.get(cue.index)
            if cue.index > self._newest:
                self._newest = cue.index
                now = FinalCaption(cue, self._origins.of(cue), is_new=True)
            elif before is None or before.cue == cue:
                continue
            else:
                same = before.cue.text == cue.text
                origin = before.origin if same else Origin(before.origin.typed, edited=True)
                now = FinalCaption(cue, origin, is_new=False)
            self._known[cue.index] = now
            found.append(now)
        while len(self._known) > _REMEMBERED:
            del self._known[next(iter(self._known))]
        return found

    def _note_open(self, state: CaptionState, reading: CaptionResult) -> None:
        text = state.committed.strip()
        if not text:
            self._open = None
            return
        index = state.cues[-1].index + 1 if state.cues else 0
        known = self._open if self._open is not None and self._open.index == index else None
        if known is not None and known.text == text:
            return
        own = reading.letters[-len(text.replace(" ", "")) :]
        start = known.start if known else own[0].start if own else reading.at
        self._open = Cue(index, text, start, max(start, own[-1].end if own else reading.at))


@dataclass(frozen=True, slots=True)
class FinalCaptionUpdate:
    """What one reading has changed in the final captions of a run.

    Attributes:
        captions: those that are new or have changed, in order; their times are those of the frames.
        open: the caption that is being signed, as far as it is final, or None.
        dated: those whose text is new, in order; times in seconds since 1970.
        dated_open: `open` in seconds since 1970.
        parts: parts of captions that go out now, or have changed since, in order: for those who cannot wait until a
            caption is finished, and can take nothing back.
    """

    captions: tuple[FinalCaption, ...]
    open: Cue | None
    dated: tuple[KeptCue, ...]
    dated_open: KeptCue | None
    parts: tuple[CaptionPart, ...] = ()


class FinalCaptionStream:
    """Tells all who hear the final captions of a run what each reading changes in them, one after the other.

    To be given every reading of the run, in one thread, which calls the hearers too.

    Args:
        clock: tells the time of day.
    """

    def __init__(self, clock: Clock = REAL) -> None:
        self._clock = clock
        self._captions = FinalCaptions()
        self._parts = CaptionParts()
        self._dates = _Dates()
        self._hearers: Listeners[Callable[[FinalCaptionUpdate], None]] = Listeners()

    def listen(self, hearer: Callable[[FinalCaptionUpdate], None]) -> Callable[[], None]:
        """Call `hearer` with each update from now on, after those that listen already; it must be quick.

        Returns:
            A function that ends it.
        """
        return self._hearers.add(hearer)

    def accept(self, reading: CaptionResult) -> None:
        """Take the next reading. Quick: mostly there is nothing to tell."""
        open_before = self._captions.open
        captions, ahead = self._captions.accept(reading), self._clock.time() - reading.at
        parts = self._parts.accept(
            reading,
            [(caption.cue, caption.origin.typed) for caption in captions if caption.is_new],
            [caption.cue for caption in captions if not caption.is_new],
        )
        if not captions and not parts and self._captions.open is open_before:
            return
        dated = self._dates.of(captions, ahead)
        dated_open = self._dates.of_open(self._captions.open, ahead)
        update = FinalCaptionUpdate(tuple(captions), self._captions.open, dated, dated_open, parts)
        for hearer in self._hearers:
            hearer(update)


class _Dates:
    """Moves captions from the time of the frames to the time of day.

    Frame times stop while the machine sleeps, the clock does not: so they are compared for each caption.
    """

    def __init__(self) -> None:
        self._told: KeptCue | None = None  # only the newest can change
        self._open: KeptCue | None = None
        self._known: Cue | None = None  # what that is made of

    def of(self, captions: Sequence[FinalCaption], ahead: float) -> tuple[KeptCue, ...]:
        """Return those whose text is new.

        Args:
            captions: new or changed.
            ahead: seconds that the time of day is ahead of the frames.
        """
        found: list[KeptCue] = []
        for caption in captions:
            cue, origin, last = caption.cue, caption.origin, self._told
            if caption.is_new:
                told = KeptCue(cue.index, cue.text, cue.start + ahead, cue.end + ahead, origin.typed, origin.edited)
            elif last is not None and cue.index == last.index and cue.text != last.text:
                told = KeptCue(cue.index, cue.text, last.start, last.end, last.typed, edited=True)
            else:
                continue
            self._told = told
            found.append(told)
        return tuple(found)

    def of_open(self, cue: Cue | None, ahead: float) -> KeptCue | None:
        """Return the caption that is being signed; it keeps the beginning that it had the first time."""
        if cue is not self._known:
            known, self._known = self._open, cue
            if cue is None:
                self._open = None
            else:
                start = known.start if known is not None and known.index == cue.index else cue.start + ahead
                self._open = KeptCue(cue.index, cue.text, start, max(start, cue.end + ahead))
        return self._open
