"""The part of any text that can be fingerspelled: letters, words and sentences, and what had to be left out."""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from overlay.core.errors import SigncapError

DIGITS: Final = ("ZERO", "ONE", "TWO", "THREE", "FOUR", "FIVE", "SIX", "SEVEN", "EIGHT", "NINE")
_ALPHABET: Final = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZ")
# Letters of Latin alphabets that Unicode does not take apart into a letter and its mark.
_WRITTEN_OUT: Final = {"Æ": "AE", "Œ": "OE", "Ø": "O", "Ł": "L", "Đ": "D", "Ð": "D", "Þ": "TH", "Ħ": "H", "ẞ": "SS"}
_JOINING: Final = frozenset(
    "'’‘ʼʻ`´\u2011\u00ad"
)  # DON'T is one word, and so is what is only hyphenated to be broken
_MEANING: Final = frozenset("&@#%*§¶†‡‰")  # punctuation to Unicode, but read aloud by people
_SENTENCE: Final = re.compile(r"[.!?…。！？]+[\"'”’»)\]]*(?=\s|$)|\s*[\r\n\v\f\x85\u2028\u2029]\s*|\s{2,}")
_NUMBER: Final = re.compile(r"\d+")
LISTED: Final = 12  # signs that a remark names


@dataclass(frozen=True, slots=True)
class SpelledText:
    """A text as it is fingerspelled.

    Attributes:
        sentences: their words, A to Z; neither is ever empty.
        numbers: what was written in digits and is spelled as words, in order, each once.
        left_out: signs that have no letters, in order, each once.
    """

    sentences: tuple[tuple[str, ...], ...]
    numbers: tuple[str, ...] = ()
    left_out: tuple[str, ...] = ()

    @property
    def words(self) -> tuple[str, ...]:
        """Of all sentences."""
        return tuple(word for sentence in self.sentences for word in sentence)

    @property
    def remarks(self) -> tuple[str, ...]:
        """Remarks for people: a sentence each."""
        remarks = []
        if self.numbers:
            one = self.numbers[0]
            remarks.append(f"Digits are spelled as words: {one} is {_in_words(one)}.")
        if self.left_out:
            listed = " ".join(self.left_out[:LISTED])
            more = f" and {len(self.left_out) - LISTED} more" if len(self.left_out) > LISTED else ""
            remarks.append(f"Left out, because it cannot be fingerspelled: {listed}{more}")
        return tuple(remarks)


def spell(text: str) -> SpelledText:
    """Return the part of a text that can be fingerspelled.

    Letters lose their accents, digits become words. A line break, several spaces, and a full stop, an
    exclamation or a question mark at the end of a word end a sentence. Other punctuation parts words, except
    the apostrophe, which is dropped.

    Args:
        text: anything.

    Raises:
        SigncapError: there is nothing to spell in it.
    """
    numbers: dict[str, None] = {}
    left_out: dict[str, None] = {}
    sentences = []
    for written in _SENTENCE.split(unicodedata.normalize("NFC", text)):
        spaced = _NUMBER.sub(lambda found: f" {_note_number(found[0], numbers)} ", written)
        words = "".join(_letters(spaced, left_out)).split()
        if words:
            sentences.append(tuple(words))
    if not sentences:
        raise SigncapError("There is nothing to spell in this text: give letters or digits, for example HELLO WORLD.")
    return SpelledText(tuple(sentences), tuple(numbers), tuple(left_out))


def _note_number(digits: str, numbers: dict[str, None]) -> str:
    numbers[digits] = None
    return _in_words(digits)


def _in_words(digits: str) -> str:
    return " ".join(DIGITS[int(digit)] for digit in digits)


def _letters(text: str, left_out: dict[str, None]) -> Iterator[str]:
    """Letters A to Z and spaces; what has a meaning and no letters is noted."""
    for sign in text:
        known = _reduced(sign)
        if known is not None:
            yield known
            continue
        kind = unicodedata.category(sign)
        if sign in _JOINING or kind in ("Mn", "Me", "Mc", "Cf"):
            continue
        if kind[0] in "LNS" or sign in _MEANING or kind == "Co":
            left_out[sign] = None
        yield " "


def _reduced(sign: str) -> str | None:
    """The letters A to Z that a letter is written with; None where there are none."""
    if not unicodedata.category(sign).startswith("L"):
        return None
    letters = "".join(_WRITTEN_OUT.get(letter, letter) for letter in sign.upper())
    apart = unicodedata.normalize("NFKD", letters)
    plain = "".join(letter for letter in apart if not unicodedata.combining(letter))
    return plain if plain and _ALPHABET.issuperset(plain) else None
