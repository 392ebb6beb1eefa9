"""Which profile a run uses: the one that is asked for, or the one that was enrolled or switched on last."""

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from overlay.errors import SigncapError
from overlay.profile import Profile, Profiles, model_digest


def choose_profile(profiles: Profiles, model: Path | None, name: str | None) -> tuple[Profile | None, str | None]:
    """The profile to use, and one sentence on it for the terminal; None for neither.

    Args:
        profiles: where they are kept.
        model: folder of the model in use; None for the shipped one.
        name: the one that is asked for; it is used even where it is switched off.

    Raises:
        SigncapError: the one that is asked for is not there, fits another model or corrects nothing.
    """
    if name is not None:
        profile = profiles.load(name)
        if profile.model != model_digest(model):
            raise SigncapError(
                f"The profile {name} was fitted to another model: `signcap enrol --name {name}` fits it anew."
            )
        if profile.enrolled.correction is None:
            raise SigncapError(profile.verdict)
        return replace(profile, on=True), f"Reading with the profile {name}."
    newest = profiles.newest()
    if newest is None:
        return None, None
    if newest.model != model_digest(model):
        return None, (
            f"The profile {newest.name} was fitted to another model and is not used: "
            f"`signcap enrol --name {newest.name}` fits it anew."
        )
    day = datetime.fromtimestamp(newest.changed, UTC).astimezone().strftime("%Y-%m-%d")
    return newest, f"Reading with the profile {newest.name} of {day}; --no-profile leaves it out."
