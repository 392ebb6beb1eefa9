"""Spelling as fluent people do it: letters that are not quite reached, fingers out of step, an uneven rhythm.

Everything happens in joint angles and in time, and grows with an amount from 0, each letter posed, to 1.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from overlay.synthesis.signer.hand.letters import REST, Pose, stroke
from overlay.synthesis.signer.hand.skeleton import rotation_matrix, rotation_vector
from overlay.synthesis.signer.movement.motion import (
    FALL_SECONDS,
    HOLD_SHARE,
    LOW_SECONDS,
    RISE_SECONDS,
    SLIDE,
    SLIDE_SECONDS,
    Key,
    Moment,
    Span,
    label_at,
    stroke_seconds,
    varied,
)
from overlay.synthesis.signer.movement.tracks import HAND_PARTS, PARTS, SIDEWAYS, TURN, Tracks, matrix_of

Array = NDArray[np.float64]

SHORTEST_HOLD, LONGEST_HOLD = 1 / 30, 6 / 30  # seconds, at speeds at which people are fluent
SLOW_HOLD = 0.5  # of a letter's slot: where it is more than the longest hold, slow spellers hold for this long
SHORTEST_WAY = 0.35  # of a letter's slot
FORMED = 0.5  # share of words in which the hand comes up or goes down with its letter formed
LOOSE = 0.6  # share of letters of LOOSENED that are made otherwise
WIDEST = 20.0  # degrees that the palm is turned aside at most
PIVOT = 18.0  # degrees that the hand tips over for each palm that it comes from aside: it turns about the elbow
PEAK = 0.93  # of the most that a letter is ever made: where it is as nearly made as at that moment
SAMPLES = 49  # moments at which is looked where a letter is made

# How people make a letter when they are in no mood to pose it: degrees added, to each joint of all four fingers and
# to the thumb (away, forward, roll, knuckle, end joint). One of the ways is taken, in part.
LOOSENED: Final[dict[str, tuple[tuple[tuple[float, float, float], tuple[float, ...]], ...]]] = {
    "E": (((8, -34, -16), (5, 0, 0, -16, -14)), ((-4, -16, -24), (2, -4, 0, -10, -8))),  # half open, a claw
    "O": (((28, -32, -18), (-7, -2, 6, -22, -10)), ((16, -18, -8), (-4, 0, 3, -10, -6))),  # flat
    "S": (((-6, -12, -8), (4, -3, -4, -8, -14)), ((4, -8, -10), (-4, 0, 0, 6, -8))),
    "A": (((-10, -14, -10), (9, 0, 0, -6, 0)), ((4, -6, -6), (-7, 6, 0, 6, 4))),
    "M": (((-12, -14, -6), (3, 4, 0, -12, -4)), ((10, -20, -8), (0, 4, 0, -8, 0))),
    "N": (((-12, -14, -6), (4, 4, 0, -10, -2)), ((10, -18, -8), (0, 4, 0, -6, 0))),
    "T": (((-10, -10, -8), (5, 4, 0, -10, 0)), ((6, -12, -6), (-3, 4, 0, -6, 0))),
}


@dataclass(frozen=True, slots=True)
class Habits:
    """The habits of one person who spells fluently.

    Attributes:
        inertia: (len(PARTS),) seconds over which the motion of each part is averaged, before any limit by speed.
        lags: (len(PARTS),) by which each part moves late, as a share of a letter's slot.
        hold: share of a letter's slot for which it is held.
        aside: (2,) pitch and yaw of the palm, degrees.
    """

    inertia: Array
    lags: Array
    hold: float
    aside: Array

    @classmethod
    def of(cls, style: int) -> "Habits":
        """The habits of the signer of a style (see `SignerLook`)."""
        rng = np.random.default_rng((style, 23))
        inertia = rng.uniform(0.04, 0.07) * rng.uniform(0.85, 1.2, len(PARTS))
        lags = np.zeros(len(PARTS))
        lags[:HAND_PARTS] = np.clip(rng.normal(0, 0.05, HAND_PARTS), -0.1, 0.1)
        return cls(inertia, lags, float(rng.uniform(0.25, 0.5)), np.clip(rng.normal(0, 8, 2), -14, 14))


@dataclass(frozen=True, slots=True)
class FluentScore:
    """The whole performance of a text, as `overlay.synthesis.signer.movement.motion.Score`, by a fluent person.

    Attributes:
        aside: (2,) pitch and yaw in degrees about which the palm wanders.
        rates, phases: (2, 3) of the sines by which it does, in radians a second and radians.
        amount: of the wandering, 0 to 1.
    """

    tracks: Tracks
    spans: tuple[Span, ...]
    duration: float
    aside: Array
    rates: Array
    phases: Array
    amount: float

    def label(self, t: float) -> str | None:
        """The letter whose sign is being made at t seconds."""
        return label_at(self.spans, t)

    def at(self, t: float) -> Moment:
        """Joint angles (21,), turn as a matrix (3, 3), shift in palms and how far the hand is raised, at t."""
        channels = self.tracks.at(t)
        wandered = self.aside + 7.0 * np.sin(self.rates * t + self.phases).sum(axis=1)
        pitch, yaw = np.radians(WIDEST * self.amount * np.tanh(wandered / WIDEST))
        turn = rotation_matrix(np.array([pitch, yaw, 0.0])) @ matrix_of(channels[TURN])
        across, up, raised = (float(value) for value in channels[-3:])
        return channels[:21], turn, (across, up), raised


def compose_fluently(
    words: list[str],
    speed: float,
    lead: float,
    tail: float,
    styled: dict[str, Pose],
    rng: np.random.Generator,
    variation: float,
    habits: Habits,
    amount: float,
    mirrored_z: bool = False,
    pauses: Sequence[float] = (),
) -> FluentScore:
    """The performance of words as `motion.compose` beside this has it, but coarticulated by an amount up to 1."""
    composer = _Composer(speed, lead, styled, rng, variation, habits, amount, mirrored_z)
    for number, word in enumerate(words):
        composer.spell(word, pauses[number] if pauses else 0.0)
    tracks = composer.tracks()
    spans = composer.spans(tracks)
    rates = rng.uniform(0.04, 0.3, (2, 3)) * 2 * np.pi
    phases = rng.uniform(0, 2 * np.pi, (2, 3))
    last = composer.made[-1][2] if composer.made else lead
    return FluentScore(tracks, spans, last + tail, habits.aside, rates, phases, amount)


class _Composer:
    """Puts keys together, word by word."""

    def __init__(
        self,
        speed: float,
        lead: float,
        styled: dict[str, Pose],
        rng: np.random.Generator,
        variation: float,
        habits: Habits,
        amount: float,
        mirrored_z: bool,
    ) -> None:
        self._slot, self._speed, self._lead = 1 / speed, speed, lead
        self._styled, self._rng, self._variation = styled, rng, variation
        self._habits, self._amount, self._mirrored_z = habits, amount, mirrored_z
        self._t = lead
        self._keys = [Key(0.0, REST.angles, REST.turn, (0.0, 0.0), 0.0)]
        self._lags = [np.zeros(len(PARTS))]
        self.made: list[tuple[str, float, float, int, int]] = []  # letter, start, end, first and last key

    def spell(self, word: str, pause: float) -> None:
        """Add a word, and the way down after it."""
        rng = self._rng
        poses = [self._pose(letter) for letter in word]
        self._come_up(poses[0])
        drift, out = np.zeros(2), 0.0
        arriving = self._lag()
        pose = poses[0]
        for k, letter in enumerate(word):
            hold, way = self._rhythm(last=k == len(word) - 1)
            double = k > 0 and word[k - 1] == letter
            if double:
                out += SLIDE * self._mixed(1.0, rng.uniform(0.6, 1.3))
                self._t += SLIDE_SECONDS * self._mixed(1.0, rng.uniform(0.7, 1.1))
            elif k:
                out = 0.0
                self._t += way
            if not double or letter in "JZ":
                pose = poses[k]
                drift = drift * 0.7 + rng.normal(0, 0.05, 2) * self._variation
            place = float(drift[0]) - out, float(drift[1])
            leaving = self._lag()
            self._make(letter, pose, place, hold, arriving, leaving)
            arriving = leaving
        self._go_down(pose)
        self._t += FALL_SECONDS + LOW_SECONDS + RISE_SECONDS + pause

    def tracks(self) -> Tracks:
        """All that was composed."""
        inertia = np.minimum(self._habits.inertia, 0.3 * self._slot) * self._amount
        return Tracks.of(self._keys, np.stack(self._lags, axis=1), inertia)

    def spans(self, tracks: Tracks) -> tuple[Span, ...]:
        """Where each letter is as nearly made as it ever is; strokes from their beginning to their end."""
        spans = []
        for letter, start, end, first, last in self.made:
            if letter in "JZ":
                spans.append(Span(letter, start, end))
                continue
            before, after = self._keys[first - 1], self._keys[last + 1]
            low = start - 0.45 * (start - before.at) * before.raised
            high = end + 0.45 * (after.at - end) * after.raised
            times = np.linspace(low, high, SAMPLES)
            there = tracks.presence(first, last, times)
            peak = int(there.argmax())
            outside = np.flatnonzero(there < PEAK * there[peak])
            a, b = outside[outside < peak], outside[outside > peak]
            left, right = int(a[-1]) + 1 if len(a) else 0, int(b[0]) - 1 if len(b) else SAMPLES - 1
            spans.append(Span(letter, float(times[left]), float(times[right])))
        return tuple(spans)

    def _make(
        self, letter: str, pose: Pose, place: tuple[float, float], hold: float, arriving: Array, leaving: Array
    ) -> None:
        t, first = self._t, len(self._keys)
        x, y = place
        if letter in "JZ":
            hold = stroke_seconds(letter, self._speed) * self._mixed(1.0, self._rng.uniform(0.75, 1.1))
            size = self._mixed(1.0, self._rng.uniform(0.75, 1.05))
            for u, turn, dx, dy in stroke(letter, pose, self._mirrored_z):
                even = letter == "J" and u > 0
                self._add(
                    Key(t + u * hold, pose.angles, turn, (x + size * dx, y + size * dy), 1.0, even),
                    leaving if u == 1 else arriving,
                )
        else:
            self._add(Key(t, pose.angles, pose.turn, place, 1.0), arriving)
            self._add(Key(t + hold, pose.angles, pose.turn, place, 1.0), leaving)
        self._t += hold
        self.made.append((letter, t, self._t, first, len(self._keys) - 1))

    def _come_up(self, pose: Pose) -> None:
        before = self._keys[-1].at
        usual = RISE_SECONDS * self._mixed(1.0, self._rng.uniform(0.85, 1.5))
        rise = min(usual, self._t - before) if before else min(usual * 1.5, self._lead)
        key = self._low(max(before, self._t - rise), pose)
        self._add(key, self._sideways(self._rng.uniform(-0.4, 0.15) * rise))

    def _go_down(self, pose: Pose) -> None:
        fall = FALL_SECONDS * self._mixed(1.0, self._rng.uniform(0.85, 1.4))
        late = self._sideways(self._rng.uniform(-0.1, 0.3) * fall)
        self._lags[-1] = self._lags[-1] + late
        self._add(self._low(self._t + fall, pose), late)

    def _low(self, at: float, pose: Pose) -> Key:
        """The hand below the picture, aside and tipped over, with its letter formed or at rest."""
        rng, amount = self._rng, self._amount
        side = float(np.clip(rng.normal(0, 0.6), -1.3, 1.3)) * amount
        formed = rng.random() < FORMED * amount
        slack = rng.uniform(0.0, 0.3) if formed else 1.0
        angles = pose.angles + (REST.angles - pose.angles) * slack
        tipped = rotation_matrix(np.array([0.0, 0.0, np.radians(-PIVOT * side + rng.normal(0, 8) * amount)]))
        turn = rotation_vector(tipped @ rotation_matrix(pose.turn if formed else REST.turn))
        return Key(at, angles, turn, (side, 0.0), 0.0)

    def _pose(self, letter: str) -> Pose:
        """A letter as it is made this time."""
        rng, amount = self._rng, self._amount
        pose = varied(self._styled[letter], rng, self._variation * (1 + 0.5 * amount))
        ways = LOOSENED.get(letter)
        if ways is None or rng.random() >= LOOSE:
            return pose
        fingers, thumb = ways[int(rng.integers(len(ways)))]
        more = np.concatenate([np.tile([*fingers, 0.0], 4), thumb])
        return Pose(pose.angles + more * rng.uniform(0, 1) * amount, pose.turn)

    def _rhythm(self, *, last: bool) -> tuple[float, float]:
        """For how long the next letter is held, and how long the way to it is, in seconds."""
        rng, slot = self._rng, self._slot
        most = max(LONGEST_HOLD, SLOW_HOLD * slot)
        own = self._habits.hold * slot * np.exp(rng.normal(0, 0.35)) * (rng.uniform(1.0, 1.6) if last else 1.0)
        hold = self._mixed(HOLD_SHARE * slot, float(np.clip(own, SHORTEST_HOLD, most)))
        way = max(slot * np.exp(rng.normal(0, 0.2)) - hold, SHORTEST_WAY * slot)
        return hold, self._mixed((1 - HOLD_SHARE) * slot, float(way))

    def _lag(self) -> Array:
        """Seconds by which each part moves late on one way."""
        lag = self._habits.lags.copy()
        lag[:HAND_PARTS] += self._rng.normal(0, 0.05, HAND_PARTS)
        return np.clip(lag, -0.2, 0.2) * min(self._slot, 0.35) * self._amount

    def _sideways(self, seconds: float) -> Array:
        lag = np.zeros(len(PARTS))
        lag[SIDEWAYS] = seconds * self._amount
        return lag

    def _mixed(self, posed: float, fluent: float) -> float:
        return posed + (fluent - posed) * self._amount

    def _add(self, key: Key, lag: Array) -> None:
        self._keys.append(key)
        self._lags.append(lag)
