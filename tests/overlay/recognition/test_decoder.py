"""Letters out of sequences of posteriors."""

import math

import numpy as np
import pytest
from numpy.typing import NDArray

from overlay.captions.state import Letter
from overlay.core.settings import Decoding
from overlay.recognition.decoder import Decoder
from overlay.recognition.feature_window import GRID_RATE
from overlay.recognition.letter_model import BLANK, CLASSES, LETTERS

pytestmark = pytest.mark.unit


def posteriors(symbol: str, confidence: float = 0.95) -> NDArray[np.float32]:
    """One step in which `symbol` ("-" is blank) has `confidence` and another class has the rest."""
    label = BLANK if symbol == "-" else LETTERS.index(symbol)
    other = LETTERS.index("Q") if symbol == "-" else BLANK
    result = np.zeros(CLASSES, np.float32)
    result[other] = 1 - confidence
    result[label] = confidence
    return result


def decode(steps: str, rules: Decoding | None = None, confidence: float = 0.95) -> list[Letter]:
    decoder = Decoder(rules)
    letters = []
    for index, symbol in enumerate(steps):
        letters += decoder.accept(posteriors(symbol, confidence), index / GRID_RATE)
    return letters + decoder.finish()


def text(letters: list[Letter]) -> str:
    return "".join(letter.text for letter in letters)


@pytest.mark.parametrize(
    ("steps", "expected"),
    [
        ("", ""),
        ("----------", ""),
        ("---HHHHH--EEEEE--", "HE"),
        ("HHHHHEEEEE", "HE"),  # no blank is needed between different letters
        ("LLLLLLLLLLLLLLLLLLLLLLLLLLLLLLLLLLLLLLLL", "L"),  # however long it is held
        ("--LLLLL----LLLLL--", "LL"),  # the network saw something else in between: twice
        ("--LLLLL-LLLLL--", "L"),  # one step is a flicker
        ("--LLLLL--LLLLL--", "L"),  # and so are two
        ("--LLLLL---LLLLL--", "LL"),  # at six letters a second nobody does more in between
        ("---A---", ""),  # too short to be a letter
        ("--A-A-A-A-A--", ""),  # never long enough
        ("AAAAAB", "A"),
    ],
)
def test_runs_collapse(steps: str, expected: str) -> None:
    assert text(decode(steps)) == expected


@pytest.mark.parametrize(
    ("steps", "expected"),
    [
        ("--IIII--JJJJJ--", "J"),  # the little finger was up before it drew
        ("--DDDD-ZZZZZ--", "Z"),
        ("--DDDD-JJJJJ--", "DJ"),  # a D does not turn into a J
        ("--IIII-ZZZZZ--", "IZ"),
        ("--IIIIIIIIIIII--JJJJJ--", "IJ"),  # held: it was an I, and committed as one
        ("--IIII" + 20 * "-" + "JJJJJ--", "IJ"),  # too long ago
        ("--IIII-AAAAA--", "IA"),
        ("--AAAA-IIII--", "AI"),
        ("--DDDD---IIII--JJJJ--", "DJ"),
        ("--JJJJJ----III------", "J"),  # the hand on its way back
        ("--ZZZZZ-DDD------", "Z"),
        ("--JJJJJ----IIII-----", "JI"),
        ("--JJJJJ-DDD------", "JD"),
        ("--JJJJJ" + 13 * "-" + "III-----", "JI"),  # too late
        ("--JJJJJ---III--JJJJJ---", "JJ"),
    ],
)
def test_what_a_stroke_begins_as_is_no_letter_of_its_own(steps: str, expected: str) -> None:
    assert text(decode(steps)) == expected


def test_a_letter_that_waits_for_its_stroke_is_shown_before_the_next_one() -> None:
    decoder, shown, final = Decoder(), [], ""
    for index, symbol in enumerate("SSSSSSSS---IIII---GGGGGGG---------"):
        final += text(decoder.accept(posteriors(symbol), index / GRID_RATE))
        shown.append(final + (decoder.partial.text if decoder.partial else ""))
    assert "SIG" in shown
    assert "SG" not in shown
    assert final == "SIG"


def test_the_hand_on_its_way_back_from_a_stroke_does_not_flicker() -> None:
    decoder = Decoder()
    seen = []
    for index, symbol in enumerate("--JJJJJ----III-------"):
        decoder.accept(posteriors(symbol), index / GRID_RATE)
        seen.append(decoder.partial.text if decoder.partial is not None else "")
    assert set(seen) == {"", "J"}


def test_a_letter_that_may_become_a_stroke_comes_when_it_did_not() -> None:
    decoder, came = Decoder(), []
    for index, symbol in enumerate("--IIII" + 20 * "-"):
        came += [index for _ in decoder.accept(posteriors(symbol), index / GRID_RATE)]
        assert (decoder.partial is not None) == (3 <= index < 18), "until then it is shown as one that may change"
    assert came == [18]


def decode_moving(steps: str, right: float, down: float) -> str:
    """Decode, the palm moving by so many palms altogether while there is blank after the first letter."""
    decoder, letters = Decoder(), []
    gap = steps.strip("-").count("-")
    for index, symbol in enumerate(steps):
        between = symbol == "-" and len(steps[:index].strip("-")) > 0
        moved = (right / gap, down / gap) if between else (0.0, 0.0)
        letters += decoder.accept(posteriors(symbol), index / GRID_RATE, moved)
    return text(letters + decoder.finish())


@pytest.mark.parametrize(
    ("right", "down", "expected"),
    [
        (-0.7, 0.05, "LL"),  # the slide of a double letter
        (-0.5, -0.3, "LL"),
        (0.0, 0.1, "LL"),  # a bounce ends where it began
        (-0.1, -0.8, "L"),  # the hand was still being raised
        (0.1, 0.9, "L"),  # or lowered
        (-0.8, 0.7, "L"),  # aslant, as people do who turn the wrist
    ],
)
def test_a_hand_that_is_raised_with_its_letter_formed_has_not_signed_it_twice(
    right: float, down: float, expected: str
) -> None:
    assert decode_moving("--LLLLL-----LLLLL--", right, down) == expected


def test_a_stroke_that_is_made_twice_begins_again_above() -> None:
    assert decode_moving("--ZZZZZ-----ZZZZZ--", 0.2, -0.9) == "ZZ"
    assert decode_moving("--ZZZZZ---ZZZZZ--", 0.1, -0.6) == "ZZ", "and that is quick"
    assert decode_moving("--ZZZZZ---ZZZZZ--", 0.1, 0.1) == "Z", "where the hand has not gone back it is one"
    assert decode_moving("--LLLLL---LLLLL--", 0.1, -0.6) == "L", "it tells nothing of other letters"


def test_what_is_not_confident_gives_nothing() -> None:
    assert decode("---AAAAAAAA---", confidence=0.5) == []


def test_a_letter_goes_on_while_it_is_above_the_lower_threshold() -> None:
    decoder = Decoder(Decoding(letter_confidence=0.6, release_confidence=0.3, final_hold=5.0))
    letters = []
    for index, confidence in enumerate([0.9, 0.9, 0.9, 0.4, 0.4, 0.9, 0.9, 0.1, 0.1]):
        letters += decoder.accept(posteriors("A", confidence), index / GRID_RATE)
    assert text(letters) == "A"


def test_a_letter_that_is_final_already_is_not_partial_too_while_it_is_held() -> None:
    decoder, final = Decoder(), []
    for index in range(30):
        final += decoder.accept(posteriors("L"), index / GRID_RATE)
        assert decoder.signing == (index > 0)
        assert (decoder.partial is None) == (index == 0 or bool(final))
    assert text(final) == "L"


def test_a_letter_is_partial_first_and_final_when_it_ends() -> None:
    decoder = Decoder(Decoding(final_hold=5.0))
    assert decoder.accept(posteriors("A"), 0.0) == []
    assert decoder.partial is None  # one step is not yet a letter
    for index in range(1, 4):
        assert decoder.accept(posteriors("A"), index / GRID_RATE) == []
    assert decoder.partial is not None
    assert decoder.partial.text == "A"
    assert text(decoder.accept(posteriors("-"), 4 / GRID_RATE)) == "A"
    assert decoder.partial is None


def test_a_held_letter_is_final_before_it_ends_and_only_once() -> None:
    decoder = Decoder(Decoding(final_hold=0.2))
    finals = [decoder.accept(posteriors("A"), index / GRID_RATE) for index in range(30)]
    assert [text(letters) for letters in finals if letters] == ["A"]
    assert finals.index(next(letters for letters in finals if letters)) == 5  # six steps are 0.2 s
    assert decoder.finish() == []


def test_a_letter_is_being_signed_for_as_long_as_it_is_held() -> None:
    decoder = Decoder(Decoding(final_hold=0.1))
    signing = []
    for index, symbol in enumerate("--AAAAAAAAAA--"):
        decoder.accept(posteriors(symbol), index / GRID_RATE)
        signing.append(decoder.signing)
    assert signing == [False] * 3 + [True] * 9 + [False] * 2


def test_letters_carry_their_times_and_their_mean_confidence() -> None:
    (letter,) = decode("---AAA---", confidence=0.8)
    assert letter.start == pytest.approx(3 / GRID_RATE)
    assert letter.end == pytest.approx(5 / GRID_RATE)
    assert letter.confidence == pytest.approx(0.8)


def test_the_end_of_the_stream_ends_the_letter() -> None:
    assert text(decode("--AAAA", Decoding(final_hold=5.0))) == "A"


GONE = (math.nan,) * 6


@pytest.mark.parametrize(
    ("way", "expected"),
    [
        ((0.0,) * 6, "Z"),  # the hand stays where it has drawn
        ((0.1, -0.1, 0.1, 0.0, 0.0, 0.1), "Z"),  # about
        ((0.0, 0.0, 0.0, 0.5, 0.0, 0.0), "ZQ"),  # the index is bent
        ((0.4, 0.0, 0.4, 0.0, 0.4, 0.0), "ZQ"),  # the hand goes on
        (GONE, "ZQ"),  # it was out of view
    ],
)
def test_a_hand_that_stays_where_a_stroke_has_ended_writes_nothing(way: tuple[float, ...], expected: str) -> None:
    decoder, letters = Decoder(), []
    steps = "--ZZZZZ" + 40 * "-" + 12 * "Q" + 20 * "-"
    for index, symbol in enumerate(steps):
        just_before = 37 <= index < 47
        moved = tuple(one / 10 for one in way) if just_before else (0.0,) * 6
        letters += decoder.accept(posteriors(symbol), index / GRID_RATE, moved)
        assert decoder.partial is None or decoder.partial.text in expected
    assert text(letters + decoder.finish()) == expected


def test_a_letter_soon_after_a_stroke_comes_though_the_hand_hardly_moves() -> None:
    decoder, letters = Decoder(), []
    for index, symbol in enumerate("--ZZZZZ------OOOOO------"):
        letters += decoder.accept(posteriors(symbol), index / GRID_RATE, (0.0,) * 6)
    assert text(letters + decoder.finish()) == "ZO"


def test_a_camera_that_stands_still_when_the_hand_leaves_after_a_stroke_does_no_harm() -> None:
    decoder = Decoder()
    for index, symbol in enumerate("--ZZZZZ"):
        decoder.accept(posteriors(symbol), index / GRID_RATE, (0.0,) * 6)
    letters = decoder.accept(posteriors("Q"), 3.0, GONE)
    for step in range(1, 6):
        letters += decoder.accept(posteriors("Q"), 3.0 + step / GRID_RATE, (0.0,) * 6)
    assert text(letters + decoder.finish()) == "ZQ"


def decode_coming(steps: str, way: float) -> str:
    """Decode where a hand comes into view ("." is none), and moves so many palms in its first three steps."""
    decoder, letters = Decoder(), []
    came = len(steps) - len(steps.lstrip("."))
    for index, symbol in enumerate(steps):
        moved = (way / 3 if 0 <= index - came < 3 else 0.0, 0.0)
        answer = posteriors("-" if symbol == "." else symbol)
        letters += decoder.accept(answer, index / GRID_RATE, (math.nan,) * 2 if symbol == "." else moved)
    return text(letters + decoder.finish())


@pytest.mark.parametrize(
    ("steps", "way", "expected"),
    [
        (10 * "." + "---BBBBBBBB--------BBBBBBBBBB--", 0.6, "B"),  # formed on the way, where it paused
        (10 * "." + "---UUUUUUUUUUU--VVVVVVVVVVVVVVVV--", 0.8, "V"),  # the fingers were still together
        (10 * "." + "--NN-OOOO--AAAA--", 0.6, "NOA"),  # the next go as quickly: somebody spells fast
        (10 * "." + "--NN--NNNN-OOOO--", 0.6, "NO"),
        (10 * "." + "--NN---OOOO--", 0.6, "NO"),
        (10 * "." + "--NN----------", 0.6, ""),
        (10 * "." + "--NN-----" + 10 * "." + "-------OOOO--", 0.6, "O"),  # another time that it comes
        (10 * "." + "-AAAA--LLLLLLLLLLLLLLLLLLLL--", 0.3, "L"),
        (10 * "." + "---BBBBBBBB--AAAAA--", 2.0, "BA"),  # it came far: by then it has arrived
        (10 * "." + "------------------BBBBBB--AAAAA--", 0.6, "BA"),  # and so it has some time later
        (10 * "." + "---BBBBBBBBBBBBBBBB--AAAAA--", 0.6, "BA"),  # it stays
        (10 * "." + "---BBBBBB--AAAAA--", 0.05, "BA"),  # it has not moved: it only was not found
        (3 * "." + "---BBBBBB--AAAAA--", 0.6, "BA"),  # nor was it away
    ],
)
def test_what_a_hand_looks_like_that_is_still_coming_is_no_letter(steps: str, way: float, expected: str) -> None:
    assert decode_coming(steps, way) == expected


@pytest.mark.parametrize(
    ("steps", "expected"),
    [
        ("....Q....Q..QQQ..Q.QQ.Q....", ""),  # a face that is taken for a hand now and then
        (".......QQQQQ...", "Q"),
        ("..AAAAAA.A..AA.", "A"),  # a hand that is lost for a step or two is still one
        ("..AAAAA..OO-", "AO"),
    ],
)
def test_what_is_found_in_a_few_frames_here_and_there_is_no_hand(steps: str, expected: str) -> None:
    decoder, letters, before = Decoder(), [], "-"
    for index, symbol in enumerate(8 * "." + steps):
        moved = (math.nan, math.nan) if symbol == "." else (0.0, 0.0)
        before = symbol if symbol != "." or before == "-" else before  # the network goes on for a while
        letters += decoder.accept(posteriors("-" if before == "." else before), index / GRID_RATE, moved)
    assert text(letters + decoder.finish()) == expected


def test_a_letter_of_the_way_is_not_shown_before_it_counts() -> None:
    decoder = Decoder()
    shown = []
    for index, symbol in enumerate(10 * "." + "---" + 20 * "B"):
        moved = (math.nan, math.nan) if symbol == "." else (0.2 if index < 13 else 0.0, 0.0)
        decoder.accept(posteriors("-" if symbol == "." else symbol), index / GRID_RATE, moved)
        shown.append(decoder.signing)
    assert shown.index(True) == 13 + 14  # half a second
