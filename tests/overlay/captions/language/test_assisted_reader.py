"""Words and names as an imagined network saw them, read with a language."""

import numpy as np
import pytest
from numpy.typing import NDArray

from overlay.captions.language import Assisted, AssistedReader
from overlay.captions.language.scoring import BLANK, CLASSES
from overlay.captions.language.word_list import WordList

pytestmark = pytest.mark.unit

WORDS = WordList()  # read once for all tests
NOTHING = np.zeros((0, CLASSES), np.float32)


@pytest.fixture(scope="module")
def reader() -> AssistedReader:
    return expecting()


def expecting(*hot_words: str) -> AssistedReader:
    made = AssistedReader(hot_words, word_list=WORDS)
    made.load()
    return made


def seen(*letters: str) -> NDArray[np.float32]:
    """Posteriors of letters one after the other, five steps each with three of nothing between.

    Each is what the network says, likeliest first: "R" surely, "TS" a T and half as much an S, "-O" nothing and a
    little of an O.
    """
    steps = []
    for letter in ("-", *letters):
        step = np.full(CLASSES, 0.001)
        for k, one in enumerate(letter):
            step[BLANK if one == "-" else ord(one) - ord("A")] = 0.5**k
        nothing = np.full(CLASSES, 0.001)
        nothing[BLANK] = 1
        steps += [step / step.sum()] * 5 + [nothing / nothing.sum()] * 3
    return np.array(steps, np.float32)


def text(assisted: Assisted | None) -> str | None:
    return None if assisted is None else assisted.text


def test_a_misread_word_becomes_the_one_that_the_network_saw_traces_of(reader: AssistedReader) -> None:
    assisted = reader.read("HRTE", seen("H", "-O", "R", "TS", "E"))
    assert text(assisted) == "HORSE"
    assert assisted is not None
    assert assisted.clearer > 0
    assert text(reader.read("ALLIGATNR", seen(*"ALLIGAT", "NO", "R"))) == "ALLIGATOR"
    assert text(reader.read("INFRMATION", seen(*"INF", "-O", *"RMATION"))) == "INFORMATION"


@pytest.mark.parametrize("word", ["HORSE", "HOUSE", "THE", "FOR", "WAS", "A", "DATES"])
def test_words_that_were_clearly_seen_stand(reader: AssistedReader, word: str) -> None:
    assert reader.read(word, seen(*word)) is None


@pytest.mark.parametrize("name", ["AOIFE", "SIOBHAN", "XIAOMING", "TAKAHASHI", "OLUWASEUN", "KIRTI", "BRYLEE", "QX"])
def test_names_in_no_list_that_were_clearly_seen_stand(reader: AssistedReader, name: str) -> None:
    assert reader.read(name, seen(*name)) is None


def test_what_is_like_no_word_stands(reader: AssistedReader) -> None:
    assert reader.read("KVWXGQ", seen("KV", "VU", "WV", "XT", "GQ", "QP")) is None


@pytest.mark.parametrize("words", ["HELLO WORLD", "GOOD MORNING", "THANK YOU"])
def test_words_that_were_run_together_are_taken_apart(reader: AssistedReader, words: str) -> None:
    letters = words.replace(" ", "")
    assert text(reader.read(letters, seen(*letters))) == words


def test_a_name_that_is_expected_is_found_as_it_is_written() -> None:
    reader = expecting("José", "Siobhan")
    assert text(reader.read("SIOBHN", seen(*"SIOBH", "-A", "N"))) == "SIOBHAN"
    assert text(reader.read("JOSE", seen(*"JOSE"))) == "JOSÉ"
    assert reader.read("SIOBHAN", seen(*"SIOBHAN")) is None
    reader.expect(())
    assert text(reader.read("SIOBHN", seen(*"SIOBH", "-A", "N"))) != "SIOBHAN"


@pytest.mark.parametrize(
    ("word", "posteriors"),
    [
        ("HRTE", NOTHING),
        ("HR7E", seen("H", "R", "T", "E")),
        ("", seen("H")),
        ("JOSÉ", seen(*"JOSE")),
        ("A" * 40, seen(*"A" * 40)),
        ("HRTE", seen(*"HRTE")[:, :5]),
        ("HRTE", np.zeros((2000, CLASSES), np.float32)),
    ],
    ids=["no steps", "a digit", "nothing", "an accent", "long", "few classes", "many steps"],
)
def test_what_cannot_be_read_so_stands(reader: AssistedReader, word: str, posteriors: NDArray[np.float32]) -> None:
    assert reader.read(word, posteriors) is None


def test_posteriors_too_short_for_the_word_are_no_trouble(reader: AssistedReader) -> None:
    assert reader.read("HRTE", seen("H")[:2]) is None


def test_nothing_is_read_so_before_the_words_are_loaded() -> None:
    reader = AssistedReader(word_list=WORDS)
    assert not reader.loaded
    assert reader.read("HRTE", seen("H", "-O", "R", "TS", "E")) is None


def test_the_list_is_read_once_for_all() -> None:
    words = WordList()
    counts = words.load()
    assert words.load() is counts
    assert list(counts)[:2] == ["THE", "OF"]
