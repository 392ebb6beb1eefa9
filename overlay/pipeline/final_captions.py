"""What readings finish: captions with the time of day, and what the user changes in them later."""

from overlay.captions.state import Cue
from overlay.pipeline.origin import Origin, Origins
from overlay.pipeline.result import Reading
from overlay.transcripts.session import KeptCue


class FinishedCaptions:
    """Takes one reading after the other and tells which captions are new or changed. Clock-free."""

    def __init__(self) -> None:
        self._origins = Origins()
        self._known: tuple[Cue, ...] = ()
        self._told: KeptCue | None = None  # only the newest can change
        self._open: KeptCue | None = None

    def accept(self, reading: Reading, now: float) -> list[KeptCue]:
        """Captions that this reading finished, or whose text is another than before. Quick: mostly there are none.

        Args:
            reading: the next one.
            now: seconds since 1970, in which the captions' times are told.
        """
        if reading.letters:
            self._origins.note(reading.letters)
        state = reading.state
        found: list[KeptCue] = []
        if state.cues is not self._known:
            last = self._told
            for cue in state.cues:
                if last is None or cue.index > last.index:
                    found.append(self._kept(cue, self._origins.of(cue), now - reading.at))
                elif cue.index == last.index and cue.text != last.text:
                    found.append(KeptCue(cue.index, cue.text, last.start, last.end, last.typed, edited=True))
            self._known = state.cues
            self._told = found[-1] if found else last
        self._note_open(state.committed.strip(), now)
        return found

    @property
    def open(self) -> KeptCue | None:
        """The caption that is being signed, as far as it is final; its number is the one that it is going to have."""
        return self._open

    def _kept(self, cue: Cue, origin: Origin, ahead: float) -> KeptCue:
        """Frame times stop while the machine sleeps, the clock does not: so they are compared for each caption."""
        return KeptCue(cue.index, cue.text, cue.start + ahead, cue.end + ahead, origin.typed, origin.edited)

    def _note_open(self, text: str, now: float) -> None:
        known = self._open
        if not text:
            self._open = None
        elif known is None or known.text != text:
            index = 0 if self._told is None else self._told.index + 1
            goes_on = known is not None and known.index == index
            self._open = KeptCue(index, text, known.start if known and goes_on else now, now)
