"""Small files that only this user may read."""

import os
import stat
import tempfile
from pathlib import Path


def read_private(path: Path, limit: int) -> bytes | None:
    """What a file holds, at most `limit` bytes; None where there is none, or others could read or have written it.

    Raises:
        OSError: it cannot be read.
    """
    try:
        with path.open("rb") as file:
            if not _private(os.fstat(file.fileno())):
                return None
            return file.read(limit)
    except FileNotFoundError:
        return None


def write_private(path: Path, text: str) -> None:
    """Write a file with mode 0600. A crash leaves either the old one or the new one.

    Raises:
        OSError: it cannot be written.
    """
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=path.name, suffix=".part")  # mode 0600
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
        os.replace(temporary, path)
    finally:
        Path(temporary).unlink(missing_ok=True)


def _private(status: os.stat_result) -> bool:
    if os.name != "posix":  # Windows: the user's folder is closed to others
        return True
    return status.st_uid == os.getuid() and not stat.S_IMODE(status.st_mode) & (stat.S_IRWXG | stat.S_IRWXO)
