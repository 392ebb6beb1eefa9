"""A virtual camera without a kernel module: a source in PipeWire, for Chromium and Firefox."""

import ctypes
import sys
import threading
import time
from typing import Any, Final

import numpy as np

from overlay.core.errors import SinkError
from overlay.media import pipewire_library as pw
from overlay.media.frame import Pixels
from overlay.media.pipewire_cameras import OWN
from overlay.media.pipewire_format import MOST_BUFFERS, buffers, picture_format

PIPEWIRE: Final = "pipewire"  # what it is called on the command line and in lists
LABEL: Final = "Signcap"  # what it is called in browsers
IN_BROWSERS: Final = (
    "choose it as the camera in Chrome or Chromium, if `chrome://flags/#enable-webrtc-pipewire-camera` is on, or in "
    "Firefox, if `media.webrtc.camera.allow-pipewire` in about:config is true; other programs do not see it."
)

NO_LIBRARY: Final = (
    "There is no PipeWire of version 0.3.34 or newer on this system: install it (on Debian and Ubuntu "
    "`sudo apt install pipewire wireplumber`), log out and in again, and start again."
)
NOT_RUNNING: Final = (
    "PipeWire does not answer: in a desktop session run `systemctl --user restart pipewire wireplumber`, start again."
)
NO_LINUX: Final = f"A virtual camera by PipeWire is for Linux only: start without `--virtual-camera {PIPEWIRE}`."

PATIENCE: Final = 10.0  # seconds that a PipeWire that runs has to answer
_PROPERTIES = f"media.class=Video/Source media.role=Camera node.name={OWN} node.description={LABEL}"
_HELD = 6  # pictures in a row without a free buffer, after which they are taken back from who holds them,
_NEWEST = 3  # but for so many, which somebody may just be reading
_STEP = 8  # readers agree on how rows of colour are laid out where the width is a multiple of this


class PipeWireCamera:
    """A camera of PipeWire that pictures are put into, with what `VirtualCamera` wants of a device.

    Nobody reading costs nothing, and one who reads too slowly misses pictures: `send` never waits for a reader. All
    readers share the same few buffers, and one that takes pictures and lets none go would soon hold all of them: then
    they are taken back, but for the newest, at worst while one is being looked at.

    Args:
        size: width and height of the pictures to come; the camera's width is the next multiple of 8 below, its
            height the next even one.
        fps: pictures a second that the readers are told.

    Raises:
        SinkError: there is no PipeWire, or it does not answer; says what to do.
    """

    def __init__(self, size: tuple[int, int], fps: float) -> None:
        if not sys.platform.startswith("linux"):
            raise SinkError(NO_LINUX)
        self.width, self.height = max(_STEP, size[0] - size[0] % _STEP), max(2, size[1] - size[1] % 2)
        self.fps = fps
        self.device = PIPEWIRE
        self._size = self.width * self.height * 3 // 2  # bytes
        try:
            self._library = pw.library()
        except (OSError, AttributeError) as error:
            raise SinkError(NO_LIBRARY) from error
        self._open = threading.Lock()  # held by who uses loop and stream, so that they are not freed meanwhile
        self._buffers: dict[int, Any] = {}  # by address, those sent longest ago first
        self._events = pw.buffer_events(self._add_buffer, self._remove_buffer)
        self._without = 0  # pictures in a row for which no buffer was free
        self._stream: int | None = None
        self.streaming = False  # whether somebody read it when the last picture came
        self._loop: int | None = self._library.pw_thread_loop_new(LABEL.encode(), None)
        if not self._loop or self._library.pw_thread_loop_start(self._loop) < 0 or not self._connect():
            self.close()
            raise SinkError(NOT_RUNNING)

    def send(self, i420: Pixels) -> None:
        """Hand a picture to those who read.

        Args:
            i420: uint8 (height * 3 / 2, width).

        Raises:
            SinkError: PipeWire has gone away.
            ValueError: it has another size.
        """
        pixels = np.ascontiguousarray(i420)
        if pixels.nbytes != self._size:
            raise ValueError(f"a picture of {pixels.nbytes} bytes for a camera of {self._size}")
        with self._open, pw.locked(self._library, self._loop):
            if self._stream is None:
                return
            state = self._library.pw_stream_get_state(self._stream, None)
            if state <= pw.UNCONNECTED:
                raise SinkError("PipeWire has stopped or restarted")
            self.streaming = state == pw.STREAMING
            if self.streaming:
                self._hand_out(pixels)

    def close(self) -> None:
        """Take the camera away."""
        with self._open:
            if self._loop is None:
                return
            if self._stream is not None:
                with pw.locked(self._library, self._loop):
                    self._library.pw_stream_destroy(self._stream)
                self._stream = None
            self._library.pw_thread_loop_stop(self._loop)
            self._library.pw_thread_loop_destroy(self._loop)
            self._loop = None

    def _connect(self) -> bool:
        """Offer the camera; whether PipeWire has taken it."""
        with pw.locked(self._library, self._loop):
            self._stream = self._library.pw_stream_new_simple(
                self._library.pw_thread_loop_get_loop(self._loop),
                LABEL.encode(),
                self._library.pw_properties_new_string(_PROPERTIES.encode()),
                ctypes.byref(self._events),
                None,
            )
            if self._stream is None:
                return False
            size = (self.width, self.height)
            pods, count, _kept = pw.parameters(picture_format(size, self.fps), buffers(size))
            flags = pw.DRIVER | pw.MAP_BUFFERS
            if self._library.pw_stream_connect(self._stream, pw.OUTPUT, pw.ANY_NODE, flags, pods, count) < 0:
                return False
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            with pw.locked(self._library, self._loop):
                state = self._library.pw_stream_get_state(self._stream, None)
            if state >= pw.PAUSED or state <= pw.UNCONNECTED:
                return bool(state >= pw.PAUSED)
            time.sleep(0.01)
        return False

    def _hand_out(self, pixels: Pixels) -> None:
        buffer = self._free_buffer()
        self._without = 0 if buffer else self._without + 1
        if buffer is None and self._without > _HELD:
            buffer = self._take_back()
        if buffer is None:
            return
        busy = pw.busy_count(buffer)
        if busy is not None and busy.count < 1:
            busy.count = 1  # ours: one who held it when it was taken back has let it go by now
        data = buffer.contents.buffer.contents.datas[0]
        if data.data and data.maxsize >= self._size:
            ctypes.memmove(data.data, pixels.ctypes.data, self._size)
            chunk = data.chunk.contents
            chunk.offset, chunk.size, chunk.stride, chunk.flags = 0, self._size, self.width, 0
        address = ctypes.addressof(buffer.contents)
        if address in self._buffers:
            self._buffers[address] = self._buffers.pop(address)
        self._library.pw_stream_queue_buffer(self._stream, buffer)
        self._library.pw_stream_trigger_process(self._stream)

    def _free_buffer(self) -> Any:
        """One that no reader holds, or None: one that is held goes to the end when it is asked for."""
        for _ in range(MOST_BUFFERS):
            if buffer := self._library.pw_stream_dequeue_buffer(self._stream):
                return buffer
        return None

    def _take_back(self) -> Any:
        """Take all buffers but the newest from whoever holds them; gives a free one, or None."""
        for buffer in list(self._buffers.values())[:-_NEWEST]:
            if (busy := pw.busy_count(buffer)) is not None:
                busy.count = 0
        return self._free_buffer()

    def _add_buffer(self, buffer: Any) -> None:
        self._buffers[ctypes.addressof(buffer.contents)] = buffer

    def _remove_buffer(self, buffer: Any) -> None:
        self._buffers.pop(ctypes.addressof(buffer.contents), None)
