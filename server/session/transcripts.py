"""What keeps captions in a run, and the folder that they are kept in."""

import threading
from collections.abc import Callable
from pathlib import Path
from typing import Final

from overlay.core.settings import TranscriptUse
from overlay.core.settings_store import SettingsStore
from overlay.transcripts.store import Archive
from overlay.transcripts.writer import Keeper
from server.session.notices import Situation

SUBJECT: Final = "transcript"  # of the notice
WRITTEN_AGAIN: Final = "The transcript is written again."


class Keeping:
    """Follows the settings. Any thread may call it.

    Args:
        store: whether and where sessions are kept.
        situation: where it is told that captions are kept, or cannot be.
        file: that the command line asked for, made; None for none.
        tell: tells the person at the terminal.
    """

    def __init__(
        self,
        store: SettingsStore,
        situation: Situation,
        file: Path | None = None,
        *,
        tell: Callable[[str], None] = lambda _sentence: None,
    ) -> None:
        self.file = file
        self._tell = tell
        self._store, self._situation = store, situation
        self._lock = threading.Lock()
        self._archive = Archive(self.use.path)
        self.keeper = Keeper(self.use, file, told=self._told)
        self._unlisten = store.listen(self._follow)
        self._follow()

    @property
    def use(self) -> TranscriptUse:
        """What the settings say."""
        return self._store.current.transcript

    @property
    def sentence(self) -> str | None:
        """Where captions are kept, for who starts a program; None where they are not."""
        places = [str(self.file)] if self.file is not None else []
        places += [f"sessions in {self.use.path}"] if self.use.keep else []
        return f"A transcript is kept: {' and '.join(places)}." if places else None

    @property
    def archive(self) -> Archive:
        """The sessions in the folder that the settings name now."""
        with self._lock:
            if self._archive.folder != self.use.path:
                self._archive = Archive(self.use.path)
            return self._archive

    def delete(self, name: str) -> None:
        """Delete a session; what is captioned after it makes a new one.

        Raises:
            SigncapError: there is none of that name, or it cannot be deleted.
        """
        if name == self.keeper.session:
            self.keeper.forget()
        self.archive.delete(name)

    def delete_all(self) -> int:
        """Delete all sessions.

        Returns:
            How many there were.

        Raises:
            SigncapError: some cannot be deleted; the others are gone.
        """
        self.keeper.forget()
        return self.archive.delete_all()

    def close(self) -> None:
        """Write what there is, and end."""
        self._unlisten()
        self.keeper.close()

    def _follow(self) -> None:
        use = self.use
        self._situation.transcript = use.keep or self.file is not None
        self.keeper.configure(use)

    def _told(self, sentence: str | None) -> None:
        self._situation.notice(SUBJECT, sentence)
        self._tell(sentence or WRITTEN_AGAIN)
