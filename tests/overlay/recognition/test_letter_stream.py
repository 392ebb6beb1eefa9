"""Frames in, letters out: window, letter model and decoder together, with a model that says what it is told."""

import numpy as np
import pytest
from numpy.typing import NDArray

from overlay.core.settings import Decoding
from overlay.recognition.crop import HandCrop
from overlay.recognition.feature_window import GRID_RATE, STEPS, Sample, Step
from overlay.recognition.letter_model import BLANK, CLASSES, LETTERS, LetterModel, ModelInfo
from overlay.recognition.letter_stream import AFTERWARDS, DecoderStep, LetterStream

pytestmark = pytest.mark.unit

DELAY = 4
FEATURES = 2  # the number of the letter that is shown, and how sure the model is to be of it


class ToldModel(LetterModel):
    """Says the letter whose number is the feature of the row that it is about."""

    def __init__(self, *, needs_no_pixels: bool = True) -> None:
        self.info = ModelInfo("told", FEATURES, DELAY, 1.0)
        self.crop_size, self.needs_no_pixels = 32, needs_no_pixels
        self.encoded: list[HandCrop] = []
        self.hands: list[int] = []

    def encode(self, crop: HandCrop) -> NDArray[np.float32]:
        self.encoded.append(crop)
        return shown("L")

    def posteriors(self, step: Step) -> NDArray[np.float32]:
        self.hands.append(step.hands)
        answer = np.zeros(CLASSES, np.float32)
        label, sure = (float(value) for value in step.rows[-1 - DELAY, :FEATURES])
        answer[round(label)] = sure
        answer[BLANK] = 1 - sure
        return answer


def shown(letter: str, sure: float = 0.9) -> NDArray[np.float32]:
    return np.array([LETTERS.index(letter), sure], np.float32)


def sample(at: float, letter: str) -> Sample:
    return Sample(at, shown(letter), np.zeros((3, 2), np.float32), 50.0)


def spell(stream: LetterStream, text: str, frames: int = 10) -> str:
    """Hold each letter of a text for some frames, then lower the hand; a space is a hand that is down."""
    read = []
    shapes = [letter for letter in text for _ in range(frames)] + [" "] * stream.frames_afterwards()
    for index, letter in enumerate(shapes):
        at = index / GRID_RATE
        read += stream.accept(at, None if letter == " " else sample(at, letter))
    return "".join(letter.text for letter in [*read, *stream.finish()])


def test_letters_come_out_in_order() -> None:
    assert spell(LetterStream(ToldModel()), "SIGN CAP") == "SIGNCAP"


def test_a_letter_is_final_as_soon_as_it_is_held_long_enough_and_is_partial_before() -> None:
    stream = LetterStream(ToldModel(), Decoding(final_hold=0.3, least_hold=0.1))
    partial, final = [], []
    for index in range(30):
        letters = stream.accept(index / GRID_RATE, sample(index / GRID_RATE, "B"))
        final += [(index, letter.text) for letter in letters]
        partial += [index] if stream.partial is not None else []
    (number, text), *more = final
    assert (text, more) == ("B", [])
    assert partial
    assert max(partial) == number - 1
    assert stream.signing
    assert stream.partial is None


def test_the_observer_is_told_of_each_step_of_the_grid_once_the_decoder_has_it() -> None:
    steps: list[DecoderStep] = []
    signing: list[bool] = []

    def observe(step: DecoderStep) -> None:
        steps.append(step)
        signing.append(stream.signing)

    stream = LetterStream(ToldModel(), observer=observe)
    for index in range(15):  # a camera of 15 frames a second
        stream.accept(index / 15, sample(index / 15, "B"))
    assert [step.newest for step in steps] == pytest.approx([index / GRID_RATE for index in range(29)])
    assert [step.at for step in steps] == pytest.approx([step.newest - DELAY / GRID_RATE for step in steps])
    assert all(step.hand_up for step in steps)
    assert steps[-1].posteriors[LETTERS.index("B")] == pytest.approx(0.9)
    assert np.isnan(steps[0].moved).all()
    assert steps[-1].moved == (0.0,) * 6
    assert not signing[DELAY - 1]
    assert signing[-1]


def test_rules_may_be_exchanged_while_somebody_signs() -> None:
    stream = LetterStream(ToldModel(), Decoding(letter_confidence=0.95))
    assert spell(stream, "B") == ""
    stream.rules = stream.rules.model_copy(update={"letter_confidence": 0.5})
    assert stream.rules.letter_confidence == 0.5
    read = [letter for index in range(60, 90) for letter in stream.accept(index / 30, sample(index / 30, "B"))]
    assert [letter.text for letter in read] == ["B"]


def test_the_model_looks_back_as_far_as_the_rules_say() -> None:
    model = ToldModel()
    stream = LetterStream(model, Decoding(window=0.5))
    for index in range(2 * STEPS):
        stream.accept(index / GRID_RATE, sample(index / GRID_RATE, "B"))
    assert model.hands[-1] == round(0.5 * GRID_RATE)
    stream.rules = Decoding()
    stream.accept(2 * STEPS / GRID_RATE, None)
    assert model.hands[-1] == STEPS - 1


@pytest.mark.parametrize(("rate", "frames"), [(30.0, DELAY + AFTERWARDS), (15.0, 5), (60.0, 20)])
def test_how_many_frames_without_a_hand_end_the_last_letter(rate: float, frames: int) -> None:
    assert LetterStream(ToldModel()).frames_afterwards(rate) == frames


def hand() -> NDArray[np.float32]:
    points: NDArray[np.float32] = np.random.default_rng(0).uniform(100, 200, (21, 3)).astype(np.float32)
    return points


@pytest.mark.parametrize("needs_no_pixels", [True, False])
def test_landmarks_are_read_without_a_picture(*, needs_no_pixels: bool) -> None:
    model = ToldModel(needs_no_pixels=needs_no_pixels)
    stream = LetterStream(model)
    read = [letter for k in range(20) for letter in stream.accept_landmarks(k / 30, hand() if k < 10 else None)]
    assert [letter.text for letter in [*read, *stream.finish()]] == ["L"]
    assert len(model.encoded) == 10
    pixels = model.encoded[0].pixels
    assert (pixels is None) == needs_no_pixels
    assert pixels is None or (pixels.shape == (32, 32, 3) and not pixels.any())
