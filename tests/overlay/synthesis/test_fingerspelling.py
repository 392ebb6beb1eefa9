"""What of any text is fingerspelled."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from overlay.core.errors import SigncapError
from overlay.synthesis.fingerspelling import spell

pytestmark = pytest.mark.unit


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("hello World", "HELLO WORLD"),
        ("Café, naïve Zürich", "CAFE NAIVE ZURICH"),
        ("Cafe\u0301", "CAFE"),  # its accent a character of its own
        ("Straße ẞ", "STRASSE SS"),
        ("Ærø, Łódź, Þór, Œuvre, đ", "AERO LODZ THOR OEUVRE D"),
        ("İstanbul ısı", "ISTANBUL ISI"),
        ("ﬁn Ｈｉ", "FIN HI"),
        ("don’t 'quote' it", "DONT QUOTE IT"),
        ("well-known and/or (so-called)", "WELL KNOWN AND OR SO CALLED"),
        ("inter\u00adnational zero\u200bwidth", "INTERNATIONAL ZEROWIDTH"),
        ("7 B2B 2026", "SEVEN B TWO B TWO ZERO TWO SIX"),
        ("٣", "THREE"),
    ],
)
def test_letters_are_kept_and_all_else_parts_words(text: str, words: str) -> None:
    spelled = spell(text)
    assert " ".join(spelled.words) == words
    assert spelled.left_out == ()
    assert len(spelled.sentences) == 1


@pytest.mark.parametrize(
    "text",
    [
        "Yes. No way!",
        "Yes\nno way",
        "Yes\r\n\r\n  no way",
        "Yes  no way",
        "“Yes.” No way?!",
        "Yes… no way",
        "yes \u2028no way",
    ],
)
def test_sentences_end_at_marks_at_line_breaks_and_at_several_spaces(text: str) -> None:
    assert spell(text).sentences == (("YES",), ("NO", "WAY"))


def test_a_point_within_a_word_ends_no_sentence() -> None:
    assert spell("3.5 m at signcap.example").sentences == (("THREE", "FIVE", "M", "AT", "SIGNCAP", "EXAMPLE"),)


def test_what_is_left_out_is_said_once_and_in_one_sentence() -> None:
    spelled = spell("R&D & 日本 🎉 €5 x² 12")
    assert spelled.words == ("R", "D", "FIVE", "X", "ONE", "TWO")
    assert spelled.left_out == ("&", "日", "本", "🎉", "€", "²")
    assert spelled.remarks == (
        "Digits are spelled as words: 5 is FIVE.",
        "Left out, because it cannot be fingerspelled: & 日 本 🎉 € ²",
    )


def test_a_long_list_is_cut_short() -> None:
    assert spell("a" + "".join(chr(0x3041 + number) for number in range(20))).remarks[0].endswith("が and 8 more")


@pytest.mark.parametrize("text", ["", "  \n", "?!", "日本", "🎉"])
def test_nothing_to_spell_is_said(text: str) -> None:
    with pytest.raises(SigncapError, match="nothing to spell"):
        spell(text)


@given(st.text())
def test_any_text_gives_letters_or_the_sentence(text: str) -> None:
    try:
        spelled = spell(text)
    except SigncapError:
        return
    assert spelled.sentences
    assert all(sentence and all(word for word in sentence) for sentence in spelled.sentences)
    assert set("".join(spelled.words)) <= set("ABCDEFGHIJKLMNOPQRSTUVWXYZ")
    assert spell(" ".join(spelled.words)).words == spelled.words
