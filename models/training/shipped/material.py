"""What the shipped weights are made of: real held letters, real motion, and the synthetic signer."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from models.console import all_in_parallel
from models.training.shipped.clips import (
    SIZES,
    Clip,
    feel,
    felt_clip,
    load_clips,
    motion_clips,
    random_gestures,
    save_clips,
    see,
    seen_clip,
)
from models.training.shipped.stills import (
    Measured,
    Stills,
    join_stills,
    read_digits,
    read_landmarks,
    read_photographs,
)
from overlay.recognition.letter_model import BLANK

FELT, FELT_GESTURES = 1100, 1050  # clips of landmarks alone
GESTURE_FRAMES = 5  # every so many frames of a gesture teach the encoder what is no letter


@dataclass(frozen=True)
class Material:
    """Everything there is to learn from.

    Attributes:
        photographs: held letters with pixels; measured: held letters, landmarks only, by other signers.
        seen, gestures: rendered clips of signing and of gestures; felt, felt_gestures: the same, landmarks only.
        moved: J and Z by real people, landmarks only.
    """

    photographs: Stills
    measured: Stills
    seen: list[Clip]
    gestures: list[Clip]
    felt: list[Clip]
    felt_gestures: list[Clip]
    moved: list[Clip]

    def without(self, signers: list[str]) -> "Material":
        """As if these people had never been photographed."""
        photographs = self.photographs.select(~np.isin(self.photographs.signers, signers))
        return replace(self, photographs=photographs)

    def without_synthetic(self) -> "Material":
        """Only real people: no rendered clip, no gesture."""
        return replace(self, seen=[], gestures=[], felt=[], felt_gestures=[])


def collect_material(
    photographs: Path,
    landmarks: Path,
    motion: Sequence[Path],
    hand_model: Path,
    work: Path,
    *,
    measured: Sequence[Measured] = (),
    digits: Path | None = None,
    clips: int,
    gestures: int,
    seed: int,
    jobs: int,
) -> Material:
    """Find, measure and render what is not yet in `work`.

    Args:
        photographs: SIGNER/LETTER/*.jpg.
        landmarks, motion: .npz, see `docs/training.md`.
        hand_model: MediaPipe's bundle.
        work: folder for what can be used again.
        measured: files of more people's landmarks.
        digits: SIGNER/DIGIT/*.jpg, of which those are used that are made like letters.
        clips, gestures: how many are rendered.
        seed: of everything synthetic.
        jobs: how many processes.
    """
    photos = read_photographs(photographs, hand_model, work / "photographs.npz", jobs=jobs)
    seen = _rendered(_see_signer, clips, [seed, 0], hand_model, work / "clips.npz", "signers", jobs)
    waved = _rendered(_see_gestures, gestures, [seed, 1], hand_model, work / "gestures.npz", "gestures", jobs)
    felt_gestures = []
    for k in range(FELT_GESTURES):
        rng = np.random.default_rng([seed, 3, k])
        felt_gestures.append(feel(random_gestures(rng, (640, 480)), rng))
    # The signers with photographs are in the landmark file as well: once is enough.
    people = [read_landmarks(landmarks, frozenset(photos.signers.tolist())), *(one.read() for one in measured)]
    if digits is not None:
        people.append(read_digits(digits, hand_model, work / "digits.npz", jobs=jobs))
    return Material(
        photos,
        join_stills(people),
        seen,
        waved,
        [felt_clip(np.random.default_rng([seed, 2, k])) for k in range(FELT)],
        felt_gestures,
        [clip for path in motion for clip in motion_clips(path)],
    )


def gestures_as_stills(clips: list[Clip]) -> Stills:
    """Frames of gestures as hands that show no letter; each clip is a signer of its own."""
    return _as_stills(clips, [np.flatnonzero(clip.present)[::GESTURE_FRAMES] for clip in clips], "gestures")


def letters_as_stills(clips: list[Clip], every: int = 3) -> Stills:
    """Frames of synthetic signing in which a letter is made; each clip is a signer of its own."""
    made = [np.flatnonzero(clip.present & (clip.labels != BLANK))[::every] for clip in clips]
    return _as_stills(clips, made, "synthetic")


def _as_stills(clips: list[Clip], chosen: list[NDArray[np.intp]], name: str) -> Stills:
    pairs = list(zip(clips, chosen, strict=True))
    return Stills(
        np.concatenate([clip.crops[frames] for clip, frames in pairs if clip.crops is not None]),
        np.concatenate([clip.landmarks[frames] for clip, frames in pairs]),
        np.concatenate([clip.labels[frames] for clip, frames in pairs]),
        np.repeat(np.array([f"{name} {k}" for k in range(len(clips))]), [len(frames) for frames in chosen]),
    )


def _see_signer(hand_model: Path, rng: Generator) -> Clip:
    return seen_clip(rng, hand_model)


def _see_gestures(hand_model: Path, rng: Generator) -> Clip:
    return see(random_gestures(rng, SIZES[rng.integers(len(SIZES))]), rng, hand_model)


def _rendered(
    make: Callable[[Path, Generator], Clip],
    count: int,
    seed: list[int],
    hand_model: Path,
    cache: Path,
    name: str,
    jobs: int,
) -> list[Clip]:
    """Rendered clips, kept in a file: they take MediaPipe's time."""
    if cache.exists():
        return load_clips(cache)
    seeds = [[*seed, k] for k in range(count)]
    made = all_in_parallel(partial(_Renderer, make, hand_model), seeds, jobs, f"rendering {name}")
    cache.parent.mkdir(parents=True, exist_ok=True)
    save_clips(made, cache)
    return made


class _Renderer:
    """Renders one clip after the other, in a process of its own."""

    def __init__(self, make: Callable[[Path, Generator], Clip], hand_model: Path) -> None:
        self._make, self._hand_model = make, hand_model

    def __call__(self, seed: list[int]) -> Clip:
        return self._make(self._hand_model, np.random.default_rng(seed))
