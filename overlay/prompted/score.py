"""Scores of shown phrases: how much was read right."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from overlay.core.edit_distance import aligned


@dataclass(frozen=True, slots=True)
class MissedLetter:
    """A letter that was read as another one or left out.

    Attributes:
        letter: which.
        missed: how often.
        shown: how often it was shown.
    """

    letter: str
    missed: int
    shown: int


@dataclass(frozen=True, slots=True)
class SpellingScore:
    """The score of several phrases. Spaces are not counted.

    Attributes:
        shown: letters that were shown.
        right: of these, letters that were read as themselves.
        errors: letters replaced, missing and too many (Levenshtein, 1966).
        missed: the letters that were not read as themselves, those that were missed most often first.
    """

    shown: int
    right: int
    errors: int
    missed: tuple[MissedLetter, ...]

    @property
    def error_rate(self) -> float:
        """Errors over the letters that were shown; can be above 1."""
        return self.errors / max(self.shown, 1)


def letter_pairs(shown: str, read: str) -> list[tuple[str, str]]:
    """Return the letters shown beside those read, "" on the side that lacks one. Spaces are left out."""
    shown, read = shown.replace(" ", ""), read.replace(" ", "")
    return [
        (shown[place] if place is not None else "", read[other] if other is not None else "")
        for place, other in aligned(shown, read)
    ]


def spelling_score(phrases: Sequence[tuple[str, str]]) -> SpellingScore:
    """Return the score of phrases, each as it was shown and as it was read."""
    pairs = [pair for phrase in phrases for pair in letter_pairs(*phrase)]
    shown = Counter(letter for letter, _ in pairs if letter)
    missed = Counter(letter for letter, read in pairs if letter and letter != read)
    return SpellingScore(
        shown=shown.total(),
        right=shown.total() - missed.total(),
        errors=sum(letter != read for letter, read in pairs),
        missed=tuple(
            MissedLetter(letter, count, shown[letter])
            for letter, count in sorted(missed.items(), key=lambda one: (-one[1], one[0]))
        ),
    )
