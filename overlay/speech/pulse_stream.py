"""Sound into a device of PulseAudio or PipeWire, and out of one: a few functions of libpulse-simple."""

import ctypes
import functools
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from overlay.core.errors import SinkError

LIBRARY: Final = "libpulse-simple.so.0"
LATENCY: Final = 0.06  # seconds of sound that wait in the server at most
_PLAYBACK, _RECORD = 1, 2
_S16LE: Final = 3
_SERVERS_OWN: Final = 0xFFFFFFFF

Samples = NDArray[np.int16]


class _Format(ctypes.Structure):
    """pa_sample_spec."""

    _fields_ = (("format", ctypes.c_int), ("rate", ctypes.c_uint32), ("channels", ctypes.c_uint8))


class _Buffer(ctypes.Structure):
    """pa_buffer_attr, in bytes."""

    _fields_ = tuple((name, ctypes.c_uint32) for name in ("maxlength", "tlength", "prebuf", "minreq", "fragsize"))


@functools.cache
def _library() -> Any:
    library: Any = ctypes.CDLL(LIBRARY)
    library.pa_simple_new.restype = ctypes.c_void_p
    library.pa_simple_get_latency.restype = ctypes.c_uint64
    library.pa_strerror = ctypes.CDLL("libpulse.so.0").pa_strerror
    library.pa_strerror.restype = ctypes.c_char_p
    for name in ("write", "read", "flush", "get_latency", "free"):
        getattr(library, f"pa_simple_{name}").argtypes = {
            "write": (ctypes.c_void_p, ctypes.c_void_p, ctypes.c_size_t, ctypes.c_void_p),
            "read": (ctypes.c_void_p, ctypes.c_void_p, ctypes.c_size_t, ctypes.c_void_p),
            "free": (ctypes.c_void_p,),
        }.get(name, (ctypes.c_void_p, ctypes.c_void_p))
    return library


class SoundStream:
    """An open stream of one channel. Its calls wait for the sound server; the other threads go on meanwhile.

    Args:
        device: name of the sink, or of the source when recording.
        rate: samples a second.
        record: whether sound is taken from a source.

    Raises:
        SinkError: there is no such device, or no sound server.
    """

    def __init__(self, device: str, rate: int, *, record: bool = False) -> None:
        self.rate = rate
        error = ctypes.c_int(0)
        most = int(rate * LATENCY) * 2
        buffer = _Buffer(_SERVERS_OWN, most, 0, _SERVERS_OWN, most // 4)
        try:
            self._library = _library()
        except (OSError, AttributeError) as missing:
            raise SinkError(f"{LIBRARY} is missing: install PulseAudio or PipeWire.") from missing
        self._stream: int | None = self._library.pa_simple_new(
            None,
            b"Signcap",
            _RECORD if record else _PLAYBACK,
            device.encode(),
            b"captions",
            ctypes.byref(_Format(_S16LE, rate, 1)),
            None,
            ctypes.byref(buffer),
            ctypes.byref(error),
        )
        if not self._stream:
            raise SinkError(f"The sound server does not open {device} ({self._reason(error)}).")

    @property
    def latency(self) -> float:
        """Seconds that a sample written now takes to the device."""
        return int(self._library.pa_simple_get_latency(self._stream, None)) / 1e6 if self._stream else 0.0

    def write(self, samples: bytes) -> None:
        """Hand samples over; waits until there is room.

        Raises:
            SinkError: the sound server has gone.
        """
        self._do(self._library.pa_simple_write, samples, len(samples))

    def read(self, count: int) -> Samples:
        """The next samples, waiting for them.

        Raises:
            SinkError: the sound server has gone.
        """
        buffer = ctypes.create_string_buffer(count * 2)
        self._do(self._library.pa_simple_read, buffer, count * 2)
        return np.frombuffer(buffer.raw, np.int16)

    def finish(self) -> None:
        """Play what was written to its end, though the stream is closed next.

        Silence takes the place of what waits in the server: asked to drain a stream that may run empty, PulseAudio
        never answers.

        Raises:
            SinkError: the sound server has gone.
        """
        self.write(bytes(int(self.rate * LATENCY * 2) * 2))

    def close(self, *, now: bool = False) -> None:
        """Let go of it; with `now` what waits in the server is not heard any more."""
        stream, self._stream = self._stream, None
        if stream:
            if now:
                self._library.pa_simple_flush(stream, None)
            self._library.pa_simple_free(stream)

    def _do(self, function: Any, *arguments: Any) -> None:
        error = ctypes.c_int(0)
        if not self._stream or function(self._stream, *arguments, ctypes.byref(error)) < 0:
            raise SinkError(f"The sound server has gone ({self._reason(error)}).")

    def _reason(self, error: ctypes.c_int) -> str:
        return str((self._library.pa_strerror(error) or b"no reason given").decode("utf-8", "replace"))
