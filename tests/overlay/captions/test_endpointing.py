"""When words and captions end."""

import pytest

from overlay.captions.endpointing import LONGEST_WORD, Endpoint, endpoint
from overlay.core.settings import Endpointing

pytestmark = pytest.mark.unit

RULES = Endpointing(word_pause=0.8, word_lowered=0.3, caption_silence=2.0, caption_longest=20.0)


@pytest.mark.parametrize(
    ("idle", "lowered", "length", "in_word", "expected"),
    [
        (0.0, 0.0, 1.0, True, Endpoint.NOTHING),
        (0.7, 0.0, 1.0, True, Endpoint.NOTHING),
        (0.8, 0.0, 1.0, True, Endpoint.WORD),  # a pause, the hand still up
        (0.35, 0.35, 1.0, True, Endpoint.WORD),  # the hand lowered: sooner
        (0.2, 0.35, 1.0, True, Endpoint.NOTHING),  # a letter was seen since: the hand was only lost
        (1.0, 1.0, 1.0, False, Endpoint.NOTHING),  # the word has ended already
        (2.0, 0.0, 3.0, False, Endpoint.CAPTION),
        (2.0, 2.0, 3.0, True, Endpoint.CAPTION),
        (0.1, 0.0, 25.0, True, Endpoint.NOTHING),  # too long, but never in the middle of a word
        (0.8, 0.0, 25.0, True, Endpoint.CAPTION),
        (0.5, 0.5, 25.0, False, Endpoint.CAPTION),
    ],
)
def test_what_ends(idle: float, lowered: float, length: float, in_word: bool, expected: Endpoint) -> None:
    ended = endpoint(RULES, idle=idle, lowered=lowered, length=length, in_word=in_word, in_caption=True)
    assert ended is expected


@pytest.mark.parametrize(
    ("letters", "length", "expected"),
    [
        (LONGEST_WORD, 25.0, Endpoint.CAPTION),  # no word is so long: captions end, or nobody would ever read them
        (LONGEST_WORD - 1, 25.0, Endpoint.NOTHING),
        (LONGEST_WORD, 19.0, Endpoint.NOTHING),
    ],
)
def test_who_spells_without_a_pause_has_captions_that_end(letters: int, length: float, expected: Endpoint) -> None:
    ended = endpoint(RULES, idle=0.0, lowered=0.0, length=length, in_word=True, in_caption=True, word=letters)
    assert ended is expected


def test_nothing_ends_where_nothing_began() -> None:
    ended = endpoint(RULES, idle=99, lowered=99, length=99, in_word=False, in_caption=False)
    assert ended is Endpoint.NOTHING
