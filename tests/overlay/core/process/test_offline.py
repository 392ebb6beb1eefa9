"""A thread that reaches no network, and what holds where the system has no such thing."""

import gc
import os
import socket
import subprocess
import sys
import threading
import weakref
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from overlay.core.process import offline
from overlay.core.process.offline import OfflineThread, lead_nowhere, refuse_sockets, users_environment
from overlay.recognition.hands.mediapipe_hands import MediaPipeHands

pytestmark = pytest.mark.unit

linux = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="a filter of Linux")
FAMILIES = [socket.AF_INET, socket.AF_INET6, getattr(socket, "AF_UNIX", socket.AF_INET)]


@pytest.fixture
def thread() -> Iterator[OfflineThread]:
    thread = OfflineThread()
    yield thread
    thread.stop()


def opens(family: socket.AddressFamily) -> bool:
    """Whether this thread may have a socket."""
    try:
        socket.socket(family, socket.SOCK_DGRAM).close()
    except PermissionError:
        return False
    return True


def in_a_thread_of_its_own(work: Callable[[], bool]) -> bool:
    came: list[bool] = []
    thread = threading.Thread(target=lambda: came.append(work()))
    thread.start()
    thread.join()
    return came[0]


@linux
@pytest.mark.parametrize("family", FAMILIES)
def test_neither_the_thread_nor_one_that_it_makes_has_sockets_and_all_others_do(
    thread: OfflineThread, family: socket.AddressFamily
) -> None:
    assert not thread.call(lambda: opens(family))
    assert not thread.call(lambda: in_a_thread_of_its_own(lambda: opens(family)))
    assert opens(family)
    assert in_a_thread_of_its_own(lambda: opens(family))


@pytest.mark.integration
@linux
def test_no_name_is_looked_up_in_it(thread: OfflineThread) -> None:
    with pytest.raises(socket.gaierror):
        thread.call(lambda: socket.getaddrinfo("example.org", 443))


@linux
def test_files_are_read_and_pipes_made_in_it_as_ever(thread: OfflineThread, tmp_path: Path) -> None:
    thread.call(lambda: (tmp_path / "file").write_text("there"))
    assert (tmp_path / "file").read_text() == "there"
    assert thread.call(lambda: [end.close() for end in socket.socketpair()]) == [None, None]


def test_what_comes_of_the_work_is_returned_or_raised(thread: OfflineThread) -> None:
    assert thread.call(lambda: 3) == 3
    with pytest.raises(ValueError, match="no such thing"):
        thread.call(lambda: int("no such thing"))
    assert thread.call(threading.get_ident) != threading.get_ident()


def test_it_does_what_it_was_given_before_it_ends() -> None:
    thread, done = OfflineThread(), []
    first, second = thread.post(lambda: done.append(1)), thread.post(lambda: done.append(2))
    thread.stop()
    first.result()
    second.result()
    assert done == [1, 2]


def test_nothing_of_the_work_stays_behind(thread: OfflineThread) -> None:
    class Large:
        def work(self) -> None:
            pass

    large = Large()
    gone = weakref.ref(large)
    thread.call(large.work)
    del large
    thread.call(lambda: None)
    gc.collect()
    assert gone() is None


@pytest.mark.integration
def test_a_finder_that_is_dropped_lets_go_of_its_thread(hand_model: Path) -> None:
    before = {thread for thread in threading.enumerate() if thread.name == "offline"}
    finder = MediaPipeHands(hand_model)
    (made,) = {thread for thread in threading.enumerate() if thread.name == "offline"} - before
    del finder
    gc.collect()
    made.join(30)
    assert not made.is_alive()


@pytest.fixture
def users_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    """A user behind a proxy, without exceptions."""
    monkeypatch.setenv("https_proxy", "http://proxy.test:3128")
    monkeypatch.delenv("no_proxy", raising=False)
    monkeypatch.setattr(offline, "_users", {})


@pytest.mark.usefixtures("users_proxy")
@pytest.mark.parametrize("times", [1, 2])
def test_where_there_is_no_filter_only_programs_that_are_started_find_the_users_proxy(times: int) -> None:
    try:
        for _ in range(times):
            lead_nowhere()
        assert os.environ["https_proxy"] == "off://"
        assert "no_proxy" in os.environ
        started = users_environment()
        assert started["https_proxy"] == "http://proxy.test:3128"
        assert "no_proxy" not in started
    finally:
        os.environ.pop("no_proxy", None)


@pytest.mark.usefixtures("users_proxy")
@pytest.mark.parametrize(("system", "machine"), [("darwin", "arm64"), ("win32", "AMD64"), ("linux", "riscv64")])
def test_systems_without_the_filter_lead_nowhere(monkeypatch: pytest.MonkeyPatch, system: str, machine: str) -> None:
    monkeypatch.setattr("sys.platform", system)
    monkeypatch.setattr("platform.machine", lambda: machine)
    assert not refuse_sockets()
    thread = OfflineThread()
    try:
        assert thread.call(lambda: os.environ["https_proxy"]) == "off://"
    finally:
        thread.stop()
        os.environ.pop("no_proxy", None)


@pytest.mark.e2e
@linux
def test_the_proxy_that_leads_nowhere_stops_mediapipe_too(hand_model: Path, tmp_path: Path) -> None:
    """Where there is no filter: closing a hand finder, which sends at once, opens no connection."""
    from tests.network.traced import Traced, can_trace

    if not can_trace():
        pytest.skip("needs strace, and leave to trace")
    script = (
        "import sys; from pathlib import Path; from overlay.core.process import offline\n"
        "offline.refuse_sockets = lambda: False\n"
        "from overlay.recognition.hands.mediapipe_hands import MediaPipeHands\n"
        "MediaPipeHands(Path(sys.argv[1])).close(); import time; time.sleep(2)"
    )
    program = Traced([sys.executable, "-c", script, str(hand_model)], tmp_path / "trace", os.environ)
    assert program.process.wait(120) == 0, program.said
    assert program.strangers() == []


def test_the_browser_is_opened_with_the_users_own_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    from server.cli import run

    given: list[dict[str, str]] = []
    monkeypatch.setattr(offline, "_users", {"https_proxy": "http://proxy.test:3128", "no_proxy": None})
    monkeypatch.setattr(subprocess, "run", lambda _command, **options: given.append(options["env"]))
    run._open_browser("http://127.0.0.1:8765/")
    assert given[0]["https_proxy"] == "http://proxy.test:3128"
