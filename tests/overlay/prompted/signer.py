"""A person before a camera of whom only hand and answers of the network are made up; time comes with the frames."""

from collections.abc import Callable

import numpy as np

from overlay.media.frame import Frame
from overlay.pipeline.result import CaptionResult
from overlay.prompted.session import ShownSession
from overlay.recognition.feature_window import MOTION
from overlay.recognition.hands.hand_detector import Hand
from overlay.recognition.letter_model import BLANK, CLASSES, LETTERS
from overlay.recognition.letter_stream import DecoderStep

RATE = 30.0
DELAY = 6  # frames that the network's answers come late
HELD = 0.3  # seconds of a letter
PIXELS = np.zeros((48, 64, 3), np.uint8)


class Signer:
    """Spells before a session.

    Args:
        session: which.
        hand: "right" or "left".
    """

    def __init__(self, session: ShownSession, hand: str = "right") -> None:
        self.session, self.handedness = session, hand
        self.at = 100.0
        self._late: list[DecoderStep] = []

    def rest(self, seconds: float) -> None:
        """Show no hand."""
        for _ in range(round(seconds * RATE)):
            self._frame(None, up=False)

    def hold(self, seconds: float) -> None:
        """Show a hand that makes no letter."""
        for _ in range(round(seconds * RATE)):
            self._frame(None, up=True)

    def spell(self, text: str) -> None:
        """Make each letter, with the hand on its way in between; at a space the hand is lowered."""
        for letter in text:
            if letter == " ":
                self.rest(0.5)
            else:
                self.hold(0.15)
                for _ in range(round(HELD * RATE)):
                    self._frame(letter, up=True)
        self.hold(0.15)

    def until(self, condition: Callable[[], bool], seconds: float = 10) -> None:
        """Rest until the condition holds."""
        end = self.at + seconds
        while not condition():
            assert self.at < end
            self.rest(1 / RATE)

    def _frame(self, letter: str | None, *, up: bool) -> None:
        self.at += 1 / RATE
        label = BLANK if letter is None else LETTERS.index(letter)
        posteriors = np.full(CLASSES, 0.001, np.float32)
        posteriors[label] = 1 - 0.001 * (CLASSES - 1)
        row = np.zeros(8 + MOTION, np.float32)
        row[-1] = up
        moved = (0.0,) * 6 if up else (float("nan"),) * 6
        self._late.append(DecoderStep(self.at, self.at + DELAY / RATE, row, posteriors, moved))
        came = [self._late.pop(0)] if len(self._late) > DELAY else []
        points = np.full((21, 3), [self.at % 64, 24.0, 6.4], np.float32)
        hand = Hand(points, self.handedness, 0.9) if up else None  # type: ignore[arg-type]  # a test says which
        self.session.accept(Frame(PIXELS, 0, self.at), CaptionResult(self.at, hand=hand, moments=tuple(came)))
