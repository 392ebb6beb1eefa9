"""The few functions of libpipewire that it takes to offer a camera, called in the library itself."""

import ctypes
import functools
from collections.abc import Callable
from typing import Any, Final

NAME: Final = "libpipewire-0.3.so.0"  # of all versions since 0.3

OUTPUT: Final = 1
ANY_NODE: Final = 0xFFFFFFFF
MAP_BUFFERS: Final = 1 << 2
DRIVER: Final = 1 << 3  # pictures go out when we say so, not when another clock does

UNCONNECTED: Final = 0
PAUSED: Final = 2  # known to PipeWire, read by nobody
STREAMING: Final = 3

_EVENTS_VERSION = 2
_BUSY = 7  # SPA_META_Busy


class Chunk(ctypes.Structure):
    """struct spa_chunk: which part of a buffer holds the picture."""

    _fields_ = (
        ("offset", ctypes.c_uint32),
        ("size", ctypes.c_uint32),
        ("stride", ctypes.c_int32),
        ("flags", ctypes.c_int32),
    )


class Data(ctypes.Structure):
    """struct spa_data: the memory of a buffer."""

    _fields_ = (
        ("type", ctypes.c_uint32),
        ("flags", ctypes.c_uint32),
        ("fd", ctypes.c_int64),
        ("mapoffset", ctypes.c_uint32),
        ("maxsize", ctypes.c_uint32),
        ("data", ctypes.c_void_p),
        ("chunk", ctypes.POINTER(Chunk)),
    )


class Meta(ctypes.Structure):
    """struct spa_meta: something that goes with a buffer."""

    _fields_ = (("type", ctypes.c_uint32), ("size", ctypes.c_uint32), ("data", ctypes.c_void_p))


class Busy(ctypes.Structure):
    """struct spa_meta_busy: how many hold a buffer."""

    _fields_ = (("flags", ctypes.c_uint32), ("count", ctypes.c_int32))


class SpaBuffer(ctypes.Structure):
    """struct spa_buffer."""

    _fields_ = (
        ("n_metas", ctypes.c_uint32),
        ("n_datas", ctypes.c_uint32),
        ("metas", ctypes.POINTER(Meta)),
        ("datas", ctypes.POINTER(Data)),
    )


class Buffer(ctypes.Structure):
    """The beginning of struct pw_buffer, which the library allocates: later versions add to its end."""

    _fields_ = (("buffer", ctypes.POINTER(SpaBuffer)),)


BufferEvent = ctypes.CFUNCTYPE(None, ctypes.c_void_p, ctypes.POINTER(Buffer))


class Events(ctypes.Structure):
    """struct pw_stream_events, of which only buffers that come and go are heard of: states are asked for."""

    _fields_ = (
        ("version", ctypes.c_uint32),
        ("before", ctypes.c_void_p * 5),
        ("add_buffer", BufferEvent),
        ("remove_buffer", BufferEvent),
        ("after", ctypes.c_void_p * 4),
    )


def buffer_events(add: Callable[[Any], None], remove: Callable[[Any], None]) -> Events:
    """Return the event table of buffers that come and go, each with a pointer to `Buffer`.

    The callbacks run in the loop's thread, which holds the loop's lock. Keep what this gives as long as the stream.
    """
    return Events(
        version=_EVENTS_VERSION,
        add_buffer=BufferEvent(lambda _data, buffer: add(buffer)),
        remove_buffer=BufferEvent(lambda _data, buffer: remove(buffer)),
    )


def busy_count(buffer: Any) -> Any:
    """The count of those who hold a buffer, as PipeWire keeps it (`Busy`), or None where it keeps none."""
    inner = buffer.contents.buffer.contents
    for meta in inner.metas[: inner.n_metas]:
        if meta.type == _BUSY and meta.data and meta.size >= ctypes.sizeof(Busy):
            return Busy.from_address(meta.data)
    return None


_POINTER = ctypes.c_void_p
_BUFFER = ctypes.POINTER(Buffer)
_FUNCTIONS: Final[dict[str, tuple[Any, tuple[Any, ...]]]] = {
    "pw_init": (None, (_POINTER, _POINTER)),
    "pw_properties_new_string": (_POINTER, (ctypes.c_char_p,)),
    "pw_thread_loop_new": (_POINTER, (ctypes.c_char_p, _POINTER)),
    "pw_thread_loop_get_loop": (_POINTER, (_POINTER,)),
    "pw_thread_loop_start": (ctypes.c_int, (_POINTER,)),
    "pw_thread_loop_lock": (None, (_POINTER,)),
    "pw_thread_loop_unlock": (None, (_POINTER,)),
    "pw_thread_loop_stop": (None, (_POINTER,)),
    "pw_thread_loop_destroy": (None, (_POINTER,)),
    "pw_stream_new_simple": (_POINTER, (_POINTER, ctypes.c_char_p, _POINTER, ctypes.POINTER(Events), _POINTER)),
    "pw_stream_connect": (
        ctypes.c_int,
        (_POINTER, ctypes.c_int, ctypes.c_uint32, ctypes.c_int, _POINTER, ctypes.c_uint32),
    ),
    "pw_stream_get_state": (ctypes.c_int, (_POINTER, _POINTER)),
    "pw_stream_dequeue_buffer": (_BUFFER, (_POINTER,)),
    "pw_stream_queue_buffer": (ctypes.c_int, (_POINTER, _BUFFER)),
    "pw_stream_trigger_process": (ctypes.c_int, (_POINTER,)),
    "pw_stream_destroy": (None, (_POINTER,)),
}


@functools.cache
def library() -> Any:
    """The library, ready for use.

    Raises:
        OSError: there is none.
        AttributeError: it is older than 0.3.34.
    """
    loaded = ctypes.CDLL(NAME)
    for name, (result, arguments) in _FUNCTIONS.items():
        function = getattr(loaded, name)
        function.restype, function.argtypes = result, arguments
    loaded.pw_init(None, None)
    return loaded
