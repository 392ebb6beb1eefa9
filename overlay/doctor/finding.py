"""Findings of checks, in words for people."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

State = Literal["good", "warning", "problem", "unknown"]


@dataclass(frozen=True, slots=True)
class Finding:
    """The result of one check.

    Attributes:
        name: what was checked; several findings may be about the same.
        state: "problem": something that is here does not work, or Signcap cannot do without it; "warning": Signcap
            runs, with less than it could have; "unknown": it could not be checked.
        found: what is there, beginning with a small letter and without a full stop.
        advice: what to do, whole sentences; what stands between `backquotes` is a command to type.
    """

    name: str
    state: State
    found: str
    advice: str | None = None


def good(name: str, found: str, advice: str | None = None) -> Finding:
    """All is well."""
    return Finding(name, "good", found, advice)


def warning(name: str, found: str, advice: str) -> Finding:
    """Signcap runs, with less than it could have."""
    return Finding(name, "warning", found, advice)


def problem(name: str, found: str, advice: str) -> Finding:
    """Return a finding that something does not work."""
    return Finding(name, "problem", found, advice)


def unknown(name: str, found: str, advice: str | None = None) -> Finding:
    """Return a finding that something could not be checked."""
    return Finding(name, "unknown", found, advice)


def for_strangers(finding: Finding, homes: Sequence[Path], user: str = "") -> Finding:
    """The finding as it may be shown to anybody.

    Args:
        finding: as a check made it.
        homes: the user's folder, by all its names: it becomes `~`.
        user: how the user is called; folders of that name elsewhere become `USER`.
    """

    def hide(text: str) -> str:
        for home in sorted({str(home) for home in homes}, key=len, reverse=True):
            if len(home) > 1:  # the folder of a user without one is /
                text = text.replace(home, "~")
        return re.sub(rf"(?<=[/\\]){re.escape(user)}(?=[/\\])", "USER", text) if user else text

    return replace(
        finding, found=hide(finding.found), advice=None if finding.advice is None else hide(finding.advice)
    )


def what_to_do(sentence: str) -> str:
    """The second half of "there is no such thing: do this."."""
    advice = sentence.partition(": ")[2] or sentence
    return f"{advice[0].upper()}{advice[1:]}"


def joined(words: Sequence[str]) -> str:
    """ "one", "one and other", "one, other and third"."""
    return " and ".join(filter(None, (", ".join(words[:-1]), *words[-1:])))
