"""Rendered signing through all that the live path runs: MediaPipe, the shipped network, decoder, transcript."""

from pathlib import Path

import numpy as np
import pytest

from overlay.captioner import Captioner
from overlay.frame import Frame
from overlay.signer import SignerLook, SyntheticSigner
from overlay.transcript import plain_text

pytestmark = [pytest.mark.integration, pytest.mark.slow]


def read(
    text: str, hand_model: Path, *, fps: float = 30, speed: float = 3.0, look: SignerLook | None = None
) -> tuple[str, Captioner]:
    """What is read when a synthetic signer spells `text` before a camera of `fps` frames a second."""
    signer = SyntheticSigner(text, letters_per_second=speed, look=look, size=(640, 480))
    captioner = Captioner(hand_model=hand_model)
    for index in range(int(signer.duration * fps)):
        captioner.accept(Frame(signer.render(index / fps), index, index / fps))
    state = captioner.finish().state
    captioner.close()
    return plain_text(state), captioner


@pytest.mark.parametrize("fps", [15, 24, 60])
def test_the_frame_rate_makes_no_difference(fps: float, hand_model: Path) -> None:
    assert read("HELLO JAZZ", hand_model, fps=fps)[0] == "HELLO JAZZ"


@pytest.mark.parametrize(("text", "speed"), [("COFFEE", 1.5), ("COFFEE PLEASE", 4.5)])
def test_slow_and_quick_spelling(text: str, speed: float, hand_model: Path) -> None:
    assert read(text, hand_model, speed=speed)[0] == text


@pytest.mark.parametrize("speed", [3.0, 4.0])
def test_words_that_end_like_the_beginning_of_a_stroke_stay_apart(speed: float, hand_model: Path) -> None:
    assert read("I AND I", hand_model, speed=speed)[0] == "I AND I"


def test_a_left_hander_is_read_as_well(hand_model: Path) -> None:
    assert read("BALLOON JUMP", hand_model, look=SignerLook(handedness="left"))[0] == "BALLOON JUMP"


def test_text_is_never_taken_back_while_it_comes(hand_model: Path) -> None:
    signer = SyntheticSigner("QUIZ", size=(640, 480))
    captioner = Captioner(hand_model=hand_model)
    shown, letters = "", ""
    for index in range(int(signer.duration * 30)):
        reading = captioner.accept(Frame(signer.render(index / 30), index, index / 30))
        state = reading.state
        letters += "".join(letter.text for letter in reading.letters)
        now = state.committed + state.partial
        assert now.startswith(shown.rstrip())  # what was shown, tentative or not, stays
        shown = now
    letters += "".join(letter.text for letter in captioner.finish().letters)
    captioner.close()
    assert shown.strip() == "QUIZ"
    assert letters == "QUIZ"


def test_an_empty_room_gives_nothing(hand_model: Path) -> None:
    captioner = Captioner(hand_model=hand_model)
    rng = np.random.default_rng(0)
    for index in range(90):
        room = np.clip(rng.normal(120, 8, (240, 320, 3)), 0, 255).astype(np.uint8)
        captioner.accept(Frame(room, index, index / 30))
    assert plain_text(captioner.finish().state) == ""
    assert captioner.frames_with_hand == 0
    captioner.close()


def test_a_reading_tells_the_hand_the_posteriors_and_the_time_of_each_stage(hand_model: Path) -> None:
    signer = SyntheticSigner("L", size=(640, 480))
    captioner = Captioner(hand_model=hand_model)
    middle = sum(signer.letters[0][1:]) / 2
    for index in range(int(middle * 30)):
        reading = captioner.accept(Frame(signer.render(index / 30), index, index / 30))
    captioner.close()
    assert reading.hand is not None
    assert reading.hand.handedness == "right"
    truth = signer.landmarks((int(middle * 30) - 1) / 30)
    assert truth is not None
    palm = np.linalg.norm(truth[9] - truth[0])
    assert np.linalg.norm(reading.hand.landmarks[:, :2] - truth[:, :2], axis=1).mean() < 0.2 * palm
    assert reading.posteriors is not None
    assert set(reading.stages) == {"hands", "encode", "window"}
    assert min(reading.stages.values()) >= 0
