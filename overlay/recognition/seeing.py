"""How well the signing hand can be seen: whether there is light on it, and whether it is large enough."""

from dataclasses import dataclass
from typing import Final

import numpy as np

from overlay.media.frame import Frame, Pixels
from overlay.recognition.hands.hand_detector import Hand

LOOK_EVERY: Final = 0.25  # seconds
SETTLES: Final = 1.5  # seconds, time constant with which what is measured is averaged
LEAST_LOOKS: Final = 8  # before anything is said
MOST_KEPT: Final = 14_400  # looks that a verdict on a whole video rests on: an hour of them
GONE: Final = 5.0  # seconds without a hand after which the light of the whole picture is what is told
DARK, LIGHT = 55.0, 65.0  # mean brightness, 0 to 255: it is dark below, and light again above
DARK_ROOM, LIGHT_ROOM = 35.0, 45.0  # likewise, of a picture without a hand: walls may be dark
SMALL, LARGE = 0.07, 0.085  # longer side of the hand, as a share of the picture's height, likewise
SPARSE: Final = 4  # every such pixel of a hand is looked at, and every sixteenth of a picture
LUMA: Final = np.array([0.114, 0.587, 0.299])  # of blue, green and red

TOO_DARK: Final = "It is dark where you sign, so letters may be missed: put on a light in front of you."
TOO_DARK_TO_FIND: Final = "The picture is dark, and no hand is found in it: put on a light in front of you."
TOO_SMALL: Final = "Your hand is small in the picture, so letters may be missed: move closer to the camera."


def light_on(pixels: Pixels, hand: Hand) -> float:
    """Return the mean brightness, 0 to 255, of a hand in BGR uint8 (H, W, 3)."""
    low, high = hand.landmarks[:, :2].min(0), hand.landmarks[:, :2].max(0)
    height, width = pixels.shape[:2]
    left, right = (int(np.clip(edge, 0, width - 1)) for edge in (low[0], high[0]))
    top, bottom = (int(np.clip(edge, 0, height - 1)) for edge in (low[1], high[1]))
    return brightness(pixels[top : bottom + 1 : SPARSE, left : right + 1 : SPARSE])


def size_of(pixels: Pixels, hand: Hand) -> float:
    """Return the longer side of a hand as a share of the height of its picture."""
    low, high = hand.landmarks[:, :2].min(0), hand.landmarks[:, :2].max(0)
    return float((high - low).max() / pixels.shape[0])


def brightness(pixels: Pixels) -> float:
    """Return the mean brightness, 0 to 255, of BGR uint8 (H, W, 3)."""
    return float(np.dot(pixels.reshape(-1, 3).mean(0), LUMA))


@dataclass(slots=True)
class _Smoothed:
    """A figure that is averaged, and whether it is too low; it must rise by more than it fell before it is not."""

    least: float
    enough: float
    value: float = 0.0
    looks: int = 0
    low: bool = False

    def add(self, value: float, seconds: float) -> None:
        self.value = value if self.looks == 0 else self.value + min(1.0, seconds / SETTLES) * (value - self.value)
        self.looks += 1
        if self.looks >= LEAST_LOOKS:
            self.low = self.value < (self.enough if self.low else self.least)


class Seeing:
    """Watches light and size of the hand, and says in one sentence what is wrong. Clock-free; one thread.

    Looks four times a second at some hundred pixels, which costs nothing that could be measured.
    """

    def __init__(self) -> None:
        self._hands: list[tuple[float, float]] = []  # light and size of the hand at each look so far
        self._pictures: list[float] = []  # light of the picture at each look that showed no hand
        self._forget()

    def _forget(self) -> None:
        self._light = _Smoothed(DARK, LIGHT)
        self._size = _Smoothed(SMALL, LARGE)
        self._whole = _Smoothed(DARK_ROOM, LIGHT_ROOM)  # of the picture, while there is no hand
        self._looked_at = float("-inf")
        self._hand_at: float | None = None

    def accept(self, frame: Frame, hand: Hand | None) -> None:
        """Take the next frame and the hand in it."""
        at = frame.moment
        passed = at - self._looked_at
        if frame.notice is not None or passed < 0:  # no camera's picture, or another camera's
            self._forget()
        if frame.notice is not None or 0 <= passed < LOOK_EVERY:
            return
        self._looked_at = at
        self._hand_at = at if self._hand_at is None else self._hand_at
        whole = brightness(frame.pixels[:: SPARSE**2, :: SPARSE**2])
        if hand is not None:
            self._hand_at = at
            self._whole = _Smoothed(DARK_ROOM, LIGHT_ROOM)
            # A dark hand in a light room is one of dark skin, which is read as well as any.
            light, size = max(light_on(frame.pixels, hand), whole), size_of(frame.pixels, hand)
            self._light.add(light, passed)
            self._size.add(size, passed)
            if len(self._hands) < MOST_KEPT:
                self._hands.append((light, size))
        else:
            if at - self._hand_at > GONE:
                self._whole.add(whole, passed)
            if len(self._pictures) < MOST_KEPT:
                self._pictures.append(whole)

    @property
    def mostly(self) -> str | None:
        """What is wrong with most frames so far in which there was a hand; None where all is well.

        Where there was hardly one, it is the light of the other frames that counts.
        """
        if len(self._hands) < LEAST_LOOKS:
            return TOO_DARK_TO_FIND if self._pictures and np.median(self._pictures) < DARK_ROOM else None
        light, size = np.median(self._hands, axis=0)
        return TOO_DARK if light < DARK else TOO_SMALL if size < SMALL else None

    @property
    def sentence(self) -> str | None:
        """The sentence for the user; None where all is well."""
        if self._whole.looks >= LEAST_LOOKS:
            return TOO_DARK_TO_FIND if self._whole.low else None
        if self._light.low:
            return TOO_DARK
        return TOO_SMALL if self._size.low else None
