"""`signcap --call-captions` as people start it: the link comes by a pipe or a terminal, nothing else has it."""

import contextlib
import io
import os
import pty
import re
import select
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from server.call_captions.links import recognise
from server.session.options import RunOptions
from tests.server.call_captions.conftest import ZOOM, shows_no_secret
from tests.server.processes import RUN, SMALL_DEMO
from tests.server.unserved import Refused, refused
from tests.waiting import until

__all__ = ["refused"]

pytestmark = pytest.mark.e2e

# No test asks the real Zoom: in this process nobody knows where it is, and whoever is asked for is noted.
WITHOUT_ZOOM = """
import os, socket
known = socket.getaddrinfo
def getaddrinfo(host, *more, **others):
    if host not in (None, "127.0.0.1", "localhost"):
        with open(os.environ["ASKED_FOR"], "a") as file:
            print(host, file=file)
        raise socket.gaierror(socket.EAI_NONAME, "unknown")
    return known(host, *more, **others)
socket.getaddrinfo = getaddrinfo
"""


class Process:
    """Signcap, its output, and everything that the system tells others of it."""

    def __init__(self, stdin: Any, stdout: Any, home: Path) -> None:
        self.asked_for = home / "asked"
        places = {f"XDG_{kind}_HOME": str(home) for kind in ("CONFIG", "STATE", "DATA")}
        places["ASKED_FOR"] = str(self.asked_for)
        self.process = subprocess.Popen(
            [sys.executable, "-c", WITHOUT_ZOOM + SMALL_DEMO[1], *RUN, "--call-captions"],
            stdin=stdin,
            stdout=stdout,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            env=os.environ | places | {"NO_COLOR": "1", "COLUMNS": "200"},
        )

    def told_to_others(self) -> str:
        folder = Path(f"/proc/{self.process.pid}")
        return (folder / "cmdline").read_text() + (folder / "environ").read_text()

    def end(self, number: int = signal.SIGINT) -> int:
        self.process.send_signal(number)
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
def test_at_a_terminal_it_is_asked_for_and_not_shown_and_is_used_and_written_nowhere(
    started: list[Process], tmp_path: Path
) -> None:
    ours, theirs = pty.openpty()
    signcap = Process(theirs, theirs, tmp_path)
    started.append(signcap)
    os.close(theirs)
    said = read_until(ours, "Caption link of the meeting")
    os.write(ours, f"{ZOOM}\n".encode())
    said += read_until(ours, "Press Ctrl-C to quit")
    assert "Captions go to Zoom (wmcapi.zoom.us …x4yZ)." in said
    assert shows_no_secret(said + signcap.told_to_others())
    until(lambda: signcap.asked_for.exists() and "wmcapi.zoom.us\n" in signcap.asked_for.read_text())
    assert signcap.end(signal.SIGHUP) == 0  # as when the terminal is closed
    assert shows_no_secret(read_to_the_end(ours))
    os.close(ours)
    for path in tmp_path.rglob("*"):
        assert path.is_dir() or shows_no_secret(path.read_bytes().decode("latin-1"))


def read_to_the_end(file: int) -> str:
    """What a terminal shows until its other end is closed, which is an error."""
    data = b""
    with contextlib.suppress(OSError):
        while more := os.read(file, 4096):
            data += more
    return data.decode()


@pytest.mark.integration
def test_a_link_that_is_piped_in_is_taken(
    here: Callable[..., Any], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    runs: list[RunOptions] = []
    monkeypatch.setattr("server.cli.run.run", lambda options: runs.append(options) or 0)
    reading, writing = os.pipe()
    os.write(writing, f"{ZOOM}\n".encode())
    os.close(writing)
    with open(reading) as pipe:
        monkeypatch.setattr(sys, "stdin", pipe)
        done = here(*RUN, "--call-captions")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert [options.call_captions for options in runs] == [recognise(ZOOM)]


@pytest.mark.integration
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
    refused: Refused, monkeypatch: pytest.MonkeyPatch, given: str, said: str
) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO(given))
    done = refused(*RUN, "--call-captions")
    assert done.returncode == 1
    assert said in done.stderr
    assert len((done.stdout + done.stderr).splitlines()) == 1
    assert shows_no_secret(done.stdout + done.stderr)
