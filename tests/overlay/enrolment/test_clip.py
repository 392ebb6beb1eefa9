from itertools import pairwise

import numpy as np
import pytest

from overlay.enrolment.clip import CHECK_WORDS, FIT_WORDS, WORDS, EnrolmentClip, misread, split_takes
from overlay.recognition.feature_window import Sample

pytestmark = pytest.mark.unit


def take(text: str, seconds: float = 2.0, hand: bool = True) -> EnrolmentClip:
    def sample(at: float) -> Sample:
        return Sample(at, np.zeros(4, np.float32), np.zeros((3, 2), np.float32), 50.0)

    times = np.arange(0, seconds, 1 / 30)
    return EnrolmentClip(text, tuple((float(at), sample(float(at)) if hand else None) for at in times))


@pytest.mark.parametrize(
    ("wanted", "got", "wrong"),
    [
        ("A", "A", {}),
        ("A", "", {"A": 1}),
        ("A", "S", {"A": 1}),
        ("A", "AS", {"A": 1}),
        ("HELLO", "HELO", {"L": 1}),
        ("HELLO", "HXLLOS", {"E": 1, "O": 1}),
        ("JAM", "IAM", {"J": 1}),
    ],
)
def test_errors_are_counted_by_the_letter_that_was_wanted(wanted: str, got: str, wrong: dict[str, int]) -> None:
    assert dict(misread(wanted, got)) == wrong


def test_each_half_of_the_words_holds_the_alphabet() -> None:
    for half in (FIT_WORDS, CHECK_WORDS):
        assert len(set("".join(half))) == 26
    assert sorted(WORDS) == sorted(FIT_WORDS + CHECK_WORDS)
    assert all(one != other for word in WORDS for one, other in pairwise(word))


def test_a_single_take_is_cut_and_nothing_is_in_both_parts() -> None:
    fitted, held_out = split_takes([take("A"), take("J"), take("QUICKLY"), take("JIVING")])
    assert [(one.text, len(one.frames)) for one in fitted] == [("A", 33), ("QUICKLY", 60)]
    assert [(one.text, len(one.frames)) for one in held_out] == [("A", 27), ("J", 60), ("JIVING", 60)]
    assert fitted[0].frames[-1][0] < held_out[0].frames[0][0]


def test_of_several_takes_every_third_is_held_out_and_a_short_one_is_not() -> None:
    fitted, held_out = split_takes([*(take("A", 1.0 + number) for number in range(7)), take("B", 0.3)])
    assert [round(one.seconds) for one in held_out] == [3, 6]
    assert [one.text for one in fitted] == ["A"] * 5 + ["B"]


def test_of_other_words_every_second_is_held_out() -> None:
    texts = ["PIZZA", "ANNALEE", "FROZEN", "WIZARD", "QUIET"]
    fitted, held_out = split_takes([take(text) for text in texts])
    assert [one.text for one in fitted] == ["ANNALEE", "QUIET"]
    assert [one.text for one in held_out] == ["FROZEN", "PIZZA", "WIZARD"], "one of the ten stays held out"
