"""Names and other words that a user expects: they are suggested before the words of a dictionary."""

import unicodedata
from collections.abc import Iterable, Sequence
from typing import Final

HOT_WORDS: Final = 200
LONGEST: Final = 32  # characters of one
_SILENT: Final = frozenset("-'’.")  # written, but not spelled by a hand


def fold(word: str) -> str:
    """The letters A to Z that a hand spells a word with: "José" is JOSE, "O'Brien" OBRIEN. Empty if it has others."""
    letters = "".join(
        character
        for character in unicodedata.normalize("NFKD", word.upper())
        if character not in _SILENT and not unicodedata.combining(character)
    )
    return letters if letters.isascii() and letters.isalpha() else ""


def hot_word(word: str) -> str:
    """A word as it will be shown, in capitals.

    Raises:
        ValueError: it cannot be spelled with the letters A to Z; one sentence.
    """
    word = unicodedata.normalize("NFC", word.strip().upper())
    if not fold(word):
        raise ValueError(f"{word[:LONGEST]!r} is not one word in the letters A to Z")
    if len(word) > LONGEST:
        raise ValueError(f"{word[:LONGEST]!r} goes on too long: a hot word has {LONGEST} characters at most")
    return word


def hot_words(words: Iterable[str]) -> tuple[str, ...]:
    """Words as they will be shown, in order, none twice.

    Raises:
        ValueError: one of them cannot be spelled, or there are too many; one sentence.
    """
    result = tuple(dict.fromkeys(hot_word(word) for word in words))
    if len(result) > HOT_WORDS:
        raise ValueError(f"{len(result)} hot words are too many: give {HOT_WORDS} at most")
    return result


def by_spelling(words: Sequence[str]) -> dict[str, list[str]]:
    """Words as they are shown, by the letters that spell them."""
    result: dict[str, list[str]] = {}
    for word in words:
        result.setdefault(fold(word), []).append(word)
    return result
