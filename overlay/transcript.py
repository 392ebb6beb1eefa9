"""From letters to text: words, captions, and the user's own edits. Clock-free: time comes with the letters."""

from collections.abc import Sequence

from overlay.caption import CaptionState, Cue, Letter
from overlay.endpoint import Endpoint, endpoint
from overlay.settings import Endpointing

CUES_KEPT = 200
UNDO_KEPT = 100


class Transcript:
    """Builds the text of a session.

    Committed text never changes by itself: letters are only ever appended to it, and only the user's own
    edits (`backspace`, `clear`, `undo`, `type_text`) take anything away.
    """

    def __init__(self, rules: Endpointing | None = None) -> None:
        self.rules = rules or Endpointing()
        self._state = CaptionState()
        self._started = 0.0  # first letter of the caption
        self._last_letter = 0.0  # when a letter was last seen being signed
        self._last_hand = float("-inf")
        self._in_word = False
        self._cue_count = 0
        self._undo: list[tuple[str, bool]] = []

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
            partial: the letter that is being signed and not final yet.
            at: now, in the seconds of `Frame.at`.
            hand_up: a hand is in view.
            signing: a letter is being held, though it may be final already: no pause has begun.
        """
        if hand_up:
            self._last_hand = at
        for letter in letters:
            # The pause before a letter is judged before the letter is added: letters can come late
            # and together, as when the recogniser catches up.
            self._end_what_ended(letter.start, lowered=0.0)
            self._append(letter)
        tail = ""
        if partial is not None:
            self._end_what_ended(partial.start, lowered=0.0)
            tail = partial.text
        if partial is not None or signing:
            self._last_letter = max(self._last_letter, at)
        else:
            self._end_what_ended(at, lowered=at - self._last_hand)
        self._update(partial=tail)
        return self._state

    def finish(self) -> CaptionState:
        """The stream ended: the caption that is being signed becomes a cue."""
        self._end_caption()
        return self._state

    def backspace(self) -> CaptionState:
        """Take back the last character of the current caption."""
        return self._edit(self._state.committed[:-1])

    def space(self) -> CaptionState:
        """End the current word."""
        return self._edit(self._state.committed.rstrip() + " ") if self._state.committed else self._state

    def clear(self) -> CaptionState:
        """Empty the current caption."""
        return self._edit("")

    def type_text(self, text: str, at: float) -> CaptionState:
        """Add typed text to the current caption."""
        if not self._state.committed:
            self._started = at
        self._last_letter = max(self._last_letter, at)
        return self._edit(self._state.committed + text)

    def undo(self) -> CaptionState:
        """Take back the last edit of the user."""
        if self._undo:
            committed, self._in_word = self._undo.pop()
            self._update(committed=committed)
        return self._state

    def _edit(self, committed: str) -> CaptionState:
        if committed != self._state.committed:
            self._undo.append((self._state.committed, self._in_word))
            del self._undo[:-UNDO_KEPT]
            self._in_word = bool(committed) and not committed.endswith(" ")
            self._update(committed=committed)
        return self._state

    def _append(self, letter: Letter) -> None:
        if not self._state.committed:
            self._started = letter.start
        self._last_letter = max(self._last_letter, letter.end)
        self._in_word = True
        self._undo.clear()  # undoing past newly signed letters would take them away
        self._update(committed=self._state.committed + letter.text)

    def _end_what_ended(self, at: float, lowered: float) -> None:
        ended = endpoint(
            self.rules,
            idle=at - self._last_letter,
            lowered=lowered,
            length=at - self._started,
            in_word=self._in_word,
            in_caption=bool(self._state.committed),
        )
        if ended is Endpoint.WORD:
            self._in_word = False
            self._update(committed=self._state.committed.rstrip() + " ")
        elif ended is Endpoint.CAPTION:
            self._end_caption()

    def _end_caption(self) -> None:
        text = self._state.committed.strip()
        self._in_word = False
        self._undo.clear()
        if text:
            cue = Cue(self._cue_count, text, self._started, self._last_letter)
            self._cue_count += 1
            self._update(cues=(*self._state.cues, cue)[-CUES_KEPT:], committed="", partial="")
        else:
            self._update(committed="", partial="")

    def _update(
        self,
        *,
        cues: tuple[Cue, ...] | None = None,
        committed: str | None = None,
        partial: str | None = None,
    ) -> None:
        old = self._state
        new = CaptionState(
            old.revision + 1,
            old.cues if cues is None else cues,
            old.committed if committed is None else committed,
            old.partial if partial is None else partial,
        )
        if (new.cues, new.committed, new.partial) != (old.cues, old.committed, old.partial):
            self._state = new


def plain_text(state: CaptionState, silence: float = Endpointing().caption_silence) -> str:
    """All text of a session: a new line where nothing was signed for `silence` seconds."""
    text, end = "", float("-inf")
    for cue in state.cues:
        text += ("\n" if cue.start - end >= silence else " ") + cue.text
        end = cue.end
    return f"{text} {state.committed}{state.partial}".strip()
