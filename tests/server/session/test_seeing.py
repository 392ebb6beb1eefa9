"""What is told of a hand that can hardly be seen, while a run goes on."""

from collections.abc import Callable

import numpy as np
import pytest

from overlay.media.frame import Frame
from overlay.pipeline.result import CaptionResult
from overlay.recognition.hands.hand_detector import Hand
from overlay.recognition.seeing import TOO_DARK
from server.session.seeing import tell_seeing

pytestmark = pytest.mark.unit


class Frames:
    """A pipeline, as far as its frames are concerned."""

    def listen_frames(self, listener: Callable[[Frame, CaptionResult], None]) -> Callable[[], None]:
        self.listener = listener
        return lambda: None


def test_a_sentence_comes_once_and_goes_when_there_is_light() -> None:
    pipeline, told = Frames(), []
    tell_seeing(pipeline, told.append)  # type: ignore[arg-type]
    points = np.full((21, 3), 40, np.float32)
    points[1, :2] = 80
    for index in range(600):
        pixels = np.full((120, 160, 3), 5 if index < 300 else 150, np.uint8)
        pipeline.listener(Frame(pixels, index, index / 30), CaptionResult(hand=Hand(points, "right", 0.9)))
    assert told == [TOO_DARK, None]
