"""J and Z by synthetic people, and their handshapes held still, before the whole live path."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from models.evaluation.live import Eyes, Performer, Scene
from models.evaluation.people.landmark_clips import MOVING, letter_figures
from models.evaluation.synthetic.spelling import spell
from models.evaluation.synthetic.unseen import SIZE, UNSEEN
from overlay.synthesis.signer import SignerLook, SyntheticSigner
from overlay.synthesis.signer.drawing.person import Person
from overlay.synthesis.signer.hand.letters import LETTERS, REST, stroke
from overlay.synthesis.signer.movement.motion import Key, Score, stroke_seconds

SLOWEST, FASTEST = 1.0, 4.0  # letters a second
HELD_SPEED: Final = 0.2  # letters a second at which a letter is held for three seconds
HELD: Final = 3.0  # seconds
KEPT: Final = 1.5  # seconds that the hand stays where a stroke has ended
STROKES: Final = ("J", "Z")
RAISED: Final = 0.6  # seconds until the hand is up, and again until the end

Json = dict[str, Any]


def stroke_figures(eyes: Eyes, count: int) -> Json:
    """Let people sign J, Z, I and D, one letter each, so often at speeds from 1 to 4 letters a second; hold I, D and
    a 1, which is how a Z begins, for three seconds; and leave the hand for 1.5 seconds where a J or a Z has ended."""
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
    ends = [
        Scene(partial(KeptStroke, letter, speed, UNSEEN + 11000 + 1000 * place + k))
        for place, letter in enumerate(STROKES)
        for k, speed in enumerate(speeds)
    ]
    seen = [one.letters for one in eyes.read([*moved, *held, *ends], "strokes")]
    read = list(zip([letter for letter in MOVING for _ in range(count)], seen, strict=False))
    kept = seen[len(moved) :]
    ended = list(zip([letter for letter in STROKES for _ in speeds], kept[3 * count :], strict=True))
    return {
        "moving": {letter: letter_figures(read, letter) for letter in MOVING},
        "kept_seconds": KEPT,
        "kept": {letter: letter_figures(ended, letter) for letter in STROKES},
        "held": [
            {"held": name, "not": never, "times": count, "read": sum(never in text for text in texts)}
            for name, never, texts in (
                ("I", "J", kept[:count]),
                ("D", "Z", kept[count : 2 * count]),
                ("1", "Z", kept[2 * count : 3 * count]),
            )
        ],
    }


def _letter(letter: str, speed: float, seed: int) -> SyntheticSigner:
    return spell(letter, speed, seed, SignerLook.random(seed))


class _Keyed:
    """Somebody of a random look who raises the hand, does what some keys say, and lowers it."""

    def __init__(self, keys: Sequence[Key], look: SignerLook, rng: np.random.Generator) -> None:
        down = keys[-1].at + RAISED
        self._score = Score((self._low(0.0), *keys, self._low(down)), (), down + RAISED)
        self._person = Person(look, SIZE, rng)

    @staticmethod
    def _low(at: float) -> Key:
        return Key(at, REST.angles, REST.turn, (0.0, 0.0), 0.0)

    @property
    def duration(self) -> float:
        """Seconds that it lasts."""
        return self._score.duration

    def render(self, t: float) -> NDArray[np.uint8]:
        """The picture at t seconds, BGR uint8 (H, W, 3)."""
        return self._person.render(self._score.at(t), t)


class HeldOne(_Keyed):
    """Somebody who holds up an index finger, the number one, for three seconds: a Z that stands still."""

    def __init__(self, seed: int) -> None:
        rng = np.random.default_rng((seed, 3))
        one = LETTERS["Z"]
        angles = one.angles + rng.normal(0, 2.0, 21)
        keys = [Key(at, angles, one.turn, (0.0, 0.0), 1.0) for at in (RAISED, RAISED + HELD)]
        super().__init__(keys, SignerLook.random(seed), rng)


class KeptStroke(_Keyed):
    """Somebody who draws a J or a Z and leaves the hand for 1.5 seconds where it has ended."""

    def __init__(self, letter: str, speed: float, seed: int) -> None:
        rng = np.random.default_rng((seed, 3))
        look, pose = SignerLook.random(seed), LETTERS[letter]
        angles, lasts = pose.angles + rng.normal(0, 2.0, 21), stroke_seconds(letter, speed)
        keys = [
            Key(RAISED + u * lasts, angles, turn, (x, y), 1.0, letter == "J" and u > 0)
            for u, turn, x, y in stroke(letter, pose, look.mirrored_z)
        ]
        end = keys[-1]
        super().__init__([*keys, replace(end, at=end.at + KEPT, even=False)], look, rng)
