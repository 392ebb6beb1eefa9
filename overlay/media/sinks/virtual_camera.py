"""The camera that calls can choose: pictures at an even pace, whatever the real camera does."""

import logging
import sys
import threading
from pathlib import Path
from typing import Any

from overlay.core.clock import REAL, Clock
from overlay.core.errors import SinkError
from overlay.core.event_log import failure
from overlay.core.metrics import StageStats, StageTimer
from overlay.media import v4l2
from overlay.media.frame import Picture, Pixels
from overlay.media.pipewire_cameras import pipewire_is_there
from overlay.media.sinks.device_readers import DeviceReaders
from overlay.media.sinks.letterbox import letterbox
from overlay.media.sinks.pacing import Pace
from overlay.media.sinks.pipewire_camera import PIPEWIRE, PipeWireCamera

RATE = 30.0
RESTING_PERIOD = 1.0  # seconds between two pictures while nobody looks: calls must still find a camera that lives

LOAD = 'sudo modprobe v4l2loopback exclusive_caps=1 max_buffers=2 card_label="Signcap"'
RELOAD = f"sudo modprobe -r v4l2loopback && {LOAD}"
WITH_LOOPBACK = (
    "There is no virtual camera: install v4l2loopback (on Debian and Ubuntu `sudo apt install v4l2loopback-dkms`), "
    f"run `{LOAD}`, and start again."
)
WITH_PIPEWIRE = (
    f"Or, for Chromium and Firefox alone and without a driver, start with `signcap --virtual-camera {PIPEWIRE}`."
)
WITH_OBS = (
    "There is no virtual camera: install OBS 30 or newer (obsproject.com), press Start Virtual Camera in it once, "
    "close it, and start again."
)

_log = logging.getLogger(__name__)


class VirtualCamera:
    """Hands pictures to a virtual camera device, from a thread of its own.

    At each beat of a steady pace, see `Pace`, the newest picture goes out; where the camera is late, the last one
    again, as calls take a silent camera for a dead one. The device stays open until `close`: some drivers let it be
    opened only once.

    Args:
        device: an open `pyvirtualcam.Camera` that takes I420.
        readers: tells whether other programs have it open; None where that cannot be told.
        clock: by which it keeps its pace.
    """

    def __init__(self, device: Any, readers: DeviceReaders | None = None, *, clock: Clock = REAL) -> None:
        self._clock = clock
        self.size: tuple[int, int] = (device.width, device.height)
        self._device = device
        self._name = str(device.device)
        self._pace: Pace | None = None  # from the first picture on
        self._changed = threading.Condition()
        self._newest: Pixels | None = None
        self._waiting_since: float | None = None  # capture time of the newest picture, until it has gone out
        self._skipped = 0
        self._delay, self._beats, self._repeats = StageTimer(), StageTimer(), StageTimer()
        self._readers = readers
        self._resting = False
        self._closed = False
        self._error: Exception | None = None
        self._thread = threading.Thread(target=self._run, name="virtual camera pace", daemon=True)
        self._thread.start()
        _log.info("Opened the virtual camera %s, %d x %d", self._name, *self.size)

    @property
    def name(self) -> str:
        """The name to look for in the list of cameras of a call."""
        return f"virtual camera {self._name}"

    def send(self, picture: Picture) -> None:
        """Take the newest picture; scaled with black bars where the device has another size.

        Raises:
            SinkError: the device failed.
        """
        fitted = letterbox(picture.i420, self.size)
        with self._changed:
            if self._error is not None:
                raise SinkError(
                    f"The virtual camera {self._name} has failed ({self._error}): start Signcap again."
                ) from self._error
            now = self._clock.monotonic()
            if self._pace is None:
                self._pace = Pace(1 / self._device.fps, now)
                self._changed.notify()
            self._pace.arrived(now)
            if self._waiting_since is not None:
                self._skipped += 1
            self._newest, self._waiting_since = fitted, picture.at

    @property
    def watched(self) -> bool | None:
        """Whether another program has it open; None where the system does not tell."""
        return None if self._readers is None else self._readers.any

    @property
    def in_call(self) -> bool:
        """Whether another program is known to read it."""
        return self._readers.any if self._readers is not None else bool(getattr(self._device, "streaming", False))

    def rest(self, resting: bool = True) -> None:
        """Send one picture a second only, or all of them again. From any thread."""
        with self._changed:
            if resting is not self._resting:
                _log.info("The virtual camera %s %s", self._name, "rests" if resting else "sends every picture")
            self._resting = resting
            self._changed.notify()

    def stages(self) -> dict[str, StageStats]:
        """Figures of what went out.

        "out": pictures a second, and milliseconds that writing one takes. "delay": new ones a second, milliseconds
        from the capture of a picture until it is written, and how many never were, as newer ones came. "repeat": how
        often a second the last one went out again.
        """
        now = self._clock.monotonic()
        return {
            "out": self._beats.stats(now=now),
            "delay": self._delay.stats(self._skipped, now),
            "repeat": self._repeats.stats(now=now),
        }

    def close(self) -> None:
        """Let go of the device."""
        with self._changed:
            if self._closed:
                return
            self._closed = True
            self._changed.notify()
        if threading.current_thread() is not self._thread:
            self._thread.join(2.0)
        if self._readers is not None:
            self._readers.close()
        self._device.close()

    def _run(self) -> None:
        while (taken := self._wait()) is not None:
            pixels, captured = taken
            began = self._clock.monotonic()
            try:
                self._device.send(pixels)
            except Exception as error:
                _log.info("The virtual camera %s failed: %s", self._name, failure(error))
                with self._changed:
                    self._error = error
                return
            ended = self._clock.monotonic()
            self._beats.note(ended, (ended - began) * 1000)
            if captured is None:
                self._repeats.note(ended, 0.0)
            else:
                self._delay.note(ended, (ended - captured) * 1000)

    def _wait(self) -> tuple[Pixels, float | None] | None:
        """The newest picture, at the next beat, and when it was captured if it is new; None after `close`."""
        last = float("-inf")
        with self._changed:
            while not self._closed:
                if self._pace is None or self._newest is None:
                    self._clock.wait(self._changed)
                    continue
                now = self._clock.monotonic()
                due = max(self._pace.due, last + RESTING_PERIOD) if self._resting else self._pace.due
                if now >= due:
                    last = now
                    self._pace.sent(now)
                    captured, self._waiting_since = self._waiting_since, None
                    return self._newest, captured
                self._clock.wait(self._changed, due - now)
        return None


def open_virtual_camera(
    choice: str, size: tuple[int, int], fps: float = RATE, *, backend: str | None = None
) -> VirtualCamera | None:
    """Open a virtual camera.

    Args:
        choice: "auto" for the first there is, "off" for none, "pipewire" for one that only browsers see, or the name
            or device path of one.
        size: width and height of the pictures to come; a driver may insist on another.
        fps: pace of the pictures.
        backend: of pyvirtualcam; None for those of this system.

    Returns:
        None when it is off.

    Raises:
        SinkError: there is none, or it cannot be used; says in one sentence how to get one on this system.
    """
    if choice == "off":
        return None
    if choice == PIPEWIRE:
        return VirtualCamera(PipeWireCamera(size, fps))
    device = None if choice == "auto" else choice
    width, height = (max(2, side - side % 2) for side in size)  # odd sizes give green pictures
    if backend is None and sys.platform.startswith("linux"):
        path = _loopback(device)
        device = str(path)
        width, height = v4l2.output_size(path, (width, height)) or (width, height)
    import pyvirtualcam  # by and by: most runs without a virtual camera never get here

    try:
        camera = pyvirtualcam.Camera(
            width, height, fps, fmt=pyvirtualcam.PixelFormat.I420, device=device, backend=backend
        )
    except Exception as error:  # backends raise whatever they like
        raise SinkError(_reason(device, str(error))) from error
    if sys.platform.startswith("linux") and backend is None:
        real = v4l2.output_size(Path(str(device)))
        if real not in (None, (width, height)):
            camera.close()
            raise SinkError(
                f"The virtual camera {device} insists on another size of picture: close the programs that use it "
                f"and start again, or run `{RELOAD}`."
            )
        return VirtualCamera(camera, _readers(Path(str(device))))
    return VirtualCamera(camera)


def _readers(path: Path) -> DeviceReaders | None:
    try:
        return DeviceReaders(path)
    except OSError:
        return None


def _loopback(wanted: str | None) -> Path:
    """The device to write to on Linux; one that is called Signcap before others."""
    devices = v4l2.video_devices()
    # With exclusive_caps=0 older drivers let two programs write at once, and calls get the pictures of both.
    free = [device for device in devices if device.is_loopback and not v4l2.is_fed(device.path)]
    if wanted is not None:
        for device in free:
            if wanted in (str(device.path), device.name, device.path.name):
                return device.path
        there = ", ".join(f"{device.path} ({device.name})" for device in free)
        if there:
            raise SinkError(f"There is no virtual camera {wanted}: choose auto, off or one of {there}.")
    if free:
        return min(free, key=lambda device: device.name != "Signcap").path
    if any(device.driver == v4l2.LOOPBACK_DRIVER for device in devices):
        raise SinkError(
            "The virtual camera is in use by another program, or its driver wants to be loaded again: close the "
            f"other program, or run `{RELOAD}`, and start again."
        )
    raise SinkError(f"{WITH_LOOPBACK} {WITH_PIPEWIRE}" if pipewire_is_there() else WITH_LOOPBACK)


def _reason(device: str | None, error: str) -> str:
    if "permission" in error:
        return (
            f"This user may not write to the virtual camera {device}: run `sudo usermod -aG video $USER`, log out "
            "and in again, and start again."
        )
    if sys.platform.startswith("linux"):
        first = error.splitlines()[0].rstrip(".") if error else "no reason given"
        return (
            f"The virtual camera {device} cannot be used ({first}): close other programs that write to it, or run "
            f"`{RELOAD}`, and start again."
        )
    if device is not None:
        return f'There is no virtual camera "{device}" to be had: choose auto. {WITH_OBS}'
    return WITH_OBS
