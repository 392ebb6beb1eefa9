"""Performances before the whole live path, from rendered picture to text, in several processes."""

import contextlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Protocol

import cv2
import numpy as np
from numpy.typing import NDArray

from models.console import all_in_parallel
from overlay.captions.transcript import plain_text
from overlay.core.process.native_output import silence_opencv
from overlay.media.frame import Frame
from overlay.pipeline.live_captioner import LiveCaptioner
from overlay.recognition.feature_window import GRID_RATE
from overlay.synthesis.signer import SyntheticSigner


class Performer(Protocol):
    """Somebody, or something, before the camera."""

    @property
    def duration(self) -> float:
        """Seconds that it lasts."""
        ...

    def render(self, t: float) -> NDArray[np.uint8]:
        """The picture at t seconds, BGR uint8 (H, W, 3)."""
        ...


@dataclass(frozen=True, slots=True)
class Scene:
    """What one camera films.

    Attributes:
        begin: makes the performer, in the process that reads it; picklable.
        rate: frames a second.
    """

    begin: Callable[[], Performer]
    rate: float = GRID_RATE


@dataclass(frozen=True, slots=True)
class Seen:
    """What was read in a scene.

    Attributes:
        text: with spaces between words.
        seconds: that it lasted.
        frames: how many there were.
        with_hand: in how many of them a hand was found.
        in_view: in how many of them a synthetic hand was in view; 0 where nobody synthetic performed.
        found_in_view: in how many of those it was found.
    """

    text: str
    seconds: float
    frames: int
    with_hand: int
    in_view: int = 0
    found_in_view: int = 0

    @property
    def letters(self) -> str:
        """The text without its spaces."""
        return self.text.replace(" ", "")


@dataclass(frozen=True, slots=True)
class Eyes:
    """Who reads.

    Attributes:
        model: folder of a model; the shipped one where None.
        hand_model: MediaPipe's bundle.
        jobs: how many processes; what is read does not depend on it.
    """

    model: Path | None
    hand_model: Path
    jobs: int = 1

    def read(self, scenes: Sequence[Scene], title: str) -> list[Seen]:
        """What is read in each scene, in their order; a bar shows how far it is.

        Raises:
            SigncapError: the model cannot be run.
        """
        return all_in_parallel(partial(_Reader, self.model, self.hand_model), scenes, self.jobs, title)


class _Reader:
    """Reads one scene after the other, in a process of its own."""

    def __init__(self, model: Path | None, hand_model: Path) -> None:
        silence_opencv()
        cv2.setNumThreads(1)  # the processes are the threads
        self._model, self._hand_model = model, hand_model

    def __call__(self, scene: Scene) -> Seen:
        performer = scene.begin()
        frames = round(performer.duration * scene.rate)
        in_view = found_in_view = 0
        # A captioner of its own takes a tenth of a second, and no scene hangs on what was tracked before it.
        captioner = LiveCaptioner(model=self._model, hand_model=self._hand_model)
        with contextlib.closing(captioner):
            for index in range(frames):
                at = index / scene.rate
                reading = captioner.accept(Frame(performer.render(at), index, at))
                if isinstance(performer, SyntheticSigner) and performer.landmarks(at) is not None:
                    in_view += 1
                    found_in_view += reading.hand is not None
            text = " ".join(plain_text(captioner.finish().state).split())
        return Seen(text, performer.duration, frames, captioner.frames_with_hand, in_view, found_in_view)
