"""How likely strings are by their letters."""

import math
from itertools import product
from string import ascii_uppercase

import pytest

from overlay.captions.language.character_model import CharacterModel

pytestmark = pytest.mark.unit

WORDS = {"HOUSE": 400, "HORSE": 100, "MOUSE": 100, "É": 10**9, "A" * 40: 10**9}


def test_what_is_made_of_usual_letters_is_likelier() -> None:
    model = CharacterModel(WORDS)
    assert model.log_probability("MORSE") > model.log_probability("OMSER") + 5
    assert model.log_probability("HOUSE") > model.log_probability("MORSE")


def test_probabilities_of_all_strings_come_to_less_than_one() -> None:
    model = CharacterModel(WORDS)
    some = sum(
        math.exp(model.log_probability("".join(letters)))
        for length in (1, 2, 3)
        for letters in product(ascii_uppercase, repeat=length)
    )
    assert 0 < some < 1
    assert model.follows.sum(1) == pytest.approx(1.0, abs=1e-5)


def test_letters_that_never_came_are_possible() -> None:
    assert math.isfinite(CharacterModel(WORDS).log_probability("QZXJ"))
    assert math.isfinite(CharacterModel({}).log_probability("A"))
