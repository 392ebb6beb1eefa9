"""The Signcap that runs now, for a key of the desktop that starts and stops its recording."""

import contextlib
import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path

import platformdirs
import psutil

from overlay.core.files.atomic import make_private_folder, write_whole
from overlay.core.files.strict_json import parse_json

_LARGEST = 8192  # bytes


@dataclass(frozen=True, slots=True)
class Running:
    """A running Signcap.

    Attributes:
        pid: of its process.
        started: of its process, in seconds since 1970: numbers are given out again.
        recording: the file that it records to now.
    """

    pid: int
    started: float
    recording: str | None = None


def running_path() -> Path:
    """Return the file in which the user's newest Signcap says that it runs."""
    return Path(platformdirs.user_state_dir("signcap", appauthor=False)) / "running.json"


def note_running(recording: Path | None = None) -> None:
    """Say that this process runs, and what it records to. Where that cannot be written, nothing is said."""
    path = running_path()
    me = Running(os.getpid(), psutil.Process().create_time(), None if recording is None else str(recording))
    with contextlib.suppress(OSError):
        make_private_folder(path.parent)
        write_whole(path, json.dumps(asdict(me)).encode())


def forget_running() -> None:
    """Forget this process, which ends; what another one says of itself stays."""
    found = find_running()
    if found is not None and found.pid == os.getpid():
        with contextlib.suppress(OSError):
            running_path().unlink()


def find_running() -> Running | None:
    """The user's newest Signcap, if it runs."""
    try:
        with running_path().open("rb") as file:
            found = Running(**parse_json(file.read(_LARGEST)))
        alive = psutil.Process(found.pid).create_time() == found.started
    except (OSError, ValueError, TypeError, psutil.Error):
        return None
    return found if alive else None
