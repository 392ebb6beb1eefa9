"""Opens a file with the program that the desktop has for it, or shows it in its folder."""

import os
import sys
from pathlib import Path
from typing import Final

from overlay.core.errors import SigncapError

_DISPLAYS: Final = ("WAYLAND_DISPLAY", "DISPLAY")  # of which a Linux desktop sets one at least


def open_file(path: Path, in_folder: bool) -> None:
    """Open a file of the user's. Returns at once.

    Args:
        path: the whole path.
        in_folder: show it in its folder instead.

    Raises:
        SigncapError: there is no desktop, or no program for it; says where the file is.
    """
    if sys.platform.startswith("linux") and not any(os.environ.get(name) for name in _DISPLAYS):
        raise SigncapError(f"Signcap runs without a desktop, so nothing can be opened: the recording is {path}.")
    if not _opened(path, in_folder):
        raise SigncapError(f"Nothing on this computer opens videos from here: the recording is {path}.")


def _opened(path: Path, in_folder: bool) -> bool:
    if sys.platform == "win32" and not in_folder:
        # Not by typer: it looks for a program "start", which is a word of the shell's (click's issue 2868).
        try:
            os.startfile(path)
        except OSError:
            return False
        return True
    import typer  # only where somebody asks

    status = typer.launch(str(path), locate=in_folder)
    return not status or sys.platform == "win32"  # Explorer says 1 where all is well
