"""Whether this Python is one that Signcap runs on."""

import sys
from importlib import metadata
from pathlib import Path

from overlay.doctor.finding import Finding, good, problem, unknown

NAME = "python"
DISTRIBUTION = "signcap"


def check_python(
    version: tuple[int, int, int] = (sys.version_info[0], sys.version_info[1], sys.version_info[2]),
    *,
    is_64_bit: bool = sys.maxsize > 2**32,
    wanted: str | None = None,
) -> Finding:
    """Compare Python's version with what the installed Signcap asks for.

    Args:
        version: of this Python.
        is_64_bit: MediaPipe and others are there for these only.
        wanted: such as ">=3.11"; by default what the installed distribution says.
    """
    from packaging.specifiers import SpecifierSet

    found = ".".join(map(str, version))
    if wanted is None:
        try:
            wanted = metadata.metadata(DISTRIBUTION)["Requires-Python"]
        except metadata.PackageNotFoundError:
            return unknown(NAME, f"{found}; Signcap is not installed as a package here")
    if wanted is not None and not SpecifierSet(wanted).contains(found):
        return problem(NAME, f"{found}, and Signcap needs {wanted}", "Install Signcap with another Python.")
    if not is_64_bit:
        return problem(NAME, f"{found} of 32 bits", "Install Signcap with a Python of 64 bits.")
    return good(NAME, found)


def pip_command(rest: str) -> str:
    """A call of pip that reaches the packages of this Python."""
    return f"{Path(sys.executable)} -m pip {rest}"
