"""Enrolling an odd synthetic signer with the shipped model: never worse, and much better where there is something."""

from collections.abc import Callable

import numpy as np
import pytest

from overlay.core.errors import SigncapError
from overlay.enrolment.adaptation import Correction
from overlay.enrolment.clip import EnrolmentClip, held_take, misread, replay, split_takes
from overlay.enrolment.fit import enrol
from overlay.enrolment.prototypes import STATIC, read_letter_means
from overlay.recognition.letter_model import LETTERS, LetterModel, shipped_model

pytestmark = pytest.mark.integration

Watch = Callable[..., EnrolmentClip]
ENROLLED = "".join(LETTERS[label] for label in STATIC)


@pytest.fixture(scope="module")
def means(letter_model: LetterModel) -> np.ndarray:
    return read_letter_means(shipped_model(), letter_model.info.features)


@pytest.fixture(scope="module")
def takes(watch: Watch) -> list[EnrolmentClip]:
    return [watch(letter) for letter in ENROLLED]


def errors(letter_model: LetterModel, take: EnrolmentClip, correction: Correction | None) -> int:
    return misread(take.text, replay(letter_model, take, correction).text).total()


@pytest.mark.slow
def test_other_takes_of_the_signer_are_read_better_by_far(
    takes: list[EnrolmentClip], watch: Watch, letter_model: LetterModel, means: np.ndarray
) -> None:
    parts: list[float] = []
    enrolled = enrol(takes, letter_model, means, parts.append)
    assert enrolled.correction is not None
    assert enrolled.letters == ENROLLED
    assert enrolled.after < enrolled.before
    assert parts == sorted(parts)
    assert parts[-1] == 1.0
    test = watch("SPHINXOFBLACKQUARTZJUDGEMYVOW", seed=5)
    before, after = errors(letter_model, test, None), errors(letter_model, test, enrolled.correction)
    assert before >= 3
    assert after <= before * 2 / 3


@pytest.mark.slow
def test_nonsense_is_never_worse_than_nothing(
    takes: list[EnrolmentClip], letter_model: LetterModel, means: np.ndarray
) -> None:
    """Half of the letters, each signed for another one, or all, half of which are: what is held out judges."""
    wrong = [
        EnrolmentClip(other.text, take.frames) for take, other in zip(takes, [*takes[7:], *takes[:7]], strict=True)
    ]
    for nonsense in (wrong[::2], [*takes[:12], *wrong[12:]]):
        enrolled = enrol(nonsense, letter_model, means)
        assert enrolled.after <= enrolled.before
        judged = [take for take in split_takes(nonsense)[1] if take.text in enrolled.tallies]
        assert sum(errors(letter_model, take, enrolled.correction) for take in judged) == enrolled.after


@pytest.mark.slow
def test_letters_that_are_not_enrolled_stay_readable(
    takes: list[EnrolmentClip], letter_model: LetterModel, means: np.ndarray
) -> None:
    some = [take for take in takes if take.text in "AEMNST"]
    enrolled = enrol(some, letter_model, means)
    assert enrolled.letters == "AEMNST"
    pattern = some[0].samples[0]
    for label in STATIC:
        if LETTERS[label] in enrolled.letters:
            continue
        feature = means[label].astype(np.float32)
        mean = held_take(LETTERS[label], type(pattern)(0.0, feature, pattern.traced, pattern.palm))
        assert errors(letter_model, mean, enrolled.correction) <= errors(letter_model, mean, None)
        if enrolled.correction is not None:
            assert np.abs(enrolled.correction.apply(feature) - feature).max() < 0.5


@pytest.mark.slow
def test_words_enrol_as_letters_do(watch: Watch, letter_model: LetterModel, means: np.ndarray) -> None:
    words = [watch(word, seed=number) for number, word in enumerate(("QUICKLY", "COMPLEX", "JUMPED"))]
    enrolled = enrol(words, letter_model, means)
    assert set(enrolled.letters) >= set("QUICKLYMPED")
    assert not set(enrolled.letters) & set("JZ")
    assert enrolled.after <= enrolled.before
    assert enrolled.shown == len("COMPLEX")


@pytest.mark.parametrize("letters", ["", "J", "A"])
def test_too_little_is_said(letters: str, watch: Watch, letter_model: LetterModel, means: np.ndarray) -> None:
    few = [watch(letter, seconds=0.4) for letter in letters]
    with pytest.raises(SigncapError, match="at least two letters"):
        enrol(few, letter_model, means)
