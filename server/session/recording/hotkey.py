"""The signal by which a key of the desktop starts and stops recordings."""

import signal
from typing import Final

SIGNAL: Final[signal.Signals | None] = getattr(signal, "SIGUSR1", None)  # not on Windows


def ignore_for_now() -> None:
    """Ignore the signal: it must not end a program that is not ready for it yet."""
    if SIGNAL is not None:
        signal.signal(SIGNAL, signal.SIG_IGN)
