"""One picture for all sinks."""

import numpy as np
import pytest

from overlay.captions.state import CaptionState
from overlay.core.settings import CaptionStyle, Settings
from overlay.media.frame import Frame
from overlay.pipeline.compositor import Composer
from overlay.pipeline.result import CaptionResult
from overlay.recognition.hands.hand_detector import Hand

pytestmark = pytest.mark.unit

GREY = Frame(np.full((241, 321, 3), 120, np.uint8), 7, 3.5)


def test_sides_are_even_and_the_frame_is_left_as_it_is() -> None:
    before = GREY.pixels.copy()
    picture = Composer().compose(GREY, CaptionResult(state=CaptionState(1, (), "HELLO")), Settings())
    assert picture.size == (320, 240)
    assert (picture.index, picture.at) == (7, 3.5)
    assert picture.i420[:240].max() > 200  # white letters
    np.testing.assert_array_equal(GREY.pixels, before)


def test_a_picture_may_stand_at_a_later_time() -> None:
    assert Composer().compose(GREY, CaptionResult(), Settings(), at=9.0).at == 9.0


def test_the_hand_is_drawn_only_when_asked_for() -> None:
    points = np.random.default_rng(0).uniform(60, 180, (21, 3)).astype(np.float32)
    reading = CaptionResult(hand=Hand(points, "right", 0.9))
    plain = Composer().compose(GREY, reading, Settings())
    drawn = Composer().compose(GREY, reading, Settings().with_hand_outline())
    assert np.ptp(plain.i420[:240]) == 0
    assert np.ptp(drawn.i420[:240]) > 20


def test_captions_keep_away_from_the_hand_that_was_read_only_when_asked_to() -> None:
    """Whether or not that hand is drawn."""
    frame = Frame(np.full((480, 640, 3), 120, np.uint8), 0, 0.0)
    points = np.zeros((21, 3), np.float32)
    points[:, 0], points[:, 1] = np.linspace(200, 260, 21), np.linspace(400, 250, 21)
    reading = CaptionResult(state=CaptionState(1, (), "HI"), hand=Hand(points, "right", 0.9))
    away = Settings(caption=CaptionStyle(align="away from hand"))

    def left_end(settings: Settings) -> int:
        luma = Composer().compose(frame, reading, settings).i420[:480]
        return int(np.nonzero((luma > 200).any(axis=0))[0][0])

    assert left_end(Settings()) < 260 < left_end(away)
