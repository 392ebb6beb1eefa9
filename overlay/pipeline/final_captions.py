"""What readings finish: captions, where their text is from, and what the user changes in them later."""

from dataclasses import dataclass
from typing import Final

from overlay.captions.state import CaptionState, Cue
from overlay.pipeline.origin import Origin, Origins
from overlay.pipeline.result import Reading
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

    To be given every reading of a run, in one thread; it tells each caption once, and again when it changes.
    """

    def __init__(self) -> None:
        self._origins = Origins()
        self._cues: tuple[Cue, ...] = ()  # of the last reading
        self._known: dict[int, FinalCaption] = {}  # by the cue's index, in order
        self._newest = -1
        self._open: Cue | None = None

    def accept(self, reading: Reading) -> list[FinalCaption]:
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

    def _note_open(self, state: CaptionState, reading: Reading) -> None:
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


class FinishedCaptions:
    """Takes one reading after the other and tells which captions are new or changed, by the time of day. Clock-free.

    Frame times stop while the machine sleeps, the clock does not: so they are compared for each caption.
    """

    def __init__(self) -> None:
        self._captions = FinalCaptions()
        self._told: KeptCue | None = None  # only the newest can change
        self._open: KeptCue | None = None
        self._known: Cue | None = None  # what that is made of

    def accept(self, reading: Reading, now: float) -> list[KeptCue]:
        """Captions that this reading finished, or whose text is another than before. Quick: mostly there are none.

        Args:
            reading: the next one.
            now: seconds since 1970, in which the captions' times are told.
        """
        ahead = now - reading.at
        found: list[KeptCue] = []
        for caption in self._captions.accept(reading):
            cue, origin, last = caption.cue, caption.origin, self._told
            if caption.is_new:
                told = KeptCue(cue.index, cue.text, cue.start + ahead, cue.end + ahead, origin.typed, origin.edited)
            elif last is not None and cue.index == last.index and cue.text != last.text:
                told = KeptCue(cue.index, cue.text, last.start, last.end, last.typed, edited=True)
            else:
                continue
            self._told = told
            found.append(told)
        self._note_open(ahead)
        return found

    @property
    def open(self) -> KeptCue | None:
        """The caption that is being signed, as far as it is final; its number is the one that it is going to have."""
        return self._open

    def _note_open(self, ahead: float) -> None:
        cue = self._captions.open
        if cue is self._known:
            return
        known, self._known = self._open, cue
        if cue is None:
            self._open = None
        else:
            start = known.start if known is not None and known.index == cue.index else cue.start + ahead
            self._open = KeptCue(cue.index, cue.text, start, max(start, cue.end + ahead))
