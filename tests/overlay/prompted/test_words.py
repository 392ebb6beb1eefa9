"""What is shown to be spelled."""

import string

import pytest

from overlay.prompted.words import LONGEST, SHORTEST, has_double, shown_words

pytestmark = pytest.mark.unit


@pytest.mark.parametrize("seed", range(40))
def test_ten_different_phrases_hold_the_whole_alphabet_and_doubles(seed: int) -> None:
    phrases = shown_words(seed)
    assert len(set(phrases)) == 10
    assert set(string.ascii_uppercase) <= set("".join(phrases)) <= {*string.ascii_uppercase, " "}
    assert all(SHORTEST <= len(phrase.replace(" ", "")) <= LONGEST for phrase in phrases)
    assert sum(map(has_double, phrases)) >= 2
    assert sum(" " in phrase for phrase in phrases) == 2


def test_they_are_others_each_time_and_the_same_for_the_same_seed() -> None:
    assert shown_words(3) == shown_words(3)
    assert len({phrase for seed in range(10) for phrase in shown_words(seed)}) > 60


def test_a_double_is_within_a_word() -> None:
    assert has_double("ANNA LEE")
    assert not has_double("ERIC COX")
