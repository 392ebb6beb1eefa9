import numpy as np
import pytest

from overlay.enrolment.alignment import align
from overlay.recognition.letter_model import BLANK, CLASSES, LETTERS

pytestmark = pytest.mark.unit


def posteriors(shown: str) -> np.ndarray:
    """One step for each character, sure of it; "-" is a blank."""
    labels = [BLANK if character == "-" else LETTERS.index(character) for character in shown]
    return np.full((len(shown), CLASSES), 0.1 / CLASSES, np.float32) + 0.9 * np.eye(CLASSES, dtype=np.float32)[labels]


def shown(steps: str, word: str) -> str:
    return "".join("-" if place < 0 else str(place) for place in align(posteriors(steps), word))


def test_letters_are_found_where_they_are() -> None:
    assert shown("--HHH-EE-LL--LL-OO--", "HELLO") == "--000-11-22--33-44--"


def test_a_misread_letter_is_found_between_its_neighbours() -> None:
    assert shown("--HHH-SS-LL--", "HEL") == "--000-11-22--"
    assert shown("HHHSSSLLL", "HEL") == "000111222"


def test_double_letters_need_something_in_between() -> None:
    assert shown("LLLL", "LL") in ("0--1", "0-11", "00-1")


def test_too_few_steps_show_nothing() -> None:
    assert shown("HE", "HELLO") == "--"
    assert align(posteriors(""), "A").shape == (0,)
