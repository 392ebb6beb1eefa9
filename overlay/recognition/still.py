"""What the live path reads from one picture: as if its sign were held for some time, then the hand were gone."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from overlay.captions.state import Letter
from overlay.media.frame import Pixels
from overlay.recognition.crop import HandCrop
from overlay.recognition.feature_window import GRID_RATE, Sample
from overlay.recognition.hands.hand_detector import Hand
from overlay.recognition.letter_model import LetterModel
from overlay.recognition.letter_stream import DecoderStep, LetterStream


@dataclass(frozen=True, slots=True)
class StillResult:
    """The result of reading one held sign.

    Attributes:
        letters: in order; one if all went well, none if nothing was sure enough.
        posteriors: float32 (CLASSES,), sum 1: mean over the second half of the hold, when the answer has settled.
        crop: what the encoder saw.
    """

    letters: list[Letter]
    posteriors: NDArray[np.float32]
    crop: HandCrop

    @property
    def text(self) -> str:
        """The letters; empty where nothing was read."""
        return "".join(letter.text for letter in self.letters)


def read_held(letter_model: LetterModel, pixels: Pixels, hand: Hand, seconds: float = 1.0) -> StillResult:
    """Read one picture as a sign that is held.

    Args:
        letter_model: the network.
        pixels: BGR uint8 (H, W, 3), unmirrored.
        hand: the hand in it.
        seconds: how long it is held; at least one step of the grid.
    """
    return read_held_crop(letter_model, letter_model.crop(pixels, hand), seconds)


def read_held_crop(letter_model: LetterModel, crop: HandCrop, seconds: float = 1.0) -> StillResult:
    """The same for a hand that has been cut out as the recogniser wants it."""
    steps: list[DecoderStep] = []
    stream = LetterStream(letter_model, observer=steps.append)
    feature = letter_model.encode(crop)
    count = max(round(seconds * GRID_RATE), 1)
    letters: list[Letter] = []
    for index in range(count + stream.frames_afterwards()):
        at = index / GRID_RATE
        sample = Sample(at, feature, crop.traced, crop.palm) if index < count else None
        letters += stream.accept(at, sample)
    settled = [step.posteriors for step in steps if count // 2 <= round(step.at * GRID_RATE) < count]
    return StillResult(letters, np.mean(settled, axis=0, dtype=np.float32), crop)
