"""J and Z by synthetic people, and their handshapes held still, before the whole live path."""

from collections.abc import Callable
from functools import partial
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from models.trials.live import Eyes, Performer, Scene
from models.trials.spelling import spell
from models.trials.takes import MOVING, letter_figures
from models.trials.unseen import SIZE, UNSEEN
from overlay.signer import SignerLook, SyntheticSigner
from overlay.signer.letters import LETTERS, REST
from overlay.signer.motion import Key, Score
from overlay.signer.person import Person

SLOWEST, FASTEST = 1.0, 4.0  # letters a second
HELD_SPEED: Final = 0.2  # letters a second at which a letter is held for three seconds
HELD: Final = 3.0  # seconds
RAISED: Final = 0.6  # seconds until the hand is up, and again until the end

Json = dict[str, Any]


def stroke_figures(eyes: Eyes, count: int) -> Json:
    """Let people sign J, Z, I and D, one letter each, so often at speeds from 1 to 4 letters a second; and hold I, D
    and a 1, which is how a Z begins, for three seconds."""
    speeds = np.geomspace(SLOWEST, FASTEST, count).tolist()
    moved = [
        Scene(partial(_letter, letter, speed, UNSEEN + 4000 + 1000 * place + k))
        for place, letter in enumerate(MOVING)
        for k, speed in enumerate(speeds)
    ]
    still: tuple[Callable[[int], Performer], ...] = (
        partial(_letter, "I", HELD_SPEED), partial(_letter, "D", HELD_SPEED), HeldOne,
    )  # fmt: skip
    held = [
        Scene(partial(begin, UNSEEN + 8000 + 1000 * place + k))
        for place, begin in enumerate(still)
        for k in range(count)
    ]
    seen = [one.letters for one in eyes.read([*moved, *held], "strokes")]
    read = list(zip([letter for letter in MOVING for _ in range(count)], seen, strict=False))
    kept = seen[len(moved) :]
    return {
        "moving": {letter: letter_figures(read, letter) for letter in MOVING},
        "held": [
            {"held": name, "not": never, "times": count, "read": sum(never in text for text in texts)}
            for name, never, texts in (
                ("I", "J", kept[:count]),
                ("D", "Z", kept[count : 2 * count]),
                ("1", "Z", kept[2 * count :]),
            )
        ],
    }


def _letter(letter: str, speed: float, seed: int) -> SyntheticSigner:
    return spell(letter, speed, seed, SignerLook.random(seed))


class HeldOne:
    """Somebody who holds up an index finger, the number one, for three seconds: a Z that stands still."""

    def __init__(self, seed: int) -> None:
        rng = np.random.default_rng((seed, 3))
        one = LETTERS["Z"]
        angles = one.angles + rng.normal(0, 2.0, 21)

        def low(at: float) -> Key:
            return Key(at, REST.angles, REST.turn, (0.0, 0.0), 0.0)

        def high(at: float) -> Key:
            return Key(at, angles, one.turn, (0.0, 0.0), 1.0)

        keys = (low(0.0), high(RAISED), high(RAISED + HELD), low(HELD + 2 * RAISED))
        self._score = Score(keys, (), HELD + 3 * RAISED)
        self._person = Person(SignerLook.random(seed), SIZE, rng)

    @property
    def duration(self) -> float:
        """Seconds that it lasts."""
        return self._score.duration

    def render(self, t: float) -> NDArray[np.uint8]:
        """The picture at t seconds, BGR uint8 (H, W, 3)."""
        return self._person.render(self._score.at(t), t)
