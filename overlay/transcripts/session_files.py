"""The two files of a session that is being kept."""

import contextlib
import json
from datetime import datetime
from pathlib import Path
from typing import Final

from overlay.core.files.atomic import make_private_folder
from overlay.transcripts.append_log import Journal
from overlay.transcripts.session import KeptCue, new_name
from overlay.transcripts.text_lines import TextLines

FORMAT: Final = 1
RECORD, TEXT = ".jsonl", ".txt"


class SessionFiles:
    """Writes a session while it goes on.

    The record's first line says when it began; each further line is a caption. A later line of the same number takes
    the place of the earlier one.

    Args:
        folder: made, for its owner alone, when there is something to write.
        began: seconds since 1970.
        times: put the time of day before each line of the text.
    """

    def __init__(self, folder: Path, began: float, *, times: bool) -> None:
        self.folder = folder
        self.began = began
        moment = datetime.fromtimestamp(began).astimezone()
        self.name = new_name(moment)
        self._record = Journal(folder / f"{self.name}{RECORD}")
        self._text = TextLines(Journal(folder / f"{self.name}{TEXT}"), times=times)
        self._numbers: set[int] = set()
        self._unwritten: list[KeptCue] = []
        self._last = began
        self._record.add(json.dumps({"signcap": FORMAT, "began": moment.isoformat(timespec="milliseconds")}))

    @property
    def last(self) -> float:
        """The end of its last caption, in seconds since 1970."""
        return self._last

    @property
    def due(self) -> float | None:
        """See `TextLines.due`."""
        return self._text.due

    @property
    def unwritten(self) -> list[KeptCue]:
        """Captions that are not in the files yet."""
        return list(self._unwritten)

    @property
    def gone(self) -> bool:
        """Whether somebody has deleted it."""
        return self._record.gone or self._text.journal.gone

    def holds(self, cue: KeptCue) -> bool:
        """Whether a caption of that number is in it."""
        return cue.index in self._numbers

    def set_times(self, times: bool) -> None:
        """Put the time of day before each line of the text from now on, or no longer."""
        self._text.times = times

    def add(self, cue: KeptCue, now: float) -> None:
        """Take a caption, its times in seconds since 1970, or what it has become. See `TextLines.add`."""
        if cue.index not in self._numbers:
            self._unwritten.append(cue)
        self._numbers.add(cue.index)
        self._last = max(self._last, cue.end)
        start = max(0.0, cue.start - self.began)
        about = {
            "cue": cue.index,
            "start": round(start, 3),
            "end": round(max(start, cue.end - self.began), 3),
            "text": cue.text,
        }
        about |= {mark: True for mark, set_ in (("typed", cue.typed), ("edited", cue.edited)) if set_}
        self._record.add(json.dumps(about, ensure_ascii=False))
        self._text.add(cue, now)

    def write(self, now: float) -> None:
        """Write what waits.

        Raises:
            OSError: not all could be written: the rest waits.
        """
        self._text.settle(now)
        make_private_folder(self.folder)
        self._record.write()
        self._text.journal.write()
        self._unwritten.clear()

    def end(self, now: float) -> None:
        """Write what waits, as far as that can be, and let go of the files."""
        self._text.end()
        with contextlib.suppress(OSError):  # it was told when it happened first
            self.write(now)
        self.close()

    def close(self) -> None:
        """Let go of the files."""
        self._record.close()
        self._text.journal.close()
