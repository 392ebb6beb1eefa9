"""Whether a caption was signed, typed, or changed by the user: told by the letters that were read."""

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from overlay.captions.state import Cue, Letter

_REMEMBERED: Final = 2000  # letters; a caption ends after some twenty seconds


@dataclass(frozen=True, slots=True)
class Origin:
    """The origin of a caption's text.

    Attributes:
        typed: none of it was signed.
        edited: it is not what was signed alone, read literally or with a language.
    """

    typed: bool = False
    edited: bool = False


class Origins:
    """Remembers the letters that were read until their caption is finished."""

    def __init__(self) -> None:
        self._letters: deque[Letter] = deque(maxlen=_REMEMBERED)

    def note(self, letters: Iterable[Letter]) -> None:
        """Note letters that have become final."""
        self._letters.extend(letters)

    def of(self, cue: Cue) -> Origin:
        """Of a caption that has just been finished; to be asked in order, once each."""
        read = [letter.text for letter in self._letters if cue.start <= letter.start <= cue.end]
        while self._letters and self._letters[0].start <= cue.end:
            self._letters.popleft()
        if not read:
            return Origin(typed=True)
        return Origin(edited="".join(read) != "".join(cue.literal.split()))
