"""`signcap doctor` as people meet it, and the report of its findings."""

import io
import itertools
import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from rich.console import Console

from overlay.core.process.listener import listen
from overlay.doctor import Finding, Machine
from overlay.doctor.finding import good, problem, unknown, warning
from overlay.doctor.report import FORMAT, has_problem, report, summary
from overlay.doctor.system import port as port_check
from overlay.doctor.system.port import check_port, signcap_runs
from server.cli.doctor import show
from server.doctor.browser import check_browser
from server.doctor.checks import all_checks, run_checks

pytestmark = pytest.mark.unit

CHECKED = {
    "python", "packages", "hand model", "camera", "virtual camera", "speed", "memory", "port", "browser", "settings"
}  # fmt: skip


def doctor(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "server.cli.main", "doctor", *arguments],
        capture_output=True,
        text=True,
        check=False,
        encoding=environment.get("PYTHONIOENCODING", "utf-8"),
        env=os.environ | {"NO_COLOR": "1", "COLUMNS": "60", "PYTHONIOENCODING": "utf-8"} | environment,
    )


@pytest.mark.e2e
@pytest.mark.slow
def test_each_line_has_a_mark_and_advice_is_whole_and_a_problem_is_told_by_the_status(tmp_path: Path) -> None:
    done = doctor(SIGNCAP_HAND_MODEL=str(tmp_path / "absent.task"))
    lines = done.stdout.splitlines()
    assert lines[-2] == ""
    for line, following in itertools.pairwise(lines[:-1]):
        assert line[:2] in ("✓ ", "! ", "✗ ", "? ", "  ")
        if line[0] in "!✗":
            assert following.startswith("    ")  # not broken at the 60 columns: commands can be copied
    assert done.stderr == ""
    assert done.returncode == 1
    assert "✗ Hand model: what SIGNCAP_HAND_MODEL names is no hand_landmarker.task" in done.stdout
    assert "problem" in lines[-1]


@pytest.mark.integration
@pytest.mark.slow
def test_json_for_a_bug_report_holds_no_home_and_no_user(here: Callable[..., Any], tmp_path: Path) -> None:
    home = tmp_path / "home" / "zebedee"
    (home / ".config/signcap").mkdir(parents=True)
    (home / ".config/signcap/settings.json").write_text('{"caption": {"place": "middle"}}')
    environment = {"HOME": str(home), "USER": "zebedee", "LOGNAME": "zebedee"}
    for name in ("XDG_CONFIG_HOME", "XDG_CACHE_HOME"):
        environment[name] = ""
    done = here("doctor", "--json", **environment)
    assert "zebedee" not in done.stdout
    told = json.loads(done.stdout)
    assert done.returncode == int(any(finding["state"] == "problem" for finding in told["findings"]))
    assert told["format"] == FORMAT
    assert set(told) == {"format", "signcap", "system", "versions", "findings", "summary"}
    assert {"platform", "python", "cores", "memory_gb"} <= set(told["system"])
    assert told["versions"]["numpy"]
    for finding in told["findings"]:
        assert set(finding) == {"name", "state", "found", "advice"}
        assert finding["state"] in ("good", "warning", "problem", "unknown")
    by_name = {finding["name"]: finding for finding in told["findings"]}
    assert set(by_name) >= CHECKED
    assert (by_name["settings"]["state"], by_name["hand model"]["state"]) == ("warning", "warning")
    assert "~/.config/signcap/settings.json" in by_name["settings"]["advice"]
    assert by_name["speed"]["state"] == "unknown"
    assert not (home / ".cache/signcap").exists()


@pytest.mark.parametrize(("encoding", "marks"), [("utf-8", "✓!✗?"), ("cp1252", "+!x?"), ("ascii", "+!x?")])
def test_marks_that_the_terminal_can_show(encoding: str, marks: str) -> None:
    file = io.TextIOWrapper(io.BytesIO(), encoding=encoding)
    console = Console(file=file, soft_wrap=True, highlight=False)
    findings = [good("camera", "カメラ"), warning("a", "b", "Run `c`."), problem("a", "b", "c"), unknown("a", "b")]
    for finding in findings:
        show(console, finding)
    file.flush()
    lines = file.buffer.getvalue().decode(encoding).splitlines()  # type: ignore[attr-defined]
    assert "".join(line[0] for line in lines if line[0] != " ") == marks
    assert "    Run `c`." in lines


def test_the_closing_line() -> None:
    one, other = problem("camera", "x", "y"), warning("speed", "x", "y")
    assert summary([good("python", "3.12")]) == "All is well."
    assert summary([good("python", "3.12"), other]) == "No problem. 1 warning: speed."
    assert summary([one, one, other]) == "2 problems: camera. 1 warning: speed."
    assert [has_problem([other]), has_problem([other, one])] == [False, True]
    assert report([one])["findings"] == [{"name": "camera", "state": "problem", "found": "x", "advice": "y"}]


def test_a_check_that_fails_stops_nothing() -> None:
    def fail() -> Finding:
        raise ValueError(f"no such thing in {Path.home()}/x")

    found = list(run_checks([("speed", fail), ("python", lambda: good("python", "3.12")), ("camera", lambda: None)]))
    assert [(one.name, one.state) for one in found] == [("speed", "unknown"), ("python", "good")]
    assert found[0].found == "could not be checked (ValueError: no such thing in ~/x)"


@pytest.mark.integration
@pytest.mark.slow
def test_on_a_system_that_nobody_knows_it_still_says_something() -> None:
    found = list(run_checks(all_checks(Machine("freebsd14", Path("/nowhere"), "14.0"))))
    assert {one.name for one in found} >= CHECKED


class Stranger(BaseHTTPRequestHandler):
    """Another program's server."""

    def do_HEAD(self) -> None:
        self.send_response(404)
        self.end_headers()

    def log_message(self, *_: Any) -> None:
        pass


@pytest.fixture
def stranger() -> Iterator[int]:
    server = HTTPServer(("127.0.0.1", 0), Stranger)
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield server.server_port
    server.shutdown()
    server.server_close()


@pytest.mark.integration
def test_a_port_that_is_free_or_another_programs(stranger: int, monkeypatch: pytest.MonkeyPatch) -> None:
    with listen(None) as listener, monkeypatch.context() as patch:
        patch.setattr(port_check, "PATIENCE", 0.3)
        port = listener.getsockname()[1]
        assert check_port(port).state == "warning", "someone who does not answer has it"
    assert check_port(port).state == "good"
    finding = check_port(stranger)
    assert finding.state == "warning"
    assert finding.found.startswith(f"{stranger} is taken by ")
    assert not signcap_runs(stranger)


@pytest.mark.integration
def test_a_port_that_is_another_signcaps(running: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(port_check, "PATIENCE", 60.0)
    assert signcap_runs(running.port)
    finding = check_port(running.port)
    assert (finding.state, finding.found.split(";")[0]) == ("good", f"Signcap runs at {running.port}")


def test_browser() -> None:
    finding = check_browser(on_desktop=False)
    assert (finding.state, finding.found) == ("warning", "no desktop here")
