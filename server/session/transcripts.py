"""The service that keeps captions in a run, and the folder that they are kept in."""

import threading
from collections.abc import Callable
from pathlib import Path
from typing import Final

from overlay.core.settings import TranscriptUse
from overlay.core.settings_store import SettingsStore
from overlay.transcripts.store import TranscriptStore
from overlay.transcripts.writer import TranscriptWriter
from server.session.notices import Notices

SUBJECT: Final = "transcript"  # of the notice
WRITTEN_AGAIN: Final = "The transcript is written again."


class TranscriptService:
    """Keeps captions as the settings say. Any thread may call it.

    Args:
        settings: whether and where sessions are kept.
        notices: where it is told that captions are kept, or cannot be.
        file: that the command line asked for, made; None for none.
        tell: tells the person at the terminal.
    """

    def __init__(
        self,
        settings: SettingsStore,
        notices: Notices,
        file: Path | None = None,
        *,
        tell: Callable[[str], None] = lambda _sentence: None,
    ) -> None:
        self.file = file
        self._tell = tell
        self._settings, self._notices = settings, notices
        self._lock = threading.Lock()
        self._store = TranscriptStore(self.use.path)
        self.writer = TranscriptWriter(self.use, file, told=self._told)
        self._unlisten = settings.listen(self._follow)
        self._follow()

    @property
    def use(self) -> TranscriptUse:
        """The settings of transcripts."""
        return self._settings.current.transcript

    @property
    def sentence(self) -> str | None:
        """The sentence that says where captions are kept, for who starts a program; None where they are not."""
        places = [str(self.file)] if self.file is not None else []
        places += [f"sessions in {self.use.path}"] if self.use.keep else []
        return f"A transcript is kept: {' and '.join(places)}." if places else None

    @property
    def store(self) -> TranscriptStore:
        """The sessions in the folder that the settings name now."""
        with self._lock:
            if self._store.folder != self.use.path:
                self._store = TranscriptStore(self.use.path)
            return self._store

    def delete(self, name: str) -> None:
        """Delete a session; what is captioned after it makes a new one.

        Raises:
            SigncapError: there is none of that name, or it cannot be deleted.
        """
        if name == self.writer.session:
            self.writer.forget()
        self.store.delete(name)

    def delete_all(self) -> int:
        """Delete all sessions.

        Returns:
            How many there were.

        Raises:
            SigncapError: some cannot be deleted; the others are gone.
        """
        self.writer.forget()
        return self.store.delete_all()

    def close(self) -> None:
        """Write what there is, and end."""
        self._unlisten()
        self.writer.close()

    def _follow(self) -> None:
        use = self.use
        self._notices.transcript = use.keep or self.file is not None
        self.writer.configure(use)

    def _told(self, sentence: str | None) -> None:
        self._notices.notice(SUBJECT, sentence)
        self._tell(sentence or WRITTEN_AGAIN)
