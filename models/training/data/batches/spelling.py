"""Sequences to learn spelling from: held letters strung together, and bursts of J and Z.

A picture says what a letter looks like, not how hands come to it. So pictures of one signer are put one after the
other on the time grid of the live path, with holds, transitions, slides for double letters and lowered hands; each
row lies between two pictures, whose features the network blends. Their labels are exact. In a burst only the letter
is known, not when: that is what the CTC loss is for.
"""

from collections import defaultdict
from dataclasses import dataclass, field

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.utils.data import Dataset

from models.training.data.batches.augmentation import Augmentation, Landmarks, turn_upright
from models.training.data.batches.pictures import Pictures
from models.training.data.batches.sequence_batch import Item
from models.training.data.rows import DELAY, IGNORED, around_palm, motion_of
from models.training.data.tree import MOVING
from overlay.core.errors import SigncapError
from overlay.recognition.crop import CROP_SIZE, normalise_landmarks, trace
from overlay.recognition.feature_window import GRID_RATE, MOTION
from overlay.recognition.letter_model import BLANK, LETTERS

LENGTH = 64  # rows of a sequence: about two seconds
ANCHORS = 4  # pictures of a sequence, each with a second one of the same letter beside it
DOUBLES = 0.15
UNIT = 100.0  # landmarks are brought to about the pixels of a crop, which `trace` expects


@dataclass
class _Rows:
    """Rows being put together."""

    blends: list[tuple[int, int, float]] = field(default_factory=list)
    places: list[NDArray[np.float32]] = field(default_factory=list)
    labels: list[int] = field(default_factory=list)

    def add(self, blend: tuple[int, int, float], place: NDArray[np.float32], label: int) -> None:
        self.blends.append(blend)
        self.places.append(place)
        self.labels.append(label)


class SpellingSet(Dataset[Item]):
    """Each item is a sequence of one signer; over an epoch every held letter comes once as an anchor.

    Args:
        pictures: of the training split; all need landmarks.
        augmentation: what is changed at random, alike for a whole sequence.
        seed: of the chance, which depends on seed, epoch and item alone.

    Raises:
        SigncapError: landmarks are missing, or there is nothing to learn from.
    """

    def __init__(self, pictures: Pictures, augmentation: Augmentation, seed: int = 0) -> None:
        if any(sample.landmarks is None for sample in pictures.samples):
            raise SigncapError(
                f"{pictures.root} lacks the hands' landmarks: make crops with `signcap crop` and train on them."
            )
        self.pictures = pictures
        self.augmentation = augmentation
        self.seed = seed
        self._alike: dict[tuple[str, str], list[int]] = defaultdict(list)
        for index, sample in enumerate(pictures.samples):
            if sample.rate is None and sample.entry.letter not in MOVING:
                self._alike[sample.entry.signer, sample.entry.letter].append(index)
        self.bursts = [
            take for take in pictures.takes() if pictures.samples[take[0]].rate is not None and len(take) > 3
        ]
        if not self._alike:
            raise SigncapError(
                f"{pictures.root} holds no held letters to train on; frozen pictures of J and Z are none."
            )
        self.epoch = 0

    @property
    def epoch(self) -> int:
        """Which epoch's sequences these are."""
        return self._epoch

    @epoch.setter
    def epoch(self, epoch: int) -> None:
        self._epoch = epoch
        rng = np.random.default_rng([self.seed, epoch, 1])
        by_signer: dict[str, list[int]] = defaultdict(list)
        for (signer, _), indices in self._alike.items():
            by_signer[signer] += indices
        self._anchors = []
        for indices in by_signer.values():
            order = rng.permutation(indices)
            self._anchors += [
                [int(index) for index in np.take(order, range(start, start + ANCHORS), mode="wrap")]
                for start in range(0, len(order), ANCHORS)
            ]

    def __len__(self) -> int:
        return len(self._anchors) + len(self.bursts)

    def __getitem__(self, number: int) -> Item:
        rng = np.random.default_rng([self.seed, self.epoch, number])
        if number < len(self._anchors):
            return self._spelled(self._anchors[number], rng)
        return self._burst(self.bursts[number - len(self._anchors)], rng)

    def _read(self, indices: list[int], seed: int) -> tuple[Tensor, list[Landmarks]]:
        crops, points = [], []
        for index in indices:
            crop, landmarks = self.pictures.read(index)
            # The same chance for the whole sequence: another signer, not another frame.
            crop, landmarks = self.augmentation.apply(crop, landmarks, CROP_SIZE, np.random.default_rng(seed))
            assert landmarks is not None
            points.append(normalise_landmarks(landmarks, mirror=False))
            crops.append(turn_upright(crop, landmarks))
        return torch.from_numpy(np.stack(crops)), points

    def _spelled(self, anchors: list[int], rng: np.random.Generator) -> Item:
        beside = [int(rng.choice(self._neighbours(index))) for index in anchors]
        indices = [*anchors, *beside]
        crops, points = self._read(indices, int(rng.integers(1 << 31)))
        traced = [around_palm(landmarks * UNIT) for landmarks in points]
        shown = [self.pictures.samples[index].entry.label for index in indices]
        rows, targets = self._string(shown[:ANCHORS], rng)
        places = np.stack(
            [
                (1 - share) * traced[a] + share * traced[b] + place
                for (a, b, share), place in zip(rows.blends, rows.places, strict=True)
            ]
        )
        motion = motion_of(places.astype(np.float32))
        motion[:, :6] += rng.normal(0, 0.06, (len(motion), 6))
        return _item(crops, points, rows.blends, motion, rows.labels, targets, shown, rng)

    def _neighbours(self, index: int) -> list[int]:
        """Pictures of the same letter by the same signer; of the same take where there are several."""
        entry = self.pictures.samples[index].entry
        alike = self._alike[entry.signer, entry.letter]
        same_take = [other for other in alike if self.pictures.samples[other].entry.take == entry.take]
        return same_take if len(same_take) > 1 else alike

    def _string(self, labels: list[int], rng: np.random.Generator) -> tuple[_Rows, list[int]]:
        """Holds and the ways between them. Pictures 0 to 3 are the anchors, 4 to 7 what is beside each."""
        rows, targets = _Rows(), []
        place = np.zeros(2, np.float32)
        slow = rng.random() < 0.25
        letters = 1 + int(rng.integers(2)) if slow else ANCHORS
        speed = float(np.exp(rng.uniform(np.log(0.7), np.log(2.0)) if slow else rng.uniform(np.log(2.2), np.log(7))))
        cuts = rng.random() < 0.12  # pictures one after the other, without any way between them
        last: int | None = None
        for number in range(letters):
            again = last is not None and rng.random() < DOUBLES
            now = last if again and last is not None else number
            slot = max(3, round(GRID_RATE / speed * float(np.exp(rng.normal(0, 0.12)))))
            way = 0 if cuts and not again else max(1, round(slot * rng.uniform(0.25, 0.5)))
            if last is not None and way:
                side = rng.normal(0, 0.05, 2)
                if again or labels[now] == labels[last]:  # a slide to the side is what makes a double letter
                    side, way = np.array([-rng.uniform(0.4, 0.9), rng.normal(0, 0.08)]), max(way, 4)
                begin = place
                for k in range(way):
                    share = (k + 1) / (way + 1)
                    share = share * share * (3 - 2 * share)
                    place = np.asarray(begin + share * side, np.float32)
                    edge = min(k, way - 1 - k) < way * 0.2
                    rows.add((last + ANCHORS, now, share), place, IGNORED if edge else BLANK)
            elif last is not None and labels[now] == labels[last]:
                continue  # without a way between them two holds of one letter are one
            drift = rng.normal(0, 0.006, (max(2, slot - way), 2)).astype(np.float32)
            for k, step in enumerate(drift):
                place = place + step
                rows.add((now, now + ANCHORS, k / max(len(drift) - 1, 1)), place, labels[now])
            targets.append(labels[now])
            last = now
        return rows, targets

    def _burst(self, take: list[int], rng: np.random.Generator) -> Item:
        rate = self.pictures.samples[take[0]].rate
        assert rate is not None
        crops, points = self._read(take, int(rng.integers(1 << 31)))
        span = (len(take) - 1) / rate
        moments = np.arange(0, span, 1 / GRID_RATE)[: LENGTH - DELAY - 4]
        blends = [
            (min(int(at * rate), len(take) - 1), min(int(at * rate) + 1, len(take) - 1), float(at * rate % 1))
            for at in moments
        ]
        ways = np.stack([self._way(index, landmarks) for index, landmarks in zip(take, points, strict=True)])
        places = np.stack([(1 - share) * ways[a] + share * ways[b] for a, b, share in blends])
        label = self.pictures.samples[take[0]].entry.label
        return _item(
            crops, points, blends, motion_of(places), [IGNORED] * len(blends), [label], [IGNORED] * len(take), rng
        )

    def _way(self, index: int, landmarks: Landmarks) -> NDArray[np.float32]:
        """Where palm and tips of a burst's picture are, (3, 2) in palms, in the picture the crop was cut from."""
        traced, palm = trace(landmarks * UNIT, mirror=False)
        sample = self.pictures.samples[index]
        if sample.centre is not None:
            x, y, side = sample.centre
            middle = np.array([-x if sample.mirrored else x, y], np.float32) / (side / 2) * UNIT
            traced = traced + middle
        return np.asarray(traced / palm, np.float32)


def _item(
    crops: Tensor,
    points: list[Landmarks],
    blends: list[tuple[int, int, float]],
    motion: NDArray[np.float32],
    labels: list[int],
    targets: list[int],
    shown: list[int],
    rng: np.random.Generator,
) -> Item:
    """Put rows somewhere into a sequence of `LENGTH`, no hand before and after, labels `DELAY` rows later."""
    count = min(len(blends), LENGTH - DELAY - 1)
    if len(blends) > count:  # too slow to fit: what is not seen to its end is not asked for
        targets = _seen(labels[:count], targets)
    start = int(rng.integers(0, LENGTH - DELAY - count + 1)) if count < LENGTH - DELAY else 0
    blend = np.zeros((LENGTH, 3), np.float32)
    blend[start : start + count] = blends[:count]
    moved = np.zeros((LENGTH, MOTION), np.float32)
    moved[start : start + count] = motion[:count]
    moved[start, :6] = 0
    if rng.random() < 0.15 and count > 6:  # now and then MediaPipe loses the hand
        gone = start + int(rng.integers(2, count - 2))
        moved[gone : gone + int(rng.integers(1, 3))] = 0
    wanted = np.full(LENGTH, BLANK, np.int64)
    wanted[start + DELAY : start + count + DELAY] = labels[:count]
    return Item(
        crops,
        torch.from_numpy(np.stack(points)).flatten(1),
        torch.from_numpy(blend[:, 0].astype(np.int64)),
        torch.from_numpy(blend[:, 1].astype(np.int64)),
        torch.from_numpy(blend[:, 2].copy()),
        torch.from_numpy(moved),
        torch.from_numpy(wanted),
        targets,
        torch.tensor(shown),
    )


def _seen(labels: list[int], targets: list[int]) -> list[int]:
    """The first of the targets that the rows show; all of them where no row has a label of its own."""
    runs = [
        label
        for k, label in enumerate(labels)
        if label < len(LETTERS) and label != IGNORED and (k == 0 or labels[k - 1] != label)
    ]
    return targets[: len(runs)] if runs else targets
