"""Lines of a text file that other programs follow: one for each caption, and one for what became of it."""

import time
from typing import Final

from overlay.transcripts.append_log import Journal
from overlay.transcripts.session import KeptCue

SETTLES: Final = 2.0  # seconds after which a change is written: who tries one word after the other writes but one


class TextLines:
    """Captions as lines. A caption is written when it is finished, and never again.

    Where the user changes it later, a line follows that begins with a blank and an arrow: it takes the place of the
    caption before it. No caption's own line begins with a blank.

    Args:
        journal: of the file.
        times: put the time of day before each line.
    """

    def __init__(self, journal: Journal, *, times: bool) -> None:
        self.journal = journal
        self.times = times
        self._last: KeptCue | None = None
        self._stands = ""  # what the file says of it
        self._due: float | None = None

    @property
    def due(self) -> float | None:
        """The time at which there is something to write, as `settle` takes it; None: nothing waits."""
        return self._due

    def add(self, cue: KeptCue, now: float) -> None:
        """A caption, its times in seconds since 1970, or what it has become.

        Args:
            cue: finished, or the last one with another text.
            now: seconds, of any clock that does not go back.
        """
        text = " ".join(cue.text.split())
        if self._last is None or cue.index > self._last.index:
            self._tell_change()
            self.journal.add(f"{time.strftime('%H:%M:%S ', time.localtime(cue.start)) if self.times else ''}{text}")
            self._stands = text
        elif cue.index == self._last.index:
            self._due = now + SETTLES
        else:
            return
        self._last = cue

    def settle(self, now: float) -> None:
        """Write a change that has stood for a while."""
        if self._due is not None and now >= self._due:
            self._tell_change()

    def end(self) -> None:
        """No more comes."""
        self._tell_change()

    def _tell_change(self) -> None:
        self._due = None
        text = "" if self._last is None else " ".join(self._last.text.split())
        if text != self._stands:
            self.journal.add(f"{' ' * 9 if self.times else '  '}→ {text}")
            self._stands = text
