"""Breaking captions into lines so that nobody loses their place: what has been read never moves."""

import unicodedata
from collections.abc import Callable
from dataclasses import dataclass

import regex

Measure = Callable[[str], float]


@dataclass(frozen=True, slots=True)
class Run:
    """A piece of one line: final text, or the tail that may still change.

    Attributes:
        text: in the order in which it is read.
        final: whether it is final.
        rtl: whether its caption is read from the right.
    """

    text: str
    final: bool = True
    rtl: bool = False


Line = tuple[Run, ...]


def layout(
    earlier: str, committed: str, partial: str, columns: int, lines: int, measure: Measure = len
) -> tuple[Line, ...]:
    """The lines of a caption, oldest first.

    Committed text is wrapped greedily from the start of its caption, so that letters that come later move
    nothing but the word they belong to, and that once at most, to the next line. The partial tail moves
    nothing at all: its first letter may hang one letter over the end of a line, and where a finished word
    leaves no room for another letter, the next line is opened before any letter comes. So a tail that comes
    and goes does not make the text jump.

    Args:
        earlier: the finished caption, shown above the current one in the manner of roll-up captions.
        committed: final text of the current caption.
        partial: its tail that may still change.
        columns: width of a line, in the units of `measure`.
        lines: how many lines are shown: the newest.
        measure: width of a piece of text. By default its number of characters.

    Returns:
        At most `lines` lines; none where there is no text.
    """
    result: list[Line] = [(Run(line, rtl=is_rtl(earlier)),) for line in wrap(earlier, columns, measure)]
    rtl = is_rtl(committed + partial)
    current = wrap(committed, columns, measure)
    if current and committed[-1].isspace():
        if measure(current[-1] + " W") > columns:
            current.append("")
        else:
            current[-1] += " "
    if partial and not current:
        current = [""]
    tails = _place_tail(current[-1], partial, columns, measure) if current else []
    result += [(Run(line, rtl=rtl),) for line in current[:-1]]
    if current:
        last = [Run(current[-1], rtl=rtl)] if current[-1] else []
        if tails and tails[0]:
            last.append(Run(tails[0], final=False, rtl=rtl))
        result.append(tuple(last))
    result += [(Run(tail, final=False, rtl=rtl),) for tail in tails[1:]]
    return tuple(result[-lines:])


def wrap(text: str, columns: int, measure: Measure = len) -> list[str]:
    """Break text at words, greedily; a word longer than a line is broken where the line ends."""
    lines: list[str] = []
    for word in text.split():
        if lines and measure(f"{lines[-1]} {word}") <= columns:
            lines[-1] += f" {word}"
            continue
        rest = word
        while measure(rest) > columns and letters(rest) > 1:
            cut = _fitting(rest, columns, measure)
            lines.append(rest[:cut])
            rest = rest[cut:]
        if rest:
            lines.append(rest)
    return lines


def is_rtl(text: str) -> bool:
    """Whether a text is read from the right: so says the first letter of it that has a direction."""
    for character in text:
        direction = unicodedata.bidirectional(character)
        if direction in ("R", "AL"):
            return True
        if direction == "L":
            return False
    return False


def letters(text: str) -> int:
    """Return the number of letters that a reader sees: an accent is one with its letter, and a flag is one sign."""
    return len(text) if text.isascii() else len(letters_of(text))


def letters_of(text: str) -> list[str]:
    """Return the letters that a reader sees, in order."""
    return list(text) if text.isascii() else regex.findall(r"\X", text)


def _place_tail(line: str, partial: str, columns: int, measure: Measure) -> list[str]:
    """The partial text by lines, of which the first goes on in `line`."""
    if not partial:
        return []
    cut = _fitting(partial, columns, measure, after=line)
    tails, rest = [partial[:cut]], partial[cut:]
    while rest:
        cut = _fitting(rest, columns, measure)
        tails.append(rest[:cut])
        rest = rest[cut:]
    return tails


def _fitting(text: str, columns: int, measure: Measure, after: str = "") -> int:
    """How many of the first characters fit in a line behind `after`; those of one letter at least."""
    first, *others = letters_of(text)
    count = len(first)
    for letter in others:
        if measure(after + text[: count + len(letter)]) > columns:
            break
        count += len(letter)
    return count
