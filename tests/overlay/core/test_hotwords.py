"""Names as they are written and as a hand spells them."""

import pytest

from overlay.core.hotwords import HOT_WORDS, LONGEST, fold, hot_word, hot_words

pytestmark = pytest.mark.unit


@pytest.mark.parametrize(
    ("written", "spelled"),
    [("Anna", "ANNA"), ("José", "JOSE"), ("O'Brien", "OBRIEN"), ("Anne-Marie", "ANNEMARIE"), ("Weiß", "WEISS")],
)
def test_a_name_is_spelled_with_the_letters_a_to_z(written: str, spelled: str) -> None:
    assert fold(written) == spelled
    assert hot_word(f" {written} ") == written.upper()


@pytest.mark.parametrize("word", ["", "  ", "Mary Ann", "王", "R2D2", "-", "A" * (LONGEST + 1), "Søren"])
def test_what_a_hand_cannot_spell_is_refused_in_one_sentence(word: str) -> None:
    with pytest.raises(ValueError, match=r"one word|too long") as caught:
        hot_word(word)
    assert "\n" not in str(caught.value)


def test_none_is_there_twice_and_their_number_has_a_limit() -> None:
    assert hot_words(["anna", "KENJI", "Anna"]) == ("ANNA", "KENJI")
    letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
    many = [one + other for one in letters for other in letters][: HOT_WORDS + 1]
    with pytest.raises(ValueError, match="too many"):
        hot_words(many)
