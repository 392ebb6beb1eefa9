"""Two real v4l2loopback devices: one plays the webcam, Signcap writes to the other. Tests skip where there are none.

sudo modprobe v4l2loopback devices=2 exclusive_caps=1,1 card_label=Webcam,Signcap

v4l2loopback 0.12.7 with exclusive_caps=1 lets a device be opened for writing only once. There SIGNCAP_RELOAD_LOOPBACK
names a command that loads the driver anew, which is run before each test.
"""

import contextlib
import fcntl
import os
import queue
import re
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from overlay.doctor.cameras.module import look_at_module
from overlay.doctor.machine import Machine
from overlay.media.v4l2 import users, video_devices
from tests.server.browsers import CHROMIUM

ROOT = Path(__file__).parents[2]
FEEDER = ROOT / "bench" / "feeder.py"
PATIENCE = 120.0  # seconds; emulated machines are slow


@dataclass(frozen=True)
class Devices:
    """Paths of the device that plays the webcam, and of the one that Signcap writes to."""

    webcam: str
    virtual: str


@pytest.fixture(autouse=True)
def alone() -> Iterator[None]:
    """The devices are there once, however many processes run tests."""
    with (Path(tempfile.gettempdir()) / "signcap-tests-devices.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


@pytest.fixture
def devices(alone: None, opens_once: bool) -> Devices:
    if opens_once:
        command = os.environ.get("SIGNCAP_RELOAD_LOOPBACK")
        if command is None:
            pytest.skip("this v4l2loopback wants to be loaded anew before each test: see SIGNCAP_RELOAD_LOOPBACK")
        while subprocess.run(command, shell=True, check=False).returncode:
            time.sleep(0.5)  # a program of the test before holds the device still
        time.sleep(0.5)  # until udev has made the files
    free = [str(known.path) for known in video_devices() if known.is_loopback and not users(known.path)]
    if len(free) < 2:
        pytest.skip("this machine has no two free v4l2loopback devices")
    return Devices(*free[:2])


@pytest.fixture(scope="session")
def opens_once() -> bool:
    """Whether the driver is one that lets a device be opened for writing only once (0.12.7, exclusive_caps=1)."""
    with contextlib.suppress(OSError):
        parameters = Path("/sys/module/v4l2loopback/parameters")
        exclusive = (parameters / "exclusive_caps").read_text().startswith("Y")
        return exclusive and look_at_module(Machine()).opens_once  # this version does not tell its number
    return False


class Program:
    """A program that runs beside the test; what it prints is kept."""

    def __init__(self, *command: str) -> None:
        self.lines: list[str] = []
        self._new: queue.SimpleQueue[str | None] = queue.SimpleQueue()
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        threading.Thread(target=self._collect, daemon=True).start()

    def _collect(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self._new.put(line.rstrip())
        self._new.put(None)

    def wait_for(self, pattern: str) -> re.Match[str]:
        """The first line, of those not looked at yet, in which the pattern is found."""
        deadline = time.monotonic() + PATIENCE
        while True:
            try:
                line = self._new.get(timeout=max(0.0, deadline - time.monotonic()))
            except queue.Empty:
                raise AssertionError(f"no {pattern!r} in {self.lines}") from None
            assert line is not None, f"ended without {pattern!r}: {self.lines}"
            self.lines.append(line)
            if found := re.search(pattern, line):
                return found

    @property
    def runs(self) -> bool:
        return self.process.poll() is None

    def hold(self) -> None:
        """Let it stand still, as a camera whose driver hangs."""
        self.process.send_signal(signal.SIGSTOP)

    def go_on(self) -> None:
        self.process.send_signal(signal.SIGCONT)

    def end(self, number: int = signal.SIGTERM) -> int:
        self.process.send_signal(number)
        if number != signal.SIGKILL:
            self.process.send_signal(signal.SIGCONT)
        return self.process.wait(PATIENCE)


@pytest.fixture
def programs() -> Iterator[Callable[..., Program]]:
    started: list[Program] = []

    def start(*command: str) -> Program:
        started.append(Program(*command))
        return started[-1]

    yield start
    for program in started:
        if program.runs:
            program.end(signal.SIGKILL)


@pytest.fixture
def feed(programs: Callable[..., Program], devices: Devices) -> Callable[..., Program]:
    """Starts another program that plays the webcam; options are those of `bench/feeder.py`."""

    def start(*options: str, device: str = devices.webcam) -> Program:
        feeder = programs(sys.executable, str(FEEDER), device, *options)
        feeder.wait_for("Feeding")
        return feeder

    return start


@pytest.fixture
def signcap(programs: Callable[..., Program], devices: Devices) -> Callable[..., Program]:
    """Starts Signcap as a user does, from the one device to the other."""

    def start(*options: str, source: str = devices.webcam, virtual_camera: str = devices.virtual) -> Program:
        command = [sys.executable, "-m", "server.cli.main", "run", "--no-browser", "--source", source]
        return programs(*command, "--virtual-camera", virtual_camera, *options)

    return start


@pytest.fixture(scope="module")
def chromium() -> Iterator[Any]:
    """A browser that may use cameras and call itself."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=CHROMIUM,
            timeout=PATIENCE * 1000,
            args=[
                "--no-sandbox",
                "--disable-gpu",
                "--no-first-run",
                "--disable-background-networking",
                "--disable-component-update",
                "--disable-sync",
                "--use-fake-ui-for-media-stream",  # allow cameras without asking
                "--allow-loopback-in-peer-connection",  # a machine without a network calls itself
                "--disable-features=WebRtcHideLocalIpsWithMdns",
            ],
        )
        yield browser
        browser.close()
