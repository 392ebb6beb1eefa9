"""People and rooms before which a recogniser has to stay silent, apart from gestures."""

from collections.abc import Callable
from typing import Final

import numpy as np
from numpy.typing import NDArray

from models.evaluation.silence.camera_noise import grainy
from models.evaluation.synthetic.unseen import SIZE
from overlay.synthesis.signer import Gesturing, SignerLook
from overlay.synthesis.signer.drawing.backdrop import backdrop
from overlay.synthesis.signer.gesturing.gesture_draft import Draft, Place
from overlay.synthesis.signer.gesturing.gesture_kinds import away, low_work, resting, think
from overlay.synthesis.signer.hand.handshapes import facing, tilted

ELSEWHERE: Final = -3.0  # where a body is out of the picture, in widths of it


def on_table(d: Draft) -> None:
    """The hand lies on the table, low in the picture, and shifts a little now and then."""
    turn = tilted(facing((d.between(0.1, 0.9), 0.35, 0.8), (0.1, -0.95, 0.25)), d.rng, 9)
    place = Place("face", d.between(-1.4, 0.2), d.between(-3.4, -2.8))
    d.add(0, d.one("flat", "relaxed", "curled", "rest", "loose"), turn, place)
    for _ in d.times(2, 4):
        d.stay(d.between(0.5, 1.0), 0.1)


def in_lap(d: Draft) -> None:
    """The hand lies in the lap, palm up or down, half out of the picture."""
    palm = (0.1, 0.95, 0.2) if d.rng.random() < 0.5 else (0.1, -0.95, 0.3)
    turn = tilted(facing((0.9, 0.15, 0.4), palm), d.rng, 10)
    place = Place("face", d.between(-0.9, 0.3), d.between(-4.0, -3.5))
    d.add(0, d.one("relaxed", "curled", "rest"), turn, place)
    for _ in d.times(2, 4):
        d.stay(d.between(0.5, 1.0), 0.06)


# How often each comes, in proportion.
RESTS: Final[tuple[tuple[Callable[[Draft], None], float], ...]] = (
    (on_table, 2.0), (in_lap, 1.0), (think, 1.5), (resting, 1.5), (low_work, 1.0), (away, 1.0),
)  # fmt: skip


def gesture(seconds: float, seed: int) -> Gesturing:
    """Somebody who waves, points, scratches, counts and does much else, without a break."""
    return Gesturing(seconds, seed=seed, look=SignerLook.random(seed), size=SIZE)


def rest(seconds: float, seed: int) -> Gesturing:
    """Somebody whose hand rests on the table, in the lap, at the chin or the chest, or is lowered."""
    return Gesturing(seconds, seed=seed, look=SignerLook.random(seed), size=SIZE, kinds=RESTS)


class Stillness:
    """A person with hands down, or the empty room, through a camera with noise.

    Args:
        seconds: how long.
        seed: of the look and of the noise.
        person: whether somebody is there.
    """

    def __init__(self, seconds: float, seed: int, *, person: bool) -> None:
        self._seconds, self._seed = seconds, seed
        width, height = SIZE
        self._picture = backdrop(SignerLook.random(seed), width, height, 0.57 if person else ELSEWHERE)

    @property
    def duration(self) -> float:
        """Seconds that it lasts."""
        return self._seconds

    def render(self, t: float) -> NDArray[np.uint8]:
        """The picture at t seconds, BGR uint8 (H, W, 3)."""
        return grainy(self._picture, self._seed, t)
