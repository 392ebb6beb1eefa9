"""Whose hand is read where more than one person is in the picture."""

from collections.abc import Sequence

import numpy as np
import pytest

from overlay.media.frame import Pixels
from overlay.recognition.hands.hand_detector import Hand
from overlay.recognition.hands.search import HandSearch
from overlay.recognition.hands.signing_hand import ADOPT, ASKED_FOR, FORGET, RETURN_EVERY, WAIT

pytestmark = pytest.mark.unit

RATE = 30
SIZE = (640, 360)
SIDE = 80
LATE = 2  # frames: where no hand was read for a second, not every frame is looked at
LEFT, RIGHT = (160, 180), (480, 180)  # where two people hold their hands

Where = tuple[int, int]


class Detector:
    """Sees each hand of the picture as a square of white; follows one, and finds the surest where it has lost it."""

    def __init__(self) -> None:
        self.search = HandSearch()
        self.looks = 0
        self._followed: Where | None = None
        self._at = 0.0
        self._sides: dict[Where, int] = {}

    def find(self, hands: Sequence[Where], sides: dict[Where, int] | None = None) -> Where | None:
        """Where the hand is that is found in the next frame, which shows these, the surest first."""
        self._sides = sides or {}
        pixels = np.zeros((*SIZE[::-1], 3), np.uint8)
        for x, y in hands:
            pixels[y - 2 : y + 3, x - 2 : x + 3] = 255
        self._at += 1 / RATE
        hand = self.search.find(lambda shown, at, view: self._look(shown, hands), pixels, self._at)
        return None if hand is None else (round(float(hand.landmarks[0, 0])), round(float(hand.landmarks[0, 1])))

    def span(self, seconds: float, *hands: Where) -> list[Where | None]:
        """What is found in so many seconds of frames that show these hands."""
        return [self.find(hands) for _ in range(round(seconds * RATE))]

    def _look(self, pixels: Pixels, hands: Sequence[Where]) -> Hand | None:
        self.looks += 1
        seen = [(x, y) for x, y in hands if pixels[y, x, 0] == 255]
        followed = self._followed
        near = [one for one in seen if followed is not None and abs(one[0] - followed[0]) < SIDE]
        self._followed = next(iter(near or seen), None)
        if self._followed is None:
            return None
        half = self._sides.get(self._followed, SIDE) / 2
        offsets = np.zeros((21, 3), np.float32)
        offsets[1:3, :2] = [[-half, -half], [half, half]]
        return Hand(np.array([*self._followed, 0], np.float32) + offsets, "right", 0.9)


@pytest.fixture
def detector() -> Detector:
    return Detector()


def test_a_second_person_who_raises_a_hand_is_not_read(detector: Detector) -> None:
    assert set(detector.span(2.0, LEFT)) == {LEFT}
    assert set(detector.span(1.0, LEFT, RIGHT)) == {LEFT}
    assert set(detector.span(1.0, RIGHT)) == {None}  # the signer's hand is down between two words
    assert set(detector.span(1.0, RIGHT, LEFT)[LATE:]) == {LEFT}  # and up again, though the other is found first


@pytest.mark.parametrize("seconds", [0.3, 1.0, WAIT - 0.2])
def test_nobody_is_read_while_the_signer_pauses(detector: Detector, seconds: float) -> None:
    detector.span(2.0, LEFT)
    assert set(detector.span(seconds, RIGHT)) == {None}
    assert set(detector.span(1.0, LEFT)[LATE:]) == {LEFT}


def test_a_hand_elsewhere_is_read_after_a_while(detector: Detector) -> None:
    """Somebody takes the other hand, or another person goes on."""
    detector.span(2.0, LEFT)
    found = detector.span(WAIT + 1.0, RIGHT)
    assert found.count(None) / RATE == pytest.approx(WAIT, abs=0.1)
    assert set(found[found.count(None) :]) == {RIGHT}


def test_the_signer_takes_the_place_back_at_once(detector: Detector) -> None:
    detector.span(2.0, LEFT)
    detector.span(WAIT + 1.0, RIGHT)
    found = detector.span(1.0, RIGHT, LEFT)
    assert found.count(RIGHT) / RATE <= RETURN_EVERY + 0.05
    assert found[-1] == LEFT


def test_who_is_read_for_long_is_the_signer_then(detector: Detector) -> None:
    detector.span(2.0, LEFT)
    detector.span(WAIT + ADOPT + 0.5, RIGHT)
    assert set(detector.span(1.0, LEFT, RIGHT)) == {RIGHT}
    detector.span(0.5)
    assert set(detector.span(1.0, LEFT, RIGHT)) == {RIGHT}


def test_nobody_waits_who_comes_long_after_the_signer_has_gone(detector: Detector) -> None:
    detector.span(2.0, LEFT)
    detector.span(FORGET + 0.1)
    assert None not in detector.span(1.0, RIGHT)[LATE:]


def test_a_hand_comes_up_from_below_and_moves_as_it_likes(detector: Detector) -> None:
    path = [(160, 350 - 6 * step) for step in range(28)] + [(160 + 9 * step, 188) for step in range(40)]
    assert None not in [detector.find([place]) for place in path]
    detector.span(0.6)
    assert None not in [detector.find([(500, 350 - 8 * step)]) for step in range(20)][LATE:]


def test_after_a_wide_gesture_the_hand_comes_back_to_its_usual_place(detector: Detector) -> None:
    detector.span(4.0, LEFT)
    assert None not in [detector.find([(160 + 16 * step, 180)]) for step in range(18)]
    detector.span(0.2, (448, 180))
    detector.span(0.4)
    assert None not in detector.span(1.0, LEFT)[LATE:]


def test_a_small_hand_behind_the_signer_is_somebody_elses(detector: Detector) -> None:
    detector.span(2.0, LEFT)
    behind = (190, 150)
    assert [detector.find([behind], {behind: 30}) for _ in range(30)] == [None] * 30


def test_a_hand_that_comes_into_the_picture_may_grow_as_it_does(detector: Detector) -> None:
    """Its first frame shows a few fingers at the lower edge, and the next nearly all of it."""
    path = [(160, 340, 31), (162, 290, 67), (162, 235, 80), (162, 180, SIDE)]
    assert None not in [detector.find([(x, y)], {(x, y): side}) for x, y, side in path]


def test_a_hand_that_comes_up_to_its_place_is_read_from_its_first_frame(detector: Detector) -> None:
    detector.span(2.0, LEFT)
    detector.span(0.6)
    path = [(150, 345, 34), (155, 290, 70), (160, 230, SIDE)]
    assert None not in [detector.find([(x, y)], {(x, y): side}) for x, y, side in path]


def test_one_hand_in_view_costs_one_look_a_frame(detector: Detector) -> None:
    detector.span(3.0, LEFT)
    assert detector.looks == 3 * RATE


def test_frames_that_have_nothing_to_do_with_each_other(detector: Detector) -> None:
    detector.span(2.0, LEFT)
    detector._at += 1.0
    assert detector.find([RIGHT]) == RIGHT
    detector._at = 0.0
    assert detector.find([LEFT]) == LEFT


def test_asked_for_the_other_hand_it_is_taken_and_kept(detector: Detector) -> None:
    detector.span(2.0, LEFT, RIGHT)
    detector.search.take_other()
    assert set(detector.span(1.0, LEFT, RIGHT)) == {RIGHT}
    detector.span(0.6, LEFT)
    assert set(detector.span(1.0, LEFT, RIGHT)) == {RIGHT}
    detector.search.take_other()
    assert set(detector.span(1.0, LEFT, RIGHT)) == {LEFT}


def test_asked_for_the_other_hand_before_it_is_up(detector: Detector) -> None:
    detector.span(2.0, LEFT)
    detector.search.take_other()
    assert set(detector.span(1.0, LEFT)) == {LEFT}  # there is none yet
    assert set(detector.span(1.0, LEFT, RIGHT)) == {RIGHT}


def test_what_was_asked_for_is_forgotten_when_no_hand_comes(detector: Detector) -> None:
    detector.span(2.0, LEFT)
    detector.search.take_other()
    detector.span(ASKED_FOR + 0.2, LEFT)
    assert set(detector.span(1.0, LEFT, RIGHT)) == {LEFT}
