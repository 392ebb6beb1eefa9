"""Paths and names of recordings."""

import os
from datetime import datetime
from pathlib import Path
from typing import Final

import platformdirs

from overlay.core.errors import SinkError

SUFFIX: Final = ".mp4"
CLEAN: Final = "-clean"  # after the name of the picture without captions
BESIDE: Final = (".vtt", ".srt")
# Players load by themselves what has the movie's name, or begins with it, and would show the captions twice.
CAPTIONS_OF: Final = "Captions of "


def videos_folder() -> Path:
    """The user's folder for videos; the home folder where there is none."""
    folder = Path(platformdirs.user_videos_dir())
    return folder if folder.is_dir() else Path.home()


def clean_path(path: Path) -> Path:
    """Of the picture without captions."""
    return path.with_name(path.stem + CLEAN + path.suffix)


def beside_path(path: Path, suffix: str) -> Path:
    """Of a file of captions, named so that players do not load it together with the movie."""
    return path.with_name(f"{CAPTIONS_OF}{path.stem}{suffix}")


def all_paths(path: Path) -> list[Path]:
    """Every file that a recording of that name may make."""
    return [path, clean_path(path), *(beside_path(path, suffix) for suffix in BESIDE)]


def recording_path(wanted: Path | None, now: datetime) -> Path:
    """The file to record to: free, and so are the names of what comes beside it.

    Args:
        wanted: an .mp4, whose name must be free; or a folder, where it is called by date and time; the user's own
            folder for videos when None.
        now: local date and time.

    Raises:
        SinkError: the name is taken, or there is no such folder.
    """
    if wanted is not None and not wanted.is_dir() and wanted.suffix.lower() == SUFFIX:
        _must_be_free(wanted)
        if not wanted.absolute().parent.is_dir():
            raise SinkError(
                f"There is no folder {wanted.absolute().parent}: make it, or choose another for {wanted}."
            )
        return wanted.absolute()
    folder = videos_folder() if wanted is None else wanted
    if not folder.is_dir():
        raise SinkError(f"Cannot record to {folder}: give a folder that exists, or a name that ends in {SUFFIX}.")
    name = f"Signcap {now:%Y-%m-%d %H.%M.%S}"
    path, number = folder.absolute() / f"{name}{SUFFIX}", 1
    while any(os.path.lexists(one) for one in all_paths(path)):
        number += 1
        path = path.with_name(f"{name} {number}{SUFFIX}")
    return path


def _must_be_free(path: Path) -> None:
    for one in all_paths(path):
        if os.path.lexists(one):
            raise SinkError(f"{one} exists already, and nothing is written over it: choose another name.")
