"""The text at one moment: immutable, shared by every page, sink and file."""

from dataclasses import dataclass


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
    """

    revision: int = 0
    cues: tuple[Cue, ...] = ()
    committed: str = ""
    partial: str = ""
    suggestions: tuple[Suggestion, ...] = ()
    can_undo: bool = False
    assisted: tuple[AssistedWord, ...] = ()

    def paragraphs(self, at: float, shown_after: float) -> tuple[str, str, str]:
        """Return the text in the picture at time `at`: an earlier caption, committed text, partial text.

        The earlier caption is there for `shown_after` seconds after its end.
        """
        earlier = ""
        if self.cues and at - self.cues[-1].end <= shown_after:
            earlier = self.cues[-1].text
        return earlier, self.committed, self.partial
