"""Fluent spelling put together from landmarks of held letters: no letter is quite made, and each colours the next."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any, Final

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from models.training.data.rows import IGNORED
from models.training.shipped.clips import Clip
from models.training.shipped.poses import (
    BONES,
    FINGERS,
    PALM_PART,
    PARTS,
    Floats,
    Poses,
    about,
    blend,
    nearest_rotations,
)
from models.training.shipped.stills import Stills
from overlay.recognition.feature_window import GRID_RATE
from overlay.recognition.letter_model import BLANK, LETTERS

MOST_COLOURED: Final = 0.2  # of a letter that its neighbours take, at four and a half letters a second and more
# Share of the most that a letter is ever made, from which on it is made, nearly made, and clearly so. People at speed
# do not reach their letters: a network that is taught clear ones alone loses every fifth of these.
MADE: Final = 0.7
ALMOST: Final = 0.5
CLEAR: Final = 0.88
STROKE_KNOWN: Final = 0.3  # of a stroke, after which there has been enough of it to know it
STROKE: Final = 0.02, 0.985  # from where to where on the tip's way a take of J or Z is the stroke itself
FEWEST: Final = 6  # letters of a person whose words are worth spelling


@dataclass(frozen=True)
class Manner:
    """What is done to posed letters; each can be left out, to see what it is worth.

    Attributes:
        coarticulated: letters are not reached at speed, and each finger has its own lead or lag.
        turned: degrees to which the hand is turned away from the camera, at most.
        varied: degrees (standard deviation) by which each person bends fingers otherwise.
        entering: the hand comes up and goes down with letters formed, on arcs.
    """

    coarticulated: bool = True
    turned: float = 35.0
    varied: float = 7.0
    entering: bool = True


@dataclass(frozen=True)
class Passage:
    """A piece of signing on the time grid.

    Attributes:
        landmarks: float32 (T, 21, 3), in palms; anything where there is no hand.
        present: bool (T,).
        labels: int (T,), of letters, `BLANK` or `IGNORED`.
        clear: bool (T,), where the letter of the label is made nearly as far as it ever is.
    """

    landmarks: Floats
    present: NDArray[np.bool_]
    labels: NDArray[np.int64]
    clear: NDArray[np.bool_]


# How people make a letter otherwise than it is posed: degrees by which joints are bent further, from the knuckle on,
# of all four fingers or of each.
LOOSE: Final[dict[str, tuple[Any, ...]]] = {
    "E": ((0, 8, 6), (-4, -30, -10)),
    "O": (
        (-10, -40, 35),  # flat, the tips beside the thumb's
        (14, -26, -12),
        ((0, 10, 10), (0, 25, 10), (0, 40, 10), (5, 40, 10)),  # the outer fingers closed
        ((-10, -40, 30), (-10, 0, 15), (0, 35, 5), (5, 40, 5)),
    ),
    "S": ((0, -8, -6), (0, 6, 4)),
    "A": ((0, -8, -6), (0, 6, 4)),
    "T": ((0, -8, -6), (0, 8, 4)),
    "M": ((14, -12, -6), (-12, 12, 6)),
    "N": ((14, -12, -6), (-12, 12, 6)),
}
# Letters that are posed from the side and spelled with the palm towards whoever reads; those that point somewhere.
SIDEWAYS: Final = "OC"
FACING: Final = 0.7  # share of those that are turned so
POINTING: Final = "GHPQJZ"
DRAWS: Final = {"J": 20, "Z": 8}  # the tip that draws


@dataclass
class Hands:
    """The letters of one person.

    Attributes:
        still: held ones, by letter.
        moved: strokes, J and Z, by letter: each a `Poses` of its moments, with the wrist's way (T, 3) in palms.
    """

    still: dict[int, Poses]
    moved: dict[int, list[tuple[Poses, Floats]]] = field(default_factory=dict)

    @property
    def letters(self) -> set[int]:
        """Those that this person can spell."""
        return set(self.still) | set(self.moved)


def strokes_of(clips: Iterable[Clip]) -> dict[int, list[tuple[Poses, Floats]]]:
    """The strokes in takes of J and Z, by letter: poses, and the wrist's way in palms."""
    strokes: dict[int, list[tuple[Poses, Floats]]] = {}
    for clip in clips:
        (label,) = set(clip.labels.tolist()) - {BLANK} or {BLANK}
        points = clip.landmarks[clip.present]
        tip = points[:, DRAWS.get(LETTERS[label], 8), :2] if label != BLANK else points[:0, 0, :2]
        if len(tip) < 2:
            continue
        way = np.cumsum(np.linalg.norm(np.diff(tip, axis=0, prepend=tip[:1]), axis=1))
        inside = np.flatnonzero((way > STROKE[0] * way[-1]) & (way < STROKE[1] * way[-1]))
        if len(inside) < FEWEST:
            continue
        points = points[inside[0] : inside[-1] + 1]
        wrist = points[:, 0] / float(np.median(np.linalg.norm(points[:, 9] - points[:, 0], axis=1)))
        path = (wrist - wrist[0]) * np.array([1, 1, 0], np.float32)
        strokes.setdefault(label, []).append((Poses.of(points), path.astype(np.float32)))
    return strokes


def hands_of(stills: Stills, strokes: dict[int, list[tuple[Poses, Floats]]]) -> list[Hands]:
    """The letters of each person with enough of them; strokes are everybody's."""
    people = []
    for name in np.unique(stills.signers):
        mine = stills.signers == name
        still = {
            int(label): Poses.of(stills.landmarks[mine & (stills.labels == label)])
            for label in np.unique(stills.labels[mine])
        }
        if len(still) >= FEWEST:
            people.append(Hands(still, strokes))
    return people


class FluentSpeller:
    """Spells as fluent people do, with the letters of one person after the other.

    Args:
        hands: of each person.
        manner: what is done to the letters.
    """

    def __init__(self, hands: Sequence[Hands], manner: Manner | None = None) -> None:
        self._hands = list(hands)
        self._manner = manner or Manner()

    def spell(self, text: str, rng: Generator, *, speed: float | None = None, person: int | None = None) -> Passage:
        """One word, by one person.

        Args:
            text: A to Z; letters that the person has not are left out.
            rng: decides everything.
            speed: letters a second; by default at random, 1.2 to 7.
            person: which; by default at random.
        """
        hands = self._hands[rng.integers(len(self._hands)) if person is None else person]
        speed = float(np.exp(rng.uniform(np.log(1.2), np.log(7.0)))) if speed is None else speed
        labels = [LETTERS.index(letter) for letter in text if LETTERS.index(letter) in hands.letters]
        return self._perform(hands, labels, speed, rng) if labels else _nothing(8)

    def _perform(self, hands: Hands, labels: list[int], speed: float, rng: Generator) -> Passage:
        slot = GRID_RATE / speed
        enter = int(rng.integers(8, 30)) if self._manner.entering else 0
        leave = int(rng.integers(5, 16)) if self._manner.entering else 0
        made = _schedule(hands, labels, slot, float(enter), rng)
        begins, ends = [one.begin for one in made], [one.end for one in made]
        count = int(np.ceil(ends[-1])) + leave + 1
        at = np.arange(count, dtype=np.float64)
        poses: list[Poses] = []
        places = np.zeros((len(labels), count, 3))
        for k, one in enumerate(made):
            places[k] = one.place
            if one.stroke is not None:
                pose, path = one.stroke
                phase = np.clip((at - one.begin) / (one.end - one.begin), 0, 1) * (len(path) - 1)
                poses.append(pose[np.round(phase).astype(np.int64)])
                for axis in range(3):
                    places[k, :, axis] += np.interp(phase, np.arange(len(path)), path[:, axis])
            elif one.again and rng.random() < 0.8:
                poses.append(poses[-1])
            else:
                poses.append(self._held(hands, one.label, count, rng))
        weights, near = self._weights(begins, ends, count, slot, rng)
        if self._manner.entering:
            poses, weights = self._with_rest(hands, poses, weights, at, begins[0], ends[-1], enter, leave, rng)
        mixed = blend(poses, weights.astype(np.float32))
        turn, way, still = self._carried(at, begins[0], ends[-1], enter, leave, rng)
        palm_weights = weights[:, PALM_PART, : len(labels)]
        palm_weights = palm_weights / np.maximum(palm_weights.sum(1, keepdims=True), 1e-6)
        place = np.einsum("tk,ktx->tx", palm_weights, places)
        points = np.einsum("npi,nji->npj", mixed.landmarks(), turn)
        drift = np.cumsum(rng.normal(0, 0.008, (count, 3)), 0)
        points = points + (place + way + drift)[:, None]
        marked, clear = _labels(made, near, still)
        present = np.ones(count, bool)
        if enter:
            present[: int(rng.integers(0, max(enter - 7, 1)))] = False
        if leave:
            present[count - int(rng.integers(0, leave)) :] = False
        points = self._seen(points.astype(np.float32), rng)
        return Passage(points, present, np.where(present, marked, BLANK), clear & present)

    def _held(self, hands: Hands, label: int, count: int, rng: Generator) -> Poses:
        """A letter as this person makes it this time, wavering between two of their pictures of it."""
        of = hands.still[label]
        a, b = rng.integers(len(of.turn), size=2)
        share = float(rng.uniform(0, 1))
        pair = [of[np.full(1, a)], of[np.full(1, b)]]
        weights = np.zeros((1, PARTS, 2), np.float32)
        weights[..., 0], weights[..., 1] = 1 - share, share
        pose = blend(pair, weights)
        if self._manner.turned and LETTERS[label] in SIDEWAYS and rng.random() < FACING:
            pose = self._turned_to(hands, pose, float(rng.uniform(0, 1) ** 0.6), rng)
        if self._manner.varied:
            angles = np.radians(rng.normal(0, self._manner.varied, (1, FINGERS, BONES)) * [0.8, 1.0, 0.8])
            angles += np.radians(rng.normal(0, self._manner.varied * 0.7, (1, 1, BONES)))
            loose = LOOSE.get(LETTERS[label])
            if loose is not None and rng.random() < 0.6:
                further = np.broadcast_to(np.array(loose[rng.integers(len(loose))], np.float64), (FINGERS - 1, BONES))
                angles[:, 1:] += np.radians(further * rng.uniform(0, 1.1))
            pose = pose.bent(angles)
            aside = np.radians(rng.normal(0, self._manner.varied * 0.7, 1))
            pose.bones[:, 0] = np.einsum("nbi,nji->nbj", pose.bones[:, 0], about(2, aside))
        return pose[np.zeros(count, np.int64)]

    def _turned_to(self, hands: Hands, pose: Poses, share: float, rng: Generator) -> Poses:
        """With the palm turned as in another letter of this person, by a share of the way."""
        others = [label for label in hands.still if LETTERS[label] not in SIDEWAYS + POINTING]
        if not others or share == 0:
            return pose
        other = hands.still[int(rng.choice(others))]
        turn = (1 - share) * pose.turn + share * other.turn[rng.integers(len(other.turn), size=1)]
        # MediaPipe sees less depth in a hand that faces the camera than in one from the side.
        flat = np.array([1, 1, 1 - share * rng.uniform(0.2, 0.75)], np.float32)
        bones = pose.bones * flat
        thumb = np.radians(rng.uniform(0, 25) * share)  # along the flatter fingers
        y, z = bones[:, 0, :, 1].copy(), bones[:, 0, :, 2].copy()
        bones[:, 0, :, 1] = y * np.cos(thumb) + z * np.sin(thumb)
        bones[:, 0, :, 2] = z * np.cos(thumb) - y * np.sin(thumb) * 0.3
        return Poses(nearest_rotations(np.asarray(turn, np.float32)), pose.roots * flat, bones)

    def _weights(
        self, begins: list[float], ends: list[float], count: int, slot: float, rng: Generator
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """How much of each letter there is: (T, PARTS, K), and over all parts (T, K)."""
        letters = len(begins)
        at = np.arange(count, dtype=np.float64)
        weights = np.zeros((count, PARTS, letters))
        loose = self._manner.coarticulated
        lag = rng.normal(0, 0.06, PARTS) if loose else np.zeros(PARTS)  # this person's, of a slot
        for part in range(PARTS):
            arrived = np.ones((letters + 1, count))  # how far the way to each letter has been gone
            arrived[letters] = 0
            for k in range(1, letters):
                gap = max(begins[k] - ends[k - 1], 0.6)
                late = (lag[part] + (rng.normal(0, 0.07) if loose else 0)) * min(slot, 10)
                s = np.clip((at - ends[k - 1] - late) / gap, 0, 1)
                arrived[k] = s * s * s * (10 - 15 * s + 6 * s * s)
            weights[:, part] = (arrived[:-1] * (1 - arrived[1:])).T
        weights /= np.maximum(weights.sum(-1, keepdims=True), 1e-9)
        if loose:  # a hand that is not given the time goes past a letter without reaching it
            spread = min(rng.uniform(0.3, 1.0) * slot * 0.24, 3.0)
            weights = _smoothed(weights, spread)
            weights = _coloured(weights, float(np.clip((GRID_RATE / slot - 1.5) / 3, 0, 1)) * MOST_COLOURED, rng)
        return weights, weights.mean(1)

    def _with_rest(
        self,
        hands: Hands,
        poses: list[Poses],
        weights: NDArray[np.float64],
        at: NDArray[np.float64],
        first: float,
        last: float,
        enter: int,
        leave: int,
        rng: Generator,
    ) -> tuple[list[Poses], NDArray[np.float64]]:
        """With a hand at rest before and after, unless the letter is formed on the way already."""
        result = weights
        poses = list(poses)
        for begin, formed_at, length in ((True, first, enter), (False, last, leave)):
            if rng.random() < 0.4:
                continue
            label = int(rng.choice(sorted(hands.still)))
            rest = self._held(hands, label, len(at), rng)
            angles = np.radians(np.clip(rng.normal(0, 18, (len(at[:1]), FINGERS, BONES)), -40, 40))
            poses.append(rest.bent(np.repeat(angles, len(at), 0)))
            formed = formed_at - rng.uniform(0, 0.6) * length if begin else formed_at + rng.uniform(0, 0.4) * length
            span = max(length * rng.uniform(0.3, 0.6), 1.5)
            s = np.clip((at - formed + span) / span if begin else (formed + span - at) / span, 0, 1)
            here = (s * s * (3 - 2 * s))[:, None, None]
            result = np.concatenate([result * here, np.broadcast_to(1 - here, (len(at), PARTS, 1))], 2)
        return poses, result

    def _carried(
        self, at: NDArray[np.float64], first: float, last: float, enter: int, leave: int, rng: Generator
    ) -> tuple[Floats, NDArray[np.float64], NDArray[np.float64]]:
        """How a hand comes up and goes down: rotations (T, 3, 3), a way (T, 3), how nearly it is there (T,)."""
        way = np.zeros((len(at), 3))
        roll, pitch = np.zeros(len(at)), np.zeros(len(at))
        there = np.ones(len(at))
        for begin, edge, length in ((True, first, enter), (False, last, leave)):
            if not length:
                continue
            s = np.clip((edge - at if begin else at - edge) / length, 0, 1)  # 0 where letters are made
            away = s * s * (3 - 2 * s) if rng.random() < 0.7 else s * s
            down, side = rng.uniform(0.8, 4.0), rng.normal(0, 1.2)
            bulge = np.sin(np.pi * away) * rng.normal(0, 0.45)
            off = np.stack([away * side + bulge, away * down], 1)
            if begin and length > 12 and rng.random() < 0.5:  # it stops on the way, and then swings to its place
                stops = rng.uniform(0.35, 0.6)
                rises = np.clip((s - stops) / (1 - stops), 0, 1)
                swings = np.clip(s / (stops * rng.uniform(0.5, 0.9)), 0, 1)
                aside = np.array([rng.normal(0, 0.5), rng.normal(0, 0.15)])
                off = (rises * rises * (3 - 2 * rises))[:, None] * [side, down]
                off = off + (swings * swings * (3 - 2 * swings))[:, None] * aside
            way[:, :2] += off
            bent = np.sqrt(s) if rng.random() < 0.3 else away
            roll += bent * np.radians(rng.normal(0, 55))
            pitch += bent * np.radians(rng.normal(0, 30))
            there = there * np.clip(1 - np.hypot(off[:, 0], off[:, 1]) / 0.25, 0, 1)
        return about(2, roll) @ about(0, pitch), way, there

    def _seen(self, points: Floats, rng: Generator) -> Floats:
        """As a camera from another side sees it, and with MediaPipe's errors."""
        most = self._manner.turned
        count = len(points)
        if most:
            yaw, pitch = np.radians(np.clip(rng.normal(0, most / 2, 2), -most, most))
            wander = _smoothed(np.cumsum(rng.normal(0, 1, (count, 1, 2)), 0), 3.0)[:, 0] * np.radians(0.8)
            view = about(1, yaw + wander[:, 0]) @ about(0, pitch + wander[:, 1])
            roll = about(2, np.full(count, np.radians(np.clip(rng.normal(0, 8), -22, 22))))
            middle = points[:, 9:10]
            own = points - middle
            depth = np.array([1, 1, rng.uniform(0.7, 1.3)], np.float32)
            points = np.asarray(np.einsum("npi,nji->npj", own * depth, roll @ view) + middle, np.float32)
            points = points * np.append(rng.uniform(0.92, 1.08, 2), rng.uniform(0.7, 1.2)).astype(np.float32)
        bias = rng.normal(0, 1, (1, 21, 3)) * rng.uniform(0, 0.035)
        slow = _smoothed(rng.normal(0, 1, (count + 12, 21, 3)), 2.5)[6 : 6 + count] * rng.uniform(0.02, 0.07)
        quick = rng.normal(0, 1, points.shape) * rng.uniform(0.003, 0.015)
        return np.asarray(points + (bias + slow + quick) * [1, 1, 1.8], np.float32)


@dataclass(frozen=True)
class _Made:
    """One letter of a word: when it is made, in steps, where, by which stroke; `again` if it comes after itself."""

    label: int
    begin: float
    end: float
    place: NDArray[np.float64]
    stroke: tuple[Poses, Floats] | None
    again: bool

    @property
    def known(self) -> float:
        """From which step on it can be told."""
        return self.begin if self.stroke is None else self.begin + STROKE_KNOWN * (self.end - self.begin)


def _schedule(hands: Hands, labels: list[int], slot: float, begin: float, rng: Generator) -> list[_Made]:
    """When each letter is made and where, at about so many steps a letter."""
    made: list[_Made] = []
    share = rng.uniform(0.25, 0.7)
    place = np.zeros(3)
    for label in labels:
        again = bool(made) and made[-1].label == label
        own = slot * float(np.exp(rng.normal(0, 0.22)))
        if again:
            outwards = -1.0 if rng.random() < 0.9 else 1.0
            place = place + np.array([outwards * rng.uniform(0.4, 0.95), rng.normal(0, 0.07), 0.0])
            begin += max(own * (1 - share), rng.uniform(3.0, 6.5))
        elif made:
            place = place + np.append(rng.normal(0, 0.05, 2), 0.0)
            begin += own * (1 - share)
        strokes = hands.moved.get(label)
        if strokes:
            held = GRID_RATE * float(np.clip(rng.uniform(1.1, 1.9) * slot / GRID_RATE, 0.3, 1.1))
        else:
            held = max(own * share, rng.uniform(1.0, 2.0))
            if rng.random() < 0.07 or (len(labels) == 1 and rng.random() < 0.6):
                held += rng.uniform(8, 45)
        stroke = strokes[rng.integers(len(strokes))] if strokes else None
        made.append(_Made(label, begin, begin + held, place, stroke, again))
        begin += held
    return made


def _labels(
    made: list[_Made], near: NDArray[np.float64], still: NDArray[np.float64]
) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """Where each letter is made (T,), and where it is made nearly as far as it ever is; between them it is left open.

    Args:
        made: K letters.
        near: (T, K), how much of each there is.
        still: (T,), how nearly the hand is where it spells.
    """
    at = np.arange(len(near))
    marked = np.full(len(near), BLANK)
    almost = np.zeros(len(near), bool)
    clear = np.zeros(len(near), bool)
    for k, one in enumerate(made):
        mine = near[:, k] * (still > 0.3)
        peak = float(mine.max())
        here = np.abs(at - (one.begin + one.end) / 2) <= (one.end - one.begin) / 2 + 4
        here &= (at >= one.known) & (mine > 0)
        almost |= here & (mine >= max(ALMOST * peak, 0.25))
        marked[here & (mine >= max(MADE * peak, 0.33))] = one.label
        clear |= here & (mine >= max(CLEAR * peak, 0.4))
    marked[almost & (marked == BLANK)] = IGNORED
    for before, after in pairwise(made):  # between double letters something must be seen
        if after.again:
            marked[int(np.floor(before.end)) + 1 : int(np.ceil(after.begin))] = BLANK
    return marked, clear & (marked >= 0) & (marked != BLANK)


def _coloured(weights: NDArray[np.float64], most: float, rng: Generator) -> NDArray[np.float64]:
    """Weights (T, PARTS, K) of which each letter gives some to its neighbours, `most` at most."""
    letters = weights.shape[2]
    result = weights.copy()
    for k in range(letters):
        given = weights[..., k] * np.clip(rng.uniform(0, most) * rng.uniform(0.5, 1.5, PARTS), 0, 0.45)
        before = rng.uniform(0, 1)
        result[..., k] -= given
        result[..., max(k - 1, 0)] += given * before
        result[..., min(k + 1, letters - 1)] += given * (1 - before)
    return result


def _smoothed(values: NDArray[np.float64], spread: float) -> NDArray[np.float64]:
    """Averaged over time, the first axis, by a Gaussian of that standard deviation in steps."""
    reach = int(np.ceil(3 * spread))
    if reach < 1:
        return values
    kernel = np.exp(-0.5 * (np.arange(-reach, reach + 1) / max(spread, 1e-3)) ** 2)
    kernel /= kernel.sum()
    padded = np.pad(values, ((reach, reach), (0, 0), (0, 0)), mode="edge")
    return np.asarray(sum(share * padded[k : k + len(values)] for k, share in enumerate(kernel)))


def _nothing(count: int) -> Passage:
    return Passage(
        np.zeros((count, 21, 3), np.float32), np.zeros(count, bool), np.full(count, BLANK), np.zeros(count, bool)
    )
