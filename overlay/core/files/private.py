"""Small files that only this user may read."""

import os
import stat
from pathlib import Path

from overlay.core.files.atomic import make_private_folder, write_whole


def read_private(path: Path, limit: int) -> bytes | None:
    """Read at most `limit` bytes; None where there is no file, or others could read or have written it.

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
    """Write a file with mode 0600. A crash or a power cut leaves either the old one or the new one.

    Raises:
        OSError: it cannot be written.
    """
    make_private_folder(path.parent)
    write_whole(path, text.encode(), durable=True)


def _private(status: os.stat_result) -> bool:
    if os.name != "posix":  # Windows: the user's folder is closed to others
        return True
    return status.st_uid == os.getuid() and not stat.S_IMODE(status.st_mode) & (stat.S_IRWXG | stat.S_IRWXO)
