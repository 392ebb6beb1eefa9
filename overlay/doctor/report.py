"""The doctor's report, for programs and for bug reports: no names of people, no paths in their folders."""

import contextlib
import os
import platform
import sys
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from overlay.doctor import Finding
from overlay.doctor.system.packages import requirements, version_of
from overlay.doctor.system.python import DISTRIBUTION

FORMAT = 1  # of the report; counts up when a field changes its meaning


def report(findings: Sequence[Finding]) -> dict[str, Any]:
    """All findings, this computer and the versions, ready for JSON."""
    return {
        "format": FORMAT,
        "signcap": version_of(DISTRIBUTION),
        "system": system_facts(),
        "versions": versions(),
        "findings": [asdict(finding) for finding in findings],
        "summary": summary(findings),
    }


def system_facts() -> dict[str, Any]:
    """Return the kind of computer that this is; not which one."""
    name = None
    with contextlib.suppress(OSError, AttributeError):
        name = platform.freedesktop_os_release().get("PRETTY_NAME")
    memory = None
    with contextlib.suppress(Exception):
        import psutil

        memory = round(psutil.virtual_memory().total / 1e9, 1)
    return {
        "platform": sys.platform,
        "name": name or f"{platform.system()} {platform.mac_ver()[0] or platform.version()}",
        "kernel": platform.release(),
        "processor": platform.machine(),
        "cores": os.cpu_count(),
        "memory_gb": memory,
        "python": platform.python_version(),
    }


def versions() -> dict[str, str | None]:
    """Installed versions of what Signcap asks for; None where one is missing."""
    names: list[str] = []
    with contextlib.suppress(Exception):  # not installed as a package, or `packaging` is what is missing
        from packaging.requirements import Requirement

        names = [Requirement(text).name for text in requirements()]
    return {name: version_of(name) for name in sorted(names)}


def has_problem(findings: Sequence[Finding]) -> bool:
    """Whether something does not work."""
    return any(finding.state == "problem" for finding in findings)


def summary(findings: Sequence[Finding]) -> str:
    """One line: how many problems and warnings, and of what."""
    parts = []
    for state, noun in (("problem", "problem"), ("warning", "warning")):
        names = Counter(finding.name for finding in findings if finding.state == state)
        count = names.total()
        if count:
            parts.append(f"{count} {noun}{'' if count == 1 else 's'}: {', '.join(names)}.")
    if not parts:
        return "All is well."
    return " ".join(parts) if has_problem(findings) else f"No problem. {parts[0]}"
