"""Pictures of hands to learn from, with what MediaPipe's landmark network says of them."""

import contextlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from models.console import progress_bar
from models.training.shipped.clips import SIZES, random_gestures, random_signer, spoil
from overlay.core.errors import SigncapError
from overlay.core.process.native_output import silence_opencv
from overlay.core.process.parallel import in_parallel
from overlay.media.frame import Pixels
from overlay.media.images import read_picture
from overlay.recognition.hands.detection_views import return_landmarks
from overlay.recognition.hands.hand_detector import Hand
from overlay.recognition.hands.photograph import find_hand_in_picture
from overlay.recognition.hands.square import HandSquare, square_of_landmarks
from overlay.recognition.hands.tracker import HandTracker

STORED: Final = 320  # side in pixels of what is kept of a picture
ROOM: Final = 1.5  # of that side over the hand's square, so that it can be shifted and turned
SHOTS: Final = 12  # pictures of one synthetic signer
PHOTOGRAPH, CLOSE, RENDERED, NOTHING = range(4)  # kinds; a close one is filled by the hand
FRAME: Final = 0.4  # of a close picture's side, put around it: palms are found only with room around them

Task = tuple[int, Path | int]  # a kind, and a file or a seed


@dataclass(frozen=True)
class HandPictures:
    """Pictures of one hand each, or of none.

    Attributes:
        pixels: uint8 (N, STORED, STORED, 3), blue-green-red.
        landmarks: float32 (N, 21, 3), in their pixels; anything where there is no hand.
        right: float32 (N,), 1 where it is a right hand; anything where there is none.
        kinds: int (N,), `PHOTOGRAPH`, `CLOSE`, `RENDERED` or `NOTHING`.
    """

    pixels: NDArray[np.uint8]
    landmarks: NDArray[np.float32]
    right: NDArray[np.float32]
    kinds: NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class _Shot:
    pixels: Pixels
    landmarks: NDArray[np.float32]
    right: float
    kind: int
    person: str


def collect_pictures(
    photographs: Path,
    close: Path | None,
    bundle: Path,
    teacher: Path,
    work: Path,
    *,
    signers: int,
    gesturing: int,
    jobs: int,
) -> HandPictures:
    """Find the hands in all pictures, and keep what was found in `work`, from which it is read the next time.

    Which hand a person shows is decided by all of the person's pictures together.

    Args:
        photographs: PERSON/LETTER/*.jpg.
        close: PERSON/SIGN/*.jpg, pictures that a hand fills; None for none.
        bundle: MediaPipe's `hand_landmarker.task`.
        teacher: folder of networks as `HandTracker` takes them, with MediaPipe's landmark network.
        work: a folder.
        signers, gesturing: how many synthetic people spell and gesture.
        jobs: how many processes.

    Raises:
        SigncapError: there are no pictures.
    """
    kept, labels = work / "pictures.npy", work / "labels.npz"
    if not labels.exists():
        tasks: list[Task] = [(RENDERED, seed) for seed in range(signers)]
        tasks += [(RENDERED, -1 - seed) for seed in range(gesturing)]
        tasks += [(PHOTOGRAPH, path) for path in sorted(photographs.glob("*/*/*.jpg"))]
        if close is not None:
            tasks += [(CLOSE, path) for path in sorted(close.glob("*/*/*.jpg"))]
        if not any(kind == PHOTOGRAPH for kind, _ in tasks):
            raise SigncapError(f"No pictures in {photographs}: it should hold PERSON/LETTER/*.jpg.")
        work.mkdir(parents=True, exist_ok=True)
        _write(_shots(tasks, bundle, teacher, jobs), len(tasks) + 2 * SHOTS * (signers + gesturing), kept, labels)
    with np.load(labels) as stored:
        count = len(stored["landmarks"])
        return HandPictures(
            np.load(kept, mmap_mode="r")[:count], stored["landmarks"], stored["right"], stored["kinds"]
        )


def _shots(tasks: Sequence[Task], bundle: Path, teacher: Path, jobs: int) -> Iterator[_Shot]:
    made = in_parallel(partial(_Finder, bundle, teacher), tasks, jobs)
    with progress_bar() as bar, contextlib.closing(made):
        shown = bar.add_task("finding hands", total=len(tasks))
        for _, shots in made:
            bar.advance(shown)
            yield from shots


def _write(shots: Iterable[_Shot], most: int, kept: Path, labels: Path) -> None:
    pixels = np.lib.format.open_memmap(kept, "w+", np.uint8, (most, STORED, STORED, 3))
    landmarks, right, kinds, people = [], [], [], []
    for number, shot in enumerate(shots):
        pixels[number] = shot.pixels
        landmarks.append(shot.landmarks)
        right.append(shot.right)
        kinds.append(shot.kind)
        people.append(shot.person)
    pixels.flush()
    np.savez(
        labels,
        landmarks=np.array(landmarks, np.float32),
        right=_by_majority(np.array(right, np.float32), np.array(kinds), np.array(people)),
        kinds=np.array(kinds),
        people=np.array(people),
    )


def _by_majority(
    right: NDArray[np.float32], kinds: NDArray[np.int64], people: NDArray[np.str_]
) -> NDArray[np.float32]:
    result = right.copy()
    for person in np.unique(people):
        mine = (people == person) & (kinds != NOTHING)
        if mine.any():
            result[mine] = np.round(right[mine].mean())
    return result


class _Finder:
    """Finds the hand in one picture after the other, in a process of its own."""

    def __init__(self, bundle: Path, teacher: Path) -> None:
        silence_opencv()
        cv2.setNumThreads(1)
        self._detector = HandTracker(bundle, video=False, networks=teacher)

    def __call__(self, task: Task) -> list[_Shot]:
        kind, what = task
        return self._file(kind, what) if isinstance(what, Path) else self._rendered(what)

    def _file(self, kind: int, path: Path) -> list[_Shot]:
        pixels = read_picture(path)
        if pixels is None:
            return []
        if kind == CLOSE:
            room = round(max(pixels.shape[:2]) * FRAME)
            pixels = np.asarray(cv2.copyMakeBorder(pixels, room, room, room, room, cv2.BORDER_REPLICATE), np.uint8)
        found = find_hand_in_picture(self._detector, pixels)
        if found is None:
            return []
        seen, hand = found
        is_right = hand.score if hand.handedness == "right" else 1 - hand.score
        return [_Shot(*_kept(seen, hand), is_right, kind, f"{kind} {path.parent.parent.name}")]

    def _rendered(self, seed: int) -> list[_Shot]:
        """A person of random looks, who spells, or gestures where the seed is below zero; and what is beside them."""
        rng = np.random.default_rng([abs(seed), seed < 0, 41])
        size = SIZES[rng.integers(len(SIZES))]
        person = random_gestures(rng, size) if seed < 0 else random_signer(rng, size, 3)
        blur, noise, gain = rng.uniform(0, 1), rng.uniform(0, 7), float(np.exp(rng.normal(0, 0.2)))
        is_right, name = float(person.look.handedness == "right"), f"rendered {seed}"
        shots = []
        for at in rng.uniform(0, person.duration, SHOTS):
            frame = spoil(person.render(float(at)), rng, blur, noise, gain)
            found = find_hand_in_picture(self._detector, frame)
            if found is None or found[0].shape != frame.shape:
                continue
            hand = found[1]
            shots.append(_Shot(*_kept(frame, hand), is_right, RENDERED, name))
            beside = _beside(frame, hand, rng)
            if beside is not None:
                shots.append(_Shot(beside, np.zeros((21, 3), np.float32), 0.0, NOTHING, name))
        return shots


def _kept(pixels: Pixels, hand: Hand) -> tuple[Pixels, NDArray[np.float32]]:
    """An upright square around the hand, and its landmarks in that."""
    square = square_of_landmarks(hand.landmarks)
    around = HandSquare(square.x, square.y, square.side * ROOM, 0.0)
    back = cv2.invertAffineTransform(around.to_frame(STORED))
    return around.cut(pixels, STORED), return_landmarks(hand.landmarks, np.asarray(back, np.float64))


def _beside(pixels: Pixels, hand: Hand, rng: np.random.Generator) -> Pixels | None:
    """A square somewhere else; None where the hand would be in it."""
    height, width = pixels.shape[:2]
    square = square_of_landmarks(hand.landmarks)
    x, y = rng.uniform(0, width), rng.uniform(0, height)
    if np.hypot(x - square.x, y - square.y) < 0.75 * square.side:
        return None
    return HandSquare(x, y, square.side * ROOM * rng.uniform(0.7, 1.4), 0.0).cut(pixels, STORED)
