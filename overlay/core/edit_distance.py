"""What has to be done to a text that was read to make it the one that was meant."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass


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
    """What differs between what was meant and what was read."""
    sides = [(wanted[i] if i is not None else "", got[j] if j is not None else "") for i, j in aligned(wanted, got)]
    return Edits(len(wanted), tuple(pair for pair in sides if pair[0] != pair[1]))


def aligned(wanted: Sequence[str], got: Sequence[str]) -> list[tuple[int | None, int | None]]:
    """Which character read belongs to which that was meant: numbers of both, None on the side that lacks one.

    Where several ways are equally short, characters read as others are preferred to missing and superfluous ones.
    """
    costs = [list(range(len(got) + 1))]
    for i, meant in enumerate(wanted, 1):
        above, row = costs[-1], [i]
        for j, read in enumerate(got, 1):
            row.append(min(above[j] + 1, row[j - 1] + 1, above[j - 1] + (meant != read)))
        costs.append(row)
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
