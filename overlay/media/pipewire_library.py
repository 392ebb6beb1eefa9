"""The few functions of libpipewire that it takes to offer and to read cameras, called in the library itself."""

import contextlib
import ctypes
import functools
import struct
from collections.abc import Callable, Iterator
from typing import Any, Final

NAME: Final = "libpipewire-0.3.so.0"  # of all versions since 0.3

INPUT: Final = 0
OUTPUT: Final = 1
ANY_NODE: Final = 0xFFFFFFFF
AUTOCONNECT: Final = 1 << 0
MAP_BUFFERS: Final = 1 << 2
DRIVER: Final = 1 << 3  # pictures go out when we say so, not when another clock does
DONT_RECONNECT: Final = 1 << 7  # a camera that is unplugged is not replaced by another one

UNCONNECTED: Final = 0
PAUSED: Final = 2  # known to PipeWire, read by nobody
STREAMING: Final = 3

_EVENTS_VERSION = 2
_BUSY = 7  # SPA_META_Busy
_CORRUPTED = 1  # SPA_CHUNK_FLAG_CORRUPTED


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
StateEvent = ctypes.CFUNCTYPE(None, ctypes.c_void_p, ctypes.c_int, ctypes.c_int, ctypes.c_char_p)
ParamEvent = ctypes.CFUNCTYPE(None, ctypes.c_void_p, ctypes.c_uint32, ctypes.c_void_p)
ProcessEvent = ctypes.CFUNCTYPE(None, ctypes.c_void_p)


class Events(ctypes.Structure):
    """struct pw_stream_events; what nobody listens to stays empty."""

    _fields_ = (
        ("version", ctypes.c_uint32),
        ("destroy", ctypes.c_void_p),
        ("state_changed", StateEvent),
        ("control_info", ctypes.c_void_p),
        ("io_changed", ctypes.c_void_p),
        ("param_changed", ParamEvent),
        ("add_buffer", BufferEvent),
        ("remove_buffer", BufferEvent),
        ("process", ProcessEvent),
        ("after", ctypes.c_void_p * 3),
    )


class Interface(ctypes.Structure):
    """struct spa_interface, with which every proxy begins: a table of methods, and what they take first."""

    _fields_ = (
        ("type", ctypes.c_char_p),
        ("version", ctypes.c_uint32),
        ("methods", ctypes.c_void_p),
        ("object", ctypes.c_void_p),
    )


class Hook(ctypes.Structure):
    """struct spa_hook: a place in a list of listeners. It stays where it is until the proxy is destroyed."""

    _fields_ = (("fields", ctypes.c_void_p * 6),)


class DictItem(ctypes.Structure):
    """struct spa_dict_item."""

    _fields_ = (("key", ctypes.c_char_p), ("value", ctypes.c_char_p))


class Dict(ctypes.Structure):
    """struct spa_dict."""

    _fields_ = (("flags", ctypes.c_uint32), ("count", ctypes.c_uint32), ("items", ctypes.POINTER(DictItem)))


DoneEvent = ctypes.CFUNCTYPE(None, ctypes.c_void_p, ctypes.c_uint32, ctypes.c_int)
GlobalEvent = ctypes.CFUNCTYPE(
    None,
    ctypes.c_void_p,
    ctypes.c_uint32,
    ctypes.c_uint32,
    ctypes.c_char_p,
    ctypes.c_uint32,
    ctypes.POINTER(Dict),
)
ParamListedEvent = ctypes.CFUNCTYPE(
    None,
    ctypes.c_void_p,
    ctypes.c_int,
    ctypes.c_uint32,
    ctypes.c_uint32,
    ctypes.c_uint32,
    ctypes.c_void_p,
)


class CoreEvents(ctypes.Structure):
    """The beginning of struct pw_core_events, version 0: of the later ones none is listened to."""

    _fields_ = (
        ("version", ctypes.c_uint32),
        ("info", ctypes.c_void_p),
        ("done", DoneEvent),
        ("after", ctypes.c_void_p * 8),
    )


class RegistryEvents(ctypes.Structure):
    """struct pw_registry_events."""

    _fields_ = (("version", ctypes.c_uint32), ("global_", GlobalEvent), ("global_remove", ctypes.c_void_p))


class ParamEvents(ctypes.Structure):
    """struct pw_node_events, and struct pw_port_events, which is the same."""

    _fields_ = (("version", ctypes.c_uint32), ("info", ctypes.c_void_p), ("param", ParamListedEvent))


# Places in the tables of methods, and what they take after the object. They are macros in C, so that the library has
# no functions of these names.
ADD_LISTENER: Final = (0, ctypes.c_int, (ctypes.c_void_p, ctypes.c_void_p, ctypes.c_void_p))
CORE_SYNC: Final = (2, ctypes.c_int, (ctypes.c_uint32, ctypes.c_int))
CORE_GET_REGISTRY: Final = (5, ctypes.c_void_p, (ctypes.c_uint32, ctypes.c_size_t))
REGISTRY_BIND: Final = (
    1,
    ctypes.c_void_p,
    (ctypes.c_uint32, ctypes.c_char_p, ctypes.c_uint32, ctypes.c_size_t),
)
ENUM_PARAMS: Final = (  # of nodes and of ports
    2,
    ctypes.c_int,
    (ctypes.c_int, ctypes.c_uint32, ctypes.c_uint32, ctypes.c_uint32, ctypes.c_void_p),
)


def call(proxy: int, method: tuple[int, Any, tuple[Any, ...]], *arguments: Any) -> Any:
    """Call a method of a proxy; hold the loop's lock.

    Args:
        proxy: its address.
        method: one of `ADD_LISTENER` and those after it.
        arguments: what it takes after the object.
    """
    place, result, kinds = method
    interface = Interface.from_address(proxy)
    pointer = ctypes.c_void_p.from_address(interface.methods + (1 + place) * ctypes.sizeof(ctypes.c_void_p))
    return ctypes.CFUNCTYPE(result, ctypes.c_void_p, *kinds)(pointer.value or 0)(interface.object, *arguments)


def listen(proxy: int, events: ctypes.Structure) -> Hook:
    """Listen to a proxy; hold the loop's lock. Keep the hook and the events until the proxy is destroyed."""
    hook = Hook()
    call(proxy, ADD_LISTENER, ctypes.addressof(hook), ctypes.addressof(events), None)
    return hook


@contextlib.contextmanager
def locked(loaded: Any, loop: Any) -> Iterator[None]:
    """Hold a PipeWire thread loop, in whose own thread nothing happens meanwhile.

    Args:
        loaded: what `library` gives.
        loop: a `pw_thread_loop`.
    """
    loaded.pw_thread_loop_lock(loop)
    try:
        yield
    finally:
        loaded.pw_thread_loop_unlock(loop)


def pod_at(address: int) -> bytes:
    """Return a copy of the pod at an address."""
    size, _ = struct.unpack("=II", ctypes.string_at(address, 8))
    return ctypes.string_at(address, 8 + size)


def properties(table: Any) -> dict[str, str]:
    """Return the properties in a pointer to `Dict`, which may be empty."""
    if not table:
        return {}
    items = table.contents.items[: table.contents.count]
    return {
        item.key.decode("utf-8", "replace"): item.value.decode("utf-8", "replace")
        for item in items
        if item.key and item.value
    }


def buffer_events(add: Callable[[Any], None], remove: Callable[[Any], None]) -> Events:
    """Return the event table of buffers that come and go, each with a pointer to `Buffer`.

    The callbacks run in the loop's thread, which holds the loop's lock. Keep what this gives as long as the stream.
    """
    return Events(
        version=_EVENTS_VERSION,
        add_buffer=BufferEvent(lambda _data, buffer: add(buffer)),
        remove_buffer=BufferEvent(lambda _data, buffer: remove(buffer)),
    )


def reading_events(
    state: Callable[[int, str | None], None],
    parameter: Callable[[int, bytes | None], None],
    process: Callable[[], None],
) -> Events:
    """Return the event table of a stream that is read.

    The callbacks run in the loop's thread, which holds the loop's lock. Keep what this gives as long as the stream.

    Args:
        state: gets the new state, and what went wrong.
        parameter: gets the number of a parameter, and its pod.
        process: buffers have come.
    """
    return Events(
        version=_EVENTS_VERSION,
        state_changed=StateEvent(
            lambda _data, _old, new, error: state(new, error.decode("utf-8", "replace") if error else None)
        ),
        param_changed=ParamEvent(lambda _data, key, pod: parameter(key, pod_at(pod) if pod else None)),
        process=ProcessEvent(lambda _data: process()),
    )


def planes(buffer: Any) -> list[tuple[bytes, int]] | None:
    """Return copies of a buffer's blocks with the bytes of a row in each; None where the picture is not whole."""
    inner = buffer.contents.buffer.contents
    found: list[tuple[bytes, int]] = []
    for data in inner.datas[: inner.n_datas]:
        if not data.data or not data.chunk or not data.maxsize:
            return None
        chunk = data.chunk.contents
        offset = chunk.offset % data.maxsize
        size = min(chunk.size, data.maxsize - offset)
        if chunk.flags & _CORRUPTED or not size:
            return None
        found.append((ctypes.string_at(data.data + offset, size), chunk.stride))
    return found


def busy_count(buffer: Any) -> Any:
    """The count of those who hold a buffer, as PipeWire keeps it (`Busy`), or None where it keeps none."""
    inner = buffer.contents.buffer.contents
    for meta in inner.metas[: inner.n_metas]:
        if meta.type == _BUSY and meta.data and meta.size >= ctypes.sizeof(Busy):
            return Busy.from_address(meta.data)
    return None


def parameters(*pods: bytes) -> tuple[Any, int, Any]:
    """Return an array of pods, as functions of the library take it, their number, and what to keep meanwhile."""
    kept = [ctypes.create_string_buffer(pod) for pod in pods]
    return (ctypes.c_void_p * len(kept))(*(ctypes.addressof(pod) for pod in kept)), len(kept), kept


_POINTER = ctypes.c_void_p
_BUFFER = ctypes.POINTER(Buffer)
_FUNCTIONS: Final[dict[str, tuple[Any, tuple[Any, ...]]]] = {
    "pw_init": (None, (_POINTER, _POINTER)),
    "pw_properties_new_string": (_POINTER, (ctypes.c_char_p,)),
    "pw_context_new": (_POINTER, (_POINTER, _POINTER, ctypes.c_size_t)),
    "pw_context_connect": (_POINTER, (_POINTER, _POINTER, ctypes.c_size_t)),
    "pw_context_destroy": (None, (_POINTER,)),
    "pw_core_disconnect": (ctypes.c_int, (_POINTER,)),
    "pw_proxy_destroy": (None, (_POINTER,)),
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
    "pw_stream_update_params": (ctypes.c_int, (_POINTER, _POINTER, ctypes.c_uint32)),
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
