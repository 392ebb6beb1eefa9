"""From a frame and the hand in it to what the window keeps: crop, feature, and which hand it is."""

import numpy as np
from numpy.typing import NDArray

from overlay.media.frame import Frame
from overlay.recognition.crop import HandCrop, normalise_landmarks, trace
from overlay.recognition.feature_window import Sample
from overlay.recognition.hands.hand_detector import Hand
from overlay.recognition.letter_model import LetterModel

HANDEDNESS_MEMORY = 0.9  # a frame counts for a tenth


class FeatureExtractor:
    """Encodes the frames of one signer, one after the other.

    Args:
        letter_model: the network.
    """

    def __init__(self, letter_model: LetterModel) -> None:
        self._letter_model = letter_model
        self._leftness: float | None = None

    def sample(self, frame: Frame, hand: Hand) -> Sample:
        """Return the sample of the hand in one frame."""
        # One frame seen from the side can look like the other hand: the signer does not change hands
        # that fast, so the label is averaged over the last frames.
        left = hand.score if hand.handedness == "left" else 1 - hand.score
        if self._leftness is None:
            self._leftness = left
        self._leftness = HANDEDNESS_MEMORY * self._leftness + (1 - HANDEDNESS_MEMORY) * left
        crop = self._letter_model.crop(frame.pixels, hand, mirror=self._leftness > 0.5)
        return Sample(frame.at, self._letter_model.encode(crop), crop.traced, crop.palm)


def sample_landmarks(letter_model: LetterModel, landmarks: NDArray[np.float32], at: float) -> Sample:
    """Return the features of a hand of which there is no picture.

    Args:
        letter_model: the network.
        landmarks: float32 (21, 3) of a right hand, in pixels.
        at: capture time in seconds.
    """
    traced, palm = trace(landmarks, mirror=False)
    # For who cannot do without pixels.
    black = np.zeros((letter_model.crop_size, letter_model.crop_size, 3), np.uint8)
    pixels = None if letter_model.needs_no_pixels else black
    crop = HandCrop(pixels, normalise_landmarks(landmarks, mirror=False), traced, palm)
    return Sample(at, letter_model.encode(crop), traced, palm)
