"""The time at which each letter of a text is signed, and the hand's motion from one to the next."""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple, TypeVar

import numpy as np
from numpy.typing import NDArray

from overlay.core.errors import SigncapError
from overlay.synthesis.signer.hand.letters import LETTERS, REST, Pose, stroke
from overlay.synthesis.signer.hand.skeleton import rotation_matrix, rotation_vector

Array = NDArray[np.float64]
Share = TypeVar("Share", float, Array)

HOLD_SHARE = 0.6  # of a letter's slot; the rest is the way to the next letter
SLIDE = 0.70  # palms that the hand moves outwards between double letters
SLIDE_SECONDS = 0.20
FALL_SECONDS, LOW_SECONDS, RISE_SECONDS = 0.24, 0.36, 0.24
MAX_TEXT = 2000

Moment = tuple[Array, Array, tuple[float, float], float]  # angles (21,), turn (3, 3), shift in palms, raised 0 to 1


class Span(NamedTuple):
    """A letter and when its sign is made, in seconds."""

    letter: str
    start: float
    end: float


@dataclass(frozen=True, slots=True)
class Key:
    """The hand at one moment: joint angles (21,), turn (rotation vector), shift in palms (x, y up), raised 0 or 1."""

    at: float
    angles: Array
    turn: Array
    shift: tuple[float, float]
    raised: float
    even: bool = False  # reached at an even pace, not by speeding up and slowing down


@dataclass(frozen=True, slots=True)
class Score:
    """The whole performance of a text."""

    keys: tuple[Key, ...]
    spans: tuple[Span, ...]
    duration: float

    def label(self, t: float) -> str | None:
        """The letter whose sign is being made at t seconds."""
        return label_at(self.spans, t)

    def at(self, t: float) -> Moment:
        """Joint angles (21,), turn as a matrix (3, 3), shift in palms and how far the hand is raised, at t."""
        keys = self.keys
        k = bisect_right(keys, t, key=lambda key: key.at)
        if k == 0 or k == len(keys):
            key = keys[0 if k == 0 else -1]
            return key.angles, rotation_matrix(key.turn), key.shift, key.raised
        a, b = keys[k - 1], keys[k]
        u = (t - a.at) / (b.at - a.at)
        s = u if b.even else eased(u)
        start = rotation_matrix(a.turn)
        turn = start @ rotation_matrix(rotation_vector(start.T @ rotation_matrix(b.turn)) * s)
        shift = (a.shift[0] + (b.shift[0] - a.shift[0]) * s, a.shift[1] + (b.shift[1] - a.shift[1]) * s)
        return a.angles + (b.angles - a.angles) * s, turn, shift, a.raised + (b.raised - a.raised) * s


def label_at(spans: Sequence[Span], t: float) -> str | None:
    """The letter among spans, in order, that is made at t seconds."""
    k = bisect_right(spans, t, key=lambda span: span.start) - 1
    if k >= 0 and t < spans[k].end:
        return spans[k].letter
    return None


def eased(u: Share) -> Share:
    """Return how far a way is gone after a share of its time, both 0 to 1, with the least jerk."""
    return u * u * u * (10 - 15 * u + 6 * u * u)


def stroke_seconds(letter: str, speed: float) -> float:
    """Return how long the motion of J or Z takes at a speed in letters per second."""
    return float(np.clip((1.4 if letter == "J" else 1.6) / speed, 0.34, 0.8))


def words_of(text: str) -> list[str]:
    """The words of a text in capitals; SigncapError lists the characters that have no sign here."""
    folded = " ".join(text.split()).upper()
    odd = sorted({c for c in folded if c != " " and c not in LETTERS})
    if odd:
        listed = " ".join(odd)
        raise SigncapError(
            f"The synthetic signer spells A to Z and spaces only; take these out of the text: {listed}"
        )
    if len(folded) > MAX_TEXT:
        raise SigncapError(f"The text has {len(folded)} characters; give the synthetic signer at most {MAX_TEXT}.")
    return folded.split()


def compose(
    words: list[str],
    speed: float,
    lead: float,
    tail: float,
    styled: dict[str, Pose],
    rng: np.random.Generator,
    variation: float,
    mirrored_z: bool,
    pauses: Sequence[float] = (),
) -> Score:
    """The performance of words at a speed in letters per second.

    `styled` holds the signer's own letters; `variation` scales how much each making of a letter differs; `pauses`
    are the seconds that the hand stays down longer after each word.
    """
    keys: list[Key] = [Key(0.0, REST.angles, REST.turn, (0.0, 0.0), 0.0)]
    spans: list[Span] = []
    hold, change = HOLD_SHARE / speed, (1 - HOLD_SHARE) / speed
    t = lead
    for number, word in enumerate(words):
        rise = min(RISE_SECONDS, t - keys[-1].at) if keys[-1].at else min(RISE_SECONDS * 1.5, lead)
        keys.append(Key(max(keys[-1].at, t - rise), REST.angles, REST.turn, (0.0, 0.0), 0.0))
        drift = np.zeros(2)
        before, out = "", 0.0
        for letter in word:
            if before == letter:
                out += SLIDE
                t += SLIDE_SECONDS
                if letter not in "JZ":
                    last = keys[-1]
                    shift = (last.shift[0] - SLIDE, last.shift[1])
                    keys.append(Key(t, last.angles, last.turn, shift, 1.0))
                    keys.append(Key(t + hold, last.angles, last.turn, shift, 1.0))
                    spans.append(Span(letter, t, t + hold))
                    t += hold
                    continue
            else:
                if before:
                    t += change
                out = 0.0
            pose = varied(styled[letter], rng, variation)
            drift = drift * 0.7 + rng.normal(0, 0.05, 2) * variation
            x, y = float(drift[0]) - out, float(drift[1])
            if letter in "JZ":
                lasts = stroke_seconds(letter, speed)
                for u, turn, dx, dy in stroke(letter, pose, mirrored_z):
                    even = letter == "J" and u > 0
                    keys.append(Key(t + u * lasts, pose.angles, turn, (x + dx, y + dy), 1.0, even))
            else:
                lasts = hold
                keys.append(Key(t, pose.angles, pose.turn, (x, y), 1.0))
                keys.append(Key(t + lasts, pose.angles, pose.turn, (x, y), 1.0))
            spans.append(Span(letter, t, t + lasts))
            t += lasts
            before = letter
        keys.append(Key(t + FALL_SECONDS, REST.angles, REST.turn, (0.0, 0.0), 0.0))
        t += FALL_SECONDS + LOW_SECONDS + RISE_SECONDS + (pauses[number] if pauses else 0.0)
    end = (spans[-1].end if spans else lead) + tail
    return Score(tuple(keys), tuple(spans), end)


def varied(pose: Pose, rng: np.random.Generator, amount: float) -> Pose:
    """A pose as somebody makes it this time: an amount of 1 is a spread of two degrees or a little more."""
    joints = rng.normal(0, 2.0, 21) * amount
    turn = rotation_matrix(rng.normal(0, np.radians(2.5), 3) * amount) @ rotation_matrix(pose.turn)
    return Pose(pose.angles + joints, rotation_vector(turn))


@dataclass(frozen=True, slots=True)
class Wobble:
    """Smooth noise in some channels: a few slow sines each, with a spread of about 1."""

    rates: Array
    phases: Array

    @classmethod
    def make(cls, channels: int, rng: np.random.Generator) -> "Wobble":
        """Noise for this many channels, drawn from `rng`."""
        rates = rng.uniform(0.25, 1.9, (channels, 4)) * 2 * np.pi
        return cls(rates, rng.uniform(0, 2 * np.pi, (channels, 4)))

    def at(self, t: float) -> Array:
        """The noise (channels,) at t seconds."""
        value: Array = np.sin(self.rates * t + self.phases).sum(axis=1) / np.sqrt(2.0)
        return value
