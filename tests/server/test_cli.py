"""The command line as people meet it: a process of its own."""

import contextlib
import http.client
import json
import os
import re
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from overlay.hand_model import hand_model_path
from overlay.scratch import LOCK
from server import cli
from server.stopping import INTERRUPTED
from tests.server.processes import LINK, RUN, Signcap
from tests.waiting import until

pytestmark = pytest.mark.e2e


@pytest.fixture
def busy_port() -> Iterator[int]:
    with socket.create_server(("127.0.0.1", 0)) as other:
        yield other.getsockname()[1]


@pytest.mark.slow
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_ends_it_cleanly(start: Callable[..., Signcap], number: signal.Signals) -> None:
    signcap = start(*RUN)
    port, path = signcap.until(LINK).groups()
    connection = http.client.HTTPConnection("127.0.0.1", int(port), timeout=60)
    connection.request("GET", path)
    assert connection.getresponse().status == 200
    signcap.process.send_signal(number)
    assert signcap.end() == 0
    assert signcap.err == []
    with pytest.raises(OSError, match="refused"):
        socket.create_connection(("127.0.0.1", int(port)), timeout=5)


@pytest.mark.slow
def test_a_start_takes_away_the_clips_that_a_killed_run_left(start: Callable[..., Signcap], tmp_path: Path) -> None:
    left = tmp_path / "signcap-left"
    left.mkdir()
    (left / LOCK).touch()
    os.utime(left / LOCK, (0, 0))
    (left / "clip").write_bytes(b"a clip")
    start(*RUN, TMPDIR=str(tmp_path)).until(LINK)
    until(lambda: not left.exists())


@pytest.mark.slow
def test_ctrl_c_with_a_caption_page_open_and_once_more(start: Callable[..., Signcap]) -> None:
    signcap = start("run", *RUN)
    port, path = signcap.until(LINK).groups()
    connection = http.client.HTTPConnection("127.0.0.1", int(port), timeout=60)
    connection.request("GET", path)
    response = connection.getresponse()
    response.read()
    cookie = (response.headers["Set-Cookie"] or "").split(";")[0]
    connection.request("GET", "/api/v1/captions/events", headers={"Cookie": cookie})
    assert connection.getresponse().status == 200
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


@pytest.mark.slow
def test_the_libraries_report_to_nobody(
    start: Callable[..., Signcap], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """ONNX Runtime would make an identifier of this machine and a store of reports in the user's folders."""
    for name in ("CI", "GITHUB_ACTIONS", "TF_BUILD", "ORT_DISABLE_TELEMETRY", "ORT_TELEMETRY_DISABLED"):
        monkeypatch.delenv(name, raising=False)
    homes = dict.fromkeys(("HOME", "XDG_CACHE_HOME", "XDG_DATA_HOME", "LOCALAPPDATA"), str(tmp_path))
    signcap = start(*RUN, SIGNCAP_HAND_MODEL=str(hand_model_path()), **homes)
    port, path = signcap.until(LINK).groups()
    connection = http.client.HTTPConnection("127.0.0.1", int(port), timeout=60)
    connection.request("GET", path)
    response = connection.getresponse()
    response.read()
    cookie = (response.headers["Set-Cookie"] or "").split(";")[0]
    recognised = 0
    while recognised == 0:
        connection.request("GET", "/api/v1/status", headers={"Cookie": cookie})
        recognised = json.load(connection.getresponse())["stages"]["recognise"]["rate"]
        time.sleep(0.1)
    signcap.process.send_signal(signal.SIGINT)
    assert signcap.end() == 0
    assert [found for found in tmp_path.rglob("*") if "onnxruntime" in found.name or found.name == "deviceid"] == []


def test_a_mistake_in_the_settings_file_is_told_and_stops_nothing(
    start: Callable[..., Signcap], tmp_path: Path
) -> None:
    config = tmp_path / "signcap"
    config.mkdir()
    (config / "settings.json").write_text('{\n  "caption": {\n    "place": "middle"\n  }\n}')
    signcap = start(*RUN, XDG_CONFIG_HOME=str(tmp_path))
    signcap.until(LINK)
    assert "line 3, caption.place" in signcap.said
    assert "Until then the last good settings are in force." in signcap.said
    signcap.process.send_signal(signal.SIGINT)
    assert signcap.end() == 0
    assert "Traceback" not in signcap.said


def test_a_port_that_is_taken_is_one_sentence(start: Callable[..., Signcap], busy_port: int) -> None:
    signcap = start("--port", str(busy_port), *RUN)
    assert signcap.end() == 1
    assert signcap.out == []
    assert signcap.err == [
        f"Port {busy_port} is taken by another program: choose another with --port, or leave it out.\n"
    ]


@pytest.fixture
def usual_port_taken() -> Iterator[None]:
    """Takes Signcap's usual port; who has it already may be about to let go of it, or keeps it."""
    with contextlib.ExitStack() as stack:
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline:
            try:
                stack.enter_context(socket.create_server(("127.0.0.1", 8765)))
                break
            except OSError:
                time.sleep(0.1)
        yield


@pytest.mark.slow
def test_without_a_port_the_next_free_one_is_taken_and_said(
    start: Callable[..., Signcap], usual_port_taken: None
) -> None:
    signcap = start(*RUN)
    found = signcap.until(LINK)[1]
    assert found != "8765"
    assert re.search(rf"^Port 8765 is taken.*using {found}\.$", "".join(signcap.out), re.MULTILINE)


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
def test_what_cannot_be_used_is_one_sentence(
    start: Callable[..., Signcap], arguments: tuple[str, ...], sentence: str
) -> None:
    signcap = start(*arguments, "--no-browser")
    assert signcap.end() == 1
    assert len(signcap.err) == 1
    assert sentence in signcap.err[0]
    assert LINK.search(signcap.said) is None


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
def test_bad_options_are_explained(start: Callable[..., Signcap], arguments: tuple[str, ...], hint: str) -> None:
    signcap = start(*arguments)
    assert signcap.end() == 2
    assert hint in "".join(signcap.err)
    assert "Traceback" not in signcap.said


def test_help_and_version(start: Callable[..., Signcap]) -> None:
    text, version = start("--help"), start("--version")
    assert (text.end(), version.end()) == (0, 0)
    assert all(command in "".join(text.out) for command in ("run", "caption"))
    assert re.fullmatch(r"signcap \d+\.\d+\.\d+\n", "".join(version.out))


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
