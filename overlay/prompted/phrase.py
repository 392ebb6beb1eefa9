"""One phrase as it was spelled: where the hand was, what the network said, and what is read of that."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from overlay.captions.language import AROUND, AssistedReader
from overlay.captions.language.assisted_reader import REST
from overlay.captions.state import Letter
from overlay.captions.transcript import Transcript
from overlay.core.settings import Settings
from overlay.enrolment.clip import EnrolmentClip
from overlay.recognition.decoder import Decoder
from overlay.recognition.feature_window import GRID_RATE, Sample
from overlay.recognition.landmark_file import RunningTake, mirrored
from overlay.recognition.landmark_track import resampled
from overlay.recognition.letter_stream import DecoderStep

Assist = Callable[[str, NDArray[np.float32]], str | None]
"""From a word as it was read and its posteriors (T, CLASSES) to what was meant; None where it stands as it is."""


@dataclass(frozen=True, slots=True)
class ShownFrame:
    """The part of one frame that is kept until the result is there. No picture.

    Attributes:
        at: time of capture in seconds.
        landmarks: float32 (21, 3) in fractions of the picture; NaN without a hand.
        leftness: how sure it is that it is a left hand, 0 to 1; None without a hand.
        sample: what it says of the hand, to learn from; None without a hand, or where nothing is learnt.
    """

    at: float
    landmarks: NDArray[np.float32]
    leftness: float | None
    sample: Sample | None


@dataclass(frozen=True, slots=True)
class SpelledPhrase:
    """A phrase that was spelled.

    Attributes:
        text: what was shown.
        frames: from the raising of the hand to its lowering; at least one.
        moments: what the live recogniser said meanwhile.
        aspect: width of the picture over its height.
    """

    text: str
    frames: tuple[ShownFrame, ...]
    moments: tuple[DecoderStep, ...]
    aspect: float

    @property
    def seconds(self) -> float:
        """Return how long it took."""
        return self.frames[-1].at - self.frames[0].at

    def take(self) -> EnrolmentClip:
        """Return what the frames say of the hand, as enrolment learns from it."""
        return EnrolmentClip(self.text.replace(" ", ""), tuple((frame.at, frame.sample) for frame in self.frames))

    def running_take(self, signer: str) -> RunningTake:
        """Return the landmarks at 30 frames a second, of a right hand or a mirrored left one."""
        landmarks = resampled(
            [frame.at for frame in self.frames], np.stack([frame.landmarks for frame in self.frames])
        )
        sides = [frame.leftness for frame in self.frames if frame.leftness is not None]
        if sides and np.mean(sides) > 0.5:
            landmarks = mirrored(landmarks)
        return RunningTake(landmarks, self.text, GRID_RATE, self.aspect, signer)


@dataclass(frozen=True, slots=True)
class PhraseReading:
    """The reading of a phrase.

    Attributes:
        text: what was shown.
        literal: what the live recogniser reads, letter by letter.
        assisted: what it reads with a language; None where there is no such reader.
    """

    text: str
    literal: str
    assisted: str | None


def assisting(reader: AssistedReader) -> Assist:
    """Return how a reader reads words; it loads with the first one."""

    def assist(word: str, posteriors: NDArray[np.float32]) -> str | None:
        if not reader.loaded:
            reader.load(REST)
        found = reader.read(word, posteriors)
        return None if found is None else found.text

    return assist


def read_phrase(phrase: SpelledPhrase, settings: Settings, assist: Assist | None) -> PhraseReading:
    """Return what decoder and transcript make of a phrase, as in live use.

    Args:
        phrase: which.
        settings: thresholds and pauses.
        assist: reads a word with a language; none by default.
    """
    letters, literal = _decoded(phrase.moments, settings)
    assisted = None
    if assist is not None:
        words, left = [], list(letters)
        for word in literal.split():
            own, left = left[: len(word)], left[len(word) :]
            words.append(assist(word, _around(phrase.moments, own)) or word)
        assisted = " ".join(words)
    return PhraseReading(phrase.text, literal, assisted)


def _decoded(moments: Sequence[DecoderStep], settings: Settings) -> tuple[list[Letter], str]:
    """Return the letters, and the text with spaces where the hand paused or was lowered."""
    decoder, transcript = Decoder(settings.decoding), Transcript(settings.endpointing)
    read: list[Letter] = []
    for moment in moments:
        letters = decoder.accept(moment.posteriors, moment.at, moment.moved)
        read += letters
        transcript.accept(letters, decoder.partial, moment.newest, hand_up=moment.hand_up, signing=decoder.signing)
    letters = decoder.finish()
    if moments:
        transcript.accept(letters, None, moments[-1].newest, hand_up=False)
    return read + letters, " ".join(cue.text for cue in transcript.finish().cues)


def _around(moments: Sequence[DecoderStep], letters: Sequence[Letter]) -> NDArray[np.float32]:
    first, last = letters[0].start - AROUND, letters[-1].end + AROUND
    return np.array([moment.posteriors for moment in moments if first <= moment.at <= last], np.float32)
