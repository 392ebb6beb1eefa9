"""Whether the settings file is right."""

from pathlib import Path

from overlay.core.errors import SigncapError
from overlay.core.settings import load_settings, settings_path
from overlay.doctor.finding import Finding, good, warning

NAME = "settings"
_PRIVATE = "suggesting.hot_words"  # names of people


def check_settings(path: Path | None = None) -> Finding:
    """Read the file as Signcap does.

    Args:
        path: the user's own by default.
    """
    path = path or settings_path()
    if not path.exists():
        return good(NAME, "the defaults: nothing has been changed yet")
    try:
        load_settings(path)
    except SigncapError as error:
        reason = str(error).replace(str(path), path.name).removesuffix(" Mend or remove it.").rstrip(".")
        if _PRIVATE in reason:
            reason = f"{reason.partition(_PRIVATE)[0]}{_PRIVATE}: a word that cannot be spelled"
        return warning(
            NAME,
            f"{reason[0].lower()}{reason[1:]}",
            f"Mend or remove {path}. Until then the last good settings are in force.",
        )
    return good(NAME, "the file has no mistake")
