"""Takes from recordings that a person has: `FOLDER/LETTER/*`, pictures and videos, however deep."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np

from overlay.core.errors import SigncapError, SourceError
from overlay.core.process.native_output import silence_opencv
from overlay.enrolment.clip import EnrolmentClip, held_take
from overlay.enrolment.prototypes import MOVING
from overlay.enrolment.still_samples import EitherHand, of_one_signer, sample_picture
from overlay.media.frame import Pixels
from overlay.media.images import MOST_BYTES, decode_picture
from overlay.media.sources.video_file import VideoFile
from overlay.recognition.features import FeatureExtractor
from overlay.recognition.hands.detector_choice import open_detector
from overlay.recognition.letter_model import LETTERS, LetterModel

PICTURES: Final = frozenset({".jpg", ".jpeg", ".png", ".webp", ".bmp"})
VIDEOS: Final = frozenset({".mp4", ".mov", ".m4v", ".avi", ".mkv", ".webm"})
ENOUGH: Final = 24  # pictures of a letter; more are mostly the same, and are left out evenly

Show = Callable[[float, str], None]


@dataclass(frozen=True, slots=True)
class Recordings:
    """The recordings that were found in a folder.

    Attributes:
        takes: one for each picture or video with a hand in it.
        without_hand: files in which no hand was found.
        unreadable: files that are damaged or of another kind than their name says.
    """

    takes: list[EnrolmentClip]
    without_hand: int
    unreadable: int


def read_recordings(folder: Path, letter_model: LetterModel, hand_model: Path, show: Show) -> Recordings:
    """Read all pictures and videos of one signer. Pictures of J and Z are left out, as these are motion.

    Args:
        folder: holds a folder for each letter.
        letter_model: the general model.
        hand_model: MediaPipe's bundle.
        show: told of the fraction that is done.

    Raises:
        SigncapError: there are none.
    """
    files = [(letter, path) for letter, path in _files(folder) if letter not in MOVING or _is_video(path)]
    if not files:
        raise SigncapError(
            f"{folder} holds no pictures or videos of letters: it should hold one folder for each letter, "
            "for example A with pictures of A in it."
        )
    silence_opencv()
    pictures: list[tuple[str, EitherHand]] = []
    takes: list[EnrolmentClip] = []
    without_hand = unreadable = 0
    with open_detector(hand_model, video=False) as finder:
        for number, (letter, path) in enumerate(files):
            show(number / len(files), f"Reading {folder.name}")
            try:
                if _is_video(path):
                    take = _video(letter, path, letter_model, hand_model)
                    takes += [take] if take is not None else []
                    without_hand += take is None
                else:
                    either = sample_picture(letter_model, finder, _picture(path))
                    pictures += [(letter, either)] if either is not None else []
                    without_hand += either is None
            except SigncapError:
                unreadable += 1
    show(1.0, f"Reading {folder.name}")
    samples = of_one_signer([either for _, either in pictures])
    takes += [held_take(letter, sample) for (letter, _), sample in zip(pictures, samples, strict=True)]
    if not takes:
        raise SigncapError(f"No hand was found in any file of {folder}: the signing hand must be in the picture.")
    return Recordings(takes, without_hand, unreadable)


def _files(folder: Path) -> Iterator[tuple[str, Path]]:
    try:
        letters = sorted(path for path in folder.iterdir() if path.is_dir() and path.name.upper() in LETTERS)
    except OSError as error:
        raise SigncapError(f"{folder} cannot be read ({error.strerror}): choose another folder.") from error
    for own in letters:
        known = sorted(path for path in own.rglob("*") if path.suffix.lower() in PICTURES | VIDEOS and path.is_file())
        videos = [path for path in known if _is_video(path)]
        pictures = [path for path in known if not _is_video(path)]
        if len(pictures) > ENOUGH:
            pictures = [pictures[round(place)] for place in np.linspace(0, len(pictures) - 1, ENOUGH)]
        yield from ((own.name.upper(), path) for path in (*pictures, *videos))


def _is_video(path: Path) -> bool:
    return path.suffix.lower() in VIDEOS


def _picture(path: Path) -> Pixels:
    try:
        with path.open("rb") as file:
            return decode_picture(file.read(MOST_BYTES + 1), path.name)
    except OSError as error:
        raise SigncapError(f"{path} cannot be read ({error.strerror}).") from error


def _video(letter: str, path: Path, letter_model: LetterModel, hand_model: Path) -> EnrolmentClip | None:
    """A video as one take; None where no hand is in it."""
    extractor = FeatureExtractor(letter_model)
    frames = []
    video = VideoFile(path, realtime=False)
    try:
        with open_detector(hand_model) as finder:
            while (frame := video.read()) is not None:
                hand = finder.find(frame.pixels, frame.at)
                frames.append((frame.at, None if hand is None else extractor.sample(frame, hand)))
    except SourceError:
        if not frames:
            raise
    finally:
        video.close()
    take = EnrolmentClip(letter, tuple(frames))
    return take if take.samples else None
