"""From letters with times to words and captions."""

import random

import pytest

from overlay.caption import CaptionState, Letter
from overlay.settings import Endpointing
from overlay.transcript import Transcript, plain_text

RULES = Endpointing(word_pause=0.8, word_lowered=0.3, caption_silence=2.0, caption_longest=20.0)


def letter(text: str, at: float) -> Letter:
    return Letter(text, 0.9, at, at + 0.1)


def sign(transcript: Transcript, script: str, start: float = 0.0) -> float:
    """Sign one character every 0.2 s: a letter, "_" the hand lowered, "." a pause with the hand up."""
    at = start
    for symbol in script:
        letters = [letter(symbol, at)] if symbol.isalpha() else []
        transcript.accept(letters, None, at + 0.1, hand_up=symbol != "_")
        at += 0.2
    return at


def test_letters_make_a_word() -> None:
    transcript = Transcript(RULES)
    sign(transcript, "HELLO")
    assert transcript.state.committed == "HELLO"
    assert transcript.state.cues == ()


def test_a_lowered_hand_ends_a_word() -> None:
    transcript = Transcript(RULES)
    sign(transcript, "HI___YOU")
    assert transcript.state.committed == "HI YOU"


def test_a_short_loss_of_the_hand_does_not() -> None:
    transcript = Transcript(RULES)
    sign(transcript, "HI_YOU")
    assert transcript.state.committed == "HIYOU"


def test_a_pause_with_the_hand_up_ends_a_word_later() -> None:
    transcript = Transcript(RULES)
    sign(transcript, "HI...YOU")
    assert transcript.state.committed == "HIYOU"
    transcript = Transcript(RULES)
    sign(transcript, "HI......YOU")
    assert transcript.state.committed == "HI YOU"


def test_silence_ends_a_caption_with_its_times() -> None:
    transcript = Transcript(RULES)
    sign(transcript, "HELLO" + "_" * 12)
    state = transcript.state
    assert state.committed == ""
    (cue,) = state.cues
    assert (cue.index, cue.text) == (0, "HELLO")
    assert cue.start == pytest.approx(0.0)
    assert cue.end == pytest.approx(0.9)


def test_a_long_caption_ends_between_words_and_the_text_goes_on_in_one_line() -> None:
    transcript = Transcript(Endpointing(word_lowered=0.3, caption_longest=2.0))
    at = sign(transcript, "ABCDEFGHIJKLMNOP___QR")
    assert [cue.text for cue in transcript.state.cues] == ["ABCDEFGHIJKLMNOP"]
    assert plain_text(transcript.state) == "ABCDEFGHIJKLMNOP QR"
    sign(transcript, "_" * 15 + "ST" + "_" * 15, at)
    assert plain_text(transcript.state) == "ABCDEFGHIJKLMNOP QR\nST"
    assert len(transcript.state.cues) == 3


def test_partial_text_stands_behind_and_vanishes() -> None:
    transcript = Transcript(RULES)
    sign(transcript, "HI")
    state = transcript.accept([], letter("Q", 0.5), 0.55, hand_up=True)
    assert (state.committed, state.partial) == ("HI", "Q")
    state = transcript.accept([], None, 0.6, hand_up=True)
    assert (state.committed, state.partial) == ("HI", "")


def test_a_partial_letter_keeps_the_word_open_and_a_new_word_gets_its_space_before_it() -> None:
    transcript = Transcript(RULES)
    sign(transcript, "HI")
    for k in range(20):
        state = transcript.accept([], letter("A", 0.5), 0.5 + k / 10, hand_up=True)
    assert state.committed == "HI"
    transcript = Transcript(RULES)
    sign(transcript, "HI")
    transcript.accept([], None, 1.5, hand_up=True)
    state = transcript.accept([], letter("A", 1.6), 1.7, hand_up=True)
    assert (state.committed, state.partial) == ("HI ", "A")


def test_a_final_letter_that_is_still_held_is_no_pause() -> None:
    transcript = Transcript(RULES)
    transcript.accept([letter("A", 0.0)], None, 0.3, hand_up=True, signing=True)
    for k in range(30):
        state = transcript.accept([], None, 0.3 + k / 10, hand_up=True, signing=True)
    assert state.committed == "A"
    state = transcript.accept([letter("B", 3.5)], None, 3.6, hand_up=True, signing=True)
    assert state.committed == "AB"


def test_committed_text_never_changes_by_itself() -> None:
    rng = random.Random(1)
    for _ in range(50):
        transcript = Transcript(RULES)
        before = CaptionState()
        script = "".join(rng.choice("ABCDEF____....") for _ in range(200))
        for index, symbol in enumerate(script):
            at = index * 0.2
            letters = [letter(symbol, at)] if symbol.isalpha() else []
            state = transcript.accept(letters, None, at + 0.1, hand_up=symbol != "_")
            assert state.cues[: len(before.cues)] == before.cues
            if len(state.cues) == len(before.cues):
                assert state.committed.startswith(before.committed)
            else:
                assert state.cues[-1].text.startswith(before.committed.strip())
            assert state.revision >= before.revision
            assert (state.revision == before.revision) == (state == before)
            before = state


def test_finish_makes_the_open_caption_a_cue() -> None:
    transcript = Transcript(RULES)
    sign(transcript, "BYE")
    state = transcript.finish()
    assert [cue.text for cue in state.cues] == ["BYE"]
    assert plain_text(state) == "BYE"
    assert transcript.finish() == state


def test_edits_of_the_user() -> None:
    transcript = Transcript(RULES)
    at = sign(transcript, "HELP")
    assert transcript.backspace().committed == "HEL"
    assert transcript.type_text("LO", at).committed == "HELLO"
    assert transcript.space().committed == "HELLO "
    assert transcript.clear().committed == ""
    assert transcript.undo().committed == "HELLO "
    assert transcript.undo().committed == "HELLO"
    assert transcript.undo().committed == "HEL"
    assert transcript.undo().committed == "HELP"
    assert transcript.undo().committed == "HELP"


def test_undo_never_takes_away_letters_signed_since() -> None:
    transcript = Transcript(RULES)
    at = sign(transcript, "AB")
    transcript.backspace()
    sign(transcript, "C", at)
    assert transcript.undo().committed == "AC"
