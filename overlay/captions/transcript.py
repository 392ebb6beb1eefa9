"""From letters to text: words, captions, and the user's own edits. Clock-free: time comes with the letters."""

import re
import unicodedata
from collections.abc import Callable, Container, Iterator, Sequence
from dataclasses import dataclass, replace

from overlay.captions.endpointing import Endpoint, endpoint
from overlay.captions.layout import letters_of
from overlay.captions.state import READING_SPEED, AssistedWord, CaptionState, Cue, Letter, Suggestion
from overlay.core.errors import SigncapError
from overlay.core.settings import Endpointing

CUES_KEPT = 200
UNDO_KEPT = 100
OFFERED = 3  # in the place of an assisted reading, what was read literally among them

Suggest = Callable[[str], tuple[str, ...]]  # words that may have been spelled where this one was read
Assist = Callable[
    [str, float, float], str | None
]  # what a word is that was read between two times, if not literally that
Assisted = tuple[AssistedWord, ...]


@dataclass(frozen=True, slots=True)
class _Edited:
    """What the current caption was before an edit."""

    committed: str
    in_word: bool
    assisted: Assisted


@dataclass(frozen=True, slots=True)
class _Chosen:
    """A word that was put in the place of what stood there."""

    caption: int
    word: int
    read: str
    chosen: str
    assisted: Assisted  # of its caption, before


class Transcript:
    """Builds the text of a session.

    Committed text changes by itself at one moment only: a word that ends is replaced by its assisted reading, where
    there is one. Before and after that letters are only ever appended, and only the user's own edits (`backspace`,
    `clear`, `choose`, `undo`, `type_text`) take anything away.

    Args:
        rules: when words and captions end.
        suggest: what may have been spelled where a word was read; asked anew whenever something changes.
        assist: the assisted reading of a word; asked once, when it ends.
    """

    def __init__(
        self,
        rules: Endpointing | None = None,
        suggest: Suggest = lambda _read: (),
        assist: Assist = lambda _read, _start, _end: None,
    ) -> None:
        self.rules = rules or Endpointing()
        self.suggest = suggest
        self.assist = assist
        self._state = CaptionState()
        self._started = 0.0  # first letter of the caption
        self._at = 0.0
        self._last_letter = 0.0  # when a letter was last seen being signed
        self._last_hand = float("-inf")
        self._last_frame = float("-inf")
        self._absence = (float("-inf"), float("-inf"))  # the last one of a hand that ends a word
        self._read_by = 0.0
        self._in_word = False
        self._signed: list[Letter] | None = None  # all letters of the word that is being signed; None: it was edited
        self._cue_count = 0
        self._undo: list[_Edited | _Chosen] = []

    @property
    def state(self) -> CaptionState:
        """The text as it stands."""
        return self._state

    def accept(
        self, letters: Sequence[Letter], partial: Letter | None, at: float, *, hand_up: bool, signing: bool = False
    ) -> CaptionState:
        """Take what the decoder found up to time `at`.

        Args:
            letters: letters that became final, in order.
            partial: the letter that is being signed and not final yet, or waits for what it may become.
            at: now, in the seconds of `Frame.at`.
            hand_up: a hand is in view.
            signing: a letter is being held, though it may be final already: no pause has begun.
        """
        self._at = self._last_frame = at
        if hand_up:
            self._last_hand = at
        elif at - self._last_hand >= self.rules.word_lowered:
            self._absence = self._last_hand, at
        for letter in letters:
            # The pause before a letter is judged before the letter is added: letters can come late
            # and together, as when the recogniser catches up.
            self._end_what_ended(letter.start, lowered=self._lowered_before(letter.start))
            self._append(letter)
        tail = ""
        if partial is not None:
            self._end_what_ended(partial.start, lowered=self._lowered_before(partial.start))
            tail = partial.text
        if signing:
            self._last_letter = max(self._last_letter, at)
        elif partial is None:
            self._end_what_ended(at, lowered=at - self._last_hand)
        self._update(partial=tail)
        return self._state

    def pass_time(self, at: float) -> CaptionState:
        """Let time pass in which no frame is read, as while captions are paused or the camera is lost.

        The user's edits are made at that time from now on. A caption ends as it does in silence, but not because a
        frame comes late: only where none has come for that long either.

        Args:
            at: now, in the seconds of `Frame.at`; what is earlier than the newest frame changes nothing.
        """
        self._at = max(self._at, at)
        if self._state.committed and at - max(self._last_letter, self._last_frame) >= self.rules.caption_silence:
            self._end_caption()
        return self._state

    def finish(self) -> CaptionState:
        """The stream ended: the caption that is being signed becomes a cue."""
        self._end_caption()
        return self._state

    def backspace(self) -> CaptionState:
        """Take back the last character of the current caption."""
        return self._edit("".join(letters_of(self._state.committed)[:-1]))

    def space(self) -> CaptionState:
        """End the current word."""
        if not self._state.committed:
            return self._state
        ended = self._signed if self._in_word else None
        self._edit(self._state.committed.rstrip() + " ")
        self._assist(ended)
        return self._state

    def clear(self) -> CaptionState:
        """Empty the current caption."""
        return self._edit("")

    def type_text(self, text: str, at: float | None = None) -> CaptionState:
        """Add typed text to the current caption.

        Args:
            text: one line.
            at: now, in the seconds of `Frame.at`; by default the time up to which frames were read, or none came.
        """
        at = self._at if at is None else at
        self._at = max(self._at, at)
        if not self._state.committed:
            self._started = at
        self._last_letter = max(self._last_letter, at)
        # An accent may come as a character of its own: one with its letter, it counts, wraps and is found as one.
        return self._edit(unicodedata.normalize("NFC", self._state.committed + text))

    def choose(self, caption: int, word: int, read: str, chosen: str) -> CaptionState:
        """Put a suggested word in the place of the one that was read.

        Args:
            caption: number of the caption, as in `Suggestion`.
            word: number of the word in it.
            read: the word that stands there.
            chosen: one of those that are suggested for it.

        Raises:
            SigncapError: it is not suggested there, or no longer.
        """
        if not any(
            (offer.caption, offer.word, offer.read) == (caption, word, read) and chosen in offer.words
            for offer in self._state.suggestions
        ):
            raise SigncapError("That word is no longer suggested there: choose again.")
        self._remember(_Chosen(caption, word, read, chosen, self._assisted_in(caption)))
        self._replace(caption, word, read, chosen)
        return self._state

    def undo(self) -> CaptionState:
        """Take back the last edit of the user, or the last assisted reading."""
        undone = False
        while self._undo and not undone:
            last = self._undo.pop()
            if isinstance(last, _Chosen):
                undone = self._replace(last.caption, last.word, last.chosen, last.read, last.assisted)
            else:
                self._in_word, self._signed = last.in_word, None
                self._note_more(len(last.committed) - len(self._state.committed))
                self._update(committed=last.committed, assisted=last.assisted)
                undone = True
        self._update()
        return self._state

    def _note_more(self, count: int) -> None:
        """Note that so many characters of final text have come now, or have gone where it is negative."""
        began = max(self._read_by, self._at) if count > 0 else self._read_by
        self._read_by = began + count / READING_SPEED

    def _remember(self, edit: _Edited | _Chosen) -> None:
        self._undo.append(edit)
        del self._undo[:-UNDO_KEPT]

    def _keep_choices_in(self, captions: Container[int]) -> None:
        self._undo = [edit for edit in self._undo if isinstance(edit, _Chosen) and edit.caption in captions]

    def _assisted_in(self, caption: int) -> Assisted:
        if caption == self._cue_count:
            return self._state.assisted
        return next((cue.assisted for cue in self._state.cues if cue.index == caption), ())

    def _replace(self, caption: int, word: int, old: str, new: str, assisted: Assisted | None = None) -> bool:
        """Put a word in the place of another, or several of several, if that stands there.

        Args:
            caption, word: where.
            old: what must stand there.
            new: what shall.
            assisted: of that caption from then on; by default what it has, without the one that is replaced.
        """
        current = caption == self._cue_count
        cue = next((cue for cue in self._state.cues if cue.index == caption), None)
        text = self._state.committed if current else cue.text if cue else ""
        words = list(re.finditer(r"\S+", text))[word : word + len(old.split())]
        if [one.group() for one in words] != old.split() or not words:
            return False
        self._note_more(len(new) - (words[-1].end() - words[0].start()))
        text = text[: words[0].start()] + new + text[words[-1].end() :]
        if assisted is None:
            more = len(new.split()) - len(words)
            assisted = tuple(
                replace(one, word=one.word + more) if one.word > word else one
                for one in self._assisted_in(caption)
                if one.word != word
            )
        if current:
            self._update(committed=text, assisted=assisted)
        else:
            self._update(
                cues=tuple(
                    replace(cue, text=text, assisted=assisted) if cue.index == caption else cue
                    for cue in self._state.cues
                )
            )
        return True

    def _assist(self, letters: Sequence[Letter] | None) -> None:
        """Put the assisted reading of the word that has just ended in its place, if there is one."""
        self._signed = None
        words = self._state.committed.split()
        read = "".join(letter.text for letter in letters or ())
        if not letters or words[-1:] != [read]:
            return
        text = self.assist(read, letters[0].start, letters[-1].end)
        if text is None or text == read or not text.split():
            return
        before, place = self._state.assisted, len(words) - 1
        self._remember(_Chosen(self._cue_count, place, read, text, before))
        self._replace(self._cue_count, place, read, text, (*before, AssistedWord(place, text, read)))

    def _edit(self, committed: str) -> CaptionState:
        if committed != self._state.committed:
            before = self._state
            self._remember(_Edited(before.committed, self._in_word, before.assisted))
            self._in_word, self._signed = bool(committed) and not committed.endswith(" "), None
            self._note_more(len(committed) - len(before.committed))
            words = committed.split()
            stand = tuple(
                one for one in before.assisted if words[one.word : one.word + one.words] == one.text.split()
            )
            self._update(committed=committed, assisted=stand)
        return self._state

    def _append(self, letter: Letter) -> None:
        # A letter that was being signed when text was typed becomes final after it.
        self._started = min(self._started, letter.start) if self._state.committed else letter.start
        self._last_letter = max(self._last_letter, letter.end)
        if not self._in_word:
            self._signed = []
        if self._signed is not None:
            self._signed.append(letter)
        self._in_word = True
        # Undoing past newly signed letters would take them away; a word that was chosen has its place.
        self._keep_choices_in(range(self._cue_count + bool(self._state.committed)))
        self._note_more(len(letter.text))
        self._update(committed=self._state.committed + letter.text)

    def _lowered_before(self, start: float) -> float:
        """How long no hand was in view between the letter before and one that began then, and may come late."""
        gone, back = self._absence
        return max(0.0, min(back, start) - max(gone, self._last_letter))

    def _end_what_ended(self, at: float, lowered: float) -> None:
        ended = endpoint(
            self.rules,
            idle=at - self._last_letter,
            lowered=lowered,
            length=at - self._started,
            in_word=self._in_word,
            in_caption=bool(self._state.committed),
            word=len(self._state.committed) - self._state.committed.rfind(" ") - 1,
        )
        if ended is Endpoint.WORD:
            self._in_word = False
            self._assist(self._signed)
            self._note_more(1)
            self._update(committed=self._state.committed.rstrip() + " ")
        elif ended is Endpoint.CAPTION:
            self._end_caption()

    def _end_caption(self) -> None:
        self._in_word = False
        self._assist(self._signed)
        text = self._state.committed.strip()
        self._note_more(len(text) - len(self._state.committed))
        self._keep_choices_in([self._cue_count if text else self._cue_count - 1])
        if text:
            cue = Cue(self._cue_count, text, self._started, self._last_letter, self._state.assisted)
            self._cue_count += 1
            self._update(cues=(*self._state.cues, cue)[-CUES_KEPT:], committed="", partial="", assisted=())
        else:
            self._update(committed="", partial="", assisted=())

    def _update(
        self,
        *,
        cues: tuple[Cue, ...] | None = None,
        committed: str | None = None,
        partial: str | None = None,
        assisted: Assisted | None = None,
    ) -> None:
        old = self._state
        cues = old.cues if cues is None else cues
        committed = old.committed if committed is None else committed
        assisted = old.assisted if assisted is None else assisted
        new = CaptionState(
            old.revision,
            cues,
            committed,
            old.partial if partial is None else partial,
            self._suggestions(cues, committed, assisted),
            bool(self._undo),
            assisted,
            self._read_by,
        )
        if new != old:
            self._state = replace(new, revision=old.revision + 1)

    def _suggestions(self, cues: Sequence[Cue], committed: str, assisted: Assisted) -> tuple[Suggestion, ...]:
        """What may have been spelled in the newest finished caption and in the finished words of the current one."""
        texts = [(cue.index, cue.text, cue.assisted) for cue in cues[-1:]]
        texts.append((self._cue_count, committed[: committed.rfind(" ") + 1], assisted))
        return tuple(suggestion for text in texts for suggestion in self._suggestions_in(*text))

    def _suggestions_in(self, caption: int, text: str, assisted: Assisted) -> Iterator[Suggestion]:
        shown = {one.word: one for one in assisted}
        skipped = {one.word + k for one in assisted for k in range(1, one.words)}
        for number, read in enumerate(text.split()):
            if number in shown:
                one = shown[number]
                others = (word for word in self.suggest(one.read) if word not in (one.text, one.read))
                yield Suggestion(caption, number, one.text, (one.read, *others)[:OFFERED], assisted=True)
            elif number not in skipped and (words := self.suggest(read)):
                yield Suggestion(caption, number, read, words)


def plain_text(state: CaptionState, silence: float = Endpointing().caption_silence) -> str:
    """All text of a session: a new line where nothing was signed for `silence` seconds."""
    text, end = "", float("-inf")
    for cue in state.cues:
        text += ("\n" if cue.start - end >= silence else " ") + cue.text
        end = cue.end
    return f"{text} {state.committed}{state.partial}".strip()
