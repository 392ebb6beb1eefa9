"""Folders for what is there only while the program runs: if it is killed, the next start takes them away."""

import contextlib
import os
import shutil
import tempfile
import time
from pathlib import Path
from typing import Final

from overlay.core.files.atomic import hold

PREFIX: Final = "signcap-"
LOCK: Final = "lock"  # a file in each, held by the program that owns it
YOUNG: Final = 60.0  # seconds for which a folder is left alone: its owner may be about to hold it


class ScratchFolder:
    """A folder in the system's temporary one that nobody else can look into.

    It goes with `close`, or with the next `remove_left_behind` after the program was killed.

    Attributes:
        path: of the folder.

    Raises:
        OSError: it cannot be made.
    """

    def __init__(self) -> None:
        self.path = Path(tempfile.mkdtemp(prefix=PREFIX))  # mode 0700
        self._lock = (self.path / LOCK).open("wb")
        hold(self._lock)

    def close(self) -> None:
        """Take it away with all that is in it."""
        self._lock.close()
        shutil.rmtree(self.path, ignore_errors=True)

    def __enter__(self) -> Path:
        return self.path

    def __exit__(self, *_: object) -> None:
        self.close()


def remove_left_behind(now: float | None = None) -> int:
    """Take away the scratch folders of programs of this user that have ended without doing so themselves.

    Args:
        now: seconds since 1970.

    Returns:
        How many are gone.
    """
    now = time.time() if now is None else now
    count = 0
    with contextlib.suppress(OSError):
        for folder in Path(tempfile.gettempdir()).glob(f"{PREFIX}*"):
            with contextlib.suppress(OSError):
                if _is_left_behind(folder, now):
                    shutil.rmtree(folder)
                    count += 1
    return count


def _is_left_behind(folder: Path, now: float) -> bool:
    if folder.is_symlink() or (hasattr(os, "getuid") and folder.lstat().st_uid != os.getuid()):
        return False
    lock = folder / LOCK
    if now - lock.stat().st_mtime < YOUNG:
        return False
    if os.name == "nt":
        lock.unlink()  # which fails where a program has it open
        return True
    with lock.open("rb+") as file:
        return hold(file) is True
