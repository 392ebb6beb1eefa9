"""Files that are only ever added to, each word of them on its way to the disk at once."""

import os
import struct
import threading
from pathlib import Path
from typing import Final

from overlay.core.clock import REAL, Clock
from overlay.core.errors import SinkError

SYNC_EVERY: Final = 5.0  # seconds after which even a power cut takes nothing away any more


class GrowingFile:
    """A new file that nobody else may read.

    Args:
        path: of the file, which must not exist.
        clock: by which it is brought to the disk.

    Raises:
        SinkError: a file of that name exists, or its folder cannot be written to.
    """

    def __init__(self, path: Path, clock: Clock = REAL) -> None:
        self.path, self._clock = path, clock
        self.size = 0
        try:
            self._handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), 0o600)
        except FileExistsError:
            raise SinkError(f"{path} exists already, and nothing is written over it: choose another name.") from None
        except OSError as error:
            raise SinkError(
                f"Cannot write {path} ({error.strerror}): choose a folder that you may write to."
            ) from error
        self._closed = threading.Event()
        # A thread of its own: a slow disk may take seconds for it.
        self._syncing = threading.Thread(target=self._sync, name="recording to disk", daemon=True)
        self._syncing.start()

    def write(self, data: bytes) -> int:
        """Add to it.

        Returns:
            The number of bytes.

        Raises:
            OSError: it cannot be written, as when the disk is full.
        """
        rest = memoryview(data)
        while rest:
            written = os.write(self._handle, rest)
            self.size += written
            rest = rest[written:]
        return len(data)

    def close(self) -> None:
        """Let go of it."""
        if not self._closed.is_set():
            self._closed.set()
            self._syncing.join()
            os.close(self._handle)

    def _sync(self) -> None:
        while not self._clock.wait(self._closed, SYNC_EVERY):
            try:
                os.fsync(self._handle)
            except OSError:  # the next write says so
                return


def cut_to_whole(path: Path) -> int:
    """Take away what of a fragmented MP4 file was written by half: players stumble over it.

    Returns:
        The bytes that stay.

    Raises:
        OSError: it cannot be read or cut.
    """
    with path.open("r+b") as file:
        end = file.seek(0, os.SEEK_END)
        at = whole = 0
        while at + 8 <= end:
            file.seek(at)
            length, kind = struct.unpack(">I4s", file.read(8))
            if length == 1:
                length = struct.unpack(">Q", file.read(8).ljust(8, b"\0"))[0]
            if length < 8 or at + length > end:
                break
            at += length
            if kind in (b"moov", b"mdat"):  # a fragment ends with its data
                whole = at
        file.truncate(whole)
    return whole
