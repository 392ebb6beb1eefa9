"""Keeps the chatter of C++ libraries from the user's terminal, where one sentence should stand."""

import atexit
import contextlib
import os
import re
import sys
import tempfile
import threading
from collections.abc import Iterator

import cv2

# What MediaPipe, TensorFlow Lite and Skia's fontconfig, older than many systems' files for it, say on every healthy
# start; no setting of theirs stops it.
_CHATTER = re.compile(
    rb"INFO: "
    rb"|WARNING: (Read-only tensor|All log messages before|Logging before)"
    rb"|Fontconfig (warning|error): "
    rb"|[IW]\d{4} \d\d:\d\d:\S+ +\d+ \w+\.cc:\d+\]"
)
_lock = threading.Lock()


def silence_opencv() -> None:
    """OpenCV says nothing on standard error any more: what fails is told by its results."""
    cv2.utils.logging.setLogLevel(cv2.utils.logging.LOG_LEVEL_SILENT)


@contextlib.contextmanager
def without_chatter() -> Iterator[None]:
    """Hold back what is written to file descriptor 2, by whatever thread, and pass it on less the chatter.

    For the short time in which models are loaded: what other threads write comes out at the end of it.
    """
    with _lock, contextlib.ExitStack() as stack:
        try:
            stack.callback(_HeldBack())
        except OSError:  # no standard error, as in a program without a console
            yield
            return
        yield


class _HeldBack:
    """Standard error, going into a file until called."""

    def __init__(self) -> None:
        self._file = tempfile.TemporaryFile()  # noqa: SIM115, closed when called
        sys.stderr.flush()
        self._real = os.dup(2)
        os.dup2(self._file.fileno(), 2)
        # A program that ends in the meantime must still be able to say why.
        atexit.register(self)

    def __call__(self) -> None:
        atexit.unregister(self)
        sys.stderr.flush()
        os.dup2(self._real, 2)
        os.close(self._real)
        self._file.seek(0)
        with self._file as file:
            for line in file:
                if not _CHATTER.match(line):
                    os.write(2, line)
