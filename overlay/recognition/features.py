"""From a frame and the hand in it to what the window keeps: crop, feature, and which hand it is."""

import numpy as np
from numpy.typing import NDArray

from overlay.media.frame import Frame
from overlay.recognition.crop import HandCrop, normalise_landmarks, trace
from overlay.recognition.feature_window import Sample
from overlay.recognition.hands.hand_detector import Hand
from overlay.recognition.letter_model import Recognizer

HANDEDNESS_MEMORY = 0.9  # a frame counts for a tenth


class Sampler:
    """Encodes the frames of one signer, one after the other.

    Args:
        recognizer: the network.
    """

    def __init__(self, recognizer: Recognizer) -> None:
        self._recognizer = recognizer
        self._leftness: float | None = None

    def sample(self, frame: Frame, hand: Hand) -> Sample:
        """What one frame says of the hand."""
        # One frame seen from the side can look like the other hand: the signer does not change hands
        # that fast, so the label is averaged over the last frames.
        left = hand.score if hand.handedness == "left" else 1 - hand.score
        if self._leftness is None:
            self._leftness = left
        self._leftness = HANDEDNESS_MEMORY * self._leftness + (1 - HANDEDNESS_MEMORY) * left
        crop = self._recognizer.crop(frame.pixels, hand, mirror=self._leftness > 0.5)
        return Sample(frame.at, self._recognizer.encode(crop), crop.traced, crop.palm)


def sample_landmarks(recognizer: Recognizer, landmarks: NDArray[np.float32], at: float) -> Sample:
    """Return the features of a hand of which there is no picture.

    Args:
        recognizer: the network.
        landmarks: float32 (21, 3) of a right hand, in pixels.
        at: capture time in seconds.
    """
    traced, palm = trace(landmarks, mirror=False)
    black = np.zeros((recognizer.crop_size, recognizer.crop_size, 3), np.uint8)  # for who cannot do without pixels
    pixels = None if recognizer.needs_no_pixels else black
    crop = HandCrop(pixels, normalise_landmarks(landmarks, mirror=False), traced, palm)
    return Sample(at, recognizer.encode(crop), traced, palm)
