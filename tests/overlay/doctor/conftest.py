"""A computer made of files: what Linux shows below /sys, /proc, /etc and /dev."""

import os
from dataclasses import dataclass
from pathlib import Path

import pytest

from overlay.doctor import Machine
from overlay.media.v4l2 import LOOPBACK_DRIVER, VideoDevice

RELEASE = "6.1.0-42-amd64"


@dataclass
class Computer:
    """A Linux whose files a test writes."""

    root: Path

    @property
    def machine(self) -> Machine:
        return Machine("linux", self.root, RELEASE)

    def write(self, path: str, content: str | bytes = "") -> Path:
        file = self.root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content if isinstance(content, bytes) else content.encode())
        return file

    def camera(self, number: int = 0, name: str = "HD Webcam", driver: str = "uvcvideo") -> VideoDevice:
        return VideoDevice(self.write(f"dev/video{number}"), name, driver)

    def signcap_opens(self, device: VideoDevice, *, to_write: bool, process: str = "4242") -> None:
        """A running Signcap, or this very process, has a device open."""
        self.write(f"proc/{process}/comm", "signcap\n")
        descriptors = self.root / "proc" / process / "fd"
        descriptors.mkdir(exist_ok=True)
        os.symlink(device.path, descriptors / "9")
        self.write(f"proc/{process}/fdinfo/9", f"pos:\t0\nflags:\t010000{1 if to_write else 2}\nmnt_id:\t26\n")

    def load_module(self, version: str | None = "0.15.0", buffers: int = 2) -> None:
        """As the module shows itself; 0.12 does not tell its version."""
        self.write("sys/module/v4l2loopback/parameters/max_buffers", f"{buffers}\n")
        if version is not None:
            self.write("sys/module/v4l2loopback/version", f"{version}\n")

    def loopback(
        self,
        number: int = 0,
        name: str = "Signcap",
        *,
        caps: str = "output",
        state: str | None = "output",
        shown_format: str = "",
    ) -> VideoDevice:
        """A device of v4l2loopback.

        Args:
            number: of its file.
            name: its label.
            caps: what it says it can: "output", "capture", "both" or "neither".
            state: as newer versions tell it; None for older ones.
            shown_format: as in its file `format`.
        """
        folder = f"sys/devices/virtual/video4linux/video{number}"
        self.write(f"{folder}/max_openers", "10\n")
        self.write(f"{folder}/format", shown_format)
        if state is not None:
            self.write(f"{folder}/state", f"{state}\n")
        path = self.write(f"dev/video{number}")
        return VideoDevice(
            path, name, LOOPBACK_DRIVER, captures=caps in ("capture", "both"), outputs=caps in ("output", "both")
        )


@pytest.fixture
def computer(tmp_path: Path) -> Computer:
    return Computer(tmp_path / "root")
