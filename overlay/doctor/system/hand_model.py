"""Whether the hand model is there, or can be fetched."""

import importlib.util
import os
import sys
from collections.abc import Callable
from pathlib import Path

from overlay.core.errors import SigncapError
from overlay.doctor.finding import Finding, good, problem, warning
from overlay.recognition.hands.hand_model import ENVIRONMENT, OTHERWISE, cached_bundle, hand_model_here

NAME = "hand model"


def here(override: Path | None = None) -> Path | None:
    """The hand model, if it is there and right; nothing is fetched."""
    try:
        return hand_model_here(override)
    except SigncapError:
        return None


def check_hand_model(
    override: Path | None = None, find: Callable[[str], object] = importlib.util.find_spec
) -> Finding:
    """Look for it where Signcap would, and check it as Signcap would.

    Args:
        override: as given with `--hand-model`.
        find: a module's specification, or None.
    """
    named = "--hand-model" if override is not None else ENVIRONMENT if os.environ.get(ENVIRONMENT) else None
    model = here(override)
    if named is not None:
        if model is not None:
            return good(NAME, f"the one that {named} names")
        return problem(NAME, f"what {named} names is no hand_landmarker.task", f"Correct {named}, or leave it out.")
    if model is not None:
        return good(NAME, "fetched, and its checksum is right")
    if find("pip") is None:
        return problem(
            NAME,
            "not fetched yet, and pip, which fetches it, is not there",
            f"Run `{sys.executable} -m ensurepip`, or {OTHERWISE}.",
        )
    found = "damaged" if cached_bundle().exists() else "not fetched yet"
    return warning(
        NAME,
        found,
        f"Signcap fetches it when it starts, once only (35 MB): be connected to the network then, or {OTHERWISE}.",
    )
