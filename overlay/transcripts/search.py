"""Finding words whatever their case and accents."""

import re
import unicodedata
from functools import lru_cache
from typing import Final

LONGEST_QUERY: Final = 100  # characters

Piece = tuple[str, bool]  # text, and whether it was sought


def fold(text: str) -> str:
    """Text as it is compared: without case and accents."""
    if text.isascii():
        return text.lower()
    return "".join(map(_folded, text))


def sought_words(query: str) -> tuple[str, ...]:
    """The words of a query, folded, each once."""
    return tuple(dict.fromkeys(word for word in fold(query[:LONGEST_QUERY]).split() if word))


def pieces(text: str, words: tuple[str, ...]) -> list[Piece]:
    """Text cut where sought words begin and end."""
    if not words:
        return [(text, False)] if text else []
    places = [place for place, character in enumerate(text) for _ in _folded(character)]
    places.append(len(text))
    pattern = "|".join(re.escape(word) for word in sorted(words, key=len, reverse=True))
    result: list[Piece] = []
    done = 0
    for found in re.finditer(pattern, fold(text)):
        start = max(done, places[found.start()])
        end = max(start, places[found.end() - 1] + 1)
        while end < len(text) and not _folded(text[end]):  # an accent that stands by itself
            end += 1
        if text[done:start]:
            result.append((text[done:start], False))
        if text[start:end]:
            result.append((text[start:end], True))
        done = end
    if text[done:]:
        result.append((text[done:], False))
    return result


@lru_cache(maxsize=4096)
def _folded(character: str) -> str:
    """One character; more where it stands for more, none where it is an accent alone."""
    parts = unicodedata.normalize("NFKD", character.casefold())
    return "".join(part for part in parts if not unicodedata.combining(part)).casefold()
