"""What a run was made with: packages, machine, revision, process."""

import os
import platform
import subprocess
import sys
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any, Final

from overlay.core.files.atomic_text import Json

_PACKAGES: Final = (
    "signcap",
    "torch",
    "lightning-fabric",
    "numpy",
    "onnxruntime",
    "mediapipe",
    "opencv-contrib-python",
)


def environment() -> Json:
    """Python, system, processor cores, and the versions of what matters."""
    packages = {}
    for package in _PACKAGES:
        try:
            packages[package] = version(package)
        except PackageNotFoundError:
            continue
    return {
        "python": platform.python_version(),
        "system": platform.platform(),
        "cores": os.cpu_count(),
        "packages": packages,
        "command": " ".join(["signcap", *sys.argv[1:]]),
    }


def git_revision() -> str | None:
    """Revision of the checkout that runs, with + where it was changed; None where there is none."""
    try:
        # Installed somewhere below another project's checkout, this file is not one of that project's.
        own = _git("ls-files", "--error-unmatch", Path(__file__).name)
        revision, changed = _git("rev-parse", "HEAD"), _git("status", "--porcelain")
    except (OSError, subprocess.SubprocessError):
        return None
    if own.returncode or revision.returncode:
        return None
    return revision.stdout.strip()[:12] + ("+" if changed.stdout.strip() else "")


def _git(*arguments: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        ["git", *arguments], cwd=Path(__file__).parent, capture_output=True, text=True, timeout=5, check=False
    )


def process() -> Json:
    """Which process this is, on which machine."""
    return {"host": platform.node(), "id": os.getpid()}


def is_gone(noted: Any) -> bool:
    """The process that wrote a run was on this machine and is there no more: it was killed."""
    if not isinstance(noted, dict) or noted.get("host") != platform.node() or os.name != "posix":
        return False
    try:
        os.kill(int(noted["id"]), 0)
    except ProcessLookupError:
        return True
    except (OSError, KeyError, ValueError, TypeError, OverflowError):
        return False
    return False
