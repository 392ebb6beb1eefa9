"""Runs a library that would call its maker where it cannot: in a thread that may open no socket.

MediaPipe counts how it is used. It sends that to its maker a minute after it has begun and whenever a task is
closed, and has no setting against it. On Linux a seccomp filter stops it: a thread takes the filter on for itself
alone, without privileges, and each thread that is made from it has it from the beginning. Elsewhere, and where the
system refuses the filter, the library's proxy setting names a proxy that cannot be used, and it gives up before it
looks up a name.
"""

import ctypes
import errno
import functools
import os
import platform
import struct
import sys
import threading
from collections.abc import Callable
from concurrent.futures import Future
from queue import SimpleQueue
from typing import Any, Final, NamedTuple, TypeVar

Result = TypeVar("Result")

# What the library's own copy of curl reads. It refuses a proxy of an unknown scheme before it opens a socket.
NOWHERE: Final = {"https_proxy": "off://", "no_proxy": "none.invalid"}

_PR_SET_NO_NEW_PRIVS: Final = 38
_SET_MODE_FILTER: Final = 1
# Without it, kernels before 5.16 make a filtered thread slower as well; those before 4.17 do not know the flag.
_SPEC_ALLOW: Final = 1 << 2
_ALLOW: Final = 0x7FFF0000
_REFUSE: Final = 0x00050000 | errno.EACCES
_LOAD: Final = 0x20  # the filter's instructions, see seccomp(2): load a word of what is asked for,
_IF_EQUAL: Final = 0x15
_IF_AT_LEAST: Final = 0x35
_RETURN: Final = 0x06
_FOREIGN: Final = 0x40000000  # from here on numbers are those of x32, a second way to the same calls


class _Calls(NamedTuple):
    """How an architecture names what is refused: the kernel's numbers."""

    architecture: int
    seccomp: int
    socket: int
    io_uring_setup: int = 425  # which opens sockets as well


_CALLS: Final = {"x86_64": _Calls(0xC000003E, 317, 41), "aarch64": _Calls(0xC00000B7, 277, 198)}

_users: dict[str, str | None] = {}  # what the variables in NOWHERE were before


class OfflineThread:
    """A thread that does what it is given, one thing after the other, and reaches no network.

    It ends with `stop`, or with the program. Threads that a library makes for work given here are kept from the
    network too, for as long as they live.
    """

    def __init__(self) -> None:
        self._jobs: SimpleQueue[tuple[Callable[[], Any], Future[Any]] | None] = SimpleQueue()
        self._thread = threading.Thread(target=_work, args=(self._jobs,), name="offline", daemon=True)
        self._thread.start()

    def call(self, work: Callable[[], Result]) -> Result:
        """Do `work` in this thread, wait for it, and return or raise what came of it."""
        return self.post(work).result()

    def post(self, work: Callable[[], Result]) -> "Future[Result]":
        """Do `work` in this thread without waiting for it."""
        future: Future[Result] = Future()
        self._jobs.put((work, future))
        return future

    @property
    def is_current(self) -> bool:
        """Whether this is the thread that asks."""
        return threading.current_thread() is self._thread

    def stop(self) -> None:
        """End the thread once it has done what it was given."""
        self._jobs.put(None)


def _work(jobs: "SimpleQueue[tuple[Callable[[], Any], Future[Any]] | None]") -> None:
    if not refuse_sockets():
        lead_nowhere()
    while (job := jobs.get()) is not None:
        work, future = job
        try:
            future.set_result(work())
        except BaseException as error:
            future.set_exception(error)
        del job, work, future  # what they hold must not stay until the next one comes


def refuse_sockets() -> bool:
    """Keep this thread, and each that is made from it, from opening sockets of any kind from now on.

    Sockets of the machine itself are refused as well: a name can be looked up through one.

    Returns:
        Whether the system took the filter.
    """
    calls = _CALLS.get(platform.machine())
    if not sys.platform.startswith("linux") or calls is None or struct.calcsize("P") != 8:
        return False
    program = _filter(calls)
    instructions = ctypes.create_string_buffer(program, len(program))

    class Program(ctypes.Structure):
        _fields_ = (("length", ctypes.c_ushort), ("instructions", ctypes.c_void_p))

    described = Program(len(program) // 8, ctypes.addressof(instructions))
    c, word = ctypes.CDLL(None), ctypes.c_ulong
    if c.prctl(_PR_SET_NO_NEW_PRIVS, word(1), word(0), word(0), word(0)):
        return False
    take = functools.partial(c.syscall, word(calls.seccomp), word(_SET_MODE_FILTER))
    return any(take(word(flags), ctypes.byref(described)) == 0 for flags in (_SPEC_ALLOW, 0))


def _filter(calls: _Calls) -> bytes:
    """The filter's program: what is asked for under another architecture's numbers is refused whatever it is."""
    instructions = (
        (_LOAD, 0, 0, 4),
        (_IF_EQUAL, 0, 5, calls.architecture),
        (_LOAD, 0, 0, 0),
        (_IF_AT_LEAST, 3, 0, _FOREIGN),
        (_IF_EQUAL, 2, 0, calls.socket),
        (_IF_EQUAL, 1, 0, calls.io_uring_setup),
        (_RETURN, 0, 0, _ALLOW),
        (_RETURN, 0, 0, _REFUSE),
    )
    return b"".join(struct.pack("=HBBI", *instruction) for instruction in instructions)


def lead_nowhere() -> None:
    """Name a proxy that cannot be used, for libraries that read the variable; see `users_environment`."""
    for name, value in NOWHERE.items():
        _users.setdefault(name, os.environ.get(name))
        os.environ[name] = value


def users_environment() -> dict[str, str]:
    """The environment as the user gave it, for programs that are started and may well use the network."""
    environment = dict(os.environ)
    for name, value in _users.items():
        if value is None:
            environment.pop(name, None)
        else:
            environment[name] = value
    return environment
