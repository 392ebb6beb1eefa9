"""Single pictures of one signer's hand, as samples for enrolment."""

from collections.abc import Sequence
from dataclasses import dataclass

from overlay.media.frame import Pixels
from overlay.recognition.feature_window import Sample
from overlay.recognition.hands.hand_detector import HandDetector
from overlay.recognition.hands.photograph import find_hand_in_picture
from overlay.recognition.letter_model import LetterModel


@dataclass(frozen=True, slots=True)
class EitherHand:
    """A picture's sample, taken as a right hand and as a left one.

    Attributes:
        right: were it a right hand.
        left: were it a left hand.
        leftness: how sure it is a left one, 0 to 1.
    """

    right: Sample
    left: Sample
    leftness: float


def sample_picture(letter_model: LetterModel, finder: HandDetector, pixels: Pixels) -> EitherHand | None:
    """Return the sample of the hand in a picture; None where none is found.

    Args:
        letter_model: the network.
        finder: made with `video=False`.
        pixels: BGR uint8 (H, W, 3), unmirrored.
    """
    found = find_hand_in_picture(finder, pixels)
    if found is None:
        return None
    seen, hand = found
    crops = [letter_model.crop(seen, hand, mirror=mirror) for mirror in (False, True)]
    right, left = (Sample(0.0, letter_model.encode(crop), crop.traced, crop.palm) for crop in crops)
    return EitherHand(right, left, hand.score if hand.handedness == "left" else 1 - hand.score)


def of_one_signer(pictures: Sequence[EitherHand]) -> list[Sample]:
    """Which hand a signer uses is decided by all pictures together: a fist from the side is often mistaken."""
    left = sum(picture.leftness for picture in pictures) > len(pictures) / 2
    return [picture.left if left else picture.right for picture in pictures]
