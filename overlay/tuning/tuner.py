"""The last seconds, decoded again with other thresholds; and labelled tries."""

import threading
from collections.abc import Callable, Sequence
from typing import Any, Final

import numpy as np

from overlay.captions.state import Letter
from overlay.core.settings import Settings
from overlay.pipeline.replay import History, decode, posteriors_again, replay
from overlay.pipeline.result import CaptionResult
from overlay.recognition.letter_model import BLANK, LETTERS, LetterModel
from overlay.recognition.letter_stream import DecoderStep
from overlay.tuning.calibration import Try, balanced, curve

SHOWN: Final = 3  # letters of each moment that a page is told of
LEAST_SHOWN: Final = 0.05  # and their least posterior
TRIES: Final = 40
LONGEST_TRY: Final = 60.0  # seconds

Json = dict[str, Any]


class Tuner:
    """Belongs to a running pipeline: give `accept` its readings. Any thread may call the rest.

    Args:
        load: loads the network that the pipeline runs; called when another window is tried for the first time.
        settings: gives those in force.
    """

    def __init__(self, load: Callable[[], LetterModel], settings: Callable[[], Settings]) -> None:
        self.history = History()
        self._load, self._settings = load, settings
        self._lock = threading.Lock()
        self._network: LetterModel | None = None
        self._open: str | None = None  # text of the try under way
        self._taken: list[DecoderStep] = []
        self._tries: list[Try] = []

    def accept(self, reading: CaptionResult) -> None:
        """Take a reading, in the recognise thread. Quick."""
        if not reading.moments and not reading.letters:
            return
        self.history.add(reading.moments, reading.letters)
        with self._lock:
            if self._open is not None:
                self._taken += reading.moments
                if self._taken and self._taken[-1].newest - self._taken[0].newest > LONGEST_TRY:
                    self._close()

    def replayed(self, settings: Settings) -> Json:
        """Return the captions of the last seconds as they would be with other settings."""
        moments = self.history.moments()
        again = posteriors_again(self._letter_model(), moments, settings.decoding, self._settings().decoding)
        result = replay(moments, again, settings.decoding, settings.endpointing)
        return {
            "letters": [letter_body(letter) for letter in result.letters],
            "captions": list(result.captions),
            "moments": moment_bodies(moments, result.smoothed),
        }

    # Labelled tries.

    def begin(self, text: str) -> Json:
        """Begin a try of `text`: what is signed from now on belongs to it; an open try ends."""
        with self._lock:
            self._close()
            self._open, self._taken = text, []
        return self.tries()

    def end(self) -> Json:
        """The open try is complete."""
        with self._lock:
            self._close()
        return self.tries()

    def forget(self) -> Json:
        """Let go of all tries."""
        with self._lock:
            self._open, self._taken, self._tries = None, [], []
        return self.tries()

    def tries(self) -> Json:
        """All tries: what is read from them now, and the errors at each threshold."""
        with self._lock:
            kept, taking = list(self._tries), self._open
        rules = self._settings().decoding
        points = curve(kept, rules) if kept else []
        best = balanced(points) if points and any(one.text for one in kept) else None
        return {
            "taking": taking,
            "threshold": rules.letter_confidence,
            "tries": [
                {
                    "text": one.text,
                    "read": "".join(letter.text for letter in decode(one.moments, one.posteriors, rules)),
                    "seconds": round(one.moments[-1].newest - one.moments[0].newest, 1),
                }
                for one in kept
            ],
            "letters": sum(len(one.text) for one in kept),
            "curve": [[point.threshold, point.missed, point.false] for point in points],
            "best": None if best is None else [best.threshold, best.missed, best.false],
        }

    def _close(self) -> None:
        """Keep the open try, if anything was seen. With the lock held."""
        if self._open is not None and self._taken:
            posteriors = tuple(moment.posteriors for moment in self._taken)
            self._tries = [*self._tries, Try(self._open, tuple(self._taken), posteriors)][-TRIES:]
        self._open, self._taken = None, []

    def _letter_model(self) -> LetterModel:
        with self._lock:
            if self._network is None:
                self._network = self._load()
            return self._network


def letter_body(letter: Letter) -> Json:
    """A letter, for the strip."""
    return {
        "text": letter.text,
        "confidence": round(letter.confidence, 3),
        "start": round(letter.start, 3),
        "end": round(letter.end, 3),
    }


def moment_bodies(moments: Sequence[DecoderStep], posteriors: Sequence[np.ndarray] | None = None) -> list[list[Any]]:
    """Return for each moment its time, whether a hand was there, and its likeliest letters with their posteriors."""
    answers = [moment.posteriors for moment in moments] if posteriors is None else posteriors
    bodies = []
    for moment, answer in zip(moments, answers, strict=True):
        best = np.argsort(answer[:BLANK])[::-1][:SHOWN]
        shown = [[LETTERS[label], round(float(answer[label]), 3)] for label in best if answer[label] >= LEAST_SHOWN]
        bodies.append([round(moment.at, 3), int(moment.hand_up), shown])
    return bodies
