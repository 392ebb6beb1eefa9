"""Files that are written whole or not at all, and locks that two programs respect."""

import json
from pathlib import Path
from typing import IO, Any

from overlay.core.errors import SigncapError
from overlay.core.files.atomic import hold, write_whole

Json = dict[str, Any]


def write_json(path: Path, value: Json) -> None:
    """Write atomically; a full disk gives one sentence."""
    write_text(path, json.dumps(value, indent=1) + "\n")


def write_text(path: Path, text: str) -> None:
    """Write atomically.

    Raises:
        SigncapError: it cannot be written; what was there before is left.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write_whole(path, text.encode(), mode=0o644)
    except OSError as error:
        raise SigncapError(
            f"Cannot write {path} ({error.strerror}): make room or choose another folder. What was there stays."
        ) from error


def lock(file: IO[Any], otherwise: str) -> None:
    """Hold a file for as long as it is open; it is let go of however the program ends.

    Args:
        file: open for writing; closed where another program holds it.
        otherwise: the sentence for that case.

    Raises:
        SigncapError: another program holds it.
    """
    if hold(file) is False:
        file.close()
        raise SigncapError(otherwise)
