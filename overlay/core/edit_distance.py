"""Edits that turn a text that was read into the one that was meant."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import Final

ALIKE: Final[Mapping[tuple[str, str], float]] = {}  # no characters are taken for each other more than others


@dataclass(frozen=True, slots=True)
class Edits:
    """The least edits between texts (Levenshtein, 1966), by kind.

    Attributes:
        wanted: how many characters were meant.
        pairs: (meant, read) of everything that differs: "" was read for a character that is missing, "" was meant
            for one too many.
    """

    wanted: int
    pairs: tuple[tuple[str, str], ...]

    @property
    def error_rate(self) -> float:
        """Edits over the characters that were meant; can be above 1."""
        return len(self.pairs) / max(self.wanted, 1)

    @property
    def substitutions(self) -> int:
        """Characters read as another."""
        return sum(bool(meant and read) for meant, read in self.pairs)

    @property
    def deletions(self) -> int:
        """Characters that are missing."""
        return sum(not read for _, read in self.pairs)

    @property
    def insertions(self) -> int:
        """Characters too many."""
        return sum(not meant for meant, _ in self.pairs)


def edits(wanted: Sequence[str], got: Sequence[str]) -> Edits:
    """Return the edits between what was meant and what was read."""
    sides = [(wanted[i] if i is not None else "", got[j] if j is not None else "") for i, j in aligned(wanted, got)]
    return Edits(len(wanted), tuple(pair for pair in sides if pair[0] != pair[1]))


def edit_costs(
    wanted: Sequence[str],
    got: Sequence[str],
    lost: Sequence[float],
    added: Sequence[float],
    alike: Mapping[tuple[str, str], float] = ALIKE,
) -> list[list[float]]:
    """Return what the least edits cost that turn each beginning of one text into each beginning of another.

    Args:
        wanted: what was meant.
        got: what was read.
        lost: what it costs to leave each character out that was meant.
        added: what each character costs that was read and may be one too many.
        alike: what it costs to read one (second) where another (first) was meant; all that are not in it cost 1.

    Returns:
        (len(wanted) + 1, len(got) + 1); the last of the last row is for both texts.
    """
    costs: list[list[float]] = [list(accumulate(added, initial=0))]
    for meant, leaving_out in zip(wanted, lost, strict=True):
        above = costs[-1]
        row = [least := above[0] + leaving_out]
        for j, read in enumerate(got):
            adding, least = least + added[j], above[j]
            if meant != read:
                least += alike.get((meant, read), 1)
            if adding < least:  # quicker than `min`: suggestions compare hundreds of words
                least = adding
            if (missing := above[j + 1] + leaving_out) < least:
                least = missing
            row.append(least)
        costs.append(row)
    return costs


def aligned(wanted: Sequence[str], got: Sequence[str]) -> list[tuple[int | None, int | None]]:
    """Return pairs of characters, meant and read: numbers of both, None on the side that lacks one.

    Where several ways are equally short, characters read as others are preferred to missing and superfluous ones.
    """
    costs = edit_costs(wanted, got, [1] * len(wanted), [1] * len(got))
    i, j = len(wanted), len(got)
    pairs: list[tuple[int | None, int | None]] = []
    while i or j:
        if i and j and costs[i][j] == costs[i - 1][j - 1] + (wanted[i - 1] != got[j - 1]):
            i, j = i - 1, j - 1
            pairs.append((i, j))
        elif i and costs[i][j] == costs[i - 1][j] + 1:
            i -= 1
            pairs.append((i, None))
        else:
            j -= 1
            pairs.append((None, j))
    return pairs[::-1]


def total(several: Iterable[Edits]) -> Edits:
    """All of them together."""
    several = list(several)
    return Edits(sum(one.wanted for one in several), tuple(pair for one in several for pair in one.pairs))
