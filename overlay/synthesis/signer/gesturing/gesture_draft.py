"""How a gesture is made up: beats, each a handshape turned some way at some place."""

from dataclasses import dataclass, field
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from overlay.synthesis.signer.hand.handshapes import SHAPES, tilted

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Place:
    """A place of a hand: `of` the signer's usual place in the hand's palms, or of the face in the body's.

    x right in the picture and y up, from the usual place or the middle of the face. `touch` is the landmark
    that is there, None for the middle of the palm.
    """

    of: Literal["home", "face"]
    x: float
    y: float
    touch: int | None = None

    def moved(self, x: float, y: float) -> "Place":
        """The place as far to the right and up as asked."""
        return Place(self.of, self.x + x, self.y + y, self.touch)


HOME = Place("home", 0.0, 0.0)


@dataclass(frozen=True, slots=True)
class Beat:
    """The hand `after` seconds from the beat before: joint angles (21,), turn (3, 3), place, raised 0 or 1."""

    after: float
    angles: Array
    turn: Array
    place: Place
    raised: float = 1.0


@dataclass(slots=True)
class Draft:
    """A gesture as it is made up; what is drawn at random comes from `rng`."""

    rng: np.random.Generator
    beats: list[Beat] = field(default_factory=list)

    def add(self, after: float, shape: str | Array, turn: Array, place: Place = HOME) -> None:
        """Appends a beat; `shape` is one of `SHAPES` or angles."""
        angles = SHAPES[shape] if isinstance(shape, str) else shape
        self.beats.append(Beat(after, angles, turn, place))

    def stay(self, seconds: float, drift: float = 0.0) -> None:
        """Keeps the last beat; the hand drifts by about this many palms and a few degrees meanwhile."""
        last, rng = self.beats[-1], self.rng
        x, y = rng.normal(0, drift, 2) if drift else (0.0, 0.0)
        turn = tilted(last.turn, rng, 12 * drift) if drift else last.turn
        self.beats.append(Beat(seconds, last.angles, turn, last.place.moved(float(x), float(y)), last.raised))

    def between(self, low: float, high: float) -> float:
        """A number from low to high."""
        return float(self.rng.uniform(low, high))

    def times(self, low: int, high: int) -> range:
        """So many times, from low to high."""
        return range(int(self.rng.integers(low, high + 1)))

    def one(self, *choices: str) -> str:
        """One of them."""
        return choices[int(self.rng.integers(len(choices)))]

    def near(self, x: float = 0.5, y: float = 0.5) -> Place:
        """Somewhere about the usual place, at most so many palms away."""
        return HOME.moved(self.between(-x, x), self.between(-y, y))
