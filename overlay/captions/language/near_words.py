"""Words of a list that differ little from what was read: a weighted edit distance against all of them at once."""

from collections.abc import Mapping
from typing import Final

import numpy as np
from numpy.typing import NDArray

LONGEST: Final = 18  # letters of a word that can be found
MOST_FOREIGN: Final = 0.35  # share of the letters read that a word may lack

Floats = NDArray[np.float32]


class NearWords:
    """Finds words by what was read.

    Args:
        counts: words in upper case with their counts; what is not A to Z is left out.
        costs: float32 (26, 26), of a letter that was read (first) where another was spelled; 0 where it is the same.
        lost: of a letter that was spelled and not read.
        added: of a letter that was read and not spelled.
    """

    def __init__(self, counts: Mapping[str, int], costs: Floats, lost: float, added: float) -> None:
        self._words = [word for word in counts if len(word) <= LONGEST and word.isascii() and word.isalpha()]
        self._letters = np.array(self._words, f"S{LONGEST}").view(np.uint8).reshape(len(self._words), LONGEST)
        self._letters = np.where(self._letters > 0, self._letters - ord("A"), 26).astype(np.uint8)
        self._lengths = (self._letters < 26).sum(1).astype(np.uint8)
        self._has = np.zeros(len(self._words), np.uint32)
        for place in range(LONGEST):
            self._has |= np.left_shift(np.uint32(1), self._letters[:, place].astype(np.uint32)) & np.uint32(2**26 - 1)
        total = max(sum(counts.values()), 1)
        self._logs = np.log(np.array([counts[word] for word in self._words], np.float64) / total).astype(np.float32)
        self._costs = np.concatenate([costs, np.full((26, 1), 9, np.float32)], 1)
        self._lost, self._added = lost, added

    def near(self, read: str, prior: float, most: int) -> list[tuple[str, float]]:
        """Return words that may have been spelled, likeliest first.

        Args:
            read: A to Z.
            prior: how much the logarithm of a word's share weighs against the costs of its edits.
            most: how many.

        Returns:
            Each with the natural logarithm of its share of all words.
        """
        chosen = self._alike(read)
        if not len(chosen):
            return []
        letters = self._letters[chosen]
        lengths = self._lengths[chosen].astype(np.intp)
        longest = int(lengths.max())
        steps = self._lost * np.arange(longest + 1, dtype=np.float32)
        row = np.repeat(steps[None], len(chosen), 0)
        for letter in read:
            taken = row[:, :-1] + self._costs[ord(letter) - ord("A")][letters[:, :longest]]
            row = row + np.float32(self._added)
            np.minimum(row[:, 1:], taken, out=row[:, 1:])
            row = np.minimum.accumulate(row - steps, 1) + steps
        costs = row[np.arange(len(chosen)), lengths]
        ranks = costs - prior * self._logs[chosen]
        best = np.argsort(ranks, kind="stable")[:most]
        return [(self._words[k], float(self._logs[k])) for k in chosen[best]]

    def _alike(self, read: str) -> NDArray[np.intp]:
        """Words of about that length with most of the letters."""
        count = len(read)
        mask = np.uint32(0)
        for letter in read:
            mask |= np.uint32(1 << (ord(letter) - ord("A")))
        few, many = max(1, count - 1 - count // 4), count + max(3, 1 + count // 2)
        fits = (self._lengths >= few) & (self._lengths <= many)
        foreign = np.bitwise_count(mask & ~self._has)
        missing = np.bitwise_count(self._has & ~mask)
        fits &= (foreign <= max(1, round(MOST_FOREIGN * count))) & (missing <= max(3, 1 + count // 2))
        return np.flatnonzero(fits)
