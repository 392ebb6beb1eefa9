"""Files that are written whole or not at all, and folders for their owner alone."""

import contextlib
import os
import tempfile
from pathlib import Path
from typing import IO, Any, Final

NAME_KEPT: Final = 40  # characters of the name while it is written, of four bytes at most; systems allow 255


def make_private_folder(path: Path) -> None:
    """Make a folder, and each one above it that is missing, with mode 0700 whatever the umask; others stay.

    Raises:
        OSError: it cannot be made, or a file is in its place.
    """
    missing = []
    while not path.is_dir():
        missing.append(path)
        if path.parent == path:
            break
        path = path.parent
    for folder in reversed(missing):
        try:
            folder.mkdir(mode=0o700)
        except FileExistsError:  # another program was faster, unless it is a file
            if not folder.is_dir():
                raise


def hold(file: IO[Any]) -> bool | None:
    """Hold a file against other programs for as long as it is open; it is let go of however the program ends.

    Returns:
        Whether it is held now, rather than by another program; None where system or disk know no such thing.
    """
    try:
        import fcntl
    except ImportError:
        return None
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError:
        return None
    return True


def write_whole(path: Path, data: bytes, *, mode: int = 0o600, durable: bool = False) -> None:
    """Write a file so that a crash leaves either the old one or the new one.

    Args:
        path: of the file; its folder must be there.
        data: all of it.
        mode: who may read and write it.
        durable: a power cut leaves either of them as well, and what was written is on the disk on return.

    Raises:
        OSError: it cannot be written; what was there before is left.
    """
    handle, part = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name[:NAME_KEPT]}.", suffix=".part")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            if durable:
                file.flush()
                os.fsync(handle)
        if mode != 0o600:  # which it is made with
            os.chmod(part, mode)
        os.replace(part, path)
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(part)
        raise
    if durable:
        _sync_folder(path.parent)


def _sync_folder(folder: Path) -> None:
    """Put a folder's names on the disk, where the system lets it be done."""
    if os.name != "posix":  # Windows opens no folders, and writes names with the file
        return
    with contextlib.suppress(OSError):  # file systems that know no such thing
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
