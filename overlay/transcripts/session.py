"""A session as it is kept: its name, its beginning, its captions."""

import re
import secrets
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from typing import Final

NAME: Final = r"\d{4}-\d{2}-\d{2}-\d{6}-[0-9a-f]{6}"  # day, time and chance: 2026-11-24-184503-0a1b2c
_NAME: Final = re.compile(NAME, re.ASCII)
_LONGEST_TITLE: Final = 80  # characters


@dataclass(frozen=True, slots=True)
class KeptCue:
    """A finished caption.

    Attributes:
        index: its number in the run, from 0.
        text: as it stands now.
        start: of its first letter, in seconds: from the session's beginning, or since 1970 before it has one.
        end: of its last letter.
        typed: all of it came from the keyboard.
        edited: some of it was changed or added by the user.
    """

    index: int
    text: str
    start: float
    end: float
    typed: bool = False
    edited: bool = False


@dataclass(frozen=True, slots=True)
class KeptSession:
    """A session.

    Attributes:
        name: its checked name, see `NAME`.
        began: start of its first caption, with the zone.
        cues: in order.
        whole: whether all of its file could be read.
    """

    name: str
    began: datetime
    cues: tuple[KeptCue, ...] = field(repr=False)  # text never stands in a log
    whole: bool = True

    @property
    def seconds(self) -> float:
        """The seconds from the first letter to the last."""
        return max((cue.end for cue in self.cues), default=0.0)

    @property
    def words(self) -> int:
        """The number of words."""
        return sum(len(cue.text.split()) for cue in self.cues)

    @property
    def first_words(self) -> str:
        """The first words."""
        title = ""
        for cue in self.cues:
            for word in cue.text.split():
                if len(title) + len(word) >= _LONGEST_TITLE:
                    return f"{title or word[: _LONGEST_TITLE - 2]} …"
                title = f"{title} {word}".lstrip()
        return title


@lru_cache(maxsize=32_768)
def is_name(name: str) -> bool:
    """Whether a session may be called so: it holds nothing that leads to another folder."""
    return _NAME.fullmatch(name) is not None and began_of(name) is not None


def new_name(began: datetime) -> str:
    """A name that no other session has."""
    return f"{began:%Y-%m-%d-%H%M%S}-{secrets.token_hex(3)}"


def began_of(name: str) -> datetime | None:
    """Return when the session of that name began, by this machine's zone; None where the name says no time."""
    try:
        return datetime.strptime(name[:17], "%Y-%m-%d-%H%M%S").astimezone()
    except (ValueError, OverflowError, OSError):
        return None
