"""The computer that is checked: its system, and where its files are."""

import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from platform import release as kernel_release
from typing import Literal

from overlay.media.v4l2 import signcap_use

ASKING = 10.0  # seconds that a program of the system may take to answer


def ask_program(*command: str) -> str | None:
    """Return the output of a program of the system; None where there is no such program or it fails."""
    try:
        done = subprocess.run(
            command,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=ASKING,
            check=True,
            stdin=subprocess.DEVNULL,
        )
    except (OSError, subprocess.SubprocessError):
        return None
    return done.stdout


@dataclass(frozen=True, slots=True)
class Machine:
    """A computer.

    Attributes:
        platform: as in `sys.platform`.
        root: the folder below which /sys, /proc, /etc and the like are.
        release: of the kernel.
    """

    platform: str = sys.platform
    root: Path = Path("/")
    release: str = field(default_factory=kernel_release)

    @property
    def is_linux(self) -> bool:
        """Whether it has Linux's devices and drivers."""
        return self.platform.startswith("linux")

    @property
    def is_wsl(self) -> bool:
        """Whether it is a Linux inside Windows, which sees no cameras and loads no drivers."""
        return self.is_linux and "microsoft" in self.release.lower()

    @property
    def is_debian(self) -> bool:
        """Whether its packages are Debian's."""
        return (self.root / "etc/debian_version").exists()

    def text(self, path: str) -> str | None:
        """A file's text, stripped; None where it cannot be read.

        Args:
            path: below the root, without the first slash.
        """
        try:
            return (self.root / path).read_text("utf-8", "replace").strip()
        except OSError:
            return None

    def texts(self, *patterns: str) -> list[str]:
        """The text of all files that fit one of the patterns and can be read."""
        paths = [path.relative_to(self.root) for pattern in patterns for path in sorted(self.root.glob(pattern))]
        return [text for path in paths if (text := self.text(str(path))) is not None]

    def signcap_use(self, device: Path) -> Literal["reads", "writes"] | None:
        """Return what a Signcap that this user may look into, this one included, has a device open for."""
        return signcap_use(device, self.root)
