"""The choice of a run's profile: the one that is asked for, or the one that was enrolled or switched on last."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from overlay.core.errors import SigncapError
from overlay.enrolment.profile import Profile, Profiles, model_digest
from overlay.recognition.letter_model import read_model_info, shipped_model


def choose_profile(
    profiles: Profiles, model: Path | None, name: str | None, say: Callable[[str], None]
) -> Profile | None:
    """The profile to use; None for none.

    Args:
        profiles: where they are kept.
        model: folder of the model in use; None for the shipped one.
        name: the one that is asked for; it is used even where it is switched off.
        say: given a sentence on it for the terminal, and one on each profile that is damaged.

    Raises:
        SigncapError: the one that is asked for is not there, fits another model or corrects nothing.
    """
    if name is not None:
        profile = profiles.load(name)
        if not _fits(profile, model):
            raise SigncapError(
                f"The profile {name} was made for another model: run `signcap enrol --name {name}` again."
            )
        if profile.enrolled.correction is None:
            raise SigncapError(profile.verdict)
        say(f"Reading with the profile {name}.")
        return replace(profile, on=True)
    newest = profiles.newest(say)
    if newest is None:
        return None
    if not _fits(newest, model):
        say(
            f"The profile {newest.name} was fitted to another model and is not used: "
            f"run `signcap enrol --name {newest.name}` again."
        )
        return None
    day = datetime.fromtimestamp(newest.changed, UTC).astimezone().strftime("%Y-%m-%d")
    say(f"Reading with the profile {newest.name} of {day}; --no-profile leaves it out.")
    return newest


def _fits(profile: Profile, model: Path | None) -> bool:
    """Whether a profile was fitted to a model, and corrects features of its length."""
    correction = profile.enrolled.correction
    return profile.model == model_digest(model) and (
        correction is None or correction.centres.shape[1] == read_model_info(model or shipped_model()).features
    )
