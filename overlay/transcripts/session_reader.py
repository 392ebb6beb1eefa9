"""Reads the record of a session: written by a run that may have been killed, on a disk that may have been full."""

import math
import os
import stat
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from overlay.core.files.strict_json import parse_json
from overlay.transcripts.session import KeptCue, KeptSession, began_of

LARGEST: Final = 16_000_000  # bytes; a day of signing makes half a million
_LONGEST: Final = 10_000_000.0  # seconds
_AS_IT_IS: Final = getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)


def read_record(path: Path, name: str) -> KeptSession:
    """A session, as far as its file can be read: a line that is no caption is left out.

    Args:
        path: of the record; it may be missing.
        name: the session's, checked.
    """
    began = began_of(name)
    assert began is not None
    data = _content(path)
    whole = data is not None
    cues: dict[int, KeptCue] = {}
    for number, line in enumerate((data or b"").split(b"\n")):
        if not line.strip():
            continue
        about = _object(line)
        if number == 0 and (told := _began(about)) is not None:
            began = told
        elif (cue := _cue(about)) is not None:
            cues[cue.index] = cue
        else:
            whole = False
    return KeptSession(name, began, tuple(cues[index] for index in sorted(cues)), whole)


def _content(path: Path) -> bytes | None:
    """None where it is no file, or none that could be read."""
    try:
        handle = os.open(path, os.O_RDONLY | _AS_IT_IS)
        try:
            if not stat.S_ISREG(os.fstat(handle).st_mode):
                return None
            with os.fdopen(handle, "rb", closefd=False) as file:
                return file.read(LARGEST)
        finally:
            os.close(handle)
    except OSError:
        return None


def _object(line: bytes) -> dict[str, Any]:
    try:
        found = parse_json(line)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def _began(about: dict[str, Any]) -> datetime | None:
    try:
        moment = datetime.fromisoformat(about["began"])
        return moment if moment.tzinfo is not None else moment.astimezone()
    except (KeyError, TypeError, ValueError, OverflowError, OSError):
        return None


def _cue(about: dict[str, Any]) -> KeptCue | None:
    index, text = about.get("cue"), about.get("text")
    start, end = _seconds(about.get("start")), _seconds(about.get("end"))
    if not isinstance(index, int) or isinstance(index, bool) or not isinstance(text, str):
        return None
    text = " ".join(text.encode(errors="replace").decode().split())  # half a character, as \\ud800, is none
    if start is None or end is None or index < 0 or not text:
        return None
    return KeptCue(index, text, start, max(start, end), about.get("typed") is True, about.get("edited") is True)


def _seconds(value: Any) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        seconds = float(value)
    except OverflowError:
        return None
    return seconds if math.isfinite(seconds) and 0 <= seconds <= _LONGEST else None
