"""Captions as engines read them well: words as words, and what only looks like a word letter by letter.

The page has the same rules for the voices of browsers: `static/js/shared/spoken.js`.
"""

import re
from collections.abc import Iterator
from enum import Enum
from typing import Final
from xml.sax.saxutils import escape

_LONG_NUMBER: Final = re.compile(r"(?<![\d.,])\d{7,}(?![\d.,])")
# English alone: elsewhere "vi" is a word, and "y a" are two.
_SPELLED: Final = re.compile(
    r"(?<![\w'’.])(?:"
    r"[^\W\d_](?:[ -][^\W\d_](?![\w'’]|-\w\w))+"  # C A T, of which engines take A for the article
    r"|(?=[ivx]{2})x{0,3}(?:ix|iv|v?i{0,3})"  # XI, which is a name here, and no number
    r"|st"  # which would be "saint", in OAK ST as well
    r")(?![\w'’])",
    re.IGNORECASE,
)


class Notation(Enum):
    """How an engine is told to read something letter by letter.

    AS_IS: not at all: its voice is not English.
    COMMAS: by commas between the letters.
    SSML: by its markup, in which all text is escaped.
    """

    AS_IS = "as is"
    COMMAS = "commas"
    SSML = "ssml"


def spoken(text: str, notation: Notation) -> str:
    """Return a caption as one line for an engine.

    Captions in capitals alone lose them: engines take some words in capitals, as US and IT, for initials. Where there
    are small letters as well, whoever typed it meant its capitals. Long numbers are read digit by digit. Double
    brackets would be sounds in eSpeak's own notation.
    """
    text = " ".join(re.sub(r"[\[\]\x00-\x1f\x7f]+", " ", text).split())
    if text == text.upper():
        text = text.lower()
    text = _LONG_NUMBER.sub(lambda number: " ".join(number[0]), text)
    if notation is Notation.AS_IS:
        return text
    return "".join(_parts(text, notation))


def _parts(text: str, notation: Notation) -> Iterator[str]:
    markup = notation is Notation.SSML
    end = 0
    for found in _SPELLED.finditer(text):
        words = text[end : found.start()]
        end = found.end()
        letters = re.sub(r"[ -]", "", found[0])
        if markup:
            yield f'{escape(words)}<say-as interpret-as="characters">{letters}</say-as>'
        else:
            yield words + ", ".join(letters) + ("," if text[end : end + 1] == " " else "")
    yield escape(text[end:]) if markup else text[end:]
