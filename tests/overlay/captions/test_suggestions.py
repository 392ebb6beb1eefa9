"""Words that may have been meant, from the real dictionary."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from overlay.captions import suggestions
from overlay.captions.suggestions import SUGGESTED, Suggester
from tests.waiting import until

pytestmark = pytest.mark.integration


@pytest.fixture(scope="module")
def suggester() -> Suggester:
    suggester = Suggester(["KENJI", "JOSÉ", "O'BRIEN", "JO", "COFFEN"])
    suggester.load()
    return suggester


@pytest.mark.parametrize(
    ("read", "spelled"),
    [
        ("HELO", "HELLO"),
        ("HLO", "HELLO"),
        ("ENI", "KENJI"),
        ("TOMOROW", "TOMORROW"),
        ("THAMK", "THANK"),
        ("NICF", "NICE"),
        ("WEBCAMM", "WEBCAM"),
        ("PLASE", "PLEASE"),
        ("MEETIG", "MEETING"),
        ("helo", "HELLO"),
    ],
)
def test_a_misread_word_is_found(suggester: Suggester, read: str, spelled: str) -> None:
    assert suggester.near(read)[0] == spelled


def test_there_are_three_at_most_and_none_twice(suggester: Suggester) -> None:
    for read in ("HELO", "THN", "MECT", "PLXSE", "SSTEP"):
        words = suggester.near(read)
        assert 0 < len(words) <= SUGGESTED
        assert len(set(words)) == len(words)
        assert read not in words


@pytest.mark.parametrize("read", ["HELLO", "THE", "A", "COFFEE", "KENJI", "JO", "JOSÉ", "O'BRIEN"])
def test_what_is_a_word_is_left_alone(suggester: Suggester, read: str) -> None:
    assert suggester.near(read) == ()


@pytest.mark.parametrize("read", ["", "Q", "QX", "ZZZZZZZ", "XQZKWV", "HELO2", "HE LO", "H" * 200])
def test_nothing_is_made_up(suggester: Suggester, read: str) -> None:
    assert suggester.near(read) == ()


def test_hot_words_come_first(suggester: Suggester) -> None:
    assert suggester.near("KENI")[0] == "KENJI"
    assert Suggester(["KENJI"]).near("KENI") == ()  # knows nothing yet
    assert suggester.near("COFFEU")[:2] == ("COFFEN", "COFFEE")  # each one letter away


def test_hot_words_are_shown_as_they_are_written(suggester: Suggester) -> None:
    assert suggester.near("JOSE") == ("JOSÉ",)
    assert suggester.near("JOSF")[0] == "JOSÉ"
    assert suggester.near("OBRIEN") == ("O'BRIEN",)


def test_only_hot_words_are_suggested_for_very_short_ones(suggester: Suggester) -> None:
    assert suggester.near("JD") == ("JO",)
    assert suggester.near("J") == ("JO",)


@pytest.mark.integration
def test_who_asks_again_and_again_never_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(suggestions, "CANDIDATES", 5000)  # they are read at leisure
    suggester = Suggester()
    assert suggester.near("HELO") == suggester.suggest("HELO") == ()
    suggester.start()
    until(lambda: suggester.suggest("HELO"))
    assert suggester.loaded
    assert suggester.suggest("HELO") == suggester.near("HELO")
    many = [f"{a}ELO{b}{c}" for a in "ABCDEF" for b in "GHIJKLM" for c in "NOPQRSTUVW"]
    for read in many:
        suggester.suggest(read)
    until(lambda: suggester.suggest("THAMK"))
    assert suggester.suggest("HELO") == ()  # forgotten, and asked for again
    until(lambda: suggester.suggest("HELO"))


def test_any_thread_may_ask(suggester: Suggester) -> None:
    reads = [f"{a}ELO{b}" for a in "BCDHJMTW" for b in "ABCDWN"]
    alone = [suggester.near(read) for read in reads]
    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(suggester.near, reads)) == alone
