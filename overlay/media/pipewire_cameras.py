"""Cameras that PipeWire offers: those that only libcamera can read, and virtual ones of other programs."""

import contextlib
import ctypes
import os
import sys
import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self

from overlay.media import pipewire_library as pw
from overlay.media.pipewire_format import ENUM_FORMAT, offered_modes
from overlay.media.v4l2_modes import Mode

PREFIX: Final = "pipewire:"  # of a camera's name on the command line
OWN: Final = "signcap"  # the name of the node that is Signcap's virtual camera
PATIENCE: Final = 5.0  # seconds that a PipeWire that runs has to answer

_NODE, _PORT, _DEVICE = "PipeWire:Interface:Node", "PipeWire:Interface:Port", "PipeWire:Interface:Device"
_VERSION: Final = 3  # of all interfaces
_ALL: Final = 0xFFFFFFFF


@dataclass(frozen=True, slots=True)
class PipeWireNode:
    """A source of pictures in PipeWire.

    Attributes:
        number: for as long as it is plugged in.
        name: by which it is found again.
        label: as shown to people.
        serial: which is never given to another one while PipeWire runs; empty where it is older than 0.3.48.
        role: "Camera" for cameras; screens that are shared have another or none.
        api: "libcamera", "v4l2", or empty for one that a program offers.
    """

    number: int
    name: str
    label: str
    serial: str
    role: str
    api: str


def pipewire_is_there() -> bool:
    """Whether a PipeWire runs that a camera could be offered to, or read from."""
    if not sys.platform.startswith("linux"):
        return False
    remote = os.environ.get("PIPEWIRE_REMOTE") or "pipewire-0"
    folders = [os.environ.get(name) for name in ("PIPEWIRE_RUNTIME_DIR", "XDG_RUNTIME_DIR")]
    if not any((Path(folder) / remote).is_socket() for folder in folders if folder):
        return False
    with contextlib.suppress(OSError, AttributeError):
        return pw.library() is not None
    return False


def list_nodes() -> list[PipeWireNode]:
    """All sources of pictures in PipeWire but Signcap's own, in the order in which they came; none without it."""
    if not pipewire_is_there():
        return []
    with contextlib.suppress(ConnectionError), _Connection() as connection:
        return _nodes(connection.globals)
    return []


def list_pipewire_cameras() -> list[PipeWireNode]:
    """The cameras that only PipeWire offers: those of V4L2 can be read without it."""
    return [node for node in list_nodes() if node.role == "Camera" and node.api != "v4l2"]


def find_node(name: str) -> PipeWireNode | None:
    """The source of this name, or else the one that is shown to people as this; None where there is none."""
    nodes = list_nodes()
    if not name:
        return next((node for node in nodes if node.role == "Camera"), None)
    return next((node for node in nodes if name == node.name), None) or next(
        (node for node in nodes if name == node.label), None
    )


def node_modes(node: PipeWireNode, rate: float) -> list[Mode]:
    """The modes that a source lists; none where it lists none.

    A rate of 0 stands for one that changes with the light.

    Args:
        node: the source.
        rate: frames a second that are wanted.
    """
    with contextlib.suppress(ConnectionError), _Connection() as connection:
        # Nodes of the session manager list them themselves, those of programs leave it to their ports.
        ports = [
            number
            for number, (kind, facts) in connection.globals.items()
            if kind == _PORT and facts.get("node.id") == str(node.number) and facts.get("port.direction") == "out"
        ]
        pods = connection.formats(node.number, _NODE) or [
            pod for port in ports[:1] for pod in connection.formats(port, _PORT)
        ]
        return [mode for pod in pods for mode in offered_modes(pod, rate)]
    return []


def _nodes(found: dict[int, tuple[str, dict[str, str]]]) -> list[PipeWireNode]:
    nodes = []
    for number, (kind, facts) in found.items():
        name = facts.get("node.name", "")
        if kind != _NODE or facts.get("media.class") != "Video/Source" or name in ("", OWN):
            continue
        label = facts.get("node.description") or facts.get("node.nick") or name
        serial = facts.get("object.serial", "")
        nodes.append(PipeWireNode(number, name, label, serial, facts.get("media.role", ""), _api(facts, found)))
    return nodes


def _api(facts: dict[str, str], found: dict[int, tuple[str, dict[str, str]]]) -> str:
    """By its device, or else by the path and the name that session managers give."""
    number = facts.get("device.id", "")
    kind, device = found.get(int(number), ("", {})) if number.isdecimal() else ("", {})
    if kind == _DEVICE and device.get("device.api"):
        return device["device.api"]
    for api in ("v4l2", "libcamera"):
        if facts.get("object.path", "").startswith(f"{api}:") or facts["node.name"].startswith(f"{api}_input."):
            return api
    return ""


class _Connection:
    """A short connection to PipeWire, which lists what there is.

    Attributes:
        globals: kind and properties of all objects, by their numbers.

    Raises:
        ConnectionError: PipeWire does not answer.
    """

    def __init__(self) -> None:
        self.globals: dict[int, tuple[str, dict[str, str]]] = {}
        self._library = pw.library()
        self._done: set[int] = set()
        self._answered = threading.Condition()
        self._kept: list[Any] = []  # which PipeWire points to
        self._proxies: list[int] = []
        self._context: int | None = None
        self._core: int | None = None
        self._loop: int | None = self._library.pw_thread_loop_new(b"signcap-cameras", None)
        if not self._loop or self._library.pw_thread_loop_start(self._loop) < 0:
            self.close()
            raise ConnectionError
        try:
            self._connect()
        except ConnectionError:
            self.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def formats(self, number: int, kind: str) -> list[bytes]:
        """The formats that a node or a port lists, as pods with choices."""
        pods: list[bytes] = []

        def came(_data: Any, _sequence: int, key: int, _index: int, _next: int, pod: int | None) -> None:
            if key == ENUM_FORMAT and pod:
                pods.append(pw.pod_at(pod))

        def ask() -> None:
            registry = self._proxies[0]
            proxy = pw.call(registry, pw.REGISTRY_BIND, number, kind.encode(), _VERSION, 0)
            if proxy:
                self._proxies.append(proxy)
                self._listen(proxy, pw.ParamEvents(version=0, param=pw.ParamListedEvent(came)))
                pw.call(proxy, pw.ENUM_PARAMS, 0, ENUM_FORMAT, 0, _ALL, None)

        self._ask(ask)
        return pods

    def close(self) -> None:
        """End the connection."""
        if self._loop:
            with pw.locked(self._library, self._loop):
                for proxy in reversed(self._proxies):
                    self._library.pw_proxy_destroy(proxy)
                if self._core:
                    self._library.pw_core_disconnect(self._core)
                if self._context:
                    self._library.pw_context_destroy(self._context)
            self._library.pw_thread_loop_stop(self._loop)
            self._library.pw_thread_loop_destroy(self._loop)
        self._loop = self._core = self._context = None
        self._proxies = []

    def _connect(self) -> None:
        with pw.locked(self._library, self._loop):
            self._context = self._library.pw_context_new(self._library.pw_thread_loop_get_loop(self._loop), None, 0)
            self._core = self._context and self._library.pw_context_connect(self._context, None, 0)
            if not self._core:
                raise ConnectionError
            self._listen(self._core, pw.CoreEvents(version=0, done=pw.DoneEvent(self._note_done)))

        def ask() -> None:
            registry = pw.call(self._core or 0, pw.CORE_GET_REGISTRY, _VERSION, 0)
            self._proxies.append(registry)
            self._listen(registry, pw.RegistryEvents(version=0, global_=pw.GlobalEvent(self._note_global)))

        self._ask(ask)

    def _ask(self, ask: Callable[[], None]) -> None:
        """Call `ask`, and wait until all answers have come."""
        with pw.locked(self._library, self._loop):
            ask()
            sequence = pw.call(self._core or 0, pw.CORE_SYNC, 0, 0)
        with self._answered:
            if not self._answered.wait_for(lambda: sequence in self._done, PATIENCE):
                raise ConnectionError

    def _listen(self, proxy: int, events: ctypes.Structure) -> None:
        self._kept += [events, pw.listen(proxy, events)]

    def _note_done(self, _data: Any, _number: int, sequence: int) -> None:
        with self._answered:
            self._done.add(sequence)
            self._answered.notify_all()

    def _note_global(
        self, _data: Any, number: int, _permissions: int, kind: bytes, _version: int, facts: Any
    ) -> None:
        self.globals[number] = (kind.decode(), pw.properties(facts))
