"""Where captions are in the picture: at a side of it, or away from the hand, and in rows that do not jump."""

from dataclasses import dataclass
from typing import Final, Literal

import numpy as np

from overlay.core.settings import CaptionStyle
from overlay.recognition.hands.hand_detector import Hand

FOREARM: Final = 4.0  # palms from the wrist to where the arm is no longer in the way
MARGIN_OF_PALM: Final = 0.4  # kept free around the hand
LEAST_TEXT: Final = 10.0  # font sizes: a shorter line is hard to follow

_WRIST: Final = 0
_KNUCKLE: Final = 9  # of the middle finger


@dataclass(frozen=True, slots=True)
class Room:
    """Lengths in pixels that follow from the size of the picture and the style."""

    width: int  # of the picture
    height: int
    margin: int
    around: int  # width of the box, less that of its longest line
    tall: int  # height of the box with all its lines
    text: int  # longest line
    font: int


@dataclass(frozen=True, slots=True)
class Spot:
    """A place for captions.

    Attributes:
        left: left end of the largest box.
        top: its upper end.
        text: longest line.
        place: whether it is at the bottom or at the top.
    """

    left: int
    top: int
    text: int
    place: Literal["bottom", "top"]


Area = tuple[float, float, float, float]  # left, top, right, bottom


class Placement:
    """Chooses where captions are. They keep their place while one of them is shown, even if the hand moves there."""

    def __init__(self) -> None:
        self._hand: Area | None = None
        self._held: tuple[Room, CaptionStyle, Spot] | None = None
        self._caption = -1
        self._rows: tuple[int, int, int] | None = None

    def spot(self, room: Room, style: CaptionStyle, hand: Hand | None, caption: int) -> Spot:
        """Return the place of a caption.

        Args:
            room: of this picture.
            style: what the user asked for.
            hand: in pixels of this picture, or None where it is not seen.
            caption: number of the newest caption that is shown.
        """
        if style.align != "away from hand":
            return _aligned(room, style.align, style.place)
        if hand is not None:
            self._hand = _arm(hand)
        held = self._held
        in_the_way = held is not None and caption != self._caption and _meets(held[2], room, self._hand)
        if held is None or held[:2] != (room, style) or in_the_way:
            held = self._held = (room, style, _away(room, style.place, self._hand))
        self._caption = caption
        return held[2]

    def nothing_shown(self) -> None:
        """Forget what was there: the next caption begins where it is best."""
        self._held = self._rows = None

    def blank_rows(self, caption: int, above: int, own: int, rows: int) -> int:
        """Return how many rows stay empty above the text, so that none of it jumps.

        What has been read keeps its row when the caption above it goes, and when it is finished itself. It moves up
        only when a line that comes needs the room.

        Args:
            caption: number of the newest caption that is shown.
            above: how many lines there are of those before it.
            own: how many it has.
            rows: how many there can be.
        """
        row = above
        if self._rows is not None and above + own <= rows:
            known, first, lines = self._rows
            row = max(above, min(first if known == caption else first + lines, rows - own))
        self._rows = (caption, row, own)
        return row - above


def _aligned(room: Room, align: str, place: Literal["bottom", "top"], text: int | None = None) -> Spot:
    text = room.text if text is None else text
    box = text + room.around
    lefts = {"left": room.margin, "right": room.width - room.margin - box}
    top = room.margin if place == "top" else room.height - room.margin - room.tall
    return Spot(lefts.get(align, (room.width - box) // 2), top, text, place)


def _away(room: Room, place: Literal["bottom", "top"], hand: Area | None) -> Spot:
    """Beside the arm if a line has room there, else at the other edge of the picture, else where most room is."""
    middle = _aligned(room, "centre", place)
    if hand is None or not _meets(middle, room, hand):
        return middle
    free = {"left": hand[0] - room.margin, "right": room.width - room.margin - hand[2]}
    side = max(free, key=lambda which: free[which])
    text = int(min(room.text, free[side] - room.around))
    other = _aligned(room, "centre", "bottom" if place == "top" else "top")
    if text < min(room.text, LEAST_TEXT * room.font) and not _meets(other, room, hand):
        return other
    return _aligned(room, side, place, max(text, min(room.text, int(LEAST_TEXT * room.font))))


def _meets(spot: Spot, room: Room, hand: Area | None) -> bool:
    if hand is None:
        return False
    left, top, right, bottom = hand
    return (
        spot.left < right
        and left < spot.left + spot.text + room.around
        and spot.top < bottom
        and top < spot.top + room.tall
    )


def _arm(hand: Hand) -> Area:
    """What a hand and its forearm take of the picture."""
    points = hand.landmarks[:, :2].astype(float)
    along = points[_WRIST] - points[_KNUCKLE]
    reach = np.vstack([points, points[_WRIST] + FOREARM * along])
    free = MARGIN_OF_PALM * float(np.hypot(*along))
    (left, top), (right, bottom) = reach.min(axis=0) - free, reach.max(axis=0) + free
    return float(left), float(top), float(right), float(bottom)
