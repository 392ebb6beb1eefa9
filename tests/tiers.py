"""Tiers of tests: each test is in exactly one, and a unit that does what units do not is a failure.

unit: no socket, no process, no browser, no sleep: what a developer runs at each save, `pytest -m unit`.
integration: a server in this process, the real ONNX and MediaPipe models, videos, threads that are waited for.
e2e: processes, Chromium, sound servers: journeys as people make them.
hardware: a device that most machines have not; left out unless it is asked for, `pytest -m hardware`.

A module says which it is in by `pytestmark = pytest.mark.unit`; a test in it may say otherwise for itself.
"""

import asyncio
import multiprocessing.process
import os
import sys
import threading
import time
from collections.abc import Callable, Generator
from pathlib import Path
from typing import Any, Final

import pytest

# Hundreds of processes start in a run of the tests: what one of them has compiled, the others take, whatever the
# environment says of it.
sys.dont_write_bytecode = False
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)

TIERS: Final = ("unit", "integration", "e2e", "hardware")

# Python's audit events of what reaches beyond this process. Making an event loop, with its pair of sockets, is none.
_BEYOND: Final = {
    "socket.bind": "binds a socket",
    "socket.connect": "connects a socket",
    "socket.getaddrinfo": "looks a name up",
    "socket.sendto": "sends through a socket",
    "subprocess.Popen": "starts a process",
    "os.posix_spawn": "starts a process",
    "os.fork": "starts a process",
    "os.forkpty": "starts a process",
    "os.exec": "starts a process",
    "os.system": "starts a process",
}


class _Watch:
    """What the unit that runs now has done that units do not."""

    def __init__(self) -> None:
        self.on = False
        self.seen: list[str] = []
        self._others: frozenset[int | None] = frozenset()

    def begin(self) -> None:
        """From now on; what threads do that were there before is not this test's doing."""
        self._others = frozenset(one.ident for one in threading.enumerate()) - {threading.get_ident()}
        self.seen, self.on = [], True

    def end(self) -> None:
        """From now on it is others' doing again."""
        self.seen, self.on = [], False

    def note(self, what: str) -> None:
        if self.on and what not in self.seen and threading.get_ident() not in self._others:
            self.seen.append(what)


_watch = _Watch()


def _audit(event: str, arguments: tuple[Any, ...]) -> None:
    if _watch.on and event in _BEYOND and not (event == "subprocess.Popen" and _looks_for_a_library(arguments[1])):
        _watch.note(_BEYOND[event])


def _looks_for_a_library(command: Any) -> bool:
    """What `ctypes.util.find_library` asks, as sounddevice and others do when they are imported.

    It asks ldconfig, and then compiler and linker for a library that this machine has not.
    """
    return isinstance(command, list) and Path(str(command[0])).name in ("ldconfig", "gcc", "cc", "ld", "objdump")


def _noting(what: str, function: Callable[..., Any], *, unless: Callable[..., bool]) -> Callable[..., Any]:
    def call(*arguments: Any, **options: Any) -> Any:
        if not unless(*arguments):
            _watch.note(what)
        return function(*arguments, **options)

    return call


def pytest_configure(config: pytest.Config) -> None:
    """Begin to watch, before the modules of tests take `sleep` by name."""
    for tier in TIERS:
        config.addinivalue_line("markers", f"{tier}: a tier, see tests/tiers.py")
    sys.addaudithook(_audit)
    time.sleep = _noting("sleeps", time.sleep, unless=lambda *_: False)
    asyncio.sleep = _noting("sleeps", asyncio.sleep, unless=lambda delay, *_: delay <= 0)
    process = multiprocessing.process.BaseProcess
    process.start = _noting("starts a process", process.start, unless=lambda *_: False)  # type: ignore[method-assign]


def tier_of(item: pytest.Item) -> str | None:
    """The tier of a test: its own mark, or its module's; None where it has none, or more than one."""
    for node in reversed(item.listchain()):
        found = {mark.name for mark in node.own_markers if mark.name in TIERS}
        if found:
            return found.pop() if len(found) == 1 else None
    return None


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Refuse tests without a tier, leave each with one mark, which `-m` chooses by, and put them in order."""
    tiers = {item: tier_of(item) for item in items}
    without = [item.nodeid for item, tier in tiers.items() if tier is None]
    if without:
        raise pytest.UsageError(
            f"{len(without)} tests are not in exactly one tier, {without[0]} for one: mark the module or the test "
            f"with one of {', '.join(TIERS)}."
        )
    for item, tier in tiers.items():
        for node in item.listchain():
            node.own_markers = [mark for mark in node.own_markers if mark.name not in TIERS]
        item.add_marker(str(tier))
    # Whole modules, those that take long first: at the end, no process waits for another one's last journey.
    highest: dict[Path, int] = {}
    for item, tier in tiers.items():
        highest[item.path] = max(highest.get(item.path, 0), TIERS.index(str(tier)))
    items.sort(key=lambda item: -highest[item.path])


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Generator[None, Any, Any]:
    """Watch a unit from the setting up of its fixtures to their end."""
    if tier_of(item) == "unit":
        _watch.begin()
    try:
        return (yield)
    finally:
        _watch.end()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_teardown(nextitem: pytest.Item | None) -> Generator[None, None, None]:
    """Look away when the last test ends, for what all tests of this process have shared ends with it."""
    if nextitem is None:
        _watch.on = False
    return (yield)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Let a unit fail that was seen to do what units do not."""
    report = yield
    if _watch.seen and report.passed and report.when == "teardown":
        report.outcome = "failed"
        report.longrepr = f"{item.nodeid} is marked as a unit and {', '.join(_watch.seen)}."
    return report
