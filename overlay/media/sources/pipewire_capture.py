"""A camera of PipeWire, read as OpenCV reads one of V4L2."""

import ctypes
import logging
import threading
from dataclasses import replace
from typing import Any, Final

import cv2

from overlay.media import pipewire_library as pw
from overlay.media.frame import Pixels
from overlay.media.pipewire_cameras import PREFIX, find_node, list_nodes, list_pipewire_cameras, node_modes
from overlay.media.pipewire_format import FORMAT, READABLE, agreed_mode, buffers_to_read, wished_formats
from overlay.media.sources.raw_picture import to_bgr
from overlay.media.v4l2_modes import Mode, best_mode

FIRST_PICTURE: Final = 10.0  # seconds that a camera may take to start
NEXT_PICTURE: Final = 3.0  # seconds until a mute camera counts as gone

_log = logging.getLogger(__name__)


class PipeWireCapture:
    """A stream that is read from a camera of PipeWire; has what `Capture` wants.

    Other programs can read the same camera at the same time, in the format that the first of them chose. A picture
    that comes before the one before it was read takes its place.

    Args:
        spec: "pipewire:" and the name of the camera's node, or the name that people see; without a name the first.
        size: width and height that are wanted.
        rate: frames a second that are wanted.
    """

    def __init__(self, spec: str, size: tuple[int, int], rate: float) -> None:
        self._changed = threading.Condition()
        self._planes: list[tuple[bytes, int]] | None = None  # of the newest picture, until it is grabbed
        self._grabbed: tuple[list[tuple[bytes, int]], Mode] | None = None
        self._mode: Mode | None = None
        self._streaming = self._over = False
        self._stream: int | None = None
        self._loop: int | None = None
        self._spec, self._rate = spec, rate
        node = find_node(spec.removeprefix(PREFIX))
        if node is None:
            return
        self._library = pw.library()
        self._events = pw.reading_events(self._note_state, self._note_parameter, self._take)
        self._loop = self._library.pw_thread_loop_new(b"signcap-camera", None)
        if not self._loop or self._library.pw_thread_loop_start(self._loop) < 0:
            self.release()
            return
        listed = node_modes(node, rate)
        usable = {replace(mode, rate=mode.rate or rate): mode for mode in listed}
        best = best_mode(list(usable), size, rate, READABLE)
        if not self._connect(node.serial or node.name, wished_formats(best and usable[best], size, rate)):
            self.release()

    def isOpened(self) -> bool:  # noqa: N802, OpenCV's name
        """Whether there is such a camera, and nothing has gone wrong with it."""
        return self._stream is not None and not self._over

    def grab(self) -> bool:
        """Wait for the next picture; False where none comes any more."""
        with self._changed:
            patience = NEXT_PICTURE if self._grabbed else FIRST_PICTURE
            self._changed.wait_for(lambda: self._planes is not None or self._over, patience)
            if self._planes is None or self._mode is None or self._over:
                return False
            self._grabbed, self._planes = (self._planes, self._mode), None
        return True

    def retrieve(self) -> tuple[bool, Pixels | None]:
        """Decode the picture that was grabbed."""
        if self._grabbed is None:
            return False, None
        planes, mode = self._grabbed
        pixels = to_bgr(planes, mode.fourcc, (mode.width, mode.height))
        return pixels is not None, pixels

    def get(self, prop: int) -> float:
        """Return a fact of the format that was agreed on; 0 for all that is not known."""
        mode = self._mode
        if mode is None:
            return 0.0
        if prop == cv2.CAP_PROP_FPS:
            return mode.rate or self._rate
        return float(cv2.VideoWriter.fourcc(*mode.fourcc)) if prop == cv2.CAP_PROP_FOURCC else 0.0

    def set(self, prop: int, value: float) -> bool:
        """Change nothing: what is wanted was said when it was opened."""
        return False

    def release(self) -> None:
        """Let go of the camera."""
        if self._loop:
            if self._stream:
                with pw.locked(self._library, self._loop):
                    self._library.pw_stream_destroy(self._stream)
            self._library.pw_thread_loop_stop(self._loop)
            self._library.pw_thread_loop_destroy(self._loop)
        self._stream = self._loop = None

    def _connect(self, target: str, formats: list[bytes]) -> bool:
        # Text of other programs' goes in quotes, with what would end them taken out.
        quoted = target.replace("\\", "").replace('"', "")
        properties = (
            "media.type=Video media.category=Capture media.role=Camera node.name=signcap-reader "
            f'node.description=Signcap target.object="{quoted}"'
        )
        with pw.locked(self._library, self._loop):
            self._stream = self._library.pw_stream_new_simple(
                self._library.pw_thread_loop_get_loop(self._loop),
                b"Signcap reads a camera",
                self._library.pw_properties_new_string(properties.encode()),
                ctypes.byref(self._events),
                None,
            )
            if not self._stream:
                return False
            pods, count, _kept = pw.parameters(*formats)
            flags = pw.AUTOCONNECT | pw.MAP_BUFFERS | pw.DONT_RECONNECT
            connected = self._library.pw_stream_connect(self._stream, pw.INPUT, pw.ANY_NODE, flags, pods, count)
            return bool(connected >= 0)

    def _note_state(self, state: int, error: str | None) -> None:
        if error:
            _log.info("PipeWire's camera %s: %s", self._spec, error)
        with self._changed:
            # One that is paused after it has run was unplugged, or its program has ended.
            self._over = self._over or state <= pw.UNCONNECTED or (self._streaming and state < pw.STREAMING)
            self._streaming = self._streaming or state == pw.STREAMING
            self._changed.notify_all()

    def _note_parameter(self, key: int, pod: bytes | None) -> None:
        if key != FORMAT or pod is None or not self._stream:
            return
        mode = agreed_mode(pod)
        _log.debug("PipeWire's camera %s gives %s", self._spec, mode)
        with self._changed:
            self._mode, self._planes = mode, None
        pods, count, _kept = pw.parameters(buffers_to_read())
        self._library.pw_stream_update_params(self._stream, pods, count)

    def _take(self) -> None:
        """Copy the newest picture, and give all buffers back."""
        newest: Any = None
        while buffer := self._library.pw_stream_dequeue_buffer(self._stream):
            if newest is not None:
                self._library.pw_stream_queue_buffer(self._stream, newest)
            newest = buffer
        if newest is None:
            return
        planes = pw.planes(newest)
        self._library.pw_stream_queue_buffer(self._stream, newest)
        if planes:
            with self._changed:
                self._planes = planes
                self._changed.notify_all()


def why_not_read(spec: str) -> str:
    """One sentence on why a camera of PipeWire cannot be read, and what to do."""
    demo = "or try the demo with --source demo"
    nodes = list_nodes()
    name = spec.removeprefix(PREFIX)
    if not nodes:
        return (
            "PipeWire offers no camera: plug one in, or run `systemctl --user restart pipewire wireplumber` in a "
            f"desktop session, {demo}."
        )
    if name and not any(name in (node.name, node.label) for node in nodes):
        others = [f'"{PREFIX}{camera.name}" ({camera.label})' for camera in list_pipewire_cameras()]
        choice = f"of {', '.join(others)}, {demo}" if others else demo
        return f"PipeWire has no camera {name}: choose another with --source, {choice}."
    return (
        f"PipeWire's camera {name} gives no pictures: allow cameras in the system's privacy settings, close other "
        f"programs that use it, {demo}."
    )
