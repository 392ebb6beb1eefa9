"""Control of the camera that is read and the virtual camera that is written, while everything runs."""

import sys
import threading
from collections.abc import Callable
from typing import Any, Final

from overlay.core.errors import SigncapError, SourceError
from overlay.media import v4l2
from overlay.media.pipewire_cameras import pipewire_is_there
from overlay.media.sinks.pipewire_camera import LABEL, PIPEWIRE
from overlay.media.source import Source
from overlay.media.sources.switchable import SwitchableSource
from overlay.media.sources.webcam import CameraInfo, list_cameras, open_source
from overlay.pipeline.pipeline import Pipeline
from server.session.notices import Notices, VirtualCameraStatus
from server.session.virtual_camera import add_virtual_camera

DEMO: Final = "demo"
RESTING: Final = "The camera rests until somebody looks"
LONGEST_TEXT: Final = 200  # characters that the demo can be asked to spell

OpenSource = Callable[[str, str | None], Source]


def _open(spec: str, text: str | None) -> Source:
    return open_source(spec, text=text)


def camera_state(pipeline: Pipeline) -> str:
    """Whether frames come: "on", "off" by choice, "lost" for now, or "ended" for good."""
    if pipeline.finished.is_set():
        return "ended"
    if isinstance(pipeline.source, SwitchableSource) and not pipeline.source.on:
        return "off"
    return "lost" if pipeline.source.notice else "on"


def _users(camera: CameraInfo) -> list[str]:
    """The other programs that have a camera open; several can read one of PipeWire, so that it does not matter."""
    return v4l2.users(v4l2.DEV / f"video{camera.spec}") if camera.spec.isdecimal() else []


class Sources:
    """The camera and the virtual camera of a running pipeline. Calls may take a second: not for the event loop.

    Args:
        pipeline: whose source can be exchanged, if it is a `SwitchableSource`.
        notices: where the virtual camera's state is shown.
        spec: what the first source was opened with.
        text: what the demo spells.
        virtual_camera: what was chosen first: "auto", "off" or a name.
        open_one: opens a source.
    """

    def __init__(
        self,
        pipeline: Pipeline,
        notices: Notices,
        *,
        spec: str = DEMO,
        text: str | None = None,
        virtual_camera: str = "auto",
        open_one: OpenSource = _open,
    ) -> None:
        self._pipeline, self._notices, self._open = pipeline, notices, open_one
        self._spec, self._text, self._choice = spec, text, virtual_camera
        self._lock = threading.Lock()  # one change at a time
        self._listed: list[CameraInfo] | None = None
        self._resting = False

    def facts(self) -> dict[str, Any]:
        """Return what is open where, and what there is to choose from."""
        source = self._pipeline.source
        cameras = [
            {"spec": camera.spec, "name": camera.name, "used_by": _users(camera)} for camera in self._cameras()
        ]
        outputs = [
            {"name": str(device.path), "label": device.name, "used_by": v4l2.users(device.path)}
            for device in v4l2.video_devices()
            if device.is_loopback
        ]
        if pipewire_is_there():
            outputs.append({"name": PIPEWIRE, "label": f"{LABEL} in Chromium and Firefox", "used_by": []})
        return {
            "on": source.on if isinstance(source, SwitchableSource) else not self._pipeline.finished.is_set(),
            "paused": self._pipeline.paused,
            "can_switch": isinstance(source, SwitchableSource) and not self._pipeline.finished.is_set(),
            "spec": self._spec,
            "name": source.name,
            "text": self._text,
            "cameras": cameras,
            "virtual_camera": {"choice": self._choice, "outputs": outputs},
        }

    def use(self, spec: str, text: str | None = None) -> None:
        """Read another camera, or the demo.

        Raises:
            SigncapError: it is none of this machine's cameras, or cannot be opened; the one before goes on.
        """
        with self._lock:
            if spec != DEMO and spec not in {camera.spec for camera in self._cameras()} | {self._spec}:
                raise SigncapError("There is no such camera on this machine: choose one from the list.")
            self._use(spec, text)

    @property
    def resting(self) -> bool:
        """Whether the camera is off because nobody looks; not where the user stopped it."""
        return self._resting

    def rest(self) -> None:
        """Let go of a camera that is on, until `wake`, `start` or `use`. What is no camera goes on."""
        with self._lock:
            source = self._pipeline.source
            if isinstance(source, SwitchableSource) and source.on and source.name.startswith("camera"):
                self._resting = True
                source.switch_off(RESTING)

    def wake(self) -> None:
        """Read the camera that rests again.

        Raises:
            SigncapError: it cannot be opened; it rests on.
        """
        with self._lock:
            if self._resting:
                self._use(self._spec, self._text)

    def start(self) -> None:
        """Read the camera that was stopped again.

        Raises:
            SigncapError: it cannot be opened.
        """
        with self._lock:
            if not self._switchable.on:
                self._use(self._spec, self._text)

    def stop(self) -> None:
        """Let go of the camera; the picture is dark until `start` or `use`."""
        with self._lock:
            self._resting = False
            self._switchable.switch_off()

    def choose_virtual_camera(self, choice: str) -> VirtualCameraStatus:
        """Write to another virtual camera, or to none.

        Args:
            choice: "auto", "off", or one of the names in `facts`.

        Raises:
            SigncapError: there is no such virtual camera.
        """
        with self._lock:
            known = {str(device.path) for device in v4l2.video_devices() if device.is_loopback}
            if pipewire_is_there():
                known.add(PIPEWIRE)
            if choice not in {"auto", "off", self._choice, *known}:
                raise SigncapError("There is no such virtual camera: choose one from the list.")
            self._pipeline.remove_sinks("virtual camera")
            status = add_virtual_camera(self._pipeline, choice)
            self._choice = choice
            if status is not None:
                self._notices.virtual_camera = status
            return self._notices.virtual_camera

    def _cameras(self) -> list[CameraInfo]:
        """Asked for anew each time on Linux alone: elsewhere each camera is opened for it, so once must do."""
        if self._listed is None or sys.platform.startswith("linux"):
            self._listed = list_cameras()
        return self._listed

    @property
    def _switchable(self) -> SwitchableSource:
        source = self._pipeline.source
        if not isinstance(source, SwitchableSource) or self._pipeline.finished.is_set():
            raise SigncapError("The video has ended: start Signcap again to choose another source.")
        return source

    def _use(self, spec: str, text: str | None) -> None:
        switch = self._switchable
        was_on = switch.on
        if was_on and spec == self._spec != DEMO:
            return  # it is open already, and a camera can be opened once only
        try:
            switch.use(self._open(spec, text))
        except SourceError as error:
            raise SigncapError(str(error)) from error
        self._spec, self._text, self._resting = spec, text, False
