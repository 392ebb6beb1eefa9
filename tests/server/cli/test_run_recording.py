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

import av
import numpy as np
import pytest

from overlay.recording.paths import beside_path
from tests.overlay.recording.conftest import closed_disk, play, small_disk
from tests.server.processes import LINK, RUN, SMALL_DEMO, Signcap
from tests.server.unserved import Refused, refused
from tests.waiting import until

__all__ = ["closed_disk", "refused", "small_disk"]

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
def test_ctrl_c_leaves_all_of_it(start: Callable[..., Signcap], tmp_path: Path) -> None:
    path = tmp_path / "talks" / "talk.mp4"
    path.parent.mkdir()
    options = ("--text", "HI", "--record", str(path), "--record-clean")
    signcap = start("run", *RUN, *options, program=SMALL_DEMO, XDG_STATE_HOME=str(tmp_path / "state"))
    recorded = Recorded(signcap)
    note = tmp_path / "state" / "signcap" / "running.json"
    assert note.exists()
    until_it_says("\nHI\n", beside_path(path, ".vtt"))
    seconds = recorded.seconds()
    signcap.process.send_signal(signal.SIGINT)
    assert signcap.end() == 0
    assert signcap.err == []
    assert not note.exists()
    assert f"Recording to {path}.\n" in signcap.out
    assert any(
        re.fullmatch(rf"Recorded (\d+ min )?\d+ s to {re.escape(str(path))}\..*\n", line) for line in signcap.out
    )
    names = {"talk.mp4", "talk-clean.mp4", "Captions of talk.vtt", "Captions of talk.srt"}
    assert {one.name for one in path.parent.iterdir()} == names
    assert {one.stat().st_mode & 0o777 for one in path.parent.iterdir()} == {0o600}
    for one, late in ((path, 0.1), (path.with_name("talk-clean.mp4"), 0.5)):  # the length told is the first one's
        assert play(one).pictures[-1] >= seconds - late
        assert b"moof" not in one.read_bytes()
    assert "HI" in [text for _, _, text in play(path).captions]


@pytest.mark.slow
def test_a_key_of_the_desktop_starts_and_stops_it_and_killed_it_loses_less_than_a_second(
    start: Callable[..., Signcap], here: Callable[..., Any], tmp_path: Path
) -> None:
    videos = tmp_path / "videos"
    videos.mkdir()
    environment = {"XDG_STATE_HOME": str(tmp_path / "state"), "XDG_VIDEOS_DIR": str(videos)}
    nobody = here("record", **environment)
    assert (nobody.returncode, nobody.stdout) == (1, "")
    assert nobody.stderr.startswith("No Signcap is running: ")
    signcap = start("run", *RUN, program=SMALL_DEMO, **environment)
    recorded = Recorded(signcap)
    note = tmp_path / "state" / "signcap" / "running.json"
    assert note.stat().st_mode & 0o777 == 0o600
    first = here("record", **environment)
    (path,) = videos.glob("Signcap 20??-??-?? ??.??.??.mp4")
    assert (first.returncode, first.stdout, first.stderr) == (0, f"Recording to {path}.\n", "")
    recorded.until(1.0)
    os.kill(signcap.process.pid, signal.SIGUSR1)  # what the command does
    signcap.until(re.compile(rf"Recorded \d+ s to {re.escape(str(path))}"))
    assert play(path).pictures[-1] > 0.8
    os.kill(signcap.process.pid, signal.SIGUSR1)
    until(lambda: len(list(videos.glob("*.mp4"))) == 2)
    (path,) = set(videos.glob("*.mp4")) - {path}
    signcap.until(re.compile(re.escape(f"Recording to {path}.")))  # from now on it is the one that is told of
    recorded.until(2.0)
    seconds = recorded.until_even()
    signcap.process.kill()
    signcap.process.wait()
    played = play(path)
    assert played.pictures[-1] > seconds - 1.0
    assert len(played.pictures) > 2 * (seconds - 1.0)  # all along; how many a second is the machine's affair
    assert beside_path(path, ".vtt").read_text().startswith("WEBVTT")


@pytest.mark.integration
def test_a_name_that_is_taken_gets_one_sentence(refused: Refused, tmp_path: Path) -> None:
    path = tmp_path / "talk.mp4"
    path.write_text("somebody's")
    done = refused("run", *RUN, "--record", path)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == f"{path} exists already, and nothing is written over it: choose another name.\n"
    assert path.read_text() == "somebody's"


def test_a_folder_that_is_closed_gets_one_sentence(refused: Refused, closed_disk: Path) -> None:
    done = refused("run", *RUN, "--record", closed_disk)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == f"Cannot record to {closed_disk}: choose a folder that you may write to.\n"


@pytest.fixture
def noise(tmp_path: Path) -> Path:
    """A video of a minute, ten pictures a second, that takes a lot of room."""
    path = tmp_path / "noise.mkv"
    with av.open(str(path), "w") as container:
        video = container.add_stream("mjpeg", rate=10)
        video.width, video.height, video.pix_fmt = 320, 240, "yuvj420p"
        pictures = np.random.default_rng(0).integers(0, 255, (10, 240, 320, 3), np.uint8)
        packets = [video.encode(av.VideoFrame.from_ndarray(one, format="bgr24"))[0] for one in pictures]
        for number in range(600):
            packet = av.Packet(bytes(packets[number % len(packets)]))
            packet.pts = packet.dts = number
            packet.time_base, packet.stream, packet.is_keyframe = packets[0].time_base, video, True
            container.mux(packet)
    return path


@pytest.mark.slow
def test_a_full_disk_ends_the_recording_and_not_the_run(
    start: Callable[..., Signcap], small_disk: Path, noise: Path
) -> None:
    full = small_disk / "others"
    full.write_bytes(bytes(20_300_000))
    path = small_disk / "talk.mp4"
    signcap = start("run", "--source", str(noise), *RUN[2:], "--record", str(path))
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
