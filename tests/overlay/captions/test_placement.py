"""Where captions are: away from the hand, and still while they are read."""

import numpy as np
import pytest

from overlay.captions.placement import Placement, Room, Spot
from overlay.core.settings import CaptionStyle
from overlay.recognition.hands.hand_detector import Hand

pytestmark = pytest.mark.unit

ROOM = Room(width=1280, height=720, margin=36, around=65, tall=122, text=755, font=37)
AWAY = CaptionStyle(align="away from hand")


def hand_at(x: float, y: float, palm: float = 80.0) -> Hand:
    """An upright hand: its wrist is at x, y, and its fingers above."""
    points = np.zeros((21, 3), np.float32)
    points[:, 0] = x + np.linspace(-0.6 * palm, 0.6 * palm, 21)
    points[:, 1] = y - np.linspace(0, 2 * palm, 21)
    points[0, :2], points[9, :2] = (x, y), (x, y - palm)
    return Hand(points, "right", 0.9)


def meets(spot: Spot, left: float, right: float) -> bool:
    return spot.left < right and left < spot.left + spot.text + ROOM.around


@pytest.mark.parametrize("x", [350.0, 500.0, 780.0, 930.0])
def test_they_stand_beside_the_forearm(x: float) -> None:
    spot = Placement().spot(ROOM, AWAY, hand_at(x, 520.0), 0)
    assert not meets(spot, x - 60, x + 60)
    assert spot.left >= ROOM.margin
    assert spot.left + spot.text + ROOM.around <= ROOM.width - ROOM.margin
    assert spot.place == "bottom"


def test_where_no_hand_is_in_the_way_they_stand_in_the_middle() -> None:
    middle = Placement().spot(ROOM, CaptionStyle(), None, 0)
    assert Placement().spot(ROOM, AWAY, None, 0) == middle
    assert Placement().spot(ROOM, AWAY, hand_at(100.0, 500.0, palm=30.0), 0) == middle
    assert Placement().spot(ROOM, AWAY, hand_at(640.0, 200.0, palm=40.0), 0) == middle


def test_where_neither_side_has_room_they_stand_at_the_other_edge() -> None:
    spot = Placement().spot(ROOM, AWAY, hand_at(640.0, 700.0, palm=200.0), 0)
    assert (spot.place, spot.top) == ("top", ROOM.margin)


def test_in_a_small_picture_full_of_hand_there_is_a_line_all_the_same() -> None:
    small = Room(width=160, height=120, margin=6, around=22, tall=38, text=90, font=12)
    spot = Placement().spot(small, AWAY, hand_at(80.0, 100.0, palm=40.0), 0)
    assert spot.text > 0


def test_what_is_being_read_stays_when_the_hand_moves() -> None:
    placement = Placement()
    first = placement.spot(ROOM, AWAY, hand_at(400.0, 520.0), 3)
    assert placement.spot(ROOM, AWAY, hand_at(900.0, 520.0), 3) == first
    assert placement.spot(ROOM, AWAY, None, 3) == first
    moved = placement.spot(ROOM, AWAY, hand_at(900.0, 520.0), 4)  # a new caption begins
    assert not meets(moved, 840, 960)
    assert placement.spot(ROOM, AWAY, hand_at(920.0, 520.0), 5) == moved  # nothing is in its way


def test_after_a_pause_they_begin_in_the_middle_if_that_is_free() -> None:
    placement = Placement()
    beside = placement.spot(ROOM, AWAY, hand_at(640.0, 520.0), 0)
    placement.nothing_shown()
    assert placement.spot(ROOM, AWAY, hand_at(640.0, 200.0, palm=40.0), 1) != beside


def test_rows_are_kept_until_a_line_needs_them() -> None:
    placement = Placement()
    assert placement.blank_rows(0, above=0, own=1, rows=4) == 0
    assert placement.blank_rows(1, above=1, own=1, rows=4) == 0  # in the second row
    assert placement.blank_rows(1, above=0, own=1, rows=4) == 1  # the one above it has gone
    assert placement.blank_rows(2, above=1, own=1, rows=4) == 1  # the next stands in the third
    assert placement.blank_rows(2, above=1, own=2, rows=4) == 1
    assert placement.blank_rows(2, above=1, own=3, rows=4) == 0  # and needs the room
    assert placement.blank_rows(3, above=3, own=1, rows=4) == 0
    placement.nothing_shown()
    assert placement.blank_rows(4, above=0, own=1, rows=4) == 0


def test_several_captions_above_keep_their_rows() -> None:
    placement = Placement()
    for caption in range(3):
        assert placement.blank_rows(caption, above=caption, own=1, rows=4) == 0
