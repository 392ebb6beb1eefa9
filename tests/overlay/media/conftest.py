"""A PipeWire of its own, where the machine has one."""

import shutil
import subprocess
from collections.abc import Iterator

import pytest

from tests.waiting import until

PROGRAMS = ("dbus-daemon", "pipewire", "wireplumber", "pw-cli", "pw-dump", "gst-launch-1.0")

Daemon = subprocess.Popen[str]


@pytest.fixture
def session(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Iterator[Daemon]:
    """A PipeWire with a session manager, as a desktop has; gives the daemon."""
    missing = [program for program in PROGRAMS if shutil.which(program) is None]
    if missing:
        pytest.skip(f"PipeWire is not installed here (no {', '.join(missing)}): `./setup.sh --dev` installs it")
    if subprocess.run(["gst-inspect-1.0", "pipewiresrc"], check=False, capture_output=True).returncode != 0:
        pytest.skip("GStreamer cannot read from PipeWire here: `./setup.sh --dev` installs what it needs")
    folder = tmp_path_factory.mktemp("pw")  # a short path: sockets have no long ones
    for name in ("XDG_RUNTIME_DIR", "XDG_STATE_HOME", "XDG_CONFIG_HOME"):
        monkeypatch.setenv(name, str(folder))
    for name in ("PIPEWIRE_RUNTIME_DIR", "PIPEWIRE_REMOTE", "DISPLAY"):
        monkeypatch.delenv(name, raising=False)
    running: list[subprocess.Popen[str]] = []

    def start(*command: str) -> subprocess.Popen[str]:
        with (folder / f"{command[0]}.log").open("w") as log:
            running.append(subprocess.Popen(command, stdout=subprocess.PIPE, stderr=log, text=True))
        return running[-1]

    try:
        bus = start("dbus-daemon", "--session", "--nofork", "--print-address")
        assert bus.stdout is not None
        monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", bus.stdout.readline().strip())
        daemon = start("pipewire")
        until((folder / "pipewire-0").is_socket, text="PipeWire did not start")
        start("wireplumber")
        yield daemon
    finally:
        for process in reversed(running):
            process.kill()
            process.communicate()
