"""A log of a run's events on standard error: for bug reports, and off unless it is asked for.

Modules log to `logging.getLogger(__name__)` below the level of warnings, so that nothing is said by default. Whatever
the level, no text of captions and no secret is logged: numbers, lengths, names of settings, patterns of addresses and
kinds of errors are.
"""

import logging
import sys
import traceback
from pathlib import Path
from typing import Final, TextIO

from overlay.core.errors import SigncapError

LEVELS: Final = ("debug", "info", "warning", "error")
PACKAGES: Final = ("overlay", "server", "models")
_FORMAT: Final = "%(asctime)s %(levelname)s %(name)s: %(message)s"


class _StandardError(logging.StreamHandler[TextIO]):
    """Writes to what is standard error at that moment."""

    def emit(self, record: logging.LogRecord) -> None:
        self.stream = sys.stderr
        super().emit(record)


_HANDLER: Final = _StandardError(sys.stderr)
_HANDLER.setFormatter(logging.Formatter(_FORMAT))


def set_log_level(level: str | None) -> str | None:
    """Log what this program's own modules tell from this level on; None leaves it as it is.

    Raises:
        SigncapError: there is no such level.
    """
    if level is not None:
        if level not in LEVELS:
            raise SigncapError(f"--log-level is {level}: choose {', '.join(LEVELS[:-1])} or {LEVELS[-1]}.")
        for package in PACKAGES:
            logger = logging.getLogger(package)
            logger.setLevel(level.upper())
            logger.addHandler(_HANDLER)  # once, however often it is added
    return level


def failure(error: BaseException) -> str:
    """The kind of an error and where it came from, without its message, which may hold anything."""
    places = traceback.extract_tb(error.__traceback__)
    came_from = ", ".join(f"{Path(place.filename).name}:{place.lineno}" for place in reversed(places))
    return f"{type(error).__name__} at {came_from}" if came_from else type(error).__name__
