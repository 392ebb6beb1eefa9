"""Memory, and the folders that Signcap writes to."""

import shutil
import tempfile
from pathlib import Path

from overlay.doctor.finding import Finding, good, problem, warning

NEEDED_MEMORY = 600_000_000  # bytes: a running Signcap with its models and the list of words
NEEDED_ROOM = 100_000_000  # bytes: the hand model while it is fetched, and settings


def check_memory(free: int | None = None) -> Finding:
    """Compare the memory that is free with what Signcap takes.

    Args:
        free: bytes that programs can have without others being moved out; measured by default.
    """
    if free is None:
        import psutil

        free = int(psutil.virtual_memory().available)
    found = f"{free / 1e9:.1f} GB free"
    if free < NEEDED_MEMORY:
        return warning("memory", found, f"Signcap takes about {NEEDED_MEMORY / 1e9:.1f} GB: close other programs.")
    return good("memory", found)


def check_folder(name: str, folder: Path, room: int | None = None) -> Finding:
    """Whether files can be written to a folder, which need not be there yet.

    Args:
        name: what the folder is for.
        folder: where.
        room: free bytes; measured by default.
    """
    there = next((place for place in (folder, *folder.parents) if place.exists()), folder)
    try:
        if not there.is_dir():
            raise NotADirectoryError(20, "a file is in its place")
        with tempfile.TemporaryFile(dir=there):
            pass
        room = shutil.disk_usage(there).free if room is None else room
    except OSError as error:
        return problem(
            name,
            f"cannot be written to ({(error.strerror or 'no reason given').lower()})",
            f"Make {folder} a folder that this user can write to: settings and profiles are lost otherwise.",
        )
    found = "can be written to"
    if room < NEEDED_ROOM:
        return warning(name, f"{found}, and the disk is nearly full ({room / 1e6:.0f} MB free)", "Make room.")
    return good(name, found)
