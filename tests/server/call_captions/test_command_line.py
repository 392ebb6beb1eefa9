"""`signcap --call-captions` as a process of its own: the link comes by a pipe or a terminal, nothing else has it."""

import os
import pty
import re
import select
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.server.call_captions.conftest import ZOOM, shows_no_secret

pytestmark = pytest.mark.e2e

# No test asks the real Zoom: in this process nobody knows where it is.
WITHOUT_ZOOM = """
import socket
known = socket.getaddrinfo
def getaddrinfo(host, *more, **others):
    if host not in (None, "127.0.0.1", "localhost"):
        raise socket.gaierror(socket.EAI_NONAME, "unknown")
    return known(host, *more, **others)
socket.getaddrinfo = getaddrinfo
from server.cli import main
main()
"""
RUN = ("--source", "demo", "--no-browser", "--virtual-camera", "off", "--call-captions")


class Process:
    """Signcap, its output, and everything that the system tells others of it."""

    def __init__(self, stdin: Any, stdout: Any, home: Path) -> None:
        places = {"XDG_CONFIG_HOME": str(home), "XDG_STATE_HOME": str(home), "XDG_DATA_HOME": str(home)}
        self.process = subprocess.Popen(
            [sys.executable, "-c", WITHOUT_ZOOM, *RUN],
            stdin=stdin,
            stdout=stdout,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            env=os.environ | places | {"NO_COLOR": "1", "COLUMNS": "200"},
        )

    def told_to_others(self) -> str:
        folder = Path(f"/proc/{self.process.pid}")
        return (folder / "cmdline").read_text() + (folder / "environ").read_text()

    def end(self) -> int:
        self.process.send_signal(signal.SIGINT)
        return self.process.wait(120)


@pytest.fixture
def started() -> Iterator[list[Process]]:
    """Those that a test started end with it."""
    processes: list[Process] = []
    yield processes
    for one in processes:
        if one.process.poll() is None:
            one.process.kill()
            one.process.wait()


def read_until(file: int, pattern: str, seconds: float = 120) -> str:
    text = ""
    deadline = time.monotonic() + seconds
    while not re.search(pattern, text):
        assert select.select([file], [], [], max(0.0, deadline - time.monotonic()))[0], text
        try:
            data = os.read(file, 4096)
        except OSError:  # the terminal's other end is closed
            data = b""
        assert data, text
        text += data.decode()
    return text


@pytest.mark.slow
@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="looks into /proc")
def test_a_link_that_is_piped_in_is_used_and_written_nowhere(started: list[Process], tmp_path: Path) -> None:
    signcap = Process(subprocess.PIPE, subprocess.PIPE, tmp_path)
    started.append(signcap)
    stdin, stdout = signcap.process.stdin, signcap.process.stdout
    assert stdin
    assert stdout
    stdin.write(f"{ZOOM}\n".encode())
    stdin.close()
    said = read_until(stdout.fileno(), "Ctrl-C ends it")
    assert "Finished captions go to Zoom (wmcapi.zoom.us …x4yZ)." in said
    assert shows_no_secret(said + signcap.told_to_others())
    time.sleep(1.5)  # it has tried by now
    assert signcap.end() == 0
    assert shows_no_secret(stdout.read().decode())
    for path in tmp_path.rglob("*"):
        assert path.is_dir() or shows_no_secret(path.read_bytes().decode("latin-1"))


@pytest.mark.slow
@pytest.mark.skipif(os.name != "posix", reason="a terminal is wanted")
def test_at_a_terminal_it_is_asked_for_and_not_shown(started: list[Process], tmp_path: Path) -> None:
    ours, theirs = pty.openpty()
    signcap = Process(theirs, theirs, tmp_path)
    started.append(signcap)
    os.close(theirs)
    said = read_until(ours, "Caption link of the meeting")
    os.write(ours, f"{ZOOM}\n".encode())
    said += read_until(ours, "Ctrl-C ends it")
    assert "Finished captions go to Zoom" in said
    assert shows_no_secret(said)
    assert signcap.end() == 0
    os.close(ours)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ("", "Paste the caption link of the meeting."),
        ("\n", "Paste the caption link of the meeting."),
        (ZOOM.replace("zoom.us", "evilzoom.us"), "this link leads elsewhere"),
        (ZOOM * 20, "This is no caption link."),
    ],
)
def test_what_is_no_link_ends_it_with_a_sentence(
    started: list[Process], tmp_path: Path, given: str, said: str
) -> None:
    signcap = Process(subprocess.PIPE, subprocess.PIPE, tmp_path)
    started.append(signcap)
    written, _ = signcap.process.communicate(given.encode(), timeout=120)
    assert signcap.process.returncode == 1
    assert said in written.decode()
    assert len(written.decode().splitlines()) == 1
    assert shows_no_secret(written.decode())
