"""The state of collecting, for page and terminal."""

from dataclasses import dataclass
from enum import Enum

from server.collection.options import Choice


class Phase(Enum):
    """The phase of collecting."""

    IDLE = "idle"
    COUNTDOWN = "countdown"
    TAKING = "taking"
    PAUSED = "paused"
    DONE = "done"  # there are as many pictures of the letter as were asked for


@dataclass(frozen=True, slots=True)
class Undo:
    """The take that an undo would take back.

    Attributes:
        letter: whose pictures.
        take: name of the take's folder; None for a take that has none yet.
        count: how many pictures.
        older: the take was collected before this program started.
    """

    letter: str
    take: str | None
    count: int
    older: bool = False


@dataclass(frozen=True, slots=True)
class State:
    """All there is to show.

    Attributes:
        phase: what goes on.
        choice: what is chosen.
        counts: pictures on disk of each letter; empty without a signer.
        countdown: seconds that are left of it; None when there is none.
        taken: frames of the take under way, or of the last one.
        planned: frames that the take will have when nothing stops it.
        without_hand: frames that were due in it and showed no hand; they are no letters and do not count.
        dropped: frames of it that were lost because the disk was too slow.
        hand: whether a hand was seen in the newest frame; None before the first.
        take: name of the take's folder.
        next_letter: the next one that lacks pictures; None when none does.
        undo: what an undo would take back.
        said: what happened last, one sentence; "" when nothing did.
        failed: the sentence is about something that went wrong.
    """

    phase: Phase
    choice: Choice
    counts: dict[str, int]
    countdown: float | None
    taken: int
    planned: int
    without_hand: int
    dropped: int
    hand: bool | None
    take: str | None
    next_letter: str | None
    undo: Undo | None
    said: str
    failed: bool
