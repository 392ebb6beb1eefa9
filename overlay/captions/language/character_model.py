"""How likely letters follow each other in words and names: what a string in no list is measured by."""

from collections.abc import Mapping
from typing import Final

import numpy as np
from numpy.typing import NDArray

ALPHABET: Final = 26
EDGE: Final = ALPHABET  # stands before the first letter and after the last
SYMBOLS: Final = ALPHABET + 1
LONGEST: Final = 24  # letters of a word that is learnt from
SHARE: Final = 0.5  # power of its count that a word weighs: names are not written like the most frequent words
BACKED_OFF: Final = 4.0  # how often a pair's letters must have been seen to count as much as the letter before alone


class CharacterModel:
    """Log probabilities of strings, from pairs of letters and what follows them (a trigram model with
    Witten-Bell-like interpolation: Chen and Goodman, 1999).

    Args:
        counts: words in upper case, and how often each is written.
    """

    def __init__(self, counts: Mapping[str, int]) -> None:
        words = [word for word in counts if len(word) <= LONGEST and word.isascii() and word.isalpha()]
        weights = np.array([counts[word] for word in words], np.float64) ** SHARE
        weights /= max(float(weights.mean()), 1e-9) if words else 1.0
        codes = np.full((len(words), LONGEST + 3), EDGE, np.uint8)
        letters = np.array(words, f"S{LONGEST}").view(np.uint8).reshape(len(words), LONGEST)
        codes[:, 2:-1] = np.where(letters > 0, letters - ord("A"), EDGE)
        lengths = (letters > 0).sum(1)
        threes = np.zeros((SYMBOLS, SYMBOLS, SYMBOLS))
        for place in range(LONGEST + 1):
            there = place <= lengths
            np.add.at(threes, (codes[there, place], codes[there, place + 1], codes[there, place + 2]), weights[there])
        ones = threes.sum((0, 1)) + 1
        one = ones / ones.sum()
        twos = threes.sum(0)
        two = (twos + BACKED_OFF * one) / (twos.sum(1, keepdims=True) + BACKED_OFF)
        three = (threes + BACKED_OFF * two) / (threes.sum(2, keepdims=True) + BACKED_OFF)
        self.follows: NDArray[np.float32] = two.astype(np.float32)
        self._logs: NDArray[np.float32] = np.log(three).astype(np.float32)

    def log_probability(self, word: str) -> float:
        """Return the natural logarithm of how likely a string A to Z is, its end included."""
        codes = np.full(len(word) + 3, EDGE, np.intp)
        codes[2:-1] = np.frombuffer(word.encode("ascii"), np.uint8) - ord("A")
        return float(self._logs[codes[:-2], codes[1:-1], codes[2:]].sum())
