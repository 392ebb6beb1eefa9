"""A text file at a place of the user's choice, which holds what is captioned in one run."""

import contextlib
import os
import time
from pathlib import Path

from overlay.core.errors import SigncapError
from overlay.transcripts.append_log import Journal, make
from overlay.transcripts.session import KeptCue
from overlay.transcripts.text_lines import TextLines


def make_text_file(path: Path) -> Path:
    """Make the file, empty, so that other programs can follow it from the start.

    Args:
        path: of the file; in a folder that is there already a new one is made.

    Returns:
        The file.

    Raises:
        SigncapError: there is one already, or none can be made.
    """
    if path.is_dir():
        path = path / time.strftime("captions-%Y-%m-%d-%H%M%S.txt")
    try:
        os.close(make(path))
    except FileExistsError:
        raise SigncapError(f"{path} is there already, and nothing is overwritten: choose another name.") from None
    except OSError as error:
        raise SigncapError(f"{path} cannot be made ({error.strerror}): choose another place.") from error
    return path.absolute()


class TextFile:
    """Writes the file while the run goes on.

    Args:
        path: made by `make_text_file`.
        times: put the time of day before each line.
    """

    def __init__(self, path: Path, *, times: bool) -> None:
        self.path = path
        self._text = TextLines(Journal(path, made=True), times=times)

    @property
    def due(self) -> float | None:
        """See `TextLines.due`."""
        return self._text.due

    def set_times(self, times: bool) -> None:
        """Put the time of day before each line from now on, or no longer."""
        self._text.times = times

    def add(self, cue: KeptCue, now: float) -> None:
        """See `TextLines.add`."""
        self._text.add(cue, now)

    def write(self, now: float) -> None:
        """Write what waits; a file that was deleted is made again, for what comes from now on.

        Raises:
            OSError: not all could be written: the rest waits.
        """
        self._text.settle(now)
        if self._text.journal.gone:
            self._text.journal.begin_anew()
        self._text.journal.write()

    def end(self, now: float) -> None:
        """Write what waits, as far as that can be, and let go of the file."""
        self._text.end()
        with contextlib.suppress(OSError):  # it was told when it happened first
            self.write(now)
        self._text.journal.close()
