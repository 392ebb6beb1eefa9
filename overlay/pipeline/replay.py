"""The last seconds of what the network saw and said, kept so that other thresholds can be tried on them."""

import threading
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from overlay.captions.state import Letter
from overlay.captions.transcript import Transcript
from overlay.core.settings import Decoding, Endpointing
from overlay.recognition.decoder import Decoder
from overlay.recognition.feature_window import GRID_RATE, STEPS, Step, shortened
from overlay.recognition.letter_model import LetterModel
from overlay.recognition.letter_stream import DecoderStep

KEPT: Final = 20.0  # seconds


class History:
    """The newest moments, oldest first. One thread adds, any may read.

    Args:
        seconds: how much is kept.
    """

    def __init__(self, seconds: float = KEPT) -> None:
        self._lock = threading.Lock()
        self._seconds = seconds
        self._moments: deque[DecoderStep] = deque(maxlen=round(seconds * GRID_RATE) + STEPS)
        self._letters: deque[Letter] = deque()

    def add(self, moments: Sequence[DecoderStep], letters: Sequence[Letter] = ()) -> None:
        """Take the next moments, and the letters that became final with them."""
        with self._lock:
            self._moments.extend(moments)
            self._letters.extend(letters)
            while self._letters and self._moments and self._letters[0].end < self._moments[-1].at - self._seconds:
                self._letters.popleft()

    def letters(self) -> list[Letter]:
        """Return the letters that came out, oldest first."""
        with self._lock:
            return list(self._letters)

    def moments(self, since: float = float("-inf")) -> list[DecoderStep]:
        """All moments whose window is newer than `since`."""
        with self._lock:
            return [moment for moment in self._moments if moment.newest > since]


def posteriors_again(
    letter_model: LetterModel, moments: Sequence[DecoderStep], rules: Decoding, used: Decoding
) -> list[NDArray[np.float32]]:
    """The posteriors (CLASSES,) of each moment, if the network had looked back as far as `rules` say.

    Args:
        letter_model: the network that gave the moments.
        moments: one after the other.
        rules: to be tried.
        used: with which they came about.
    """
    if rules.window == used.window or not moments:
        return [moment.posteriors for moment in moments]
    rows = np.zeros((STEPS + len(moments), len(moments[0].row)), np.float32)
    for index, moment in enumerate(moments):
        rows[STEPS + index] = moment.row
    result = []
    for index, moment in enumerate(moments):
        window = rows[index + 1 : index + 1 + STEPS]
        result.append(
            letter_model.posteriors(shortened(Step(moment.newest, window, int(window[:, -1].sum())), rules.window))
        )
    return result


@dataclass(frozen=True, slots=True)
class Replayed:
    """The captions that would have come out.

    Attributes:
        letters: in order.
        captions: the text, by captions.
        smoothed: float32 (classes,) for each moment, what was decided on.
    """

    letters: tuple[Letter, ...]
    captions: tuple[str, ...]
    smoothed: tuple[NDArray[np.float32], ...]


def decode(
    moments: Sequence[DecoderStep], posteriors: Sequence[NDArray[np.float32]], rules: Decoding
) -> list[Letter]:
    """The letters that would have come out of these moments with other thresholds."""
    decoder, letters = Decoder(rules), []
    for moment, answer in zip(moments, posteriors, strict=True):
        letters += decoder.accept(answer, moment.at, moment.moved)
    return [*letters, *decoder.finish()]


def replay(
    moments: Sequence[DecoderStep], posteriors: Sequence[NDArray[np.float32]], decoding: Decoding, pauses: Endpointing
) -> Replayed:
    """Decode these moments again with other thresholds and pauses."""
    decoder, transcript = Decoder(decoding), Transcript(pauses)
    letters: list[Letter] = []
    smoothed = []
    for moment, answer in zip(moments, posteriors, strict=True):
        came = decoder.accept(answer, moment.at, moment.moved)
        letters += came
        transcript.accept(came, decoder.partial, moment.at, hand_up=moment.hand_up, signing=decoder.signing)
        assert decoder.smoothed is not None
        smoothed.append(decoder.smoothed)
    came = decoder.finish()
    transcript.accept(came, None, moments[-1].at if moments else 0.0, hand_up=False)
    captions = tuple(cue.text for cue in transcript.finish().cues)
    return Replayed((*letters, *came), captions, tuple(smoothed))
