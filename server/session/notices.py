"""Notices of the parts of a run, for all pages."""

import threading
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class VirtualCameraStatus:
    """The status of the virtual camera.

    Attributes:
        on: calls can choose it.
        sentence: its name, or what to do to get one.
    """

    on: bool
    sentence: str


class Notices:
    """The notices of the parts of a run. Any thread may write and read."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._notices: dict[str, str] = {}
        self._virtual_camera = VirtualCameraStatus(False, "Looking for a virtual camera …")
        self.transcript = False  # whether captions are kept in files

    def notice(self, subject: str, sentence: str | None) -> None:
        """Show a sentence about `subject`, or take it away."""
        with self._lock:
            if sentence is None:
                self._notices.pop(subject, None)
            else:
                self._notices[subject] = sentence

    @property
    def sentences(self) -> list[str]:
        """The sentences that people should know now."""
        with self._lock:
            return list(self._notices.values())

    @property
    def virtual_camera(self) -> VirtualCameraStatus:
        """The status of the virtual camera."""
        return self._virtual_camera

    @virtual_camera.setter
    def virtual_camera(self, status: VirtualCameraStatus) -> None:
        self._virtual_camera = status
