"""Single keys from a terminal, as they are pressed; the terminal is as it was afterwards."""

import contextlib
import os
import select
import signal
import sys
from collections.abc import Iterator
from typing import Any, Final

LEFT: Final = "left"
RIGHT: Final = "right"
ESCAPE: Final = "escape"

_SEQUENCES = {"\x1b[D": LEFT, "\x1bOD": LEFT, "\x1b[C": RIGHT, "\x1bOC": RIGHT}
_WINDOWS_ARROWS = {"K": LEFT, "M": RIGHT}

if sys.platform == "win32":
    import msvcrt

    @contextlib.contextmanager
    def single_keys() -> Iterator[None]:
        """Nothing needs to be set up: keys are read from the console as they come."""
        os.system("")  # makes old consoles understand colours
        yield

    def pressed() -> list[str]:
        """The keys that were pressed since the last call: one character in lower case, or one of the names above."""
        keys = []
        while msvcrt.kbhit():
            key = msvcrt.getwch()
            if key in ("\0", "\xe0"):
                key = _WINDOWS_ARROWS.get(msvcrt.getwch(), "")
            keys.append(ESCAPE if key == "\x1b" else key.lower())
        return [key for key in keys if key]

else:
    import termios
    import tty

    @contextlib.contextmanager
    def single_keys() -> Iterator[None]:
        """Let keys come without the return key, and unseen; Ctrl-C works as ever."""
        terminal = sys.stdin.fileno()
        before = termios.tcgetattr(terminal)
        suspended: Any = signal.signal(signal.SIGTSTP, signal.SIG_IGN)  # else Ctrl-Z leaves a terminal in disorder
        try:
            tty.setcbreak(terminal)
            yield
        finally:
            termios.tcsetattr(terminal, termios.TCSADRAIN, before)
            signal.signal(signal.SIGTSTP, suspended)

    def pressed() -> list[str]:
        """The keys that were pressed since the last call: one character in lower case, or one of the names above."""
        terminal = sys.stdin.fileno()
        text = ""
        while select.select([terminal], [], [], 0)[0]:
            data = os.read(terminal, 64)
            if not data:  # the terminal has gone
                raise KeyboardInterrupt
            text += data.decode("utf-8", "ignore")
        keys = []
        while text:
            known = next((sequence for sequence in _SEQUENCES if text.startswith(sequence)), None)
            if known is not None:
                keys.append(_SEQUENCES[known])
            elif text[0] == "\x1b" and len(text) > 1 and text[1] in "[O":
                known = text[:3]  # another key of several characters, which means nothing here
            else:
                keys.append(ESCAPE if text[0] == "\x1b" else text[0].lower())
            text = text[len(known or " ") :]
        return keys
