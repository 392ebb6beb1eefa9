"""Whether other programs have a virtual camera open: what tells that somebody may be looking."""

import contextlib
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

from overlay.media import v4l2

LOOK_EVERY: Final = 500  # ms between two looks at whether it is closed


class DeviceReaders:
    """Follows who opens a device file, as the Linux kernel tells it: whatever the program, sandboxed or not.

    Made after this program has opened the device itself.

    Args:
        path: of the device.
        users: names of the other programs that have it open, as far as one may see.

    Raises:
        OSError: the system cannot tell.
    """

    def __init__(self, path: Path, users: Callable[[Path], list[str]] = v4l2.users) -> None:
        if not sys.platform.startswith("linux"):
            raise OSError("only Linux tells who opens a device")
        from inotify_simple import INotify, flags

        self._opened_mask = flags.OPEN
        self._inotify: Any = INotify()
        try:
            self._inotify.add_watch(path, flags.OPEN | flags.CLOSE_WRITE | flags.CLOSE_NOWRITE)
        except OSError:
            self._inotify.close()
            raise
        self._path, self._users = path, users
        self._count = 0
        self._earlier = bool(users(path))  # those that had it open before are not counted
        self._closed = threading.Event()
        self._thread = threading.Thread(target=self._follow, name=f"readers of {path.name}", daemon=True)
        self._thread.start()

    @property
    def any(self) -> bool:
        """Whether another program has it open."""
        return self._count > 0 or self._earlier

    def close(self) -> None:
        """Follow it no longer."""
        self._closed.set()
        if threading.current_thread() is not self._thread:
            self._thread.join(2.0)

    def _follow(self) -> None:
        with contextlib.closing(self._inotify):
            while not self._closed.is_set():
                events = self._inotify.read(timeout=LOOK_EVERY)
                for event in events:
                    opened = bool(event.mask & self._opened_mask)
                    self._count = max(0, self._count + (1 if opened else -1))
                # The kernel tells of two that open it at the same moment as of one: where the count is 0, look.
                if events and self._count == 0:
                    self._earlier = bool(self._users(self._path))
