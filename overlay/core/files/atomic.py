"""Files that are written whole or not at all, and folders for their owner alone."""

import contextlib
import os
import tempfile
from collections.abc import Iterator
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


def write_whole(
    path: Path, data: bytes, *, mode: int | None = 0o600, durable: bool = False, part: Path | None = None
) -> None:
    """Write a file so that a crash leaves either the old one or the new one.

    Args:
        path: of the file; its folder must be there.
        data: all of it.
        mode, durable, part: see `replacing`.

    Raises:
        OSError: it cannot be written; what was there before is left.
    """
    with replacing(path, mode=mode, durable=durable, part=part) as unfinished:
        unfinished.write_bytes(data)


@contextlib.contextmanager
def replacing(
    path: Path, *, mode: int | None = 0o600, durable: bool = False, part: Path | None = None
) -> Iterator[Path]:
    """Give an empty file to write to, which takes the place of `path` at the end of the block, or goes if that fails.

    A crash leaves either the old file or the new one.

    Args:
        path: of the file; its folder must be there.
        mode: who may read and write it; None for those whom the umask lets.
        durable: a power cut leaves either of them as well, and what was written is on the disk after the block.
        part: where it is written, in the same folder, for who must know the name; one that a kill has left there
            goes. By default a hidden file of a new name.

    Raises:
        OSError: it cannot be written; what was there before is left.
    """
    if part is None:
        part = make_part(path, path.name)
    else:
        part.unlink(missing_ok=True)
        os.close(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    try:
        yield part
        if durable:
            with part.open("rb+") as file:
                os.fsync(file.fileno())
        if mode != 0o600:  # which it is made with
            part.chmod(usual_mode() if mode is None else mode)
        os.replace(part, path)
    except BaseException:
        with contextlib.suppress(OSError):
            part.unlink()
        raise
    if durable:
        _sync_folder(path.parent)


def make_part(path: Path, name: str) -> Path:
    """Make an empty hidden file of mode 0600 beside `path`, called much like `name`.

    Raises:
        OSError: it cannot be made.
    """
    handle, part = tempfile.mkstemp(dir=path.parent, prefix=f".{name[:NAME_KEPT]}.", suffix=".part")
    os.close(handle)
    return Path(part)


def usual_mode() -> int:
    """Return the mode that the umask gives to new files."""
    umask = os.umask(0)
    os.umask(umask)
    return 0o666 & ~umask


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
