"""Text that comes at once: all of it is seen, at the speed at which people read, and no letter waits for it."""

import pytest

from overlay.captions.layout import layout, wrap
from overlay.captions.state import CaptionState, Letter
from overlay.captions.transcript import Transcript
from overlay.core.settings import Endpointing

pytestmark = pytest.mark.unit

RULES = Endpointing(word_pause=0.8, word_lowered=0.3, caption_silence=2.0, caption_longest=20.0)
COLUMNS = 34


def letter(text: str, at: float) -> Letter:
    return Letter(text, 0.9, at, at + 0.1)


READING = 17  # characters a second
TYPED = " ".join(f"WORD{number:02}" for number in range(25))  # of 199 characters


def view(state: CaptionState, at: float, lines: int = 2) -> list[str]:
    """The lines in the picture at that time."""
    shown = state.paragraphs(at, RULES.shown_after)
    laid_out = layout(shown.earlier, shown.committed, shown.partial, COLUMNS, lines, unread=shown.unread)
    return ["".join(run.text for run in line).strip() for line in laid_out]


def views(state: CaptionState, began: float, seconds: float, lines: int = 2) -> list[list[str]]:
    """The lines each tenth of a second from then on."""
    return [view(state, began + tenth / 10, lines) for tenth in range(round(seconds * 10))]


def shown_for(views: list[list[str]]) -> dict[str, float]:
    """How long each line is to be seen, in the order in which they came."""
    result: dict[str, float] = {}
    for view in views:
        for line in view:
            result[line] = result.get(line, 0.0) + 0.1
    return result


@pytest.mark.parametrize("lines", [1, 2, 3])
@pytest.mark.parametrize("end", [True, False], ids=["ended", "open"])
def test_two_hundred_letters_typed_at_once_are_all_seen_for_as_long_as_they_take_to_read(
    lines: int, end: bool
) -> None:
    transcript = Transcript(RULES)
    transcript.type_text(TYPED, 0.0)
    if end:
        transcript.finish()
    seen = views(transcript.state, 0.0, 20.0, lines)
    seconds = shown_for(seen)
    assert set(wrap(TYPED, COLUMNS)) <= set(seconds)
    assert all(seconds[line] >= len(line) / READING for line in wrap(TYPED, COLUMNS))
    assert seen[0][: max(1, lines - (not end))] == wrap(TYPED, COLUMNS)[: max(1, lines - (not end))]
    assert seen[round(10 * len(TYPED) / READING)][-1] == wrap(TYPED, COLUMNS)[-1]
    if end:
        assert list(seconds) == wrap(TYPED, COLUMNS)
        assert seen[-1] == []  # and then it goes


def test_captions_typed_one_after_the_other_are_all_seen() -> None:
    transcript = Transcript(RULES)
    texts = [f"CAPTION {number} OF SEVEN THAT COME AT ONCE" for number in range(1, 8)]
    for text in texts:
        transcript.type_text(text, 10.0)
        transcript.finish()
    seconds = shown_for(views(transcript.state, 10.0, 20.0))
    expected = [line for text in texts for line in wrap(text, COLUMNS)]
    assert [line for line in seconds if line in expected] == list(dict.fromkeys(expected))
    assert all(seconds[line] >= len(line) / READING for line in expected)


@pytest.mark.parametrize("lines", [1, 2, 4])
def test_a_word_that_is_signed_while_others_are_unread_is_seen_at_once_and_takes_none_of_them_away(
    lines: int,
) -> None:
    transcript = Transcript(RULES)
    transcript.accept([], None, 0.0, hand_up=False)
    transcript.type_text(TYPED, 0.0)
    transcript.finish()
    seen = []
    for tenth in range(200):
        at = tenth / 10
        letters = [letter("AB"[tenth // 10 % 2], at)] if tenth % 10 == 0 and 0 < tenth <= 100 else []
        state = transcript.accept(letters, None, at, hand_up=True, signing=0 < tenth <= 100)
        seen.append(view(state, at, lines))
        if letters:
            assert seen[-1][-1].endswith(letters[0].text)  # in the very picture in which it is final
    seconds = shown_for(seen)
    assert all(seconds[line] >= len(line) / READING for line in wrap(TYPED, COLUMNS))


def test_text_that_is_taken_back_is_not_waited_for() -> None:
    transcript = Transcript(RULES)
    transcript.type_text("FIRST", 0.0)
    transcript.finish()
    transcript.type_text(TYPED, 5.0)
    assert transcript.state.paragraphs(5.0, RULES.shown_after).unread == len(TYPED)
    transcript.clear()
    assert transcript.state.paragraphs(5.0, RULES.shown_after).unread == 0
    transcript.undo()
    assert transcript.state.paragraphs(5.0, RULES.shown_after).unread == len(TYPED)


def test_what_is_signed_is_read_as_it_comes() -> None:
    transcript = Transcript(RULES)
    for fifth, symbol in enumerate("HELLO___MY___NAME___IS___ANN____YES_____________NO"):
        at = fifth / 5
        letters = [letter(symbol, at)] if symbol.isalpha() else []
        state = transcript.accept(letters, None, at + 0.1, hand_up=symbol != "_")
        assert state.paragraphs(at + 0.1, RULES.shown_after).unread <= 2
