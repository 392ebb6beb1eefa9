"""`signcap collect` as its users run it: in this process, and in its own where it has a terminal."""

import contextlib
import functools
import json
import os
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from models.training.data.tree import read_tree
from overlay.media.frame import Picture
from overlay.mp4.video_writer import VideoWriter
from overlay.synthesis import demo_source as demo
from overlay.synthesis.signer import SyntheticSigner
from server.cli.terminal.half_blocks import half_blocks
from tests.server.processes import SMALL_DEMO
from tests.waiting import until

DEMO = ["--source", "demo", "--text", "BABABABABABABABABABABABABABABABA"]

Here = Callable[..., "subprocess.CompletedProcess[str]"]

pytestmark = [pytest.mark.e2e, pytest.mark.skipif(sys.platform == "win32", reason="terminals and signals of Unix")]


@pytest.fixture
def collect(here: Here, monkeypatch: pytest.MonkeyPatch) -> Here:
    """Runs it in this process, with a small demo: it comes at its own pace, and its pictures are what costs."""
    monkeypatch.setattr(
        "overlay.synthesis.demo_source.DemoSource", functools.partial(demo.DemoSource, size=(320, 240))
    )
    return functools.partial(here, "collect")


def record(folder: Path) -> Any:
    return json.loads((folder / "take.json").read_text())


def pictures(folder: Path) -> list[Path]:
    return sorted(folder.rglob("*.jpg"))


# Without keys.


@pytest.mark.slow
@pytest.mark.integration
def test_letters_are_collected_one_after_the_other(collect: Here, hand_model: Path, tmp_path: Path) -> None:
    options = [tmp_path, "--signer", "ann", "--letters", "bZ", "--count", 6, "--burst", 4, "--countdown", 0.2]
    done = collect(*options, "--flip", "--auto", *DEMO)
    assert (done.returncode, done.stderr) == (0, "")
    said = done.stdout.splitlines()
    assert said[0].startswith("14 pictures taken")
    assert said[1] == f"In {tmp_path / 'ann'}: B 6, Z 8."
    found = [(entry.letter, entry.take) for entry in read_tree(tmp_path)]
    assert {take: found.count(take) for take in found} == {
        ("B", "001"): 3,
        ("B", "002"): 3,  # one take can be kept for the test
        ("Z", "001"): 4,
        ("Z", "002"): 4,
    }
    bursts = [record(tmp_path / "ann" / take) for take in ("B/001", "Z/001", "Z/002")]
    assert [(one["flipped"], one["burst"]) for one in bursts] == [(True, None), (True, 4), (True, 4)]
    assert any(frame["hand"] for one in bursts for frame in one["frames"])
    picture = cv2.imread(str(tmp_path / "ann/B/001/0001.jpg"))
    assert picture is not None
    assert picture.shape == (240, 320, 3)  # as the camera gives them

    again = collect(*options, "--auto", *DEMO)
    assert (again.returncode, again.stdout.splitlines()[0]) == (0, "0 pictures taken.")
    assert len(pictures(tmp_path)) == 14


@pytest.mark.slow
@pytest.mark.integration
def test_a_video_that_ends_too_soon(collect: Here, hand_model: Path, tmp_path: Path) -> None:
    video, signer = tmp_path / "clip.mp4", SyntheticSigner("B", size=(320, 240))
    writer = VideoWriter(video)
    pixels = signer.render(signer.letters[0][1])
    for number in range(45):  # three seconds, of which a busy machine may miss most
        writer.send(Picture(cv2.cvtColor(pixels, cv2.COLOR_BGR2YUV_I420), number, number / 15))
    writer.close()
    data = tmp_path / "data"
    done = collect(data, "--signer", "ann", "--letters", "B", "--countdown", 0.2, "--source", video, "--auto")
    assert done.returncode == 1
    assert done.stderr == "clip.mp4 ended before all letters were complete: start again to go on.\n"
    count = len(pictures(data))
    assert count > 3
    assert done.stdout.startswith(f"{count} pictures taken")
    assert len(record(data / "ann/B/001")["frames"]) == count
    assert all(frame["hand"] for frame in record(data / "ann/B/001")["frames"])


@pytest.mark.integration
def test_without_a_terminal_it_says_what_to_do(collect: Here, tmp_path: Path) -> None:
    done = collect(tmp_path, "--signer", "ann", *DEMO)
    assert (done.returncode, done.stdout) == (1, "")
    assert "--auto" in done.stderr
    assert done.stderr.count("\n") == 1


@pytest.mark.slow
@pytest.mark.integration
@pytest.mark.parametrize(("number", "status"), [(signal.SIGINT, 130), (signal.SIGTERM, 143), (signal.SIGHUP, 129)])
def test_a_signal_finishes_the_take(
    collect: Here, hand_model: Path, tmp_path: Path, number: int, status: int
) -> None:
    def tell() -> None:
        until(lambda: len(pictures(tmp_path)) >= 4)
        os.kill(os.getpid(), number)

    def is_not_heard(*_: object) -> None:
        raise AssertionError("Nobody listens to this signal.")

    before = signal.getsignal(number)
    if number != signal.SIGINT:
        signal.signal(number, is_not_heard)
    teller = threading.Thread(target=tell)
    teller.start()
    try:
        options = ("--signer", "ann", "--letters", "A", "--count", 100, "--countdown", 0, "--auto")
        done = collect(tmp_path, *options, *DEMO)
    finally:
        teller.join()
        signal.signal(number, before)
    assert (done.returncode, done.stderr) == (status, "")
    check_finished(tmp_path)


def check_finished(data: Path, least: int = 4) -> None:
    """The take of A that was under way is whole."""
    names = pictures(data / "ann/A")
    assert len(names) >= least
    assert [frame["file"] for frame in record(data / "ann/A/001")["frames"]] == [path.name for path in names]


@pytest.mark.integration
@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["--signer", "../x", *DEMO], "signer's name"),
        (["--signer", "x", *DEMO], "cannot be called x"),
        (["--signer", "", *DEMO], "--signer ann"),
        (DEMO, "--signer ann"),
        (["--signer", "ann", "--letters", "A1", *DEMO], "no letters"),
        (["--signer", "ann", "--letters", "AA", *DEMO], "no letters"),
        (["--signer", "ann", "--letters", "", *DEMO], "no letters"),
        (["--signer", "ann", "--count", "0", *DEMO], "choose 1 to"),
        (["--signer", "ann", "--rate", "99", *DEMO], "choose 0.2 to 30"),
        (["--signer", "ann", "--burst", "1", *DEMO], "choose 2 to"),
        (["--signer", "ann", "--source", "absent.mp4"], "absent.mp4"),
        (["--signer", "ann", "--source", "demo", "--text", "1"], "1"),
        (["--signer", "ann", "--hand-model", "/nowhere.task", *DEMO], "/nowhere.task"),
    ],
)
def test_one_sentence_for_each_mistake(here: Here, tmp_path: Path, arguments: list[str], says: str) -> None:
    done = here("collect", tmp_path / "data", "--auto", *arguments)
    assert (done.returncode, done.stdout) == (1, "")
    assert says in done.stderr
    assert done.stderr.count("\n") == 1
    assert not (tmp_path / "data").exists()


# A disk that takes nothing.


@pytest.mark.integration
def test_a_folder_that_cannot_be_written(here: Here, tmp_path: Path) -> None:
    (tmp_path / "data").write_text("not a folder")
    for folder in (tmp_path / "data", Path("/proc/nowhere"), Path("/proc/self/fd/x/y")):
        done = here("collect", folder, "--signer", "ann", "--auto", *DEMO)
        assert (done.returncode, done.stdout) == (1, "")
        assert f"Nothing can be written into {folder}" in done.stderr
        assert done.stderr.count("\n") == 1


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of 128 kilobytes: a second's pictures."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=128k", "tmpfs", str(folder)], capture_output=True, check=False
    )
    if mounted.returncode != 0:
        pytest.skip("no disk can be mounted here")
    yield folder
    subprocess.run(["umount", str(folder)], check=True)


def check_kept(data: Path, done: subprocess.CompletedProcess[str]) -> None:
    """What is there is whole, and one sentence says why there is no more."""
    assert done.returncode == 1
    assert done.stderr.count("\n") == 1
    kept = pictures(data)
    assert done.stdout.startswith(f"{len(kept)} picture")
    for path in kept:
        assert cv2.imread(str(path)) is not None
    assert not [path for path in data.rglob("*") if path.name.endswith(".part")]


@pytest.mark.slow
def test_a_full_disk_stops_the_take_and_keeps_what_is_there(
    collect: Here, hand_model: Path, small_disk: Path
) -> None:
    done = collect(small_disk, "--signer", "ann", "--letters", "B", "--countdown", 0, "--auto", *DEMO)
    assert "The disk is full" in done.stderr
    check_kept(small_disk, done)
    kept = len(pictures(small_disk))
    assert kept > 3
    assert len(record(small_disk / "ann/B/001")["frames"]) >= kept - 10


@pytest.mark.slow
@pytest.mark.integration
@pytest.mark.parametrize("limit", [4_000, 300_000])
def test_a_limit_on_files_stops_the_take(collect: Here, hand_model: Path, tmp_path: Path, limit: int) -> None:
    """Pictures are larger than the first limit, and smaller than the second."""
    import resource

    options = ["--signer", "ann", "--letters", "B", "--count", 5, "--countdown", 0, "--auto"]
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit, before[1]))
    try:
        done = collect(tmp_path / "data", *options, *DEMO)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    if limit > 100_000:
        assert (done.returncode, done.stderr, len(pictures(tmp_path))) == (0, "", 5)
        assert all(4_000 < path.stat().st_size < limit for path in pictures(tmp_path))
        return
    assert "no file this large" in done.stderr
    check_kept(tmp_path / "data", done)
    assert pictures(tmp_path) == []
    assert not (tmp_path / "data/ann/B").exists()


# With a terminal.


class Terminal:
    """A pseudo-terminal in which the command runs."""

    def __init__(self, *arguments: object) -> None:
        import fcntl
        import pty
        import struct
        import termios

        self._controller, self._terminal = pty.openpty()
        fcntl.ioctl(self._terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 30, 90, 0, 0))
        self._before = termios.tcgetattr(self._terminal)
        self.screen = ""
        command = [sys.executable, *SMALL_DEMO, "collect", *(str(argument) for argument in arguments)]
        environment = os.environ | {"TERM": "xterm-256color", "COLORTERM": "truecolor", "PYTHONIOENCODING": "utf-8"}
        self.process = subprocess.Popen(
            command,
            stdin=self._terminal,
            stdout=self._terminal,
            stderr=self._terminal,
            env=environment,
            start_new_session=True,
        )

    def type(self, keys: str) -> None:
        os.write(self._controller, keys.encode())

    def until(self, text: str, seconds: float = 60) -> None:
        """Wait until the text has been shown since the last time."""
        self._read_until(lambda screen: text in screen, seconds)

    def until_taken(self, number: int) -> None:
        """Wait until it says that so many pictures are taken, or more: not each number is drawn."""
        shown = re.compile(r"taking (\d+) of")
        self._read_until(lambda screen: any(int(taken) >= number for taken in shown.findall(screen)), 60)

    def _read_until(self, enough: Callable[[str], bool], seconds: float) -> None:
        import select

        deadline = time.monotonic() + seconds
        while not enough(re.sub(r"\x1b\[[0-9;]*m", "", self.screen)):
            assert time.monotonic() < deadline, self.screen[-2000:]
            if select.select([self._controller], [], [], 0.1)[0]:
                with contextlib.suppress(OSError):  # marks its end
                    self.screen += os.read(self._controller, 65536).decode("utf-8", "replace")
        self.screen = ""

    def end(self) -> str:
        """What was shown last, when it has ended."""
        import select

        deadline = time.monotonic() + 30
        while self.process.poll() is None or select.select([self._controller], [], [], 0.1)[0]:
            assert time.monotonic() < deadline
            if select.select([self._controller], [], [], 0.1)[0]:
                self.screen += os.read(self._controller, 65536).decode("utf-8", "replace")
        return self.screen

    @property
    def is_restored(self) -> bool:
        """Whether its settings are those from before."""
        import termios

        return termios.tcgetattr(self._terminal) == self._before

    def close(self) -> None:
        self.process.kill()
        self.process.wait()
        os.close(self._controller)
        os.close(self._terminal)


@pytest.fixture
def terminal() -> Iterator[Callable[..., Terminal]]:
    opened: list[Terminal] = []

    def open_terminal(*arguments: object) -> Terminal:
        opened.append(Terminal(*arguments))
        return opened[-1]

    yield open_terminal
    for one in opened:
        one.close()


@pytest.mark.slow
def test_keys(hand_model: Path, tmp_path: Path, terminal: Callable[..., Terminal]) -> None:
    one = terminal(tmp_path, "--letters", "ABC", "--count", 300, "--countdown", 1, *DEMO)
    one.until("Who signs?")
    one.type("x\n")
    one.until("cannot be called x")
    one.type("ann\n")
    one.until("press S")
    assert not one.is_restored
    assert not list(tmp_path.iterdir())
    one.type("s")
    one.until("in 1 …")
    one.until("▀▀▀")
    one.until_taken(5)
    one.type("p")
    one.until("paused")
    one.type("s")
    one.until_taken(8)
    one.type("u")
    one.until("is undone")
    assert pictures(tmp_path) == []
    one.type("n")
    one.until("ann  B  ")
    one.type("s")
    one.until_taken(4)
    one.type("x")
    one.until("kept")
    one.type("\x1b[D")
    one.until("ann  A  ")
    one.type("b")
    one.until("ann  C  ")
    one.type("q")
    shown = one.end()
    assert one.process.returncode == 0
    assert one.is_restored
    last = shown[shown.rindex("\x1b[?1049l") :]  # what stays on the terminal
    assert "\x1b[?25h" in shown
    count = len(pictures(tmp_path / "ann/B/001"))
    assert count >= 4
    assert f"{count} pictures taken" in last
    assert f"B {count}." in last
    assert [entry.letter for entry in read_tree(tmp_path)] == ["B"] * count


@pytest.mark.slow
def test_an_older_take_is_undone_by_the_second_press_and_ctrl_c_finishes_the_take(
    collect: Here, hand_model: Path, tmp_path: Path, terminal: Callable[..., Terminal]
) -> None:
    options = [tmp_path, "--signer", "ann", "--letters", "AB", "--count", 3, "--takes", 1, "--countdown", 0]
    assert collect(*options, "--auto", *DEMO).returncode == 0
    one = terminal(*options, "--rate", 0.4, *DEMO)
    one.until("complete")
    one.type("u")
    one.until("press U again")
    one.type("p")
    one.type("u")
    one.until("press U again")
    assert len(pictures(tmp_path)) == 6
    one.type("u")
    one.until("is undone")
    assert sorted(path.name for path in (tmp_path / "ann").iterdir()) == ["B"]
    one.type("s")
    one.until_taken(1)
    one.process.send_signal(signal.SIGINT)
    assert "Traceback" not in one.end()
    assert one.process.returncode == 130
    assert one.is_restored
    check_finished(tmp_path, least=1)


# Pictures made of characters.


@pytest.mark.unit
def test_two_pixels_in_each_character() -> None:
    picture = np.zeros((4, 4, 3), np.uint8)
    picture[:2] = (0, 0, 248)  # red above black, and blue above green
    picture[2:] = (0, 248, 0)
    assert half_blocks(picture, 2, 9) == ["\x1b[38;2;248;0;0m\x1b[48;2;0;248;0m▀▀\x1b[0m"]
    assert half_blocks(picture, 2, 9, "256") == ["\x1b[38;5;196m\x1b[48;5;46m▀▀\x1b[0m"]


@pytest.mark.unit
@pytest.mark.parametrize(
    ("columns", "rows", "expected"), [(160, 99, (160, 45)), (300, 30, (106, 30)), (1, 1, (1, 1))]
)
def test_pictures_keep_their_shape(columns: int, rows: int, expected: tuple[int, int]) -> None:
    lines = half_blocks(np.zeros((720, 1280, 3), np.uint8), columns, rows)
    assert (lines[0].count("▀"), len(lines)) == expected
