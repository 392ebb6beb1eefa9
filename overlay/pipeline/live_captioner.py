"""Reads signing from frames: hand detector, letter stream and transcript in one line."""

import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from overlay.captions.edits import Edit
from overlay.captions.language.assisted_reader import AROUND, Assisted
from overlay.captions.language.recent_posteriors import RecentPosteriors
from overlay.captions.state import CaptionState
from overlay.captions.transcript import Suggest, Transcript
from overlay.core.settings import Settings
from overlay.enrolment.profile import InUse
from overlay.media.frame import Frame
from overlay.pipeline.result import CaptionResult
from overlay.pipeline.slow_motion import SlowMotion
from overlay.recognition.feature_window import GRID_RATE
from overlay.recognition.hands.detector_choice import open_detector
from overlay.recognition.hands.hand_detector import HandDetector
from overlay.recognition.hands.hand_model import hand_model_path
from overlay.recognition.letter_model import LetterModel
from overlay.recognition.letter_stream import DecoderStep, LetterStream

Assist = Callable[[str, NDArray[np.float32]], Assisted | None]  # as `AssistedReader.read`


class LiveCaptioner:
    """The whole recogniser, one frame after the other, in one thread.

    Args:
        settings: thresholds and pauses.
        model: folder of a model; the shipped one by default.
        hand_model: MediaPipe's bundle; fetched on first use by default.
        finder: finds hands; by default one that is opened with the hand model.
        suggest: what may have been spelled where a word was read; nothing by default.
        assist: what a word is rather than what was read, asked when it ends; nothing by default.
        in_use: the signer's profile, which may be exchanged at any time; none by default.
    """

    def __init__(
        self,
        settings: Settings | None = None,
        *,
        model: Path | None = None,
        hand_model: Path | None = None,
        finder: HandDetector | None = None,
        suggest: Suggest = lambda _read: (),
        assist: Assist = lambda _word, _posteriors: None,
        in_use: InUse | None = None,
    ) -> None:
        settings = settings or Settings()
        self.letter_model = LetterModel(model)
        self.finder = open_detector(hand_model_path(hand_model)) if finder is None else finder
        self.transcript = Transcript(settings.endpointing, suggest, self._assisted)
        self._assist = assist
        self._posteriors = RecentPosteriors()
        self._stream = LetterStream(self.letter_model, settings.decoding, self._observe)
        self._steps: list[DecoderStep] = []  # of the grid that came with this frame
        self._in_use = in_use or InUse()
        self._slow_motion = SlowMotion()
        self._pauses = settings.endpointing
        self._at = self._moment = 0.0
        self._frames_with_hand = 0

    @property
    def frames_with_hand(self) -> int:
        """The number of frames in which a hand was found."""
        return self._frames_with_hand

    def accept(self, frame: Frame) -> CaptionResult:
        """Read one frame."""
        began = time.perf_counter()
        self._slow_motion.note(frame)
        self._at, self._moment = frame.at, frame.moment
        # What bears a notice is no camera's picture: nobody signs in it.
        hand = self.finder.find(frame.pixels, frame.moment) if frame.notice is None else None
        found = time.perf_counter()
        sample = None
        if hand is not None:
            self._frames_with_hand += 1
            sample = self._in_use.apply(self._stream.sample(frame, hand))
        encoded = time.perf_counter()
        self._steps = []
        letters = self._slow_motion.letters(self._stream.accept(frame.moment, sample))
        partial = self._stream.partial
        self.transcript.rules = self._slow_motion.pauses(self._pauses)
        state = self.transcript.accept(
            letters,
            None if partial is None else self._slow_motion.letter(partial),
            frame.at,
            hand_up=hand is not None,
            signing=self._stream.signing,
        )
        decoded = time.perf_counter()
        stages = {
            "hands": (found - began) * 1000,
            "encode": (encoded - found) * 1000,
            "window": (decoded - encoded) * 1000,
        }
        posteriors = self._steps[-1].posteriors if self._steps and hand is not None else None
        return CaptionResult(frame.at, state, hand, posteriors, stages, tuple(letters), tuple(self._steps))

    def finish(self) -> CaptionResult:
        """No more frames: what is open becomes final."""
        # The network answers about a moment ago: let it see the end of the last letter.
        self._steps = []
        letters = self._stream.accept(self._moment + self.letter_model.info.delay / GRID_RATE, None)
        letters += self._stream.finish()
        letters = self._slow_motion.letters(letters)
        self.transcript.accept(letters, None, self._at, hand_up=False)
        return CaptionResult(self._at, self.transcript.finish(), letters=tuple(letters), moments=tuple(self._steps))

    def edit(self, edit: Edit) -> CaptionState:
        """Make an edit of the user's, in the thread of `accept`."""
        return edit(self.transcript)

    def take_other_hand(self) -> None:
        """Read another hand than the one that is read, as soon as one is up. From any thread."""
        self.finder.take_other()

    def configure(self, settings: Settings) -> None:
        """Go on with other thresholds and pauses, in the thread of `accept`."""
        self._stream.rules = settings.decoding
        self._pauses = settings.endpointing
        self.transcript.rules = self._slow_motion.pauses(self._pauses)

    def close(self) -> None:
        """Let go of the models."""
        self.finder.close()

    def _assisted(self, read: str, start: float, end: float) -> str | None:
        assisted = self._assist(read, self._posteriors.between(start - AROUND, end + AROUND))
        return None if assisted is None else assisted.text

    def _observe(self, step: DecoderStep) -> None:
        step = self._slow_motion.step(step)
        self._posteriors.add(step.at, step.posteriors)
        self._steps.append(step)
