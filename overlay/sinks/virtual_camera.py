"""The camera that calls can choose: pictures at an even pace, whatever the real camera does."""

import sys
import threading
import time
from pathlib import Path
from typing import Any

from overlay import v4l2
from overlay.errors import SinkError
from overlay.frame import Picture, Pixels
from overlay.sinks.letterbox import letterbox

RATE = 30.0
EARLIEST, LATEST = 0.8, 1.25  # when the next picture may go out, in periods after the last one

LOAD = 'sudo modprobe v4l2loopback exclusive_caps=1 max_buffers=2 card_label="Signcap"'
RELOAD = f"sudo modprobe -r v4l2loopback && {LOAD}"
WITH_LOOPBACK = (
    "There is no virtual camera: install v4l2loopback (on Debian and Ubuntu `sudo apt install v4l2loopback-dkms`), "
    f"run `{LOAD}`, and start again."
)
WITH_OBS = (
    "There is no virtual camera: install OBS 30 or newer (obsproject.com), press Start Virtual Camera in it once, "
    "close it, and start again."
)


class VirtualCamera:
    """Hands pictures to a virtual camera device, from a thread of its own.

    A new picture goes out at once where the pace allows, so that nothing waits for a clock; where the camera
    is late, the last picture is sent again, as calls take a silent camera for a dead one. The device stays
    open until `close`: some drivers let it be opened only once.

    Args:
        device: an open `pyvirtualcam.Camera` that takes I420.
    """

    def __init__(self, device: Any) -> None:
        self.size: tuple[int, int] = (device.width, device.height)
        self._device = device
        self._name = str(device.device)
        self._period = 1 / device.fps
        self._changed = threading.Condition()
        self._newest: Pixels | None = None
        self._fresh = False
        self._closed = False
        self._error: Exception | None = None
        self._thread = threading.Thread(target=self._run, name="virtual camera pace", daemon=True)
        self._thread.start()

    @property
    def name(self) -> str:
        """What to look for in the list of cameras of a call."""
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
            self._newest, self._fresh = fitted, True
            self._changed.notify()

    def close(self) -> None:
        """Let go of the device."""
        with self._changed:
            if self._closed:
                return
            self._closed = True
            self._changed.notify()
        if threading.current_thread() is not self._thread:
            self._thread.join(2.0)
        self._device.close()

    def _run(self) -> None:
        due = time.monotonic()
        while (taken := self._wait(due)) is not None:
            pixels, fresh = taken
            try:
                self._device.send(pixels)
            except Exception as error:
                with self._changed:
                    self._error = error
                return
            now = time.monotonic()
            # The pace follows the camera; while that is late, it is kept by the clock, and never made up for.
            due = now + self._period if fresh or now - due > self._period else due + self._period

    def _wait(self, due: float) -> tuple[Pixels, bool] | None:
        """The picture to send next, when its time has come, and whether it is new; None after `close`."""
        with self._changed:
            while not self._closed:
                now = time.monotonic()
                earliest = due - (1 - EARLIEST) * self._period
                latest = due + (LATEST - 1) * self._period
                if self._newest is not None and now >= (earliest if self._fresh else latest):
                    fresh, self._fresh = self._fresh, False
                    return self._newest, fresh
                if self._newest is None:
                    self._changed.wait()
                else:
                    self._changed.wait((earliest if self._fresh else latest) - now)
        return None


def open_virtual_camera(
    choice: str, size: tuple[int, int], fps: float = RATE, *, backend: str | None = None
) -> VirtualCamera | None:
    """Open a virtual camera.

    Args:
        choice: "auto" for the first there is, "off" for none, or the name or device path of one.
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
    return VirtualCamera(camera)


def _loopback(wanted: str | None) -> Path:
    """The device to write to on Linux; one that is called Signcap before others."""
    devices = v4l2.video_devices()
    free = [device for device in devices if device.is_loopback]
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
    raise SinkError(WITH_LOOPBACK)


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
