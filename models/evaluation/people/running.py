"""Running spelling by real people, read as live: landmarks from files, and videos named after what is spelled."""

import contextlib
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from models.console import all_in_parallel
from models.evaluation.live import Eyes
from models.training.data.tree import ONLY_SIGNER, VIDEOS, natural
from overlay.captions.language import AROUND, AssistedReader
from overlay.captions.state import Letter
from overlay.captions.transcript import Transcript, plain_text
from overlay.core.errors import SigncapError, SourceError
from overlay.core.process.native_output import silence_opencv
from overlay.media.sources.video_file import VideoFile
from overlay.pipeline.live_captioner import LiveCaptioner
from overlay.pipeline.result import CaptionResult
from overlay.recognition.feature_window import GRID_RATE
from overlay.recognition.landmark_file import SPELLABLE, RunningTake, in_pixels, read_running
from overlay.recognition.letter_model import LetterModel
from overlay.recognition.letter_stream import DecoderStep, LetterStream

Floats = NDArray[np.float32]

NUMBER: Final = re.compile(r"-\d+$")  # at the end of a video's name: another take of the same word


@dataclass(frozen=True)
class Clip:
    """A video in which somebody spells.

    Attributes:
        path: of the video.
        text: what is spelled.
        signer: who spells.
    """

    path: Path
    text: str
    signer: str = ""


@dataclass(frozen=True, eq=False)
class ReadWord:
    """A word as it was read.

    Attributes:
        letters: those that were read, in order; at least one.
        posteriors: float32 (S, CLASSES), one row for each step of the time grid, from `AROUND` seconds before the
            first letter to as long after the last.
        assisted: what is read with a language instead, where that is clearly better.
    """

    letters: tuple[Letter, ...]
    posteriors: Floats
    assisted: str | None = None

    @property
    def text(self) -> str:
        """The letters as a word."""
        return "".join(letter.text for letter in self.letters)


@dataclass(frozen=True, eq=False)
class ReadTake:
    """What was read in one take.

    Attributes:
        text: what was spelled.
        signer: who spelled.
        words: what was read, word by word.
        frames: how many frames there were.
        with_hand: in how many of them a hand was found.
        unreadable: the sentence for a video that cannot be read; None for all others.
    """

    text: str
    signer: str
    words: tuple[ReadWord, ...] = ()
    frames: int = 0
    with_hand: int = 0
    unreadable: str | None = None

    @property
    def read(self) -> str:
        """All words, with spaces between them."""
        return " ".join(word.text for word in self.words)

    @property
    def assisted(self) -> str:
        """The same, read with a language."""
        return " ".join(word.text if word.assisted is None else word.assisted for word in self.words)

    @property
    def letters(self) -> list[Letter]:
        """All letters, in order."""
        return [letter for word in self.words for letter in word.letters]


def running_takes(path: Path) -> list[RunningTake] | list[Clip]:
    """Find the takes of an .npz of running spelling, or the videos of a folder: WORD.mp4 or SIGNER/WORD.mp4.

    A number after the word, as in `HELLO-2.mp4`, tells takes of one word apart.

    Raises:
        SigncapError: there are none, or a file is of another kind.
    """
    if not path.is_dir():
        return read_running(path)
    clips = sorted(_clips(path), key=lambda clip: natural(clip.path.relative_to(path).as_posix()))
    if not clips:
        raise SigncapError(f"No videos in {path}: --running takes a folder of WORD.mp4 or SIGNER/WORD.mp4.")
    return clips


def read_all_running(eyes: Eyes, takes: Sequence[RunningTake | Clip]) -> list[ReadTake]:
    """Read takes with the live recogniser, in their order; a bar shows how far it is.

    Raises:
        SigncapError: the model cannot be run.
    """
    reader = partial(_Reader, eyes.model, eyes.hand_model)
    return all_in_parallel(reader, takes, eyes.jobs, "running spelling by people")


def read_landmarks(letter_model: LetterModel, take: RunningTake) -> ReadTake:
    """Read a take of landmarks, without pixels, as it is read live."""
    steps: list[DecoderStep] = []
    stream, transcript = LetterStream(letter_model, observer=steps.append), Transcript()
    points = in_pixels(take.landmarks, take.aspect)
    there = [bool(np.isfinite(one).all()) for one in points]
    silent = stream.frames_afterwards(take.rate) + 1
    letters: list[Letter] = []
    at = 0.0
    for k in range(len(points) + silent):
        at = k / take.rate
        hand_up = k < len(points) and there[k]
        letters += (new := stream.accept_landmarks(at, points[k] if hand_up else None))
        transcript.accept(new, stream.partial, at, hand_up=hand_up, signing=stream.signing)
    letters += (last := stream.finish())
    transcript.accept(last, None, at, hand_up=False)
    words = _words(plain_text(transcript.finish()), letters, steps)
    return ReadTake(take.text, take.signer or ONLY_SIGNER, words, len(points), sum(there))


def assist(reader: AssistedReader, take: ReadTake) -> ReadTake:
    """Read the words of a take with a language as well."""

    def both(word: ReadWord) -> ReadWord:
        assisted = reader.read(word.text, word.posteriors)
        return word if assisted is None else replace(word, assisted=assisted.text.upper())

    return replace(take, words=tuple(map(both, take.words)))


def read_clip(captioner: LiveCaptioner, clip: Clip) -> ReadTake:
    """Read a video with a captioner that has read nothing yet, pictures and all."""
    readings: list[CaptionResult] = []
    try:
        with contextlib.closing(VideoFile(clip.path, realtime=False)) as video:
            while (frame := video.read()) is not None:
                readings.append(captioner.accept(frame))
    except SourceError as error:
        return ReadTake(clip.text, clip.signer or ONLY_SIGNER, unreadable=str(error))
    frames = len(readings)
    readings.append(captioner.finish())
    words = _words(
        plain_text(readings[-1].state),
        [letter for reading in readings for letter in reading.letters],
        [step for reading in readings for step in reading.moments],
    )
    return ReadTake(clip.text, clip.signer or ONLY_SIGNER, words, frames, captioner.frames_with_hand)


class _Reader:
    """Reads one take after the other, in a process of its own."""

    def __init__(self, model: Path | None, hand_model: Path) -> None:
        silence_opencv()
        cv2.setNumThreads(1)  # the processes are the threads
        self._model, self._hand_model = model, hand_model
        self._letter_model, self._assisted = LetterModel(model), AssistedReader()
        self._assisted.load()

    def __call__(self, take: RunningTake | Clip) -> ReadTake:
        return assist(self._assisted, self._literal(take))

    def _literal(self, take: RunningTake | Clip) -> ReadTake:
        if isinstance(take, RunningTake):
            return read_landmarks(self._letter_model, take)
        with contextlib.closing(LiveCaptioner(model=self._model, hand_model=self._hand_model)) as captioner:
            return read_clip(captioner, take)


def _words(text: str, letters: Sequence[Letter], steps: Sequence[DecoderStep]) -> tuple[ReadWord, ...]:
    coming = iter(letters)
    times, rows = [step.at for step in steps], [step.posteriors for step in steps]
    half = 0.5 / GRID_RATE
    words = []
    for word in text.split():
        own = tuple(next(coming) for _ in word)
        first, last = np.searchsorted(times, [own[0].start - AROUND - half, own[-1].end + AROUND + half])
        words.append(ReadWord(own, np.array(rows[first:last], np.float32)))
    return tuple(words)


def _clips(folder: Path) -> Iterator[Clip]:
    for path in folder.iterdir():
        if path.name.startswith("."):
            continue
        if path.is_dir():
            yield from (_clip(file, path.name) for file in path.iterdir() if _is_video(file))
        elif _is_video(path):
            yield _clip(path, "")


def _is_video(path: Path) -> bool:
    return path.suffix.lower() in VIDEOS and path.is_file() and not path.name.startswith(".")


def _clip(path: Path, signer: str) -> Clip:
    text = " ".join(NUMBER.sub("", path.stem).upper().split())
    if not text or not set(text) <= SPELLABLE:
        raise SigncapError(
            f"{path} is not named after what is spelled in it: rename it to letters A to Z, such as HELLO.mp4, or "
            "HELLO-2.mp4 for another take."
        )
    return Clip(path, text, signer)
