"""The sessions that are kept in a folder: listed, read, searched, deleted."""

import contextlib
import heapq
import os
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from overlay.core.errors import SigncapError
from overlay.transcripts.search import Piece, fold, pieces, sought_words
from overlay.transcripts.session import KeptCue, KeptSession, began_of, is_name
from overlay.transcripts.session_files import RECORD, TEXT
from overlay.transcripts.session_reader import read_record

LISTED: Final = 10_000  # sessions; older ones stay in the folder
FOUND: Final = 200  # captions that a search shows

_Stamp = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Hit:
    """A caption that a search found.

    Attributes:
        cue: it.
        pieces: its text, cut where what was sought begins and ends.
    """

    cue: KeptCue
    pieces: list[Piece]


@dataclass(frozen=True, slots=True)
class Found:
    """The hits of a search in one session.

    Attributes:
        session: where.
        hits: in order; perhaps not all.
        count: of all.
    """

    session: KeptSession
    hits: list[Hit]
    count: int


class TranscriptStore:
    """Sessions in a folder, which need not exist. Files of other names are never touched. Any thread may call it.

    What was read is remembered until its file changes.

    Args:
        folder: where they are.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._lock = threading.Lock()
        self._known: dict[str, tuple[_Stamp, KeptSession, list[str]]] = {}

    def names(self) -> list[str]:
        """All sessions, the newest first."""
        found = set()
        try:
            with os.scandir(self.folder) as entries:
                for entry in entries:
                    name, ending = os.path.splitext(entry.name)
                    if ending in (RECORD, TEXT) and is_name(name):
                        found.add(name)
        except OSError:  # there is none, or not now
            return []
        return heapq.nlargest(LISTED, found)

    def sessions(self) -> list[KeptSession]:
        """All of them, the newest first."""
        with self._lock:
            return [session for session, _ in self._all()]

    def session(self, name: str) -> KeptSession:
        """One of them.

        Raises:
            SigncapError: there is none of that name.
        """
        if not is_name(name) or not any(os.path.lexists(path) for path in self._paths(name)):
            raise SigncapError("There is no such session: it may have been deleted.")
        with self._lock:
            return self._read(name)[0]

    def search(self, query: str) -> list[Found]:
        """Sessions in which each word of the query stands somewhere, with the captions that hold any of them.

        Case and accents make no difference, and part of a word is enough.

        Returns:
            The newest first; `FOUND` captions at most.
        """
        words = sought_words(query)
        if not words:
            return []
        result, room = [], FOUND
        with self._lock:
            everything = self._all()
        for session, folded in everything:
            places = [place for place, text in enumerate(folded) if any(word in text for word in words)]
            if not places or (len(words) > 1 and not _all_stand(words, [folded[place] for place in places])):
                continue
            shown = [session.cues[place] for place in places[:room]]
            room -= len(shown)
            result.append(Found(session, [Hit(cue, pieces(cue.text, words)) for cue in shown], len(places)))
        return result

    def delete(self, name: str) -> None:
        """Delete one.

        Raises:
            SigncapError: there is none of that name, or it cannot be deleted.
        """
        self.session(name)
        if (problem := self._unlink(name)) is not None:
            raise SigncapError(problem)

    def delete_all(self) -> int:
        """Delete all of them.

        Returns:
            How many there were.

        Raises:
            SigncapError: some cannot be deleted; the others are gone.
        """
        names = self.names()
        problems = [problem for name in names if (problem := self._unlink(name)) is not None]
        if problems:
            raise SigncapError(problems[0])
        return len(names)

    def expire(self, before: float, but: str | None = None) -> int:
        """Delete sessions that ended before a time.

        Args:
            before: seconds since 1970.
            but: name of one that stays.

        Returns:
            How many are gone.
        """
        old = [name for name in self.names() if name != but and self._ended(name) < before]
        return sum(self._unlink(name) is None for name in old)

    def _ended(self, name: str) -> float:
        """When it was written last: not before it began, whatever the clock of a disk says."""
        began = began_of(name)
        times = [began.timestamp() if began is not None else 0.0]
        for path in self._paths(name):
            with contextlib.suppress(OSError):
                times.append(path.lstat().st_mtime)
        return max(times)

    def _all(self) -> list[tuple[KeptSession, list[str]]]:
        names = self.names()
        self._known = {name: self._known[name] for name in names if name in self._known}
        return [self._read(name) for name in names]

    def _read(self, name: str) -> tuple[KeptSession, list[str]]:
        """A session and its captions as they are searched."""
        path = self.folder / f"{name}{RECORD}"
        try:
            facts = path.lstat()
            stamp = (facts.st_mtime_ns, facts.st_size)
        except OSError:
            stamp = (0, -1)
        known = self._known.get(name)
        if known is None or known[0] != stamp:
            session = read_record(path, name)
            known = self._known[name] = (stamp, session, [fold(cue.text) for cue in session.cues])
        return known[1], known[2]

    def _paths(self, name: str) -> list[Path]:
        return [self.folder / f"{name}{ending}" for ending in (RECORD, TEXT)]

    def _unlink(self, name: str) -> str | None:
        """Why it cannot be deleted; None where it is gone."""
        with self._lock:
            self._known.pop(name, None)
        problem = None
        for path in self._paths(name):
            try:
                path.unlink(missing_ok=True)
            except OSError as error:
                problem = f"{path} cannot be deleted ({error.strerror}): mend the folder, or delete it by hand."
        return problem


def _all_stand(words: tuple[str, ...], texts: list[str]) -> bool:
    return all(any(word in text for text in texts) for word in words)
