"""A person who gestures but signs nothing: what a recogniser has to stay silent at."""

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from overlay.core.errors import SigncapError
from overlay.synthesis.signer.drawing.backdrop import FACE_LINE
from overlay.synthesis.signer.drawing.person import BODY_MIDDLE, PALM, Person
from overlay.synthesis.signer.gesturing.gesture_draft import Draft, Place
from overlay.synthesis.signer.gesturing.gesture_kinds import KINDS, away
from overlay.synthesis.signer.hand.handshapes import SHAPES, tilted
from overlay.synthesis.signer.hand.letters import LETTERS, REST
from overlay.synthesis.signer.hand.skeleton import joints, rotation_matrix, rotation_vector
from overlay.synthesis.signer.look import SignerLook
from overlay.synthesis.signer.movement.motion import Key, Moment, Score, Span

Array = NDArray[np.float64]
Kinds = Sequence[tuple[Callable[[Draft], None], float]]  # each with how often it comes, in proportion

SHORTEST, LONGEST = 0.8, 4.0  # seconds that one gesture takes
FALL = 0.35
LEAST, MOST = 1.0, 600.0  # seconds that a performance lasts
# A hand looks like a letter where its landmarks are this close in palms, on average and at worst: letters made by
# random signers stay within 0.24 and 0.64 of the usual.
ALIKE, FAR = 0.26, 0.65
SLOW = 1.0  # palms a second of the fastest part below which a hand is held
LETTER_SECONDS = 0.15  # no letter is held for longer
STEP = 1 / 50
TRIES = 12


class Gesturing:
    """A person who gestures without spelling; every frame is a pure function of (seconds, seed, look, t).

    The same way to be asked as `overlay.synthesis.signer.SyntheticSigner`, without a letter ever. No gesture holds a
    hand for longer than 0.15 s as a letter is held.

    Args:
        seconds: how long, 1 to 600; the hand is down at the start and at the end.
        seed: of the gestures and of the wobble.
        look: the person; the default look when None.
        size: width and height of the pictures in pixels.
        kinds: what is done; everything of `overlay.synthesis.signer.gesturing.gesture_kinds` by default.

    Attributes:
        gestures: (name, start, end) of every gesture, in order, in seconds.
    """

    def __init__(
        self,
        seconds: float,
        *,
        seed: int = 0,
        look: SignerLook | None = None,
        size: tuple[int, int] = (1280, 720),
        kinds: Kinds = KINDS,
    ) -> None:
        if not LEAST <= seconds <= MOST:
            raise SigncapError(f"Nobody gestures for {seconds:g} seconds; ask for {LEAST:g} to {MOST:g}.")
        self.look = look or SignerLook()
        self.size = size
        rng = np.random.default_rng((seed, 5))
        self._person = Person(self.look, size, rng, follow=float(rng.uniform(0.6, 1.1)))
        self._score, self.gestures = _compose(seconds, self.look, size, rng, kinds)

    @property
    def duration(self) -> float:
        """Seconds that it lasts."""
        return self._score.duration

    @property
    def letters(self) -> tuple[Span, ...]:
        """No letter is made."""
        return ()

    def label(self, t: float) -> str | None:
        """None at any time."""
        return None

    def landmarks(self, t: float) -> NDArray[np.float32] | None:
        """Return landmarks (21, 3) in pixels as `SyntheticSigner.landmarks` does; None while there is no hand."""
        return self._person.landmarks(self._score.at(t), t)

    def render(self, t: float) -> NDArray[np.uint8]:
        """The picture at t seconds, BGR uint8 (H, W, 3)."""
        return self._person.render(self._score.at(t), t)


def _compose(
    seconds: float, look: SignerLook, size: tuple[int, int], rng: np.random.Generator, kinds: Kinds
) -> tuple[Score, tuple[Span, ...]]:
    """Gestures drawn at random, one after the other, with ways from one to the next."""
    keys = [Key(0.0, SHAPES["relaxed"], REST.turn, (0.0, 0.0), 0.0)]
    spans: list[Span] = []
    weights = np.array([weight for _, weight in kinds])
    while keys[-1].at < seconds - FALL:
        for _ in range(TRIES):
            kind = kinds[int(rng.choice(len(kinds), p=weights / weights.sum()))][0]
            if len(kinds) > 1 and spans and spans[-1].letter == kind.__name__:
                continue
            added = _keys(kind, keys[-1], look, size, rng)
            if letter_held([*keys[-4:], *added]) <= LETTER_SECONDS:
                break
        else:
            kind, added = away, _keys(away, keys[-1], look, size, rng)
        spans.append(Span(kind.__name__, added[0].at, added[-1].at))
        keys.extend(added)
    end = seconds - FALL
    whole = Score(tuple(keys), (), seconds)
    keys = [key for key in keys if key.at < end]
    keys.append(_key(end, whole.at(end)))
    keys.append(Key(seconds, keys[-1].angles, keys[-1].turn, keys[-1].shift, 0.0))
    named = tuple(Span(name, start, min(stop, end)) for name, start, stop in spans if start < end)
    return Score(tuple(keys), (), seconds), named


def _keys(
    kind: Callable[[Draft], None], last: Key, look: SignerLook, size: tuple[int, int], rng: np.random.Generator
) -> list[Key]:
    """One gesture after the last key, made this person's own way."""
    draft = Draft(rng)
    kind(draft)
    bends = rng.normal(0, 3.5, 21)
    turned = tilted(np.eye(3), rng, 5)
    x, y = rng.normal(0, 0.06, 2)
    shown = [beat.after for beat in draft.beats[1:]]
    pace = float(np.clip(sum(shown), SHORTEST, LONGEST) / max(sum(shown), 1e-6)) if shown else 1.0
    keys: list[Key] = []
    for beat in draft.beats:
        angles, turn = beat.angles + bends, turned @ beat.turn
        place = beat.place.moved(float(x), float(y))
        shift = _shift(place, angles, turn, look, size)
        if not keys:
            way = np.hypot(shift[0] - last.shift[0], shift[1] - last.shift[1]) + abs(beat.raised - last.raised)
            at = last.at + float(np.clip(0.16 * way + rng.uniform(0.2, 0.45), 0.25, 0.9))
        else:
            at = keys[-1].at + max(beat.after * pace, 0.05)
        keys.append(Key(at, angles, rotation_vector(turn), shift, beat.raised))
    return keys


def _shift(place: Place, angles: Array, turn: Array, look: SignerLook, size: tuple[int, int]) -> tuple[float, float]:
    """Where the middle of the palm goes, in the hand's palms from the usual place."""
    x, y = place.x, place.y
    if place.of == "face":
        body = PALM * size[1]
        x += (BODY_MIDDLE - look.place[0]) * size[0] / body
        y += (look.place[1] - FACE_LINE) * size[1] / body
        x, y = x / look.hand_scale, y / look.hand_scale
    if place.touch is not None:
        off = turn @ (joints(angles)[place.touch] - np.array([0.0, 0.55, 0.0]))
        x, y = x - float(off[0]), y - float(off[1])
    return x, y


def _key(at: float, moment: Moment) -> Key:
    angles, turn, shift, raised = moment
    return Key(at, angles, rotation_vector(turn), shift, raised)


def _letters() -> tuple[list[str], Array]:
    """The letters and their landmarks (26, 21, 3) in palms about the palm, turned as a signer turns them."""
    seen = [joints(pose.angles) @ rotation_matrix(pose.turn).T for pose in LETTERS.values()]
    return list(LETTERS), np.array([points - points[[0, 5, 9, 13, 17]].mean(axis=0) for points in seen])


NAMES, SEEN = _letters()


def letter_held(keys: list[Key]) -> float:
    """The longest time in seconds for which some keys hold the hand as any one letter is held."""
    score = Score(tuple(keys), (), keys[-1].at)
    longest, run = 0.0, np.zeros(len(NAMES))
    before: Array | None = None
    for t in np.arange(keys[0].at, keys[-1].at, STEP):
        angles, turn, shift, raised = score.at(float(t))
        points = joints(angles) @ turn.T
        points -= points[[0, 5, 9, 13, 17]].mean(axis=0)
        placed = points + np.array([shift[0], shift[1] + 4 * raised, 0.0])
        slow = before is not None and np.linalg.norm(placed - before, axis=1).max() < SLOW * STEP
        before = placed
        apart = np.linalg.norm(SEEN - points, axis=2)
        alike = (apart.mean(axis=1) < ALIKE) & (apart.max(axis=1) < FAR)
        run = np.where(alike & slow & (raised > 0.5), run + STEP, 0.0)
        longest = max(longest, float(run.max()))
    return longest
