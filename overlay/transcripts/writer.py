"""Keeps captions in files while they come, in a thread of its own: no disk ever holds up a caption."""

import threading
from collections import deque
from collections.abc import Callable
from pathlib import Path
from typing import Final

from overlay.core.clock import REAL, Clock
from overlay.core.settings import TranscriptUse
from overlay.pipeline.final_captions import FinalCaptionUpdate
from overlay.transcripts.session import KeptCue
from overlay.transcripts.session_files import SessionFiles
from overlay.transcripts.store import TranscriptStore
from overlay.transcripts.text_file import TextFile

AGAIN_AFTER: Final = 2.0  # seconds after which a disk that could not be written is tried again
PAUSE: Final = 3600.0  # seconds without a caption after which another session begins
EXPIRE_EVERY: Final = 3600.0  # seconds
CLOSE_LIMIT: Final = 5.0  # seconds: a busy disk takes more than one, and a dead one must not hold up the end

Told = Callable[[str | None], None]
_Order = KeptCue | TranscriptUse | Callable[[], None]


class TranscriptWriter:
    """Writes finished captions into a session of the history, into a text file, into both or none.

    Args:
        use: whether and where sessions are kept.
        file: made by `make_text_file`; for what is captioned from now on, whatever `use` says.
        told: given one sentence when something cannot be written, and None when it can again. In the writer's thread.
        clock: by which the disk is tried again, and old sessions expire.
    """

    def __init__(
        self,
        use: TranscriptUse,
        file: Path | None = None,
        *,
        told: Told = lambda _sentence: None,
        clock: Clock = REAL,
    ) -> None:
        self._use = use
        self._file = None if file is None else TextFile(file, times=use.times)
        self._told, self._clock = told, clock
        self._trouble: str | None = None
        self._open: KeptCue | None = None  # the caption that is being signed
        self._session: SessionFiles | None = None
        self._newest = -1  # number of the newest caption
        self._again = 0.0  # monotonic: no disk is tried before
        self._next_expiry = 0.0
        self._orders: deque[_Order] = deque()
        self._changed = threading.Condition()
        self._closing = False
        self._thread = threading.Thread(target=self._run, name="keep captions", daemon=True)
        self._thread.start()

    @property
    def session(self) -> str | None:
        """Name of the session that is being kept now; None before its first caption."""
        session = self._session
        return session.name if session is not None else None

    @property
    def trouble(self) -> str | None:
        """The reason why something cannot be written now."""
        return self._trouble

    def accept(self, update: FinalCaptionUpdate) -> None:
        """Take what is new, in any one thread. Quick."""
        self._open = update.dated_open
        if update.dated:
            self._order(*update.dated)

    def configure(self, use: TranscriptUse) -> None:
        """Keep captions otherwise from now on, or no longer."""
        self._order(use)

    def forget(self) -> None:
        """The session's files are being deleted: let go of it, with all that waits to be written. Waits for it."""
        done = threading.Event()

        def let_go() -> None:
            if self._session is not None:
                self._session.close()
                self._session = None
            done.set()

        self._order(let_go)
        self._clock.wait(done, 5.0)

    def close(self, timeout: float = CLOSE_LIMIT) -> None:
        """Write what there is, the caption that is being signed the last.

        Args:
            timeout: seconds after which a disk is no longer waited for; what is not written then is lost.
        """
        last = self._open
        with self._changed:
            if self._closing:
                return
            if last is not None:
                self._orders.append(last)
            self._closing = True
            self._changed.notify()
        self._thread.join(timeout)

    def _order(self, *orders: _Order) -> None:
        with self._changed:
            if not self._closing:
                self._orders.extend(orders)
                self._changed.notify()

    def _run(self) -> None:
        closing = False
        while not closing:
            with self._changed:
                self._clock.wait_for(self._changed, lambda: bool(self._orders) or self._closing, self._rest())
                orders, closing = list(self._orders), self._closing
                self._orders.clear()
            for order in orders:
                self._obey(order)
            if self._clock.monotonic() >= self._again or closing:
                self._write()
            self._expire()
        self._end_session()
        if self._file is not None:
            self._file.end(self._clock.monotonic())

    def _rest(self) -> float | None:
        """Seconds until there is something to do unasked."""
        writers = [writer for writer in (self._session, self._file) if writer is not None]
        dues = [writer.due for writer in writers if writer.due is not None]
        if self._trouble is not None:
            dues.append(self._again)
        if self._use.days:
            dues.append(self._next_expiry)
        return max(0.0, max(min(dues), self._again) - self._clock.monotonic()) if dues else None

    def _obey(self, order: _Order) -> None:
        if isinstance(order, KeptCue):
            self._take(order)
        elif isinstance(order, TranscriptUse):
            self._follow(order)
        else:
            order()

    def _follow(self, use: TranscriptUse) -> None:
        old, self._use = self._use, use
        session = self._session
        if session is not None and (use.keep, use.path) != (old.keep, old.path):
            self._end_session()
            for cue in session.unwritten if use.keep else ():
                self._put(cue)
        for writer in (self._session, self._file):
            if writer is not None:
                writer.set_times(use.times)
        self._next_expiry = self._again = 0.0

    def _take(self, cue: KeptCue) -> None:
        is_new, self._newest = cue.index > self._newest, max(self._newest, cue.index)
        if self._file is not None:
            self._file.add(cue, self._clock.monotonic())
        session = self._session
        if session is not None and is_new:
            if session.gone:
                self._begin_anew(session)
            elif cue.start - session.last > PAUSE:
                self._end_session()
        # What was finished before captions were kept, or has been deleted, does not come in by being changed.
        if self._use.keep and (is_new or (self._session is not None and self._session.holds(cue))):
            self._put(cue)

    def _put(self, cue: KeptCue) -> None:
        if self._session is None:
            self._session = SessionFiles(self._use.path, cue.start, times=self._use.times)
        self._session.add(cue, self._clock.monotonic())

    def _begin_anew(self, gone: SessionFiles) -> None:
        """Somebody has deleted the session: what was in it does not come back, what waits goes into another."""
        waiting = gone.unwritten
        gone.close()
        self._session = None
        for cue in waiting:
            self._put(cue)

    def _end_session(self) -> None:
        if self._session is not None:
            self._session.end(self._clock.monotonic())
            self._session = None

    def _write(self) -> None:
        now = self._clock.monotonic()
        trouble = self._write_session(now)
        if self._file is not None:
            trouble = _attempt(self._file.write, now, "text file", self._file.path) or trouble
        self._again = now + AGAIN_AFTER if trouble is not None else 0.0
        if trouble != self._trouble:
            self._trouble = trouble
            self._told(trouble)

    def _write_session(self, now: float) -> str | None:
        if self._session is not None and self._session.unwritten and self._session.gone:
            self._begin_anew(self._session)
        if self._session is None:
            return None
        return _attempt(self._session.write, now, "transcript", self._session.folder)

    def _expire(self) -> None:
        if self._use.days and self._clock.monotonic() >= self._next_expiry:
            self._next_expiry = self._clock.monotonic() + EXPIRE_EVERY
            TranscriptStore(self._use.path).expire(self._clock.time() - self._use.days * 86_400, but=self.session)


def _attempt(write: Callable[[float], None], now: float, what: str, path: Path) -> str | None:
    """Why it cannot be written; None where it was."""
    try:
        write(now)
    except OSError as error:
        why = error.strerror or str(error)
        return (
            f"The {what} cannot be written to {path} ({why}): make room or mend the folder. "
            "Captions go on, and it is tried again."
        )
    return None
