"""Where captions break, and that nothing which has been read moves."""

import json
import random
from pathlib import Path
from typing import Any

import pytest

from overlay.captions.layout import Line, Run, layout, wrap

pytestmark = pytest.mark.unit


def texts(lines: tuple[Line, ...]) -> list[str]:
    """Lines as text, the partial tail in brackets."""
    return ["".join(run.text if run.final else f"[{run.text}]" for run in line) for line in lines]


CASES = json.loads((Path(__file__).parents[2] / "caption_layout.json").read_text("utf-8"))


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["about"])
def test_captions_break_as_they_do_in_the_page(case: dict[str, Any]) -> None:
    """The cases that static/js/overlay/layout.js is tested with too."""
    texts = case["earlier"], case["committed"], case["partial"]
    got = layout(*texts, case["columns"], case["lines"], unread=case.get("unread", 0))
    assert [[{"text": run.text, "final": run.final} for run in line] for line in got] == case["shown"]


def test_no_text_no_lines() -> None:
    assert layout((), "", "", 34, 2) == ()
    assert layout((" ",), "  ", "", 34, 2) == ()


def test_partial_tail_is_a_run_of_its_own() -> None:
    assert layout((), "HEL", "L", 34, 2) == ((Run("HEL"), Run("L", final=False)),)
    assert layout((), "", "H", 34, 2) == ((Run("H", final=False),),)


def test_breaks_at_words() -> None:
    assert wrap("THE QUICK BROWN FOX", 10) == ["THE QUICK", "BROWN FOX"]
    assert wrap("ABCDE FGHIJ", 11) == ["ABCDE FGHIJ"]
    assert wrap("ABCDE FGHIJ", 10) == ["ABCDE", "FGHIJ"]


def test_word_longer_than_a_line_is_broken() -> None:
    assert wrap("A LLANFAIRPWLLGWYNGYLL B", 8) == ["A", "LLANFAIR", "PWLLGWYN", "GYLL B"]


def test_widths_can_be_measured_otherwise() -> None:
    assert wrap("WW II WW", 8, lambda text: sum(3 if letter == "W" else 1 for letter in text)) == ["WW", "II", "WW"]


def test_earlier_caption_rolls_up() -> None:
    assert texts(layout(("HELLO WORLD",), "", "", 34, 2)) == ["HELLO WORLD"]
    assert texts(layout(("HELLO WORLD",), "HOW", "", 34, 2)) == ["HELLO WORLD", "HOW"]
    assert texts(layout(("HELLO WORLD",), "HOW ARE YOU", "", 8, 2)) == ["HOW ARE", "YOU"]
    assert texts(layout(("HELLO WORLD",), "HOW", "", 34, 1)) == ["HOW"]


def test_a_tail_moves_nothing() -> None:
    """Whatever stands before the tail stands where it stood without it, until the letter is final."""
    source = random.Random(1)
    for _ in range(300):
        columns, lines = source.randint(16, 42), source.randint(1, 4)
        committed = spelled(source)[: source.randint(0, 120)]
        without = layout((), committed, "", columns, 99)
        tailed = layout((), committed, source.choice("ABCDEFGHIJKLMNOPQRSTUVWXYZ"), columns, 99)
        assert [[run for run in line if run.final] for line in tailed][: len(without)] == [
            list(line) for line in without
        ]
        # Nor does it open a line, which would make the others roll up, but for the first letter of a caption.
        assert len(tailed) == max(1, len(without))
        assert layout((), committed, "", columns, lines) == without[-lines:]


def test_letters_move_nothing_but_their_own_word_and_that_once() -> None:
    source = random.Random(2)
    for _ in range(200):
        columns = source.randint(16, 42)
        text = spelled(source)
        before: list[tuple[int, int]] = []
        moves: dict[int, int] = {}
        for length in range(1, len(text) + 1):
            after = places(layout((), text[:length], "", columns, 999))
            for letter, place in enumerate(before):
                if after[letter] != place:
                    word = text.rfind(" ", 0, letter + 1)
                    assert " " not in text[letter:length], "a finished word moved"
                    assert after[letter][0] == place[0] + 1
                    moves[word] = moves.get(word, 0) + (letter == word + 1)
            before = after
        assert all(count <= 1 for count in moves.values())


def spelled(source: random.Random) -> str:
    words = ["".join(source.choices("ABCDEFGHIJKLMNOPQRSTUVWXYZ", k=source.choice([1, 2, 3, 4, 5, 7, 9, 14])))
             for _ in range(source.randint(1, 20))]  # fmt: skip
    return " ".join(words) + source.choice(["", " "])


def places(lines: tuple[Line, ...]) -> list[tuple[int, int]]:
    """Line and column of each letter; of a space between words, those of the letter before it."""
    result: list[tuple[int, int]] = []
    for number, line in enumerate(lines):
        text = "".join(run.text for run in line)
        if number and result:
            result.append(result[-1])  # the space at which the line was broken
        for column, letter in enumerate(text):
            result.append(result[-1] if letter == " " else (number, column))
    return result


@pytest.mark.parametrize("columns", [1, 2, 16])
def test_every_letter_is_shown_however_narrow(columns: int) -> None:
    lines = layout(("AB CDE",), "FGHIJ KL", "MNO", columns, 99)
    assert "".join(run.text for line in lines for run in line).replace(" ", "") == "ABCDEFGHIJKLMNO"


def test_a_line_begins_where_its_caption_does() -> None:
    """As in tests/js/caption_layout.test.js."""

    def directions(earlier: tuple[str, ...], committed: str, partial: str = "") -> list[bool]:
        return [line[0].rtl for line in layout(earlier, committed, partial, 9, 9)]

    assert directions((), "שלום לכם SIGNCAP טוב") == [True, True, True]
    assert directions(("HELLO",), "12 مرحبا") == [False, True]
    assert directions((), "", "ש") == [True]
    assert directions((), "12 OK שלום") == [False, False]
