"""Second stage's material: rows of the time grid with a label each, made of clips and of held letters."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray

from models.training.data.rows import IGNORED, around_palm, motion_of
from models.training.data.tree import MOVING_LABELS
from models.training.networks.shipped import FEATURES, LANDMARKS, Encoder
from models.training.shipped.augmentation import augment_crop, normalise_all, recolour, turn_landmarks, upright
from models.training.shipped.clips import Clip
from models.training.shipped.fluent import Passage
from models.training.shipped.stills import Stills
from models.training.shipped.texts import random_word
from models.training.shipped.train_encoder import CHUNK, MIRRORED, encode_stills
from overlay.recognition.crop import PALM, TRACED
from overlay.recognition.feature_window import GRID_RATE, MOTION, MOTION_UNIT, Sample, Window
from overlay.recognition.letter_model import BLANK, LETTERS

OPEN_SHARE, OPEN_ROWS = 0.35, 2  # of the way between two letters, at each of its ends; at most so many rows
STROKE_ROWS = 3  # of a stroke tell that there was one
LINGERS = -200  # label of rows in which the hand stays where a J or a Z has ended: no letter if the stroke is seen
SLOW_CAMERAS = 0.3  # share of fluent spelling that is seen at half of the grid's rate
Floats = NDArray[np.float32]


@dataclass(frozen=True)
class Rows:
    """What the live window would hold, and what should be read there.

    Attributes:
        rows: float32 (G, FEATURES + MOTION), one for each point of the time grid.
        labels: int (G,), `BLANK` or a letter, or `IGNORED`, or `LINGERS`.
    """

    rows: Floats
    labels: NDArray[np.int64]

    @classmethod
    def nobody(cls, count: int) -> "Rows":
        """Rows without a hand."""
        return cls(np.zeros((count, FEATURES + MOTION), np.float32), np.full(count, BLANK))

    @classmethod
    def joined(cls, pieces: Sequence["Rows"]) -> "Rows":
        """All of them, one after the other."""
        return cls(np.concatenate([one.rows for one in pieces]), np.concatenate([one.labels for one in pieces]))


@torch.no_grad()
def encode_clip(
    encoder: Encoder,
    clip: Clip,
    rng: np.random.Generator,
    *,
    augment: bool = True,
    pixels: bool = True,
    landmarks: bool = True,
) -> Floats:
    """Features (T, FEATURES) of a clip, zero where there is no hand; the whole clip is augmented alike.

    Args:
        encoder: trained.
        clip: of right hands.
        rng: decides how it is augmented.
        augment: whether it is.
        pixels, landmarks: whether that branch is there.
    """
    roll, seed = float(np.clip(rng.normal(0, 5), -12, 12)), int(rng.integers(1 << 31))
    features = np.zeros((len(clip.times), FEATURES), np.float32)
    present = np.flatnonzero(clip.present)
    turned = clip.landmarks[present]
    if augment:
        turned = turn_landmarks(turned, rng, roll, alike=True)
    points = normalise_all(turned).reshape(-1, LANDMARKS)
    for k in range(0, len(present), CHUNK):
        part = present[k : k + CHUNK]
        felt = torch.from_numpy(points[k : k + CHUNK])
        if clip.crops is None or not pixels:
            features[part] = encoder.felt(felt).numpy()
            continue
        crops = []
        for index in part:  # the same random numbers for every frame: another signer, not another frame
            crop = upright(clip.crops[index], clip.landmarks[index], np.random.default_rng(seed) if augment else None)
            crops.append(recolour(crop, np.random.default_rng(seed)) if augment else crop)
        has = torch.full((len(part),), float(landmarks))
        features[part] = encoder(torch.from_numpy(np.stack(crops)), felt, None, has).numpy()
    return features


def rows_of_clip(clip: Clip, features: Floats, label_at: NDArray[np.int64] | None = None) -> Rows:
    """Put a clip on the time grid with the live path's own window."""
    window, rows, moments = Window(FEATURES), [], []
    for index, at in enumerate(clip.times):
        sample = None
        if clip.present[index]:
            sample = Sample(float(at), features[index], clip.traced[index], float(clip.palm[index]))
        for step in window.accept(float(at), sample):
            rows.append(step.rows[-1])
            moments.append(step.at)
    nearest = np.abs(clip.times[None] - np.array(moments)[:, None]).argmin(1)
    labels = clip.labels if label_at is None else label_at
    return Rows(np.array(rows, np.float32), labels[nearest])


@torch.no_grad()
def rows_of_passage(encoder: Encoder, passage: Passage, rng: np.random.Generator) -> Rows:
    """Encode fluent spelling, some of it as a camera of 15 frames a second shows it."""
    points, there = passage.landmarks, passage.present
    features = np.zeros((len(points), FEATURES), np.float32)
    traced = np.concatenate([points[:, PALM, :2].mean(1, keepdims=True), points[:, TRACED, :2]], 1)
    if there.any():
        normal = torch.from_numpy(normalise_all(points[there])).flatten(1)
        features[there] = encoder.felt(normal).numpy()
    if rng.random() < SLOW_CAMERAS:
        for k in range(int(rng.integers(1, 3)), len(points) - 1, 2):
            if there[k - 1 : k + 2].all():
                features[k] = (features[k - 1] + features[k + 1]) / 2
                traced[k] = (traced[k - 1] + traced[k + 1]) / 2
    length = np.linalg.norm(points[:, 9] - points[:, 0], axis=1)
    palm = np.maximum(length, 1.4 * np.linalg.norm(points[:, 17] - points[:, 5], axis=1))
    motion = motion_of(traced, palm[1:, None] * MOTION_UNIT + 1e-6)
    motion[1:, :6] *= (there[1:] & there[:-1])[:, None]
    motion[:, 6] = there
    return Rows(np.concatenate([features, motion], 1) * there[:, None], passage.labels)


def one_after_other(passages: Sequence[Rows], rng: np.random.Generator, length: int) -> Rows:
    """Words of several people one after the other, at least so many rows, the hand mostly down in between."""
    pieces: list[Rows] = []
    count = 0
    while count < length:
        word = passages[int(rng.integers(len(passages)))]
        away = int(rng.integers(2, 24)) if rng.random() < 0.8 else 0
        pieces += [word, Rows.nobody(away)]
        count += len(word.labels) + away
    return Rows.joined(pieces)


def lingering(rows: Rows, rng: np.random.Generator, longest: float = 0.9) -> Rows:
    """The same by somebody who, where a J or a Z has ended, leaves the hand for a while: that is no letter.

    To one who has not seen the stroke it looks like an I, or a D, that is held: `of_what_is_seen` tells them apart.

    Args:
        rows: of the time grid.
        rng: decides for how long each time, and how the hand trembles.
        longest: seconds that the hand stays at most.
    """
    moving = np.isin(rows.labels, MOVING_LABELS)
    there = rows.rows[:, -1] > 0
    ends = np.flatnonzero(moving[:-1] & ~moving[1:] & there[:-1] & there[1:]) + 1
    pieces: list[Rows] = []
    begin = 0
    for end in ends:
        count = round(GRID_RATE * rng.uniform(0, longest))
        stay = np.repeat(rows.rows[end : end + 1], count, 0)
        stay[:, :FEATURES] += np.cumsum(rng.normal(0, 0.03, (count, FEATURES)), 0).astype(np.float32)
        stay[:, FEATURES:-1] = rng.normal(0, 0.08, (count, MOTION - 1))
        pieces += [Rows(rows.rows[begin:end], rows.labels[begin:end]), Rows(stay, np.full(count, LINGERS))]
        begin = int(end)
    pieces.append(Rows(rows.rows[begin:], rows.labels[begin:]))
    return Rows.joined(pieces)


def of_what_is_seen(labels: NDArray[np.int64]) -> NDArray[np.int64]:
    """The labels of a piece of a sequence, which may begin anywhere.

    Where the hand stays after a stroke, that is no letter if the piece holds the end of the stroke. If it does not,
    it is left open: called "no letter", it taught that an I is none as long as a J may be remembered.
    """
    lingers = labels == LINGERS
    seen = np.cumsum(np.isin(labels, MOVING_LABELS)) >= STROKE_ROWS
    labels = labels.copy()
    labels[lingers] = np.where(seen[lingers], BLANK, IGNORED)
    return labels


def opened(rows: Rows) -> Rows:
    """The same with more left open: whether a letter is there already, or still, on the way from and to another.

    Where a fluent hand makes a letter for two or three rows, the rows beside them look hardly different. Called "no
    letter", they teach the network to doubt the letters as well. Between two of the same letter nothing is left open:
    what is seen there is all that tells the two apart.
    """
    labels = rows.labels.copy()
    known = np.flatnonzero((labels != IGNORED) & (labels != LINGERS))
    edges = np.flatnonzero(np.diff((labels == BLANK).astype(np.int8), prepend=0, append=0))
    for begin, end in edges.reshape(-1, 2):
        count = min(OPEN_ROWS, int((end - begin) * OPEN_SHARE))
        before, after = known[known < begin], known[known >= end]
        left = labels[before[-1]] if len(before) else BLANK
        right = rows.labels[after[0]] if len(after) else BLANK
        if left == right:
            continue
        if left != BLANK:
            labels[begin : begin + count] = IGNORED
        if right != BLANK:
            labels[end - count : end] = IGNORED
    return Rows(rows.rows, labels)


@dataclass(frozen=True)
class HeldLetters:
    """Features of held letters by real signers, to build sequences of.

    Attributes:
        features: float32 (N, V, FEATURES), V variants of each.
        traced: float32 (N, 3, 2), around the palm's middle, in palms.
        labels: int (N,); `groups`: signer of each, as a number.
    """

    features: Floats
    traced: Floats
    labels: NDArray[np.int64]
    groups: NDArray[np.int64]

    @classmethod
    def encode(
        cls,
        encoder: Encoder,
        stills: Stills,
        rng: np.random.Generator,
        variants: int = 3,
        *,
        pixels: bool = True,
        landmarks: bool = True,
    ) -> "HeldLetters":
        """Encode stills several times, each time augmented otherwise; with both branches or one."""
        stills = stills.select(~np.isin(stills.labels, MOVING_LABELS))
        features = []
        for _ in range(variants):
            turned = turn_landmarks(stills.landmarks, rng, rng.normal(0, 6, len(stills.labels)))
            points = normalise_all(turned, rng.random(len(turned)) < MIRRORED if stills.crops is None else None)
            crops = None
            if stills.crops is not None and pixels:
                crops = np.stack(
                    [augment_crop(*pair, rng) for pair in zip(stills.crops, stills.landmarks, strict=True)]
                )
            features.append(encode_stills(encoder, crops, points, landmarks=landmarks))
        traced = np.stack([around_palm(points) for points in stills.landmarks])
        groups = np.unique(stills.signers, return_inverse=True)[1]
        return cls(np.stack(features, 1), traced, stills.labels, groups)


def spell_held_letters(held: HeldLetters, rng: np.random.Generator, length: int) -> Rows:
    """A real signer's held letters strung together: holds, transitions, slides and pauses on the grid."""
    group = held.groups[rng.integers(len(held.groups))]
    mine = np.flatnonzero(held.groups == group)
    by_letter = {label: mine[held.labels[mine] == label] for label in np.unique(held.labels[mine])}
    speed = float(np.exp(rng.uniform(np.log(1.0), np.log(7.0))))
    cuts = rng.random() < 0.12  # pictures shown one after the other, without any transition
    features: list[Floats] = []
    traced: list[Floats] = []
    labels: list[int] = []
    place = np.zeros(2, np.float32)

    def hold(index: int, count: int, label: int) -> None:
        nonlocal place
        pair = held.features[index][rng.integers(held.features.shape[1], size=2)]
        blend = np.clip(rng.uniform(0, 1) + 0.15 * np.cumsum(rng.normal(0, 0.3, count)), 0, 1)
        for share in blend:
            place = place + rng.normal(0, 0.006, 2).astype(np.float32)
            features.append(pair[0] + np.float32(share) * (pair[1] - pair[0]))
            traced.append(held.traced[index] + place)
            labels.append(label)

    def move(index: int, to: int, count: int, shift: Floats) -> None:
        nonlocal place
        start, end, begin = features[-1], held.features[to][rng.integers(held.features.shape[1])], place.copy()
        for k in range(count):
            share = np.float32((k + 1) / (count + 1))
            share = np.float32(share * share * (3 - 2 * share))
            place = np.asarray(begin + share * shift, np.float32)
            features.append(start + share * (end - start))
            traced.append((1 - share) * held.traced[index] + share * held.traced[to] + place)
            edge = min(k, count - 1 - k) < count * 0.2
            labels.append(IGNORED if edge else BLANK)

    pieces: list[Rows] = []
    total = 0
    while total < length:
        features, traced, labels = [], [], []
        last: int | None = None
        for letter in random_word(rng):
            label = LETTERS.index(letter)
            if label not in by_letter:
                continue
            index = int(rng.choice(by_letter[label]))
            slot = max(3, round(GRID_RATE / speed * float(np.exp(rng.normal(0, 0.15)))))
            pause = 0 if cuts else max(1, round(slot * rng.uniform(0.25, 0.5)))
            if last is not None and held.labels[last] == label:
                side = np.array([-rng.uniform(0.4, 0.9), rng.normal(0, 0.08)], np.float32)
                move(last, last, max(pause, 4), side)
                index = last
            elif last is not None and pause:
                move(last, index, pause, rng.normal(0, 0.05, 2).astype(np.float32))
            long = rng.random() < 0.08
            hold(index, max(2, slot - pause) + (int(rng.integers(10, 40)) if long else 0), label)
            last = index
        if not features:
            continue
        word = Rows(_with_motion(np.stack(features), np.stack(traced), rng), np.array(labels))
        away = int(rng.integers(4, 24))
        pieces += [word, Rows.nobody(away)]
        total += len(features) + away
    return Rows.joined(pieces)


def _with_motion(features: Floats, traced: Floats, rng: np.random.Generator) -> Floats:
    """Rows (G, FEATURES + MOTION) of a hand that is there all the time; now and then MediaPipe loses it."""
    motion = motion_of(traced)
    motion[:, :6] += rng.normal(0, 0.06, (len(features), 6))
    rows = np.concatenate([features, motion], 1)
    if rng.random() < 0.2:
        at = int(rng.integers(len(rows)))
        rows[at : at + int(rng.integers(1, 3))] = 0
    return rows.astype(np.float32)
