"""The text at one moment: immutable, shared by every page, sink and file."""

import math
from dataclasses import dataclass
from typing import Final

READING_SPEED: Final = 17.0  # characters a second that people read
READ_AGAIN: Final = 1.0  # seconds that text stays after it can have been read


@dataclass(frozen=True, slots=True)
class Letter:
    """A recognised letter.

    Attributes:
        text: one upper-case letter; of a partial one perhaps with the letter before it, which is not final either.
        confidence: posterior of the letter, averaged over its run, 0 to 1.
        start: when its run began, in the seconds of `Frame.at`.
        end: when it was last seen.
    """

    text: str
    confidence: float
    start: float
    end: float


@dataclass(frozen=True, slots=True)
class AssistedWord:
    """A word that was read with a language.

    Attributes:
        word: number of the word in its caption, from 0.
        text: what stands there; perhaps several words, the first of which has that number.
        read: what was read literally.
    """

    word: int
    text: str
    read: str

    @property
    def words(self) -> int:
        """The number of words there."""
        return len(self.text.split())


@dataclass(frozen=True, slots=True)
class Cue:
    """A finished caption.

    Attributes:
        index: its number in this session, from 0.
        text: what was spelled; never changes again by itself.
        start: time of its first letter.
        end: time of its last letter.
        assisted: its words that were read with a language, in order.
    """

    index: int
    text: str
    start: float
    end: float
    assisted: tuple[AssistedWord, ...] = ()

    @property
    def literal(self) -> str:
        """The text as it was read letter by letter."""
        words = self.text.split()
        for one in reversed(self.assisted):
            words[one.word : one.word + one.words] = [one.read]
        return " ".join(words)


@dataclass(frozen=True, slots=True)
class Suggestion:
    """Words that may have been spelled where another was read.

    Attributes:
        caption: number of the caption: the `index` of its cue, or the one that its cue is going to have.
        word: number of the word in it, from 0.
        read: the word as it stands there.
        words: what may stand there instead, likeliest first.
        assisted: what stands there was read with a language, and the first of `words` is what was read literally.
    """

    caption: int
    word: int
    read: str
    words: tuple[str, ...]
    assisted: bool = False


@dataclass(frozen=True, slots=True)
class Paragraphs:
    """The text that the picture has to show at one moment.

    Attributes:
        earlier: finished captions, oldest first.
        committed: final text of the current caption.
        partial: its tail that may still change.
        unread: how many of the last final characters nobody can have read yet. More than fit into the picture where
            text came at once, as typed text does.
    """

    earlier: tuple[str, ...]
    committed: str
    partial: str
    unread: int


@dataclass(frozen=True, slots=True)
class CaptionState:
    """The text at one moment.

    Attributes:
        revision: grows with every change of the text.
        cues: the newest finished captions, oldest first.
        committed: final text of the caption that is being signed.
        partial: a tail that may still change or vanish.
        suggestions: for words of the newest finished caption and finished words of the current one, in order.
        can_undo: whether an edit of the user, or an assisted reading, can be taken back.
        assisted: words of the caption that is being signed that were read with a language, in order.
        read_by: when people can have read all final text, if they read it as it came, at `READING_SPEED`.
    """

    revision: int = 0
    cues: tuple[Cue, ...] = ()
    committed: str = ""
    partial: str = ""
    suggestions: tuple[Suggestion, ...] = ()
    can_undo: bool = False
    assisted: tuple[AssistedWord, ...] = ()
    read_by: float = 0.0

    def paragraphs(self, at: float, shown_after: float) -> Paragraphs:
        """Return the text for the picture at time `at`.

        A finished caption is there for `shown_after` seconds after its end, and until it can have been read.
        """
        unread = (self.read_by - at) * READING_SPEED
        after = unread + READ_AGAIN * READING_SPEED - len(self.committed)
        earlier: list[str] = []
        for cue in reversed(self.cues):
            if at - cue.end > shown_after and after <= 0:
                break
            earlier.append(cue.text)
            after -= len(cue.text)
        return Paragraphs(tuple(reversed(earlier)), self.committed, self.partial, max(0, math.ceil(unread - 1e-6)))
