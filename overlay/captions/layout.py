"""Breaking captions into lines so that nobody loses their place: what has been read never moves."""

import unicodedata
from collections.abc import Callable, Sequence
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
    earlier: Sequence[str],
    committed: str,
    partial: str,
    columns: int,
    lines: int,
    measure: Measure = len,
    *,
    unread: int = 0,
) -> tuple[Line, ...]:
    """The lines of a caption, oldest first.

    Committed text is wrapped greedily from the start of its caption, so that letters that come later move
    nothing but the word they belong to, and that once at most, to the next line. The partial tail moves
    nothing at all: its first letter may hang one letter over the end of a line, and where a finished word
    leaves no room for another letter, the next line is opened before any letter comes. So a tail that comes
    and goes does not make the text jump.

    Text that comes faster than people read, as typed text does, rolls up a line at a time, each when the line above
    can have been read. A caption that is begun meanwhile does not wait: its newest line is the last one, and what is
    still unread rolls through the lines above it. Where there is one line only, a second opens for as long.

    Args:
        earlier: finished captions, oldest first, shown above the current one in the manner of roll-up captions.
        committed: final text of the current caption.
        partial: its tail that may still change.
        columns: width of a line, in the units of `measure`.
        lines: how many lines are shown.
        measure: width of a piece of text. By default its number of characters.
        unread: how many of the last characters of final text nobody can have read yet; the lines from there on are
            shown, else the newest.

    Returns:
        At most `lines` lines, two where they are one and an unread caption stands above another; none where there is
        no text.
    """
    result: list[Line] = [(Run(line, rtl=is_rtl(text)),) for text in earlier for line in wrap(text, columns, measure)]
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
    first, newest = _first_unread(result, "".join(earlier) + committed, unread), max(0, len(result) - lines)
    if first >= newest:
        return tuple(result[newest:])
    if current:
        return tuple(result[first : first + max(1, lines - 1)] + result[-1:])
    return tuple(result[first : first + lines])


def _first_unread(lines: Sequence[Line], text: str, unread: int) -> int:
    """Return the number of the first line that holds some of the last `unread` characters of the text.

    The number of lines where none does. Letters are counted, as spaces get lost where lines break.
    """
    letters = _letters(text[-unread:]) if unread > 0 else 0
    first = len(lines)
    while letters > 0 and first > 0:
        first -= 1
        letters -= sum(_letters(run.text) for run in lines[first] if run.final)
    return first


def _letters(text: str) -> int:
    return sum(not sign.isspace() for sign in text)


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
