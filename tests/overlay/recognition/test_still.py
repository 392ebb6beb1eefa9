"""One picture, read as a sign that is held."""

from pathlib import Path

import numpy as np
import pytest

from overlay.media.frame import Pixels
from overlay.recognition.hands.detector_choice import open_detector
from overlay.recognition.hands.hand_detector import Hand
from overlay.recognition.letter_model import BLANK, CLASSES, LETTERS, LetterModel
from overlay.recognition.still import read_held
from overlay.synthesis.signer import SignerLook, SyntheticSigner

pytestmark = pytest.mark.integration


@pytest.fixture(scope="module")
def letter_model() -> LetterModel:
    return LetterModel()


def picture_of(letter: str, hand_model: Path, look: SignerLook | None = None) -> tuple[Pixels, Hand]:
    signer = SyntheticSigner(letter, look=look, size=(320, 240))
    _, start, end = signer.letters[0]
    pixels = signer.render((start + end) / 2)
    with open_detector(hand_model, video=False) as finder:
        hand = finder.find(pixels, 0.0)
    assert hand is not None
    return pixels, hand


@pytest.mark.parametrize("letter", list("BLY"))
def test_a_held_sign_is_read_once(letter_model: LetterModel, hand_model: Path, letter: str) -> None:
    held = read_held(letter_model, *picture_of(letter, hand_model))
    assert held.text == letter
    assert [read.text for read in held.letters] == [letter]
    assert 0.5 < held.letters[0].confidence <= 1.0
    assert held.posteriors.shape == (CLASSES,)
    assert held.posteriors.dtype == np.float32
    assert held.posteriors.sum() == pytest.approx(1.0, abs=1e-4)
    assert LETTERS[int(held.posteriors[:BLANK].argmax())] == letter
    assert held.posteriors[LETTERS.index(letter)] > 0.5
    assert held.crop.pixels.shape == (letter_model.crop_size, letter_model.crop_size, 3)


def test_a_left_hand_is_read_as_its_mirror_image(letter_model: LetterModel, hand_model: Path) -> None:
    assert read_held(letter_model, *picture_of("L", hand_model, SignerLook(handedness="left"))).text == "L"


def test_a_sign_that_flashes_by_is_not_read_but_has_posteriors(letter_model: LetterModel, hand_model: Path) -> None:
    held = read_held(letter_model, *picture_of("B", hand_model), seconds=1 / 30)
    assert held.text == ""
    assert held.letters == []
    assert held.posteriors.sum() == pytest.approx(1.0, abs=1e-4)


def test_posteriors_are_of_the_settled_hold_however_long_it_is(letter_model: LetterModel, hand_model: Path) -> None:
    pixels, hand = picture_of("L", hand_model)
    short, long = (read_held(letter_model, pixels, hand, seconds).posteriors for seconds in (1.0, 4.0))
    np.testing.assert_allclose(short, long, atol=0.03)
