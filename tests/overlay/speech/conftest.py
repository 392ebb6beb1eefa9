"""A sound server of the test's own, PulseAudio or PipeWire, and what listens to the call's microphone."""

import contextlib
import os
import re
import shutil
import socket
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

from overlay.core.errors import SinkError
from overlay.speech.pulse_stream import SoundStream
from overlay.speech.virtual_microphone import SOURCE
from tests.waiting import until

RATE = 16_000
LOUD = 300  # root mean square of what is surely speech, of 32767

PROGRAMS = {
    "pulseaudio": ("pulseaudio",),
    "pipewire": ("dbus-daemon", "pipewire", "wireplumber", "pipewire-pulse"),
}


class SoundServer:
    """The daemons of one server; can be ended and started anew."""

    def __init__(self, kind: str, folder: Path) -> None:
        self.kind, self.folder = kind, folder
        self._running: list[subprocess.Popen[str]] = []

    @property
    def socket(self) -> Path:
        return self.folder / "pulse" / "native"

    def start(self) -> None:
        self.socket.parent.mkdir(mode=0o700, exist_ok=True)
        if self.kind == "pulseaudio":
            protocol = f"module-native-protocol-unix auth-anonymous=1 socket={self.socket}"
            self._start(
                "pulseaudio", "-n", "--daemonize=no", "--exit-idle-time=-1", "--use-pid-file=no", "-L", protocol
            )
        else:
            bus = self._start("dbus-daemon", "--session", "--nofork", "--print-address")
            assert bus.stdout is not None
            os.environ["DBUS_SESSION_BUS_ADDRESS"] = bus.stdout.readline().strip()
            self._start("pipewire")
            until((self.folder / "pipewire-0").is_socket, text="PipeWire did not start")
            self._start("wireplumber")
            self._start("pipewire-pulse")
        until(self._answers, text=f"{self.kind} did not start")
        if self.kind == "pipewire":
            # Which devices are the default is kept by WirePlumber, which may come after the socket: until it has said
            # that it does, the server refuses to be told.
            until(self._keeps_defaults, text="WirePlumber did not start")

    def _answers(self) -> bool:
        """Whether somebody listens: the socket is there a moment earlier."""
        with socket.socket(socket.AF_UNIX) as probe:
            return probe.connect_ex(str(self.socket)) == 0

    def _keeps_defaults(self) -> bool:
        dumped = subprocess.run(["pw-dump"], capture_output=True, text=True, check=False)
        return bool(re.search(r'"metadata\.name": *"default"', dumped.stdout))

    def stop(self) -> None:
        for process in reversed(self._running):
            process.kill()
            process.communicate()
        self._running.clear()
        for left in (self.socket, self.folder / "pipewire-0", self.folder / "pipewire-0.lock"):
            left.unlink(missing_ok=True)

    def _start(self, *command: str) -> "subprocess.Popen[str]":
        with (self.folder / f"{command[0]}.log").open("a") as log:
            self._running.append(subprocess.Popen(command, stdout=subprocess.PIPE, stderr=log, text=True))
        return self._running[-1]


@pytest.fixture(params=PROGRAMS)
def sound_server(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> Iterator[SoundServer]:
    missing = [program for program in PROGRAMS[request.param] if shutil.which(program) is None]
    if missing:
        pytest.skip(f"no {', '.join(missing)} here: `./setup.sh --dev` installs it")
    folder = tmp_path_factory.mktemp("snd")  # a short path: sockets have no long ones
    for name in ("XDG_RUNTIME_DIR", "XDG_STATE_HOME", "XDG_CONFIG_HOME", "HOME"):
        monkeypatch.setenv(name, str(folder))
    for name in ("PULSE_RUNTIME_PATH", "PULSE_SERVER", "PIPEWIRE_RUNTIME_DIR", "PIPEWIRE_REMOTE", "DISPLAY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", "")
    server = SoundServer(request.param, folder)
    try:
        server.start()
        yield server
    finally:
        server.stop()


class Call:
    """A call that has chosen the microphone: notes how loud each hundredth of a second was."""

    def __init__(self) -> None:
        self._stream = SoundStream(SOURCE, RATE, record=True)
        self.heard: list[tuple[float, float]] = []
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._listen, daemon=True)
        self._thread.start()

    def _listen(self) -> None:
        with contextlib.suppress(SinkError):
            while not self._ended.is_set():
                samples = self._stream.read(RATE // 100).astype(float)
                self.heard.append((time.monotonic(), float(np.sqrt(np.mean(samples**2)))))

    def loud(self, since: float = 0.0) -> list[float]:
        """When it was loud."""
        return [at for at, level in self.heard if at >= since and level > LOUD]

    def silent_for(self, seconds: float) -> bool:
        """Whether sound came through all that time, and was silence."""
        last = [level for at, level in self.heard if at > time.monotonic() - seconds]
        return len(last) > seconds * 50 and max(last) == 0.0

    def leave(self) -> None:
        self._ended.set()
        self._thread.join(5)
        self._stream.close()


@pytest.fixture
def join_call() -> Iterator[Callable[[], Call]]:
    """Joins a call; it is left at the end."""
    calls: list[Call] = []

    def join() -> Call:
        calls.append(Call())
        until(lambda: calls[-1].heard, text="the call hears nothing")
        return calls[-1]

    yield join
    for call in calls:
        call.leave()
