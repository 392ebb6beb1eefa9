"""Pieces of signing with a label for every frame: the synthetic signer's, seen through MediaPipe or not."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from models.training.data.rows import IGNORED
from models.training.shipped.augmentation import STORED, STORED_MARGIN
from models.training.shipped.texts import random_text
from overlay.media.frame import Pixels
from overlay.recognition.crop import cut_hand, trace
from overlay.recognition.hands.detector_choice import open_detector
from overlay.recognition.landmark_file import in_pixels
from overlay.recognition.letter_model import BLANK, LETTERS
from overlay.synthesis.signer import Gesturing, SignerLook, SyntheticSigner

RATES = (30, 30, 30, 30, 25, 24, 24, 20, 15, 15, 15, 60)
FLUENT = 0.4  # share of the signers whose letters are coarticulated,
COARTICULATED = 0.3, 1.0  # and how much
BEGINS, ENDS = 0.3, 0.97  # of the path of a J or a Z: from where to where it can be told
SIZES = ((480, 360), (640, 360), (640, 480))


@dataclass(frozen=True)
class Clip:
    """A piece of signing by one signer, of right hands.

    Attributes:
        times: float (T,), seconds.
        present: bool (T,), a hand was found.
        crops: uint8 (T, STORED, STORED, 3) RGB, or None.
        landmarks: float32 (T, 21, 3), in pixels; anything where there is no hand.
        traced: float32 (T, 3, 2), see `overlay.recognition.crop.HandCrop`.
        palm: float32 (T,), in pixels.
        labels: int (T,), index of the letter, or `BLANK`, or `IGNORED` where it is left open.
    """

    times: NDArray[np.float64]
    present: NDArray[np.bool_]
    crops: NDArray[np.uint8] | None
    landmarks: NDArray[np.float32]
    traced: NDArray[np.float32]
    palm: NDArray[np.float32]
    labels: NDArray[np.int64]


def make_clip(
    times: NDArray[np.float64],
    landmarks: list[NDArray[np.float32] | None],
    labels: list[str | None],
    crops: list[Pixels] | None = None,
) -> Clip:
    """Put a clip together from landmarks (21, 3) of right hands in pixels, None where there is no hand."""
    empty = np.zeros((21, 3), np.float32)
    points = np.stack([empty if one is None else one for one in landmarks])
    traces = [trace(one, mirror=False) for one in points]
    return Clip(
        times,
        np.array([one is not None for one in landmarks]),
        None if crops is None else np.stack(crops),
        points,
        np.stack([traced for traced, _ in traces]),
        np.array([palm for _, palm in traces], np.float32),
        np.array([BLANK if label is None else LETTERS.index(label) for label in labels]),
    )


def stretched(clip: Clip, rng: np.random.Generator, quickest: float = 0.75, spread: float = 0.12) -> Clip:
    """The same by somebody quicker or slower, who moves the hand farther or less far, and a little another way.

    Args:
        clip: which.
        rng: decides how.
        quickest: share of its time that the quickest needs.
        spread: of the logarithm of how far the hand moves.
    """
    turn = np.radians(rng.normal(0, 8))
    rotation = np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]])
    matrix = (rotation @ np.diag(np.exp(rng.normal(0, spread) + rng.normal(0, 0.12, 2)))).astype(np.float32)
    times = clip.times * float(np.exp(rng.uniform(np.log(quickest), np.log(1.3))))
    return replace(clip, times=times, traced=clip.traced @ matrix.T)


def random_signer(
    rng: np.random.Generator, size: tuple[int, int], words: int, fluent: float = 0.0
) -> SyntheticSigner:
    """A signer of random looks who spells random words at 1 to 8 letters a second.

    Args:
        rng: decides everything.
        size: of the picture.
        words: how many.
        fluent: share of the signers who run their letters into each other, more or less.
    """
    speed = float(np.exp(rng.uniform(np.log(1.0), np.log(8.0))))
    look = SignerLook.random(int(rng.integers(1 << 31)))
    return SyntheticSigner(
        random_text(rng, words),
        letters_per_second=speed,
        seed=int(rng.integers(1 << 31)),
        look=look,
        size=size,
        coarticulation=float(rng.uniform(*COARTICULATED)) if rng.random() < fluent else 0.0,
    )


def random_gestures(rng: np.random.Generator, size: tuple[int, int], seconds: float = 8.0) -> Gesturing:
    """A person of random looks who gestures, rests and scratches a nose, but spells nothing."""
    look = SignerLook.random(int(rng.integers(1 << 31)))
    return Gesturing(seconds, seed=int(rng.integers(1 << 31)), look=look, size=size)


def seen_clip(rng: np.random.Generator, hand_model: Path, words: int = 2) -> Clip:
    """The synthetic signer as the live path sees it: rendered, spoiled as a camera would, found by MediaPipe."""
    return see(random_signer(rng, SIZES[rng.integers(len(SIZES))], words, FLUENT), rng, hand_model)


def felt_clip(rng: np.random.Generator, words: int = 2) -> Clip:
    """The synthetic signer's own landmarks with noise: much cheaper than a rendered clip, and without pixels."""
    return feel(random_signer(rng, (640, 480), words, FLUENT), rng)


def see(performer: SyntheticSigner | Gesturing, rng: np.random.Generator, hand_model: Path) -> Clip:
    """A performance as the live path sees it."""
    times = np.arange(0, performer.duration, 1 / RATES[rng.integers(len(RATES))])
    mirror = performer.look.handedness == "left"
    blur, noise, gain = rng.uniform(0, 1.2), rng.uniform(0, 9), float(np.exp(rng.normal(0, 0.2)))
    landmarks: list[NDArray[np.float32] | None] = []
    crops: list[Pixels] = []
    with open_detector(hand_model) as finder:
        for at in times:
            pixels = spoil(performer.render(float(at)), rng, blur, noise, gain)
            hand = finder.find(pixels, float(at))
            if hand is None:
                landmarks.append(None)
                crops.append(np.zeros((STORED, STORED, 3), np.uint8))
            else:
                landmarks.append(hand.landmarks * np.array([-1 if mirror else 1, 1, 1], np.float32))
                crops.append(cut_hand(pixels, hand.landmarks, mirror=mirror, size=STORED, margin=STORED_MARGIN))
    return make_clip(times, landmarks, [performer.label(float(at)) for at in times], crops)


def feel(performer: SyntheticSigner | Gesturing, rng: np.random.Generator) -> Clip:
    """A performance's own landmarks, with errors such as MediaPipe's."""
    times = np.arange(0, performer.duration, 1 / RATES[rng.integers(len(RATES))])
    mirror = np.array([-1 if performer.look.handedness == "left" else 1, 1, 1], np.float32)
    bias = rng.normal(0, 1, (21, 3)).astype(np.float32)  # MediaPipe's errors last as long as the pose
    landmarks: list[NDArray[np.float32] | None] = []
    for at in times:
        points = performer.landmarks(float(at))
        if points is None or rng.random() < 0.01:
            landmarks.append(None)
            continue
        palm = float(np.linalg.norm(points[9] - points[0]))
        bias = (0.85 * bias + 0.527 * rng.normal(0, 1, (21, 3))).astype(np.float32)  # stays of unit variance
        noise = bias * np.array([0.035, 0.035, 0.08], np.float32) * palm + rng.normal(0, 0.008 * palm, (21, 3))
        landmarks.append(((points + noise) * mirror).astype(np.float32))
    return make_clip(times, landmarks, [performer.label(float(at)) for at in times])


def motion_clips(path: Path) -> Iterator[Clip]:
    """Real J and Z as motion: landmarks in fractions of a 4:3 picture, NaN where no hand was found.

    The takes begin before the stroke and end after it; its exact place is not known. The stroke is where
    the tip that draws (little finger for J, index for Z) moves; the label stands on its last two thirds,
    when there has been enough of it to be known. What comes before is left open: the hand waits there in the shape of
    an I or a D, and only what follows tells that it is none.
    """
    with np.load(path) as stored:
        takes, offsets, letters = stored["landmarks"], stored["offsets"], stored["letter"]
    for index, letter in enumerate(letters):
        points = in_pixels(takes[offsets[index] : offsets[index + 1]], 4 / 3)
        present = np.asarray(~np.isnan(points).any((1, 2)))
        if present.sum() < 10:
            continue
        if _left_hand(points[present][:8]):  # later on a J turns its back to the camera
            points = points * np.array([-1, 1, 1], np.float32)
        tip = points[:, 20 if letter == "J" else 8, :2]
        palm = np.nanmedian(np.linalg.norm(points[:, 9] - points[:, 0], axis=-1))
        speed = np.nan_to_num(np.linalg.norm(np.diff(tip, axis=0, prepend=tip[:1]), axis=1)) / palm
        path_length = np.cumsum(speed)
        share = path_length / max(path_length[-1], 1e-6)
        labels = [str(letter) if BEGINS < s < ENDS else None for s in share]
        clip = make_clip(
            np.arange(len(points)) / 30.0,
            [one if there else None for one, there in zip(points, present, strict=True)],
            labels,
        )
        yield replace(clip, labels=np.where(present & (share <= BEGINS), IGNORED, clip.labels))


def _left_hand(points: NDArray[np.float32]) -> bool:
    """Whether hands (T, 21, 3), palm to the camera, are left ones: on which side of the palm the index is."""
    across = points[:, 17, :2] - points[:, 5, :2]
    along = points[:, 9, :2] - points[:, 0, :2]
    turn = across[:, 0] * along[:, 1] - across[:, 1] * along[:, 0]
    return bool(np.median(turn) < 0)


def spoil(pixels: Pixels, rng: np.random.Generator, blur: float, noise: float, gain: float) -> Pixels:
    """What a camera makes of a picture: blurred, grainy, lighter or darker."""
    image = cv2.GaussianBlur(pixels, (0, 0), blur) if blur > 0.3 else pixels
    if noise > 1:
        grain = rng.normal(0, noise, (*image.shape[:2], 1)).astype(np.float32)
        spoiled = np.clip(image * gain + grain, 0, 255)
    else:
        spoiled = cv2.convertScaleAbs(image, alpha=gain)
    return np.asarray(spoiled, np.uint8)


def save_clips(clips: list[Clip], path: Path) -> None:
    """Keep rendered clips, all with crops, in one .npz."""
    arrays = {
        name: np.concatenate([getattr(clip, name) for clip in clips])
        for name in ("times", "present", "crops", "landmarks", "traced", "palm", "labels")
    }
    arrays["offsets"] = np.cumsum([0, *(len(clip.times) for clip in clips)])
    np.savez(path, allow_pickle=False, **arrays)


def load_clips(path: Path) -> list[Clip]:
    """What `save_clips` kept."""
    with np.load(path) as stored:
        arrays = {name: stored[name] for name in stored.files}
    offsets = arrays.pop("offsets")
    return [Clip(**{name: array[start:end] for name, array in arrays.items()}) for start, end in pairwise(offsets)]
