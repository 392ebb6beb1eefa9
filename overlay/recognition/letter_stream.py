"""From what each frame says of the hand to letters: window, letter model and decoder in one line."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from overlay.captions.state import Letter
from overlay.core.settings import Decoding
from overlay.media.frame import Frame
from overlay.recognition.decoder import Decoder
from overlay.recognition.feature_window import GRID_RATE, Sample, Window, shortened
from overlay.recognition.features import FeatureExtractor, sample_landmarks
from overlay.recognition.hands.hand_detector import Hand
from overlay.recognition.letter_model import LetterModel

AFTERWARDS: Final = 6  # steps without a hand, beyond those that the model lags behind: the last letter ends in them


@dataclass(frozen=True, slots=True)
class DecoderStep:
    """What the decoder was given at one step of the time grid.

    Attributes:
        at: the moment that the posteriors are about, in seconds.
        newest: time of the window's newest row.
        row: float32 (F + MOTION,), the newest row of the window.
        posteriors: float32 (CLASSES,), before any smoothing.
        moved: see `overlay.recognition.letter_model.LetterModel.moved`.
    """

    at: float
    newest: float
    row: NDArray[np.float32]
    posteriors: NDArray[np.float32]
    moved: tuple[float, ...]

    @property
    def hand_up(self) -> bool:
        """Whether a hand was in view."""
        return bool(self.row[-1] > 0)


Observer = Callable[[DecoderStep], None]


class LetterStream:
    """Reads the letters that one signer spells, one frame after the other, in one thread.

    Clock-free: time comes with the frames. A frame is given as pixels and the hand in them (`sample`, then `accept`),
    or as landmarks alone (`accept_landmarks`).

    Args:
        letter_model: the letter model.
        rules: thresholds of the decoder, and how far back the model looks; they may be exchanged at any time.
        observer: called with each step of the time grid, after the decoder has taken it.
    """

    def __init__(
        self, letter_model: LetterModel, rules: Decoding | None = None, observer: Observer = lambda _step: None
    ) -> None:
        self._letter_model = letter_model
        self._observer = observer
        self._extractor = FeatureExtractor(letter_model)
        self._window = Window(letter_model.info.features)
        self._decoder = Decoder(rules)

    @property
    def rules(self) -> Decoding:
        """The thresholds that it reads with now."""
        return self._decoder.rules

    @rules.setter
    def rules(self, rules: Decoding) -> None:
        self._decoder.rules = rules

    @property
    def partial(self) -> Letter | None:
        """The letter that is being signed and not final yet; see `Decoder.partial`."""
        return self._decoder.partial

    @property
    def signing(self) -> bool:
        """A letter is being signed, final already or not."""
        return self._decoder.signing

    def frames_afterwards(self, rate: float = GRID_RATE) -> int:
        """Return how many frames without a hand, at `rate` a second, let the model see the end of the last letter."""
        return round((self._letter_model.info.delay + AFTERWARDS) * rate / GRID_RATE)

    def sample(self, frame: Frame, hand: Hand) -> Sample:
        """Return the features of the hand in a frame.

        Raises:
            SigncapError: the letter model cannot be run on it.
        """
        return self._extractor.sample(frame, hand)

    def accept(self, at: float, sample: Sample | None) -> list[Letter]:
        """Take the features of one frame and return the letters that became final.

        Args:
            at: capture time in seconds, which must not go back.
            sample: of the hand; None where there is none in the frame.
        """
        letters: list[Letter] = []
        for step in self._window.accept(at, sample):
            posteriors = self._letter_model.posteriors(shortened(step, self._decoder.rules.window))
            answer_time, moved = self._letter_model.answer_time(step), self._letter_model.moved(step)
            letters += self._decoder.accept(posteriors, answer_time, moved)
            self._observer(DecoderStep(answer_time, step.at, step.rows[-1], posteriors, moved))
        return letters

    def accept_landmarks(self, at: float, landmarks: NDArray[np.float32] | None) -> list[Letter]:
        """Take the landmarks of one frame and return the letters that became final.

        Args:
            at: capture time in seconds, which must not go back.
            landmarks: float32 (21, 3) of a right hand, in pixels; None where there is no hand in the frame.
        """
        return self.accept(at, None if landmarks is None else sample_landmarks(self._letter_model, landmarks, at))

    def finish(self) -> list[Letter]:
        """Return the letters that become final because no more frames come."""
        return self._decoder.finish()
