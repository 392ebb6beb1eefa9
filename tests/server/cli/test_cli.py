"""The command line as people meet it: a process of its own where only that shows it."""

import contextlib
import http.client
import json
import os
import re
import signal
import socket
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from overlay.core.files.scratch import LOCK
from server.cli import main as cli
from server.session.shutdown import INTERRUPTED
from tests.server.processes import LINK, RUN, SMALL_DEMO, Signcap
from tests.server.unserved import Refused, refused
from tests.waiting import until

__all__ = ["refused"]

pytestmark = pytest.mark.e2e


@pytest.fixture
def busy_port() -> Iterator[int]:
    with socket.create_server(("127.0.0.1", 0)) as other:
        yield other.getsockname()[1]


@contextlib.contextmanager
def usual_port_taken() -> Iterator[None]:
    """Takes Signcap's usual port; who has it already may be about to let go of it, or keeps it."""
    with contextlib.ExitStack() as stack:
        with contextlib.suppress(AssertionError):
            stack.enter_context(until(_take_usual_port, 30))
        yield


def _take_usual_port() -> socket.socket | None:
    try:
        return socket.create_server(("127.0.0.1", 8765))
    except OSError:
        return None


class Asker:
    """Opens the launch link of a Signcap and asks it."""

    def __init__(self, signcap: Signcap) -> None:
        port, path = signcap.until(LINK).groups()
        self.port = int(port)
        self._connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        self._connection.request("GET", path)
        response = self._connection.getresponse()
        response.read()
        self.opened = response.status
        self._cookie = (response.headers["Set-Cookie"] or "").split(";")[0]

    @property
    def secret(self) -> str:
        """What makes its bearer the owner."""
        return self._cookie.partition("=")[2]

    def ask(self, path: str) -> http.client.HTTPResponse:
        self._connection.request("GET", path, headers={"Cookie": self._cookie})
        return self._connection.getresponse()

    def recognised(self) -> float:
        """Pictures a second that are read."""
        return float(json.load(self.ask("/api/v1/status"))["stages"]["recognise"]["rate"])


@dataclass
class Run:
    """What a run said, did and left, until a signal ended it.

    Attributes:
        signcap: it, ended.
        status: which it ended with.
        asker: its owner.
        home: all that it could write to.
        left: a folder that a killed run had left there.
    """

    signcap: Signcap
    status: int
    asker: Asker
    home: Path
    left: Path


@pytest.fixture(scope="module")
def one_run(tmp_path_factory: pytest.TempPathFactory, hand_model: Path) -> Run:
    """A run with much around it that it has to bear: started once, for all tests that look at what came of it."""
    home = tmp_path_factory.mktemp("home")
    settings = home / "config" / "signcap" / "settings.json"
    settings.parent.mkdir(parents=True)
    settings.write_text('{\n  "caption": {\n    "place": "middle"\n  }\n}')
    left = home / "signcap-left"
    left.mkdir()
    (left / LOCK).touch()
    os.utime(left / LOCK, (0, 0))
    (left / "clip").write_bytes(b"a clip")
    places = dict.fromkeys(("HOME", "XDG_CACHE_HOME", "XDG_DATA_HOME", "LOCALAPPDATA", "TMPDIR"), str(home))
    places |= {f"XDG_{kind.upper()}_HOME": str(home / kind) for kind in ("config", "state")}
    with usual_port_taken(), pytest.MonkeyPatch.context() as patch:
        for name in ("CI", "GITHUB_ACTIONS", "TF_BUILD", "ORT_DISABLE_TELEMETRY", "ORT_TELEMETRY_DISABLED"):
            patch.delenv(name, raising=False)
        signcap = Signcap(*RUN, program=SMALL_DEMO, SIGNCAP_HAND_MODEL=str(hand_model), **places)
        try:
            asker = Asker(signcap)
            until(lambda: asker.recognised() > 0)  # models are loaded
            for text in (b"OPEN THIS LINK", b"\x1b]0;TITLE\x07", b"LINE\nLINE"):
                for _ in range(30):
                    send(asker.port, b"GET /" + text * 400 + b" HTTP/1.1\r\nX: " + text + b"\r\n\r\n")
            signcap.process.send_signal(signal.SIGTERM)
            status = signcap.end()
        finally:
            signcap.process.kill()
    return Run(signcap, status, asker, home, left)


def send(port: int, request: bytes) -> None:
    """Send it, and wait until the connection is closed."""
    with socket.create_connection(("127.0.0.1", port), timeout=60) as connection:
        connection.sendall(request)
        while connection.recv(65536):
            pass


@pytest.mark.slow
def test_a_signal_ends_it_cleanly(one_run: Run) -> None:
    assert one_run.asker.opened == 200
    assert one_run.status == 0
    assert one_run.signcap.err == []
    with pytest.raises(OSError, match="refused"):
        socket.create_connection(("127.0.0.1", one_run.asker.port), timeout=5)


def test_a_start_takes_away_the_clips_that_a_killed_run_left(one_run: Run) -> None:
    assert not one_run.left.exists()


def test_the_libraries_report_to_nobody(one_run: Run) -> None:
    """ONNX Runtime would make an identifier of this machine and a store of reports in the user's folders."""
    files = list(one_run.home.rglob("*"))
    assert [found for found in files if "onnxruntime" in found.name or found.name == "deviceid"] == []


def test_a_mistake_in_the_settings_file_is_told_and_stops_nothing(one_run: Run) -> None:
    assert "line 3, caption.place" in one_run.signcap.said
    assert "Until then the last good settings are in force." in one_run.signcap.said
    assert one_run.status == 0
    assert "Traceback" not in one_run.signcap.said


def test_without_a_port_the_next_free_one_is_taken_and_said(one_run: Run) -> None:
    assert one_run.asker.port != 8765
    said = "".join(one_run.signcap.out)
    assert re.search(rf"^Port 8765 is taken.*using {one_run.asker.port}\.$", said, re.MULTILINE)


def test_a_page_of_another_site_writes_nothing_into_the_terminal_and_no_secret_into_a_file(one_run: Run) -> None:
    assert "".join(one_run.signcap.out).splitlines()[-1] == "Press Ctrl-C to quit."
    assert one_run.signcap.err == []
    assert re.fullmatch(r"[\w-]{43}", one_run.asker.secret)
    assert one_run.asker.secret not in one_run.signcap.said
    files = [file for file in one_run.home.rglob("*") if file.is_file()]
    assert files
    assert [file for file in files if one_run.asker.secret.encode() in file.read_bytes()] == []


@pytest.mark.slow
def test_ctrl_c_with_a_caption_page_open_and_once_more(start: Callable[..., Signcap]) -> None:
    signcap = start("run", *RUN, program=SMALL_DEMO)
    assert Asker(signcap).ask("/api/v1/captions/events").status == 200
    signcap.process.send_signal(signal.SIGINT)
    signcap.process.send_signal(signal.SIGINT)
    assert signcap.end() in (0, 130)
    assert "Traceback" not in signcap.said


def test_ctrl_c_while_it_starts(start: Callable[..., Signcap]) -> None:
    signcap = start(*RUN)
    try:
        signcap.process.wait(0.5)
    except subprocess.TimeoutExpired:
        signcap.process.send_signal(signal.SIGINT)
    assert signcap.end() in (0, 130, -signal.SIGINT)
    assert "Traceback" not in signcap.said


@pytest.mark.integration
def test_a_port_that_is_taken_is_one_sentence(refused: Refused, busy_port: int) -> None:
    done = refused("--port", busy_port, *RUN)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == (
        f"Port {busy_port} is taken by another program: choose another with --port, or leave it out.\n"
    )


@pytest.mark.integration
@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("--source", "no-such-file.mp4"), "no-such-file.mp4"),
        (("--source", "demo", "--text", "   "), "nothing to spell"),
        (("--model", "no-such-folder", "--source", "demo"), "no-such-folder"),
        (("--hand-model", "no-such-file.task", "--source", "demo"), "no-such-file.task"),
        (("--hot-words", "ANNA, R2D2", "--source", "demo"), "R2D2"),
    ],
)
def test_what_cannot_be_used_is_one_sentence(refused: Refused, arguments: tuple[str, ...], sentence: str) -> None:
    done = refused(*arguments, "--no-browser")
    assert done.returncode == 1
    assert len(done.stderr.splitlines()) == 1
    assert sentence in done.stderr
    assert LINK.search(done.stdout) is None


@pytest.mark.integration
@pytest.mark.parametrize("command", ["run", "caption talk.mp4", "collect data", "enrol"])
def test_a_log_level_that_there_is_not_is_one_sentence(refused: Refused, command: str) -> None:
    done = refused(*command.split(), "--log-level", "loud")
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == "--log-level is loud: choose debug, info, warning or error.\n"


@pytest.mark.integration
@pytest.mark.parametrize(
    ("arguments", "hint"),
    [
        (("--prot", "9000"), "--port"),
        (("rnu",), "run"),
        (("--port", "80x"), "--port"),
        (("--port", "70000"), "65535"),
        (("--text", "HELLO", "--source", "0"), "--source demo"),
    ],
)
def test_bad_options_are_explained(refused: Refused, arguments: tuple[str, ...], hint: str) -> None:
    done = refused(*arguments)
    assert done.returncode == 2
    assert hint in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.integration
def test_help_and_version(refused: Refused) -> None:
    text, version = refused("--help"), refused("--version")
    assert (text.returncode, version.returncode) == (0, 0)
    assert all(command in text.stdout for command in ("run", "caption"))
    assert re.fullmatch(r"signcap \d+\.\d+\.\d+\n", version.stdout)


@pytest.mark.unit
def test_ctrl_c_while_a_native_library_is_imported_is_no_traceback(monkeypatch: pytest.MonkeyPatch) -> None:
    """Such a library turns it into an ImportError."""

    def interrupted() -> None:
        raise ImportError("initialization failed") from KeyboardInterrupt()

    def missing() -> None:
        raise ImportError("no such module")

    monkeypatch.setattr(cli, "app", interrupted)
    with pytest.raises(SystemExit) as ended:
        cli.main()
    assert ended.value.code == INTERRUPTED
    monkeypatch.setattr(cli, "app", missing)
    with pytest.raises(ImportError, match="no such module"):
        cli.main()
