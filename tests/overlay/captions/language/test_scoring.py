"""How likely words are, by what the network saw: compared with all ways to spell them, one after the other."""

from itertools import groupby, pairwise, product

import numpy as np
import pytest
from numpy.typing import NDArray

from overlay.captions.language.scoring import BLANK, CLASSES, LONGEST, any_word, forward, stretches

pytestmark = pytest.mark.unit

Floats = NDArray[np.float32]


def emissions(steps: int, seed: int = 1) -> Floats:
    """Likelihoods of A, B and blank; all other letters are as good as impossible."""
    rng = np.random.default_rng(seed)
    result = np.full((steps, CLASSES), 1e-12, np.float32)
    result[:, [0, 1, BLANK]] = rng.uniform(0.05, 1, (steps, 3))
    return result


def ways(seen: Floats, word: str) -> float:
    """The sum over all ways to spell a word of A and B, found by trying them all."""
    total = 0.0
    for path in product((0, 1, BLANK), repeat=len(seen)):
        letters = "".join("AB"[label] for label, _ in groupby(path) if label != BLANK)
        if letters == word:
            total += float(np.prod([step[label] for step, label in zip(seen, path, strict=True)]))
    return total


@pytest.mark.parametrize("word", ["A", "AB", "AA", "ABA", "ABBA"])
def test_a_word_is_as_likely_as_all_ways_to_spell_it_together(word: str) -> None:
    seen = emissions(6)
    assert forward(seen, [word])[0] == pytest.approx(np.log(ways(seen, word)), abs=1e-4)


def test_words_of_all_lengths_are_compared_at_once() -> None:
    seen = emissions(6, seed=2)
    words = ["B", "ABBA", "AB"]
    assert forward(seen, words) == pytest.approx([forward(seen, [word])[0] for word in words], abs=1e-4)


def test_a_long_word_does_not_vanish() -> None:
    seen = np.full((200, CLASSES), 1e-3, np.float32)
    assert np.isfinite(forward(seen, ["LLANFAIRPWLL"])[0])


def test_any_word_is_the_sum_of_all_by_how_their_letters_follow_each_other() -> None:
    seen = emissions(5, seed=3)
    rng = np.random.default_rng(4)
    follows = np.zeros((CLASSES, CLASSES), np.float32)
    follows[np.ix_([0, 1, BLANK], [0, 1, BLANK])] = rng.uniform(0.1, 1, (3, 3))
    expected = 0.0
    for length in range(1, 6):
        for word in map("".join, product("AB", repeat=length)):
            codes = [BLANK, *("AB".index(letter) for letter in word), BLANK]
            likely = np.prod([follows[one, other] for one, other in pairwise(codes)])
            expected += float(likely) * ways(seen, word)
    assert any_word(seen, follows) == pytest.approx(np.log(expected), abs=1e-4)


def test_like_steps_count_once_and_unlike_ones_less() -> None:
    steps = np.zeros((LONGEST + 3, CLASSES), np.float32)
    steps[: LONGEST + 1, 0] = 1
    steps[LONGEST + 1 :, BLANK] = 1
    means, weights = stretches(steps)
    assert means[:, [0, BLANK]].tolist() == [[1, 0], [1, 0], [0, 1]]
    assert weights.tolist() == [1, 1 / LONGEST, 2 / LONGEST]
