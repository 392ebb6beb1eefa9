"""Recordings of a whole `signcap run`: ended, killed, told by a signal, on full and on closed disks."""

import http.client
import json
import os
import re
import signal
import sys
import time
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from tests.overlay.recording.conftest import closed_disk, play, small_disk
from tests.server.processes import LINK, RUN, Signcap
from tests.waiting import until

__all__ = ["closed_disk", "small_disk"]

pytestmark = [pytest.mark.e2e, pytest.mark.skipif(sys.platform == "win32", reason="needs signals")]


class Recorded:
    """Asks a running Signcap how long its recording is."""

    def __init__(self, signcap: Signcap) -> None:
        port, path = signcap.until(LINK).groups()
        self._port = int(port)
        self._cookie = (self._get(path)[0]["Set-Cookie"] or "").split(";")[0]

    def seconds(self) -> float:
        """So far, of what the encoder was given."""
        return float(self._state()["seconds"])

    def until_its_end(self) -> list[float]:
        """Wait until it has ended by itself; how long it was all the time."""
        looks = [0.0]
        deadline = time.monotonic() + 180
        while (state := self._state())["on"]:
            assert time.monotonic() < deadline, looks[-20:]
            looks.append(float(state["seconds"]))
            time.sleep(0.1)
        return [*looks, float(state["seconds"])]

    def until(self, seconds: float) -> None:
        """Wait until it is that long."""
        self._look_until(lambda looks: looks[-1] >= seconds)

    def until_even(self) -> float:
        """Wait until pictures have come without a gap for a second; how long the recording is then."""

        def even(looks: list[float]) -> bool:
            steps = [after - before for before, after in pairwise(looks[-6:])]
            return len(steps) == 5 and max(steps) < 0.45

        return self._look_until(even)

    def _look_until(self, enough: Callable[[list[float]], bool]) -> float:
        deadline = time.monotonic() + 120
        looks = [self.seconds()]
        while not enough(looks):
            assert time.monotonic() < deadline, looks[-20:]
            time.sleep(0.2)
            looks.append(self.seconds())
        return looks[-1]

    def _state(self) -> dict[str, Any]:
        return dict(json.loads(self._get("/api/v1/status")[1])["recording"])

    def _get(self, path: str) -> tuple[http.client.HTTPMessage, bytes]:
        connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=60)
        headers = {"Cookie": self._cookie} if path.startswith("/api/") else {}
        connection.request("GET", path, headers=headers)
        response = connection.getresponse()
        try:
            return response.headers, response.read()
        finally:
            connection.close()


def until_it_says(text: str, path: Path) -> None:
    """Wait until the file holds the text: a busy machine may read the first words of the demo only in part."""
    until(lambda: text in path.read_text(), 120)


@pytest.mark.slow
def test_killed_it_loses_less_than_a_second(start: Callable[..., Signcap], tmp_path: Path) -> None:
    path = tmp_path / "talk.mp4"
    signcap = start("run", *RUN, "--record", str(path))
    recorded = Recorded(signcap)
    recorded.until(10.0)
    seconds = recorded.until_even()
    signcap.process.kill()
    signcap.process.wait()
    played = play(path)
    assert played.pictures[-1] > seconds - 1.0
    assert len(played.pictures) > 2 * (seconds - 1.0)  # all along; how many a second is the machine's affair
    assert path.with_suffix(".vtt").read_text().startswith("WEBVTT")


@pytest.mark.slow
def test_ctrl_c_leaves_all_of_it(start: Callable[..., Signcap], tmp_path: Path) -> None:
    path = tmp_path / "talk.mp4"
    signcap = start("run", *RUN, "--text", "HI", "--record", str(path), "--record-clean")
    recorded = Recorded(signcap)
    recorded.until(3.0)
    until_it_says("\nHI\n", path.with_suffix(".vtt"))
    seconds = recorded.seconds()
    signcap.process.send_signal(signal.SIGINT)
    assert signcap.end() == 0
    assert signcap.err == []
    assert f"Recording to {path}.\n" in signcap.out
    assert any(
        re.fullmatch(rf"Recorded (\d+ min )?\d+ s to {re.escape(str(path))}\..*\n", line) for line in signcap.out
    )
    names = {"talk.mp4", "talk-clean.mp4", "talk.vtt", "talk.srt"}
    assert {one.name for one in tmp_path.iterdir()} == names
    assert {one.stat().st_mode & 0o777 for one in tmp_path.iterdir()} == {0o600}
    for one, late in ((path, 0.1), (path.with_name("talk-clean.mp4"), 0.5)):  # the length told is the first one's
        assert play(one).pictures[-1] >= seconds - late
        assert b"moof" not in one.read_bytes()
    assert "HI" in [text for _, _, text in play(path).captions]


@pytest.mark.slow
def test_a_key_of_the_desktop_starts_and_stops_it(start: Callable[..., Signcap], tmp_path: Path) -> None:
    videos = tmp_path / "videos"
    videos.mkdir()
    environment = {"XDG_STATE_HOME": str(tmp_path / "state"), "XDG_VIDEOS_DIR": str(videos)}
    nobody = start("record", **environment)
    assert nobody.end() == 1
    assert nobody.said.startswith("No Signcap is running: ")
    signcap = start("run", *RUN, **environment)
    recorded = Recorded(signcap)
    note = tmp_path / "state" / "signcap" / "running.json"
    assert note.stat().st_mode & 0o777 == 0o600
    first = start("record", **environment)
    assert first.end() == 0, first.said
    (path,) = videos.glob("Signcap 20??-??-?? ??.??.??.mp4")
    assert first.out == [f"Recording to {path}.\n"]
    recorded.until(1.0)
    os.kill(signcap.process.pid, signal.SIGUSR1)  # what the command does
    signcap.until(re.compile(rf"Recorded \d+ s to {re.escape(str(path))}"))
    assert play(path).pictures[-1] > 0.8
    signcap.process.send_signal(signal.SIGINT)
    assert signcap.end() == 0
    assert not note.exists()


def test_a_name_that_is_taken_gets_one_sentence(start: Callable[..., Signcap], tmp_path: Path) -> None:
    path = tmp_path / "talk.mp4"
    path.write_text("somebody's")
    signcap = start("run", *RUN, "--record", str(path))
    assert signcap.end() == 1
    assert signcap.out == []
    assert signcap.err == [f"{path} exists already, and nothing is written over it: choose another name.\n"]
    assert path.read_text() == "somebody's"


def test_a_folder_that_is_closed_gets_one_sentence(start: Callable[..., Signcap], closed_disk: Path) -> None:
    signcap = start("run", *RUN, "--record", str(closed_disk))
    assert signcap.end() == 1
    assert signcap.out == []
    assert signcap.err == [f"Cannot record to {closed_disk}: choose a folder that you may write to.\n"]


@pytest.mark.slow
def test_a_full_disk_ends_the_recording_and_not_the_run(start: Callable[..., Signcap], small_disk: Path) -> None:
    full = small_disk / "others"
    full.write_bytes(bytes(20_300_000))
    path = small_disk / "talk.mp4"
    signcap = start("run", *RUN, "--record", str(path))
    looks = Recorded(signcap).until_its_end()
    found = signcap.until(re.compile(r"The recording has ended, as the disk is full: (\d+) seconds are in .*\n"))
    assert signcap.process.poll() is None
    played = play(path)
    assert float(found[1]) == pytest.approx(played.pictures[-1], abs=0.6)
    before = max(look for look in looks if look <= looks[-1] - 1.0)  # there may be no pictures for long after it
    assert played.pictures[-1] > before - 0.5
    assert played.pictures[-1] > 0.3
    signcap.process.send_signal(signal.SIGINT)
    assert signcap.end() == 0
    assert signcap.err == []
    assert len([line for line in signcap.out if "disk is full" in line]) == 1
    assert full.stat().st_size == 20_300_000
