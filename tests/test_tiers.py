"""The tiers are kept: a unit that does what units do not fails, and a test without a tier is refused."""

from pathlib import Path

import pytest

pytest_plugins = ["pytester"]
pytestmark = pytest.mark.e2e  # each starts a pytest of its own

PREAMBLE = "import asyncio, multiprocessing, os, socket, subprocess, sys, time\nimport pytest\n"


@pytest.fixture(autouse=True)
def no_plugins(monkeypatch: pytest.MonkeyPatch) -> None:
    """Those of other packages take a second to be loaded, in each pytest that is started here."""
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")


def run(pytester: pytest.Pytester, module: str, *arguments: str) -> pytest.RunResult:
    """Run a module of tests with the tiers and nothing else of this project's."""
    pytester.makepyfile(test_module=PREAMBLE + module)
    return pytester.runpytest_subprocess("-ptests.tiers", "-q", *arguments)


BEYOND = {
    "time.sleep(0)": "sleeps",
    "asyncio.run(asyncio.sleep(0.001))": "sleeps",
    "socket.create_server(('127.0.0.1', 0)).close()": "binds a socket",
    "socket.socket(socket.AF_INET, socket.SOCK_DGRAM).connect(('127.0.0.1', 9))": "connects a socket",
    "socket.getaddrinfo('127.0.0.1', 80)": "looks a name up",
    "subprocess.run([sys.executable, '-c', ''], check=True)": "starts a process",
    "os.system('true')": "starts a process",
    "multiprocessing.get_context('spawn').Process(target=print).start()": "starts a process",
    "import threading; t = threading.Thread(target=time.sleep, args=(0,)); t.start(); t.join()": "sleeps",
}


def test_a_unit_that_reaches_beyond_itself_fails(pytester: pytest.Pytester) -> None:
    module = "pytestmark = pytest.mark.unit\n"
    for number, work in enumerate(BEYOND):
        module += f"@pytest.fixture\ndef made{number}():\n    {work}\ndef test_{number}(made{number}): pass\n"
    result = run(pytester, module)
    for number, said in enumerate(BEYOND.values()):
        assert f"test_module.py::test_{number} is marked as a unit and {said}." in result.stdout.str()
    assert result.parseoutcomes()["errors"] == len(BEYOND)


def test_what_units_do_passes_and_others_may_do_more(pytester: pytest.Pytester) -> None:
    module = """
pytestmark = pytest.mark.unit
def test_unit(tmp_path):
    (tmp_path / "file").write_text("there")
    asyncio.run(asyncio.sleep(0))
@pytest.mark.integration
def test_other():
    time.sleep(0.001)
"""
    assert run(pytester, module).parseoutcomes() == {"passed": 2}
    assert run(pytester, module, "-m", "unit").parseoutcomes() == {"passed": 1, "deselected": 1}
    assert run(pytester, module, "-m", "integration").parseoutcomes() == {"passed": 1, "deselected": 1}


def test_threads_of_the_tests_before_are_not_a_units_doing(pytester: pytest.Pytester) -> None:
    module = """
import threading
@pytest.mark.integration
def test_that_leaves_a_thread_behind():
    def go_on():
        while True:
            time.sleep(0.001)
    threading.Thread(target=go_on, daemon=True).start()
@pytest.mark.unit
def test_unit():
    threading.Event().wait(0.1)
"""
    assert run(pytester, module).parseoutcomes() == {"passed": 2}


@pytest.mark.parametrize("marks", ["", "@pytest.mark.unit\n@pytest.mark.e2e\n"])
def test_a_test_in_no_tier_or_in_two_is_refused(pytester: pytest.Pytester, marks: str) -> None:
    result = run(pytester, f"{marks}def test_it(): pass\n")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    assert "1 tests are not in exactly one tier" in result.stderr.str()


def test_every_module_of_this_project_says_its_tier() -> None:
    for path in Path(__file__).parent.rglob("test_*.py"):
        assert "pytestmark = " in path.read_text("utf-8"), path
