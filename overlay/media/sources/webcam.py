"""Cameras, and the one way to open any source of frames."""

import logging
import os
import re
import stat
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Protocol

import cv2

from overlay.core.errors import SourceError
from overlay.core.process.native_output import silence_opencv
from overlay.media import v4l2
from overlay.media.frame import Frame, Pixels
from overlay.media.pipewire_cameras import PREFIX, list_pipewire_cameras
from overlay.media.source import Source
from overlay.media.v4l2_modes import JPEG, Mode, best_mode, formats, is_infrared, kind, modes

WANTED_SIZE = (1280, 720)
WANTED_RATE = 30.0
# One buffer would do without delay, but the camera then drops each frame that comes while one is being
# decoded, which halves its rate; and the capture thread keeps two from ever filling up.
BUFFERS = 2
FIRST_PAUSE, LONGEST_PAUSE = 0.25, 5.0  # seconds between tries to reopen a camera
FACTS_EVERY = 30  # frames
MOST_CAMERAS = 8  # tried by number where the system has no list of them

_log = logging.getLogger(__name__)

_BACKENDS = {"linux": cv2.CAP_V4L2, "darwin": cv2.CAP_AVFOUNDATION, "win32": cv2.CAP_MSMF}


class Capture(Protocol):
    """The part of `cv2.VideoCapture` that a camera needs."""

    def isOpened(self) -> bool: ...  # noqa: N802, OpenCV's name
    def grab(self) -> bool: ...
    def retrieve(self) -> tuple[bool, Any]: ...
    def get(self, prop: int) -> float: ...
    def set(self, prop: int, value: float) -> bool: ...
    def release(self) -> None: ...


@dataclass(frozen=True, slots=True)
class CameraFacts:
    """The form in which a camera gives its pictures at present.

    Attributes:
        size: width and height in pixels.
        fourcc: the format's four letters, for example "MJPG"; empty where the system does not say.
        rate: frames a second that it announces; in the dark cameras give fewer.
        exposure_ms: how long a picture is exposed, in milliseconds; None where the system does not say.
    """

    size: tuple[int, int]
    fourcc: str
    rate: float
    exposure_ms: float | None


@dataclass(frozen=True, slots=True)
class CameraInfo:
    """A camera that can be opened.

    Attributes:
        spec: what `open_source` takes.
        name: as the system calls it; says where it is an infrared one.
        infrared: its pictures are grey, and mostly dark.
    """

    spec: str
    name: str
    infrared: bool = False


def open_source(
    spec: str, *, text: str | None = None, realtime: bool = True, ready: threading.Event | None = None
) -> Source:
    """Open the demo, a camera or a video file.

    Args:
        spec: "demo", the number of a camera, the path of a camera device, "pipewire:" and the name of a camera of
            PipeWire, or the path of a video file.
        text: what the demo spells.
        realtime: frames come at their own pace; False for files and the demo as fast as they can be read.
        ready: the demo and video files do not begin before this is set; cameras do not wait.

    Raises:
        SourceError: it cannot be opened; says why and what to do.
    """
    if spec == "demo":
        from overlay.synthesis.demo_source import DemoSource

        return DemoSource(text, realtime=realtime, ready=ready)
    if text is not None:
        raise SourceError(f"A text to spell is for the demo, not for {spec}: leave one of them out.")
    if spec.isdecimal():
        return Webcam(int(spec))
    if spec.startswith(PREFIX) or _is_device(spec):
        return Webcam(spec)
    from overlay.media.sources.video_file import VideoFile

    return VideoFile(Path(spec), realtime=realtime, ready=ready)


def list_cameras() -> list[CameraInfo]:
    """The cameras of this machine, as well as the system tells; infrared ones last."""
    if sys.platform.startswith("linux"):
        cameras = [*_v4l2_cameras(), *_pipewire_cameras()]
        return sorted(cameras, key=lambda camera: camera.infrared)
    cameras = []
    for index in range(MOST_CAMERAS):
        capture = _open_capture(index)
        if not capture.isOpened():
            break
        capture.release()
        cameras.append(CameraInfo(str(index), f"camera {index}"))
    return cameras


def default_camera() -> CameraInfo | None:
    """The camera that is read where none was chosen: the first that is no infrared one; None where there is none."""
    return next((camera for camera in list_cameras() if not camera.infrared), None)


def _v4l2_cameras() -> Iterator[CameraInfo]:
    for device in v4l2.video_devices():
        if not v4l2.is_camera(device) or (seen := kind(device.name, formats(device.path))) == "unreadable":
            continue
        infrared = seen == "infrared"
        name = f"{device.name}, infrared" if infrared else device.name
        yield CameraInfo(device.path.name.removeprefix("video"), name, infrared)


def _pipewire_cameras() -> Iterator[CameraInfo]:
    for node in list_pipewire_cameras():
        infrared = is_infrared(node.label)
        yield CameraInfo(f"{PREFIX}{node.name}", f"{node.label}, infrared" if infrared else node.label, infrared)


class Webcam:
    """A camera of this machine; opened anew when it vanishes, for as long as it takes.

    Asks for 1280x720 at 30 frames a second, in the cheapest format that its driver lists, and takes what it gets.

    Args:
        device: number, device path, or "pipewire:" and a name.
        open_capture: opens a camera of OpenCV; another one for tests.
        first_pause: seconds before the first try to reopen; each further pause is twice as long, 5 s at most.

    Raises:
        SourceError: there is no such camera, it may not be used, or another program uses it.
    """

    live = True

    def __init__(
        self,
        device: int | str = 0,
        *,
        open_capture: Callable[[int | str], Capture] | None = None,
        first_pause: float = FIRST_PAUSE,
    ) -> None:
        self._device = device
        self._called = str(device).removeprefix(PREFIX)
        self._open_capture = open_capture or _open_capture
        self._first_pause = first_pause
        self._closed = threading.Event()
        self._using = threading.Lock()  # held while the capture is used: releasing it then would crash
        self._index = 0
        self._notice: str | None = None
        self._facts: CameraFacts | None = None
        self._capture: Capture | None = self._open()
        if self._capture is None:
            raise SourceError(why_not(device))
        rate = self._capture.get(cv2.CAP_PROP_FPS)
        self._rate = rate if 1 <= rate <= 240 else WANTED_RATE

    @property
    def name(self) -> str:
        """The camera's number, path or name."""
        return f"camera {self._called}"

    @property
    def rate(self) -> float:
        """Frames a second that the camera announces."""
        return self._rate

    @property
    def facts(self) -> CameraFacts | None:
        """The form in which it gives pictures, at most a second old; None before the first picture."""
        return self._facts

    @property
    def notice(self) -> str | None:
        """Says that the camera is gone, until it is back."""
        return self._notice

    def read(self) -> Frame | None:
        """Wait for the next frame, and for the camera's return if it is gone; None after `close`."""
        pause = self._first_pause
        while not self._closed.is_set():
            with self._using:
                taken = self._take()
                if taken is None:
                    self._release()
            if taken is not None:
                if self._notice is not None:
                    _log.info("Camera %s is back", self._device)
                self._notice = None
                pixels, at = taken
                if self._index % FACTS_EVERY == 0 or self._facts is None or self._facts.size != _size(pixels):
                    self._note_facts(pixels)
                self._index += 1
                return Frame(pixels, self._index - 1, at)
            if self._notice is None:
                _log.info("Camera %s is gone", self._device)
            self._notice = f"Camera {self._called} is gone: trying again"
            if self._closed.wait(pause):
                break
            pause = min(2 * pause, LONGEST_PAUSE)
            with self._using:
                if not self._closed.is_set():
                    self._capture = self._open()
        return None

    def close(self) -> None:
        """Let go of the camera; a `read` that waits returns None."""
        self._closed.set()
        if self._using.acquire(timeout=3.0):  # a driver that hangs must not hang us
            try:
                self._release()
            finally:
                self._using.release()

    def _take(self) -> tuple[Pixels, float] | None:
        if self._capture is None or not self._capture.grab():
            return None
        at = time.monotonic()  # before the picture is decoded, which takes milliseconds
        good, pixels = self._capture.retrieve()
        return (pixels, at) if good and pixels is not None and pixels.size else None

    def _note_facts(self, pixels: Pixels) -> None:
        with self._using:
            if self._capture is None:
                return
            code = int(self._capture.get(cv2.CAP_PROP_FOURCC)) & 0xFFFFFFFF
            exposure = self._capture.get(cv2.CAP_PROP_EXPOSURE)
        letters = code.to_bytes(4, "little").decode("ascii", "replace").strip("\0 ")
        # Only V4L2 has a unit for it: 100 microseconds.
        known = sys.platform.startswith("linux") and exposure > 0
        self._facts = CameraFacts(
            _size(pixels), letters if letters.isprintable() else "", self._rate, exposure / 10 if known else None
        )

    def _release(self) -> None:
        if self._capture is not None:
            self._capture.release()
            self._capture = None

    def _open(self) -> Capture | None:
        capture = self._open_capture(self._device)
        if capture.isOpened():
            mode = _mode(self._device)  # of no matter for one of PipeWire, which was asked when it was opened
            capture.set(cv2.CAP_PROP_FOURCC, cv2.VideoWriter.fourcc(*mode.fourcc))
            capture.set(cv2.CAP_PROP_FRAME_WIDTH, mode.width)
            capture.set(cv2.CAP_PROP_FRAME_HEIGHT, mode.height)
            capture.set(cv2.CAP_PROP_FPS, mode.rate)
            capture.set(cv2.CAP_PROP_BUFFERSIZE, BUFFERS)
            _log.debug("Camera %s was asked for %s", self._device, mode)
            if capture.grab():  # one that another program uses opens, and then gives nothing
                return capture
        capture.release()
        return None


def _mode(device: int | str) -> Mode:
    """What to ask a camera for."""
    path = v4l2.DEV / f"video{device}" if isinstance(device, int) else Path(device)
    listed = modes(path) if sys.platform.startswith("linux") else []
    best = best_mode(listed, WANTED_SIZE, WANTED_RATE)
    if best is None:  # most cameras give 720p at 30 frames a second as motion JPEG only
        return Mode(JPEG, *WANTED_SIZE, WANTED_RATE)
    return replace(best, rate=min(best.rate, WANTED_RATE))


def _size(pixels: Pixels) -> tuple[int, int]:
    return pixels.shape[1], pixels.shape[0]


def _open_capture(device: int | str) -> Capture:
    if isinstance(device, str) and device.startswith(PREFIX):
        from overlay.media.sources.pipewire_capture import PipeWireCapture

        return PipeWireCapture(device, WANTED_SIZE, WANTED_RATE)
    silence_opencv()
    os.environ.setdefault("OPENCV_VIDEOIO_V4L_SELECT_TIMEOUT", "3")  # seconds until a mute camera counts as gone
    os.environ.setdefault("OPENCV_VIDEOIO_MSMF_ENABLE_HW_TRANSFORMS", "0")  # else opening takes half a minute
    if sys.platform.startswith("linux"):
        device = _number(device)
    return cv2.VideoCapture(device, _BACKENDS.get(sys.platform, cv2.CAP_ANY))  # type: ignore[call-overload,no-any-return,unused-ignore]


def _number(device: int | str) -> int | str:
    """The number of a path such as /dev/video2 or /dev/v4l/by-id/...: OpenCV 5 opens V4L2 cameras by number only."""
    found = re.fullmatch(r"video(\d+)", Path(os.path.realpath(device)).name) if isinstance(device, str) else None
    return int(found.group(1)) if found else device


def why_not(device: int | str) -> str:
    """One sentence on why a camera cannot be opened, and what to do."""
    demo = "or try the demo with --source demo"
    if isinstance(device, str) and device.startswith(PREFIX):
        from overlay.media.sources.pipewire_capture import why_not_read

        return why_not_read(device)
    if not sys.platform.startswith("linux"):
        return (
            f"Camera {device} cannot be opened: plug one in, allow this program to use it in the system's privacy "
            f"settings, close other programs that use it, {demo}."
        )
    path = v4l2.DEV / f"video{device}" if isinstance(device, int) else Path(device)
    if not path.exists():
        others = [f"{camera.spec} ({camera.name})" for camera in list_cameras()]
        if not others:
            return f"There is no camera on this machine ({path} does not exist): plug one in, {demo}."
        return f"There is no camera {path}: choose another with --source, of {', '.join(others)}."
    if not os.access(path, os.R_OK | os.W_OK):
        return (
            f"This user may not use the camera {path}: run `sudo usermod -aG video $USER`, log out and in again, "
            f"{demo}."
        )
    if not any(v4l2.is_camera(known) for known in v4l2.video_devices() if known.path == path):
        return f"{path} is not a camera that gives pictures: choose another with --source, {demo}."
    return f"The camera {path} is in use or does not answer: close other programs that use it, {demo}."


def _is_device(spec: str) -> bool:
    if spec.startswith(f"{v4l2.DEV}/video"):
        return True  # perhaps one that is not there: say so as of a camera
    try:
        return stat.S_ISCHR(os.stat(spec).st_mode)
    except (OSError, ValueError):
        return False
