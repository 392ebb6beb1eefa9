"""The search for hands that all detectors share: which frames are looked at, and in which views."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Final

import numpy as np

from overlay.media.frame import Pixels
from overlay.recognition.hands.detection_views import VIDEO_VIEWS, VIEWS, View
from overlay.recognition.hands.hand_detector import Hand
from overlay.recognition.hands.signing_hand import SigningHand, hide

DETECTION: Final = 0.2  # confidence of a palm from which on the landmark network, which is pickier, looks at it
PRESENCE: Final = 0.5  # confidence of the landmark network that this is a hand
SETTLING: Final = 3  # frames for which a hand in a picture is followed
LONG_GONE: Final = 1.0  # seconds without a hand after which not every frame is looked at ...
LOOK_EVERY: Final = 0.06  # ... but one in so many seconds; finding none costs most
SOON: Final = 0.4  # seconds after a hand was lost in which every frame is looked at twice

Look = Callable[[Pixels, float, View | None], Hand | None]


class HandSearch:
    """Looks for one hand in one frame after the other.

    Where the frame as it is shows no hand, it is looked at in other ways, see
    `overlay.recognition.hands.detection_views`: in one of them every second time, which costs no more than looking at
    it as it is, and besides in each frame for `SOON` after a hand was lost. A view that shows the hand is kept while
    it does.

    Where several people are in the picture, the signer's hand is found, see
    `overlay.recognition.hands.signing_hand`: another is hidden, and the frame looked at again.

    The function `look` looks at BGR uint8 (H, W, 3) at a time in seconds, in a view or as it is, and follows the hand
    that it found before. It is given each time, so that whoever finds hands is not held by this.

    Args:
        looks: how often a frame must be looked at until a hand is found that is not the one followed.
    """

    def __init__(self, looks: int = 1) -> None:
        self._looks = looks
        self._signing = SigningHand()
        self._view: View | None = None  # the one that shows the hand; None: the frame as it is
        self._seen_at = float("-inf")
        self._looked_at = float("-inf")
        self._turn = 0  # counts looks without a hand

    def find(self, look: Look, pixels: Pixels, at: float) -> Hand | None:
        """The hand in BGR uint8 (H, W, 3) at time `at` in seconds, which must not go back; or None."""
        if at - self._seen_at > LONG_GONE and 0 <= at - self._looked_at < LOOK_EVERY:
            return None
        self._looked_at = at
        look_beside = self._signing.begin(at)
        hand = self._find(look, pixels, at)
        if hand is not None and not self._signing.accept(hand, at):
            other = self._find_beside(look, pixels, at, hand)
            hand = other if other is not None and self._signing.accept_beside(other, at) else None
        elif hand is not None and look_beside:
            other = self._find_beside(look, pixels, at, hand)
            if other is not None and self._signing.accept_beside(other, at):
                hand = other
        if hand is not None:
            self._seen_at = at
        return hand

    def take_other(self) -> None:
        """Read another hand than the one that is read, as soon as one is up. From any thread."""
        self._signing.take_other()

    def _find(self, look: Look, pixels: Pixels, at: float) -> Hand | None:
        hand = look(pixels, at, self._view)
        if hand is None and at - self._seen_at <= SOON:
            self._view = self._other_view(VIEWS)
            hand = look(pixels, at, self._view)
        if hand is None:
            self._view = self._other_view(VIDEO_VIEWS if at - self._seen_at > LONG_GONE else VIEWS)
        return hand

    def _find_beside(self, look: Look, pixels: Pixels, at: float, hand: Hand) -> Hand | None:
        """Another hand than this one, which is no longer followed then."""
        hidden = hide(pixels, hand)
        for _ in range(self._looks):
            if (other := look(hidden, at, self._view)) is not None:
                return other
        return None

    def find_held(self, look: Look, pixels: Pixels, at: float) -> Hand | None:
        """Find the hand as in a still video: found in one of the views, then followed for a few frames.

        The landmarks of the first frame rest on the palm detector's rough place and are clearly worse than those
        that follow. The hand of the picture before must have been let go of.
        """
        for view in (None, *VIEWS):
            hand = look(pixels, at, view)
            if hand is not None:
                break
        else:
            return None
        settled: list[Hand] = []
        for _ in range(SETTLING):
            followed = look(pixels, at, view)
            if followed is None:
                break
            hand = followed
            settled.append(hand)
        settled = settled[1:]  # the first of them still shows where the detector looked
        if not settled:
            return hand
        # In a picture nothing moves: what differs between them is noise.
        return replace(hand, landmarks=np.mean([one.landmarks for one in settled], axis=0, dtype=np.float32))

    def _other_view(self, views: Sequence[View]) -> View | None:
        """The frame as it is and other views by turns."""
        self._turn += 1
        return None if self._turn % 2 == 0 else views[self._turn // 2 % len(views)]
