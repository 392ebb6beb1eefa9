"""A file that only grows, line by line, and that nobody else may read."""

import os
import stat
from collections import deque
from pathlib import Path
from typing import Final

_NO_LINKS: Final = getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0)


class Journal:
    """Lines on their way into a file: what cannot be written waits, in order, and nothing is written twice.

    The file is made when the first line is written, with mode 0600, and never where there is one already.

    Args:
        path: of the file.
        made: it is there, empty: `make` has made it.
    """

    def __init__(self, path: Path, *, made: bool = False) -> None:
        self.path = path
        self._made = made
        self._handle: int | None = None
        self._lines: deque[bytes] = deque()
        self._written = 0  # bytes of the first line that waits
        self._synced = True

    def add(self, line: str) -> None:
        """One more line. It is not written yet."""
        self._lines.append(f"{line}\n".encode(errors="replace"))

    def write(self) -> None:
        """Write all that waits; other programs see it at once.

        Raises:
            OSError: not all could be written: the rest waits.
        """
        if not self._lines and self._synced:
            return
        if self._handle is None:
            self._open()
        assert self._handle is not None
        while self._lines:
            self._synced = False
            self._written += os.write(self._handle, self._lines[0][self._written :])
            if self._written >= len(self._lines[0]):
                self._lines.popleft()
                self._written = 0
        os.fsync(self._handle)
        self._synced = True

    @property
    def gone(self) -> bool:
        """Whether somebody has deleted the file, or put another in its place."""
        if self._handle is None:
            return False
        try:
            there, ours = os.stat(self.path, follow_symlinks=False), os.fstat(self._handle)
        except FileNotFoundError:
            return True
        except OSError:
            return False
        return not os.path.samestat(there, ours)

    def begin_anew(self) -> None:
        """Make the file again with the next line: it is gone."""
        self.close()
        self._made, self._written = False, 0

    def close(self) -> None:
        """Let go of the file. Lines that wait stay unwritten."""
        if self._handle is not None:
            os.close(self._handle)
            self._handle = None

    def _open(self) -> None:
        if self._made:
            self._handle = os.open(self.path, os.O_WRONLY | os.O_APPEND | _NO_LINKS)
            if not stat.S_ISREG(os.fstat(self._handle).st_mode):
                self.close()
                raise FileExistsError(f"{self.path} is no file")
        else:
            self._handle = make(self.path)
            self._made = True


def make(path: Path) -> int:
    """Make a new file that its owner alone may read.

    Returns:
        It, to be appended to.

    Raises:
        FileExistsError: there is one already.
        OSError: it cannot be made.
    """
    return os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_EXCL | _NO_LINKS, 0o600)
