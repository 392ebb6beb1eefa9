"""Finished captions of a recording, each as soon as nothing that follows can change it."""

import threading
from dataclasses import replace
from typing import Final

from overlay.captions.state import Cue
from overlay.captions.subtitles import LEAST_SHOWN, Subtitle, subtitles
from overlay.pipeline.final_captions import FinalCaptions
from overlay.pipeline.result import CaptionResult

SETTLED: Final = 0.6  # seconds after which a letter that was signed before is known


class RecordedCaptions:
    """Follows the readings of a pipeline in its thread; asked by the thread that writes.

    Times of subtitles count from the first recorded picture. What ended before it is none of the recording's.

    It finds final captions itself instead of hearing of the run's: a recording begins within a run, where a caption
    that is being signed counts from there, and each reading, not only one that changes a caption, says whether a
    subtitle may still change.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._cues: dict[int, Cue] = {}
        self._captions = FinalCaptions()
        self._signing = False
        self._at = 0.0
        self._waiting: list[int] = []  # indices of cues whose last subtitle may still change
        self._given = 0  # subtitles of those that were handed out
        self._given_end = 0.0  # of the last subtitle before those, in seconds from the first picture

    def accept(self, reading: CaptionResult) -> None:
        """Note what is new in a reading. Quick: most readings hold nothing new."""
        state = reading.state
        with self._lock:
            self._at = max(self._at, reading.at)
            for caption in self._captions.accept(reading):
                self._cues[caption.cue.index] = caption.cue
                if caption.is_new:
                    self._waiting.append(caption.cue.index)
            self._signing = bool(state.committed.strip() or state.partial)

    def due(self, zero: float) -> list[Subtitle]:
        """Return the captions that have become final since the last call, in order.

        Args:
            zero: when the first picture was taken, in the seconds of the cues.
        """
        with self._lock:
            if not self._waiting:
                return []
            cues = _of(zero, [self._cues[index] for index in self._waiting])
            shown = subtitles(cues, zero, self._given_end)
            if cues and not self._settled(cues[-1].start + LEAST_SHOWN):
                due = shown[self._given : -1]
                self._given += len(due)
                return due
            due = shown[self._given :]
            self._waiting, self._given = [], 0
            self._given_end = shown[-1].end if shown else self._given_end
            return due

    def _settled(self, end: float) -> bool:
        """Whether no caption can follow that begins before `end`, and is shown together with the last."""
        if self._signing:
            return self._captions.open is not None and self._captions.open.start >= end
        return self._at >= end + SETTLED

    def all(self, zero: float, end: float) -> list[Subtitle]:
        """All of the recording, with what was edited meanwhile; the caption that is being signed is the last.

        What there is no time left to read, as of text that was typed just before the end, is shown with the last.

        Args:
            zero: when the first picture was taken, in the seconds of the cues.
            end: when the last one was.
        """
        with self._lock:
            cues = list(self._cues.values())
            current = self._captions.open
            if current is not None and current.index not in self._cues:
                cues.append(current)
        shown = subtitles([cue for cue in _of(zero, cues) if cue.start < end], zero)
        last = end - zero
        result = [replace(one, end=min(one.end, last)) for one in shown if one.start < last]
        late = tuple(line for one in shown[len(result) :] for line in one.lines)
        if result and late:
            result[-1] = replace(result[-1], lines=result[-1].lines + late)
        return result


def _of(zero: float, cues: list[Cue]) -> list[Cue]:
    return [cue for cue in cues if cue.end > zero]
