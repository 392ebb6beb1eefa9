"""The text as people asked to see it: sentence case, and nothing that may still change."""

import pytest

from overlay.captions.presentation import as_shown, sentence_case
from overlay.captions.state import AssistedWord, CaptionState, Cue, Suggestion
from overlay.core.settings import CaptionStyle, Settings, Suggesting

pytestmark = pytest.mark.unit

NAMES = frozenset(("ANNA", "O'BRIEN", "JEAN-LUC"))


def settings(**style: object) -> Settings:
    return Settings(caption=CaptionStyle.model_validate(style), suggesting=Suggesting(hot_words=tuple(NAMES)))


@pytest.mark.parametrize(
    ("spelled", "shown"),
    [
        ("HELLO EVERYONE MY NAME IS ANNA", "Hello everyone my name is Anna"),
        ("MAY I ASK JEAN-LUC OR O'BRIEN?", "May I ask Jean-Luc or O'Brien?"),
        ("SO I'M LATE. I AM SORRY", "So I'm late. I am sorry"),
        ("ANNA, ANNABEL", "Anna, annabel"),
        ("Can you repeat that?", "Can you repeat that?"),
        ("ÉTÉ À ŁÓDŹ", "Été à łódź"),
        ("“YES”", "“Yes”"),
        ("שלום", "שלום"),
        ("  ", "  "),
        ("", ""),
    ],
)
def test_capitals_become_a_sentence(spelled: str, shown: str) -> None:
    assert sentence_case(spelled, NAMES) == shown


def test_a_letter_that_is_shown_changes_only_when_its_word_has_ended() -> None:
    """I may become IN, and ANNA ANNABEL: a word in progress is small, but at the beginning."""
    for committed, shown in (("AM I", "Am i"), ("AM I ", "Am I "), ("I", "I"), ("AM ANNA", "Am anna"), ("", "")):
        assert as_shown(CaptionState(committed=committed), settings(case="sentence")).committed == shown


@pytest.mark.parametrize(
    ("committed", "partial", "shown"),
    [("", "H", "H"), ("HELL", "O", "o"), ("HI ", "Y", "y"), ("HI. ", "Y", "Y"), ("Typed ", "X", "X")],
)
def test_the_tail_is_cased_as_it_will_be(committed: str, partial: str, shown: str) -> None:
    assert as_shown(CaptionState(committed=committed, partial=partial), settings(case="sentence")).partial == shown


def test_settled_only_shows_no_doubt() -> None:
    marked = (AssistedWord(0, "HELLO", "HELO"),)
    state = CaptionState(
        3, (Cue(0, "HELLO", 0, 1, marked),), "HOW A", "R", (Suggestion(1, 0, "HOW", ("WHO",)),), True, marked
    )
    shown = as_shown(state, settings(settled_only=True))
    assert (shown.committed, shown.partial, shown.suggestions, shown.assisted) == ("HOW A", "", (), ())
    assert shown.cues == (Cue(0, "HELLO", 0, 1),)
    assert (shown.revision, shown.can_undo) == (3, True)


def test_as_spelled_is_the_very_same() -> None:
    state = CaptionState(1, (Cue(0, "HELLO", 0, 1),), "HOW", "S")
    assert as_shown(state, Settings()) is state
