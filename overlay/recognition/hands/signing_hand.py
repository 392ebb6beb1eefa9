"""Whose hand is read where more than one person is in the picture: that of who has signed so far.

Detectors follow one hand, and look for another only where they have lost it. So a second person who raises a hand
while the signer's is down would be read in the signer's place, for as long as that hand is up. What tells hands apart
at no cost is where they were and how large.
"""

import math
from dataclasses import dataclass
from typing import Final

import numpy as np

from overlay.media.frame import Pixels
from overlay.recognition.hands.hand_detector import Hand

NEAR: Final = 1.6  # sides of the hand: how far from its place the signer's hand may come up again ...
UPRIGHT: Final = 0.5  # ... sideways; up and down it counts by so much: a hand comes up from below
LIKE: Final = 1.9  # times larger or smaller: a hand that differs more is somebody else's, nearer or further away
STRIDE: Final = 1.0  # sides of the hand that it moves from one frame to the next at most
BLINK: Final = 0.3  # seconds for which a hand may not be found and is the same all the same
SETTLES: Final = 0.5  # seconds, time constant with which its place follows the hand ...
USUAL: Final = 10.0  # ... and with which its usual place does: after a gesture the hand comes back to that
WAIT: Final = 2.0  # seconds for which a hand elsewhere must be up, and the signer's not, before it is read
FORGET: Final = 12.0  # seconds without the signer's hand after which any other is read at once
ADOPT: Final = 8.0  # seconds after which a hand elsewhere that is read has become the signer's
RETURN_EVERY: Final = 0.25  # seconds until then between two looks whether the signer's own is up again
ASKED_FOR: Final = 6.0  # seconds in which another hand is looked for that the user has asked for
APART: Final = 0.7  # seconds between two frames that have nothing to do with each other
ROOM: Final = 0.35  # of a hand's side around it: so much of the picture is hidden with it
GREY: Final = 110


@dataclass(frozen=True, slots=True)
class Place:
    """The place of a hand in the picture.

    Attributes:
        x, y: middle of its landmarks in pixels.
        side: longer side of the box around them.
    """

    x: float
    y: float
    side: float

    @classmethod
    def of(cls, hand: Hand) -> "Place":
        """Return the place of a hand."""
        low, high = hand.landmarks[:, :2].min(0), hand.landmarks[:, :2].max(0)
        x, y = ((low + high) / 2).tolist()
        return cls(x, y, max(float((high - low).max()), 1.0))

    def towards(self, other: "Place", share: float) -> "Place":
        """Return the place that is so much of the way to another."""
        return Place(
            self.x + share * (other.x - self.x),
            self.y + share * (other.y - self.y),
            self.side + share * (other.side - self.side),
        )


class SigningHand:
    """Decides whether a hand that was found is the signer's.

    The hand that is seen first is. It may move as it likes while it is in view. Out of view, it is expected near its
    place for `FORGET` seconds; a hand elsewhere must be up for `WAIT` seconds first. While that is read, the signer's
    own takes its place back as soon as it is up again, until the other has been read for `ADOPT` seconds: then it is
    the signer's.
    """

    def __init__(self) -> None:
        self._home: Place | None = None  # where the signer's hand is expected ...
        self._usual: Place | None = None  # ... or here
        self._last: Place | None = None  # of the hand that is read
        self._read_at = float("-inf")
        self._frame_at = float("-inf")
        self._away_since: float | None = None  # when a hand elsewhere began to be read
        self._looked_at = float("-inf")  # for the signer's own, meanwhile
        self._other: Place | None = None  # a hand that waits to be read ...
        self._other_since = self._other_at = float("-inf")  # ... since when, and when it was seen last
        self._asked = False
        self._asked_until = float("-inf")

    def take_other(self) -> None:
        """Read another hand than the one that is read, as soon as one is up. From any thread."""
        self._asked = True

    def begin(self, at: float) -> bool:
        """Begin with the frame of that time.

        Returns:
            Whether to look for a hand beside the one that is followed.
        """
        if at - self._read_at > FORGET or not 0 <= at - self._frame_at <= APART:
            self._home = self._usual = self._last = self._other = self._away_since = None
            self._asked_until = float("-inf")
        self._frame_at = at
        asked, self._asked = self._asked, False
        if self._last is None:
            return False
        if asked:
            self._asked_until = at + ASKED_FOR
        if at <= self._asked_until:
            return True
        if self._away_since is None:
            return False
        if at - self._away_since >= ADOPT:
            self._home = self._usual = self._last
            self._away_since = None
            return False
        due = at - self._looked_at >= RETURN_EVERY
        if due:
            self._looked_at = at
        return due

    def accept(self, hand: Hand, at: float) -> bool:
        """Whether this hand, found in the frame of that time, is to be read."""
        place = Place.of(hand)
        if self._home is None or self._last is None:
            return self._take(place, at)
        if at - self._read_at <= BLINK and _goes_on(place, self._last):
            if self._away_since is None:
                passed = at - self._read_at
                self._home = self._home.towards(place, min(1.0, passed / SETTLES))
                self._usual = (self._usual or place).towards(place, passed / USUAL)
            self._last, self._read_at, self._other = place, at, None
            return True
        if self.accept_beside(hand, at):
            return True
        if not self._has_waited(place, at):
            return False
        self._last, self._read_at, self._other = place, at, None
        self._away_since = self._looked_at = at
        return True

    def accept_beside(self, hand: Hand, at: float) -> bool:
        """Whether this hand, found beside the one that is followed, is to be read in its place."""
        place = Place.of(hand)
        assert self._home is not None
        assert self._last is not None
        is_asked_for = at <= self._asked_until and not _is_near(place, self._last)
        if is_asked_for:
            self._usual = None
        known = [place_of for place_of in (self._home, self._usual) if place_of is not None]
        if is_asked_for or any(_is_near(place, one) for one in known):
            return self._take(place, at)
        if any(_comes_up(place, one) for one in known):
            # Its place is not where it is seen first.
            self._last, self._read_at, self._away_since, self._other = place, at, None, None
            return True
        return False

    def _take(self, place: Place, at: float) -> bool:
        """This hand is the signer's."""
        self._home = self._last = place
        self._read_at = at
        self._away_since = self._other = None
        self._asked_until = float("-inf")
        return True

    def _has_waited(self, place: Place, at: float) -> bool:
        known = self._other
        if known is None or at - self._other_at > BLINK or not _goes_on(place, known):
            self._other_since = at
        self._other, self._other_at = place, at
        return at - self._other_since >= WAIT


def _is_near(place: Place, other: Place) -> bool:
    side = max(place.side, other.side)
    return side <= LIKE * min(place.side, other.side) and _way(place, other) <= NEAR * side


def _goes_on(place: Place, last: Place) -> bool:
    """Whether this is the hand of the frame before, of which more may be seen while it comes into the picture."""
    return place.side * LIKE >= last.side and _way(place, last) <= STRIDE * max(place.side, last.side)


def _way(place: Place, other: Place) -> float:
    return math.hypot(place.x - other.x, UPRIGHT * (place.y - other.y))


def _comes_up(place: Place, home: Place) -> bool:
    """Whether this may be a hand on its way up to its place, of which the picture's edge still hides a part."""
    return place.y > home.y and place.side <= LIKE * home.side and abs(place.x - home.x) <= NEAR * home.side


def hide(pixels: Pixels, hand: Hand) -> Pixels:
    """Return a copy of BGR uint8 (H, W, 3) without the hand."""
    hidden, place = pixels.copy(), Place.of(hand)
    reach = place.side * (0.5 + ROOM)
    top, bottom = (int(np.clip(edge, 0, pixels.shape[0])) for edge in (place.y - reach, place.y + reach))
    left, right = (int(np.clip(edge, 0, pixels.shape[1])) for edge in (place.x - reach, place.x + reach))
    hidden[top:bottom, left:right] = GREY
    return hidden
