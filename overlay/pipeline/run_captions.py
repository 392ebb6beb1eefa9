"""All finished captions of a run with their times, for files: the transcript itself keeps the newest only."""

import threading
from collections.abc import Callable
from typing import Final

from overlay.captions.state import Cue
from overlay.core.clock import REAL, Clock
from overlay.media.frame import Frame
from overlay.pipeline.final_captions import FinalCaption, FinalCaptionStream, FinalCaptionUpdate
from overlay.pipeline.origin import Origin
from overlay.pipeline.pipeline import Pipeline
from overlay.pipeline.result import CaptionResult
from overlay.transcripts.session import KeptCue

KEPT: Final = 20_000  # cues; somebody who signs all day makes about 5,000


class CaptionRecord:
    """Follows the final captions of a run. Any thread may read it.

    Args:
        clock: tells when the session began.
    """

    def __init__(self, clock: Clock = REAL) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._known: dict[int, FinalCaption] = {}
        self._open: Cue | None = None
        self._began: float | None = None
        self._began_clock = clock.time()

    def follow(self, final_captions: FinalCaptionStream, pipeline: Pipeline) -> Callable[[], None]:
        """Note what is captioned from now on.

        Args:
            final_captions: of the run.
            pipeline: whose first frame is its beginning.

        Returns:
            A function that ends it.
        """
        ends = (final_captions.listen(self.accept), pipeline.listen_frames(self.begin))

        def end() -> None:
            for one in ends:
                one()

        return end

    def begin(self, frame: Frame, _reading: CaptionResult) -> None:
        """Take the first frame's time for the beginning of the session."""
        if self._began is None:
            with self._lock:
                self._began, self._began_clock = frame.at, self._clock.time()

    def accept(self, update: FinalCaptionUpdate) -> None:
        """Note what is new. Quick."""
        with self._lock:
            self._open = update.open
            self._known.update((caption.cue.index, caption) for caption in update.captions)
            while len(self._known) > KEPT:
                del self._known[next(iter(self._known))]

    @property
    def began(self) -> float:
        """Time of the session's beginning, in the seconds of the cues."""
        with self._lock:
            if self._began is not None:
                return self._began
            return next((caption.cue.start for caption in self._known.values()), 0.0)

    @property
    def began_clock(self) -> float:
        """The same in seconds since 1970."""
        return self._began_clock

    def cues(self) -> list[Cue]:
        """All in order, the caption that is being signed the last: what stands there is final too."""
        return [caption.cue for caption in self._all()]

    def kept(self) -> list[KeptCue]:
        """The same with their marks, their times from the beginning of the session."""
        began = self.began
        kept = []
        for caption in self._all():
            cue, origin = caption.cue, caption.origin
            start, end = max(0.0, cue.start - began), max(0.0, cue.end - began)
            kept.append(KeptCue(cue.index, cue.text, start, end, origin.typed, origin.edited))
        return kept

    def _all(self) -> list[FinalCaption]:
        with self._lock:
            found, current = list(self._known.values()), self._open
        if current is not None and current.index not in {caption.cue.index for caption in found[-1:]}:
            found.append(FinalCaption(current, Origin(), is_new=True))
        return found
