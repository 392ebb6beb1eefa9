"""The state of an enrolment, for the page and the terminal."""

from dataclasses import dataclass
from enum import Enum
from typing import Any

from overlay.enrolment.guided.plan import Plan
from overlay.enrolment.profile import Profile


class Phase(Enum):
    """The phase of an enrolment."""

    IDLE = "idle"  # nothing has begun
    COUNTDOWN = "countdown"
    TAKING = "taking"
    PAUSED = "paused"
    FITTING = "fitting"
    DONE = "done"  # there is a result


@dataclass(frozen=True, slots=True)
class State:
    """All there is to show.

    Attributes:
        phase: what goes on.
        plan: what was asked for.
        marks: of each prompt in order: "open", "taken" or "skipped".
        place: which prompt it is at.
        countdown: seconds left of it; None outside of one.
        part: of the take under way, or of the fit, 0 to 1.
        hand: a hand is seen in the newest frame; None before the first.
        may_fit: there are takes, and nothing is under way.
        said: the newest thing to tell; "" for nothing.
        failed: `said` is why something went wrong.
        result: what was found; None before.
    """

    phase: Phase
    plan: Plan
    marks: tuple[str, ...]
    place: int
    countdown: float | None
    part: float
    hand: bool | None
    may_fit: bool
    said: str
    failed: bool
    result: Profile | None

    @property
    def prompt(self) -> str:
        """The letter or word that is asked for; "" after the last."""
        prompts = self.plan.prompts
        return prompts[self.place] if self.place < len(prompts) else ""


def profile_view(profile: Profile, digest: str) -> dict[str, Any]:
    """A profile as plain values.

    Args:
        profile: which.
        digest: of the model in use.
    """
    found = profile.enrolled
    return {
        "name": profile.name,
        "on": profile.on,
        "can_be_on": found.correction is not None and profile.model == digest,
        "fits": profile.model == digest,
        "changed": profile.changed,
        "letters": found.letters,
        "verdict": profile.verdict,
        "shown": found.shown,
        "before": found.before,
        "after": found.after,
        "confidence": list(found.confidence),
        "tallies": {
            letter: {"shown": one.shown, "before": one.before, "after": one.after}
            for letter, one in found.tallies.items()
        },
    }
