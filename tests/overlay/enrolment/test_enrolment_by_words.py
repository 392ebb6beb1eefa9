"""A profile that learns from words that were shown: better, and never in the place of a better one."""

import numpy as np
import pytest

from overlay.enrolment.clip import EnrolmentClip, misread, replay, split_takes
from overlay.enrolment.fit import Enrolled, enrol
from overlay.enrolment.prototypes import read_letter_means
from overlay.prompted.words import shown_words
from overlay.recognition.crop import HandCrop, normalise_landmarks, trace
from overlay.recognition.feature_window import Sample
from overlay.recognition.letter_model import LetterModel, shipped_model
from overlay.synthesis.signer import SignerLook, SyntheticSigner

pytestmark = [pytest.mark.integration, pytest.mark.slow]

RATE = 25.0


def spelled(letter_model: LetterModel, text: str, look: SignerLook, seed: int) -> EnrolmentClip:
    """A signer's landmarks, with errors such as a hand detector's, and no pictures."""
    rng = np.random.default_rng(seed)
    signer = SyntheticSigner(text, letters_per_second=2.5, seed=seed, look=look, size=(640, 480))
    frames: list[tuple[float, Sample | None]] = []
    for at in np.arange(0, signer.duration, 1 / RATE):
        points = signer.landmarks(float(at))
        if points is None:
            frames.append((float(at), None))
            continue
        points = (points + rng.normal(0, 0.015 * np.linalg.norm(points[9] - points[0]), (21, 3))).astype(np.float32)
        traced, palm = trace(points, mirror=False)
        crop = HandCrop(None, normalise_landmarks(points, mirror=False), traced, palm)
        frames.append((float(at), Sample(float(at), letter_model.encode(crop), traced, palm)))
    return EnrolmentClip(text.replace(" ", ""), tuple(frames))


@pytest.fixture(scope="module")
def means(letter_model: LetterModel) -> np.ndarray:
    return read_letter_means(shipped_model(), letter_model.info.features)


@pytest.fixture(scope="module")
def takes(letter_model: LetterModel, odd_look: SignerLook) -> list[EnrolmentClip]:
    return [spelled(letter_model, text, odd_look, seed) for seed, text in enumerate(shown_words(2))]


@pytest.fixture(scope="module")
def learnt(takes: list[EnrolmentClip], letter_model: LetterModel, means: np.ndarray) -> Enrolled:
    return enrol(takes, letter_model, means)


def test_other_words_of_the_signer_are_read_better(
    learnt: Enrolled, letter_model: LetterModel, odd_look: SignerLook
) -> None:
    assert learnt.correction is not None
    assert learnt.after < learnt.before
    tests = [spelled(letter_model, text, odd_look, 50 + seed) for seed, text in enumerate(shown_words(7)[:5])]
    before, after = (
        sum(misread(test.text, replay(letter_model, test, correction).text).total() for test in tests)
        for correction in (None, learnt.correction)
    )
    assert before >= 3
    assert after <= before * 2 / 3


def test_a_better_one_from_before_stays(
    learnt: Enrolled, takes: list[EnrolmentClip], letter_model: LetterModel, means: np.ndarray
) -> None:
    """Words that were signed for others: what is learnt from them is worse than what there was."""
    fitted, checked = split_takes(takes)
    texts = [take.text for take in fitted]
    nonsense = [EnrolmentClip(text, take.frames) for text, take in zip(texts, [*fitted[1:], fitted[0]], strict=True)]
    again = enrol([*nonsense, *checked], letter_model, means, earlier=learnt)
    assert again.correction is learnt.correction
    assert again.after <= again.before
