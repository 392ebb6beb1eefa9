"""All finished captions of a run with their times, for files: the transcript itself keeps the newest only."""

import threading
import time
from collections.abc import Callable
from typing import Final

from overlay.captions.state import CaptionState, Cue
from overlay.media.frame import Frame
from overlay.pipeline.origin import Origin, Origins
from overlay.pipeline.pipeline import Pipeline
from overlay.pipeline.result import Reading
from overlay.transcripts.session import KeptCue

KEPT: Final = 20_000  # cues; somebody who signs all day makes about 5,000


class CaptionRecord:
    """Follows a pipeline. Any thread may read it.

    Args:
        clock: seconds since 1970.
    """

    def __init__(self, clock: Callable[[], float] = time.time) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._cues: dict[int, Cue] = {}
        self._known: tuple[Cue, ...] = ()
        self._origins = Origins()
        self._marks: dict[int, Origin] = {}
        self._open: Cue | None = None
        self._began: float | None = None
        self._began_clock = clock()

    def follow(self, pipeline: Pipeline) -> Callable[[], None]:
        """Note what the pipeline reads from now on.

        Returns:
            A function that ends it.
        """
        ends = (pipeline.listen(self.accept), pipeline.listen_frames(self.begin))

        def end() -> None:
            for one in ends:
                one()

        return end

    def begin(self, frame: Frame, _reading: Reading) -> None:
        """Take the first frame's time for the beginning of the session."""
        if self._began is None:
            with self._lock:
                self._began, self._began_clock = frame.at, self._clock()

    def accept(self, reading: Reading) -> None:
        """Note what is new in a reading. Quick: most readings hold nothing new."""
        self._origins.note(reading.letters)
        state = reading.state
        if state.cues is not self._known:
            with self._lock:
                self._known = state.cues
                for cue in state.cues:
                    self._note(cue)
                while len(self._cues) > KEPT:
                    oldest = next(iter(self._cues))
                    del self._cues[oldest], self._marks[oldest]
        self._note_open(state, reading.at)

    def _note(self, cue: Cue) -> None:
        known = self._cues.get(cue.index)
        if known is None:
            self._marks[cue.index] = self._origins.of(cue)
        elif known.text != cue.text:
            self._marks[cue.index] = Origin(self._marks[cue.index].typed, edited=True)
        self._cues[cue.index] = cue

    def _note_open(self, state: CaptionState, at: float) -> None:
        """The caption that is being signed has no times yet: they are taken from when its letters came."""
        text = state.committed.strip()
        known = self._open
        if not text:
            self._open = None
        elif known is None or known.text != text:
            index = state.cues[-1].index + 1 if state.cues else 0
            goes_on = known is not None and known.index == index
            self._open = Cue(index, text, known.start if known and goes_on else at, at)

    @property
    def began(self) -> float:
        """Time of the session's beginning, in the seconds of the cues."""
        with self._lock:
            if self._began is not None:
                return self._began
            return next((cue.start for cue in self._cues.values()), 0.0)

    @property
    def began_clock(self) -> float:
        """The same in seconds since 1970."""
        return self._began_clock

    def cues(self) -> list[Cue]:
        """All in order, the caption that is being signed the last: what stands there is final too."""
        with self._lock:
            found = list(self._cues.values())
        current = self._open
        if current is not None and current.index not in {cue.index for cue in found[-1:]}:
            found.append(current)
        return found

    def kept(self) -> list[KeptCue]:
        """The same with their marks, their times from the beginning of the session."""
        began, cues = self.began, self.cues()
        with self._lock:
            marks = dict(self._marks)
        kept = []
        for cue in cues:
            mark = marks.get(cue.index, Origin())
            start, end = max(0.0, cue.start - began), max(0.0, cue.end - began)
            kept.append(KeptCue(cue.index, cue.text, start, end, mark.typed, mark.edited))
        return kept
