"""From letters with times to words and captions."""

import random
from collections.abc import Callable
from itertools import pairwise

import pytest

from overlay.captions.state import AssistedWord, CaptionState, Letter, Suggestion
from overlay.captions.transcript import Transcript, plain_text
from overlay.core.errors import SigncapError
from overlay.core.settings import Endpointing

pytestmark = pytest.mark.unit

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


@pytest.mark.parametrize("final_at", [0.8, 1.2], ids=["hand down", "hand up again"])
def test_a_lowered_hand_ends_a_word_also_after_a_letter_that_waits_for_a_stroke(final_at: float) -> None:
    transcript = Transcript(RULES)
    waiting = letter("I", 0.0)
    for k in range(1, 13):
        at = k / 10
        partial, letters = (waiting, []) if at < final_at else (None, [waiting] if at == final_at else [])
        transcript.accept(letters, partial, at, hand_up=not 0.2 < at < 1.0, signing=at <= 0.1)
    state = transcript.accept([letter("A", 1.1)], None, 1.3, hand_up=True)
    assert state.committed == "I A"


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


def test_a_finished_word_is_not_finished_again() -> None:
    transcript = Transcript(RULES)
    sign(transcript, "HI___")
    assert transcript.space().committed == "HI "


def test_a_short_loss_of_the_hand_does_not_hide_that_it_was_lowered_before() -> None:
    transcript = Transcript(RULES)
    transcript.accept([letter("A", 0.0)], None, 0.1, hand_up=True)
    for tenth in range(2, 6):
        transcript.accept([], letter("A", 0.0), tenth / 10, hand_up=False)  # which waits for a stroke: no pause yet
    for tenth, hand_up in ((6, True), (7, True), (8, False), (9, True)):
        transcript.accept([], letter("A", 0.0), tenth / 10, hand_up=hand_up)
    assert transcript.accept([letter("B", 0.6)], None, 1.0, hand_up=True).committed == "A B"


def test_a_lowered_hand_ends_the_word_before_it_alone() -> None:
    transcript = Transcript(RULES)
    sign(transcript, "A___B..C")
    assert transcript.state.committed == "A BC"


def test_the_newest_two_hundred_captions_are_kept() -> None:
    transcript = Transcript(RULES)
    for number in range(201):
        transcript.type_text("A", float(number))
        transcript.finish()
    assert [cue.index for cue in transcript.state.cues] == list(range(1, 201))


def test_undo_never_takes_away_letters_signed_since() -> None:
    transcript = Transcript(RULES)
    at = sign(transcript, "AB")
    transcript.backspace()
    sign(transcript, "C", at)
    assert transcript.undo().committed == "AC"


MEANT = {"HELO": ("HELLO", "HELP"), "THAMK": ("THANK",)}


def suggesting() -> Transcript:
    """A transcript that knows what two words were meant to be."""
    return Transcript(RULES, lambda read: MEANT.get(read, ()))


def test_words_are_suggested_when_a_word_is_finished_and_change_nothing_by_themselves() -> None:
    transcript = suggesting()
    at = sign(transcript, "HELO")
    assert transcript.state.suggestions == ()  # more letters may come
    at = sign(transcript, "___", at)
    assert transcript.state.suggestions == (Suggestion(0, 0, "HELO", ("HELLO", "HELP")),)
    at = sign(transcript, "MY___THAMK___", at)
    assert [(one.word, one.read) for one in transcript.state.suggestions] == [(0, "HELO"), (2, "THAMK")]
    assert transcript.state.committed == "HELO MY THAMK "
    sign(transcript, "_" * 12, at)
    assert [cue.text for cue in transcript.state.cues] == ["HELO MY THAMK"]
    assert [(one.caption, one.word) for one in transcript.state.suggestions] == [(0, 0), (0, 2)]


def test_they_are_for_the_newest_finished_caption_and_the_current_one() -> None:
    transcript = suggesting()
    at = sign(transcript, "HELO" + "_" * 12 + "THAMK___")
    assert [(one.caption, one.read) for one in transcript.state.suggestions] == [(0, "HELO"), (1, "THAMK")]
    sign(transcript, "_" * 12, at)
    assert [(one.caption, one.read) for one in transcript.state.suggestions] == [(1, "THAMK")]


def test_a_word_is_replaced_when_the_user_chooses_and_undo_brings_back_what_was_read() -> None:
    transcript = suggesting()
    at = sign(transcript, "HELO___THAMK___")
    before = transcript.state
    assert not before.can_undo
    chosen = transcript.choose(0, 0, "HELO", "HELLO")
    assert (chosen.committed, chosen.can_undo) == ("HELLO THAMK ", True)
    assert [one.read for one in chosen.suggestions] == ["THAMK"]
    sign(transcript, "YOU", at)
    undone = transcript.undo()
    assert (undone.committed, undone.can_undo) == ("HELO THAMK YOU", False)
    assert undone.suggestions == before.suggestions
    assert undone.revision > chosen.revision > before.revision


def test_a_word_of_a_finished_caption_is_replaced_too() -> None:
    transcript = suggesting()
    at = sign(transcript, "MY___HELO___" + "_" * 12)
    state = transcript.choose(0, 1, "HELO", "HELP")
    assert ([cue.text for cue in state.cues], state.committed) == (["MY HELP"], "")
    assert (state.cues[0].index, state.cues[0].start) == (0, 0.0)
    sign(transcript, "AB", at)
    state = transcript.undo()
    assert ([cue.text for cue in state.cues], state.committed) == (["MY HELO"], "AB")


def test_a_choice_made_in_the_current_caption_can_be_undone_when_it_has_ended() -> None:
    transcript = suggesting()
    at = sign(transcript, "HELO___")
    transcript.choose(0, 0, "HELO", "HELLO")
    at = sign(transcript, "_" * 12 + "AB", at)
    assert transcript.state.cues[0].text == "HELLO"
    assert transcript.undo().cues[0].text == "HELO"
    transcript.choose(0, 0, "HELO", "HELLO")
    sign(transcript, "_" * 14, at)  # another caption has ended: the first is out of reach
    assert not transcript.state.can_undo
    assert transcript.undo().cues[0].text == "HELLO"


def test_choices_and_other_edits_are_undone_in_turn() -> None:
    transcript = suggesting()
    at = sign(transcript, "HELO___HELO___")
    transcript.choose(0, 1, "HELO", "HELP")
    transcript.type_text("YES", at)
    transcript.choose(0, 0, "HELO", "HELLO")
    assert transcript.state.committed == "HELLO HELP YES"
    assert transcript.undo().committed == "HELO HELP YES"
    assert transcript.undo().committed == "HELO HELP "
    assert transcript.undo().committed == "HELO HELO "


def test_a_choice_whose_caption_was_cleared_is_not_undone_in_the_next() -> None:
    transcript = suggesting()
    at = sign(transcript, "HELO___")
    transcript.choose(0, 0, "HELO", "HELLO")
    transcript.clear()
    sign(transcript, "HELLO___", at)
    assert transcript.undo().committed == "HELLO "


def test_a_choice_is_not_undone_in_a_word_that_has_grown_since() -> None:
    transcript = suggesting()
    at = sign(transcript, "HELO___")
    transcript.choose(0, 0, "HELO", "HELLO")
    transcript.backspace()
    transcript.type_text("S ", at)
    sign(transcript, "A", at)
    assert transcript.state.committed == "HELLOS A"
    assert transcript.undo().committed == "HELLOS A"


def test_the_last_hundred_edits_can_be_undone() -> None:
    transcript = Transcript(RULES)
    for number in range(101):
        transcript.type_text("AB"[number % 2], float(number))
    for _ in range(100):
        assert transcript.state.can_undo
        transcript.undo()
    assert (transcript.state.committed, transcript.state.can_undo) == ("A", False)


@pytest.mark.parametrize(
    "choice",
    [
        (0, 0, "HELO", "HOLE"),
        (0, 1, "HELO", "HELLO"),
        (1, 0, "HELO", "HELLO"),
        (0, 0, "THAMK", "THANK"),
        (9, 9, "", ""),
    ],
)
def test_only_what_is_suggested_can_be_chosen(choice: tuple[int, int, str, str]) -> None:
    transcript = suggesting()
    sign(transcript, "HELO___")
    before = transcript.state
    with pytest.raises(SigncapError, match="no longer suggested"):
        transcript.choose(*choice)
    assert transcript.state == before


def test_suggestions_come_when_the_words_are_known_though_no_letter_does() -> None:
    known: dict[str, tuple[str, ...]] = {}
    transcript = Transcript(RULES, lambda read: known.get(read, ()))
    at = sign(transcript, "HELO___")
    known.update(MEANT)
    state = transcript.accept([], None, at, hand_up=False)
    assert [one.words for one in state.suggestions] == [("HELLO", "HELP")]


ASSISTED = {"HRTE": "HORSE", "HELLOWORLD": "HELLO WORLD"}


def assisting(asked: list[tuple[str, float, float]] | None = None) -> Transcript:
    """A transcript that knows what two words are rather than what was read, and notes what it was asked."""

    def assist(read: str, start: float, end: float) -> str | None:
        if asked is not None:
            asked.append((read, start, end))
        return ASSISTED.get(read)

    return Transcript(RULES, lambda read: {"HRTE": ("HATE", "HORSE")}.get(read, ()), assist)


def test_a_word_is_read_with_a_language_once_and_when_it_ends() -> None:
    asked: list[tuple[str, float, float]] = []
    transcript = assisting(asked)
    at = sign(transcript, "HRTE")
    assert (transcript.state.committed, asked) == ("HRTE", [])  # more letters may come
    at = sign(transcript, "___", at)
    assert transcript.state.committed == "HORSE "
    assert asked == [("HRTE", pytest.approx(0.0), pytest.approx(0.7))]
    sign(transcript, "AND" + "_" * 12, at)
    assert [cue.text for cue in transcript.state.cues] == ["HORSE AND"]
    assert [read for read, _, _ in asked] == ["HRTE", "AND"]


def test_text_that_was_shown_as_final_is_otherwise_never_another() -> None:
    transcript = assisting()
    texts = []
    for k, symbol in enumerate("HRTE___HELLOWORLD____AB" + "_" * 12):
        sign(transcript, symbol, k * 0.2)
        texts.append(transcript.state.committed or transcript.state.cues[-1].text)
    changes = [(old, new) for old, new in pairwise(texts) if not new.startswith(old.rstrip())]
    assert changes == [("HRTE", "HORSE "), ("HORSE HELLOWORLD", "HORSE HELLO WORLD ")]


@pytest.mark.parametrize("end", [Transcript.finish, lambda one: sign(one, "_" * 12, 0.8)], ids=["finish", "silence"])
def test_a_caption_ends_with_its_last_word_read_so(end: Callable[[Transcript], object]) -> None:
    asked: list[tuple[str, float, float]] = []
    transcript = assisting(asked)
    sign(transcript, "HRTE")
    end(transcript)
    (cue,) = transcript.state.cues
    assert (cue.text, cue.literal, cue.assisted) == ("HORSE", "HRTE", (AssistedWord(0, "HORSE", "HRTE"),))
    transcript.finish()
    assert transcript.state.cues == (cue,)
    assert len(asked) == 1


def test_what_was_read_literally_is_offered_first_and_can_be_put_back() -> None:
    transcript = assisting()
    at = sign(transcript, "AB___HRTE___")
    assert transcript.state.assisted == (AssistedWord(1, "HORSE", "HRTE"),)
    (offer,) = transcript.state.suggestions
    assert offer == Suggestion(0, 1, "HORSE", ("HRTE", "HATE"), assisted=True)
    state = transcript.choose(0, 1, "HORSE", "HRTE")
    assert (state.committed, state.assisted) == ("AB HRTE ", ())
    assert state.suggestions == (Suggestion(0, 1, "HRTE", ("HATE", "HORSE")),)
    sign(transcript, "_" * 12, at)
    assert transcript.state.cues[0].text == "AB HRTE"  # it is not read so again
    state = transcript.undo()
    assert (state.cues[0].text, state.cues[0].literal) == ("AB HORSE", "AB HRTE")
    state = transcript.undo()
    assert (state.cues[0].text, state.cues[0].assisted, state.can_undo) == ("AB HRTE", (), False)


def test_words_that_were_taken_apart_count_as_two_and_go_back_as_one() -> None:
    transcript = assisting()
    at = sign(transcript, "HELLOWORLD___HRTE___")
    assert [(one.word, one.words) for one in transcript.state.assisted] == [(0, 2), (2, 1)]
    assert [(one.word, one.read) for one in transcript.state.suggestions] == [(0, "HELLO WORLD"), (2, "HORSE")]
    state = transcript.choose(0, 0, "HELLO WORLD", "HELLOWORLD")
    assert (state.committed, state.assisted) == ("HELLOWORLD HORSE ", (AssistedWord(1, "HORSE", "HRTE"),))
    assert transcript.undo().committed == "HELLO WORLD HORSE "
    sign(transcript, "_" * 12, at)
    assert transcript.state.cues[0].literal == "HELLOWORLD HRTE"
    assert transcript.undo().cues[0].text == "HELLO WORLD HRTE"


@pytest.mark.parametrize("edit", [Transcript.backspace, lambda one: one.type_text("X")], ids=["backspace", "typed"])
def test_a_word_that_the_user_has_edited_stays_as_it_is(edit: Callable[[Transcript], object]) -> None:
    asked: list[tuple[str, float, float]] = []
    transcript = assisting(asked)
    at = sign(transcript, "HRT")
    edit(transcript)
    at = sign(transcript, "E___", at)
    assert asked == []
    sign(transcript, "HRTE___", at)
    assert [read for read, _, _ in asked] == ["HRTE"]  # the next word is another


def test_the_space_key_ends_a_word_like_a_pause_and_undo_takes_one_step_at_a_time() -> None:
    transcript = assisting()
    at = sign(transcript, "HRTE")
    assert transcript.space().committed == "HORSE "
    assert transcript.undo().committed == "HRTE "
    assert transcript.undo().committed == "HRTE"
    sign(transcript, "___", at)
    assert transcript.state.committed == "HRTE "  # the user has said how it stands


def test_marks_go_with_the_word_that_is_taken_back_and_come_with_it() -> None:
    transcript = assisting()
    sign(transcript, "HRTE___AB")
    for _ in range(len("AB ")):
        transcript.backspace()
    assert transcript.state.assisted == (AssistedWord(0, "HORSE", "HRTE"),)
    assert transcript.backspace().assisted == ()
    assert transcript.undo().assisted == (AssistedWord(0, "HORSE", "HRTE"),)
    assert transcript.clear().assisted == ()


def test_an_accent_that_is_typed_by_itself_becomes_one_with_its_letter() -> None:
    transcript = Transcript(RULES)
    transcript.type_text("CAFE")
    assert transcript.type_text("\u0301 E\u0301").committed == "CAF\u00c9 \u00c9"


@pytest.mark.parametrize("letter_seen", ["🇩🇪", "👩‍👩‍👧", "❤️", "נּ", "É"])
def test_backspace_takes_back_what_is_seen_as_one_letter(letter_seen: str) -> None:
    transcript = Transcript(RULES)
    transcript.type_text("A" + letter_seen)
    assert transcript.backspace().committed == "A"
