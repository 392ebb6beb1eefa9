"""Takes on disk, and when a picture is taken."""

import json
import os
import signal
import stat
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from models.training.data.tree import read_tree
from overlay.core.errors import SigncapError
from overlay.media.frame import Frame
from overlay.recognition.hands.hand_detector import Hand
from server.collection.collector import Collector
from server.collection.options import Choice
from server.collection.state import Phase
from server.collection.store import Store, check_signer
from server.collection.take import TakeInfo
from server.collection.take_writer import WAITING, Recording
from tests.waiting import until

pytestmark = pytest.mark.unit

BEGAN = datetime(2024, 5, 6, 7, 8, 9, tzinfo=UTC)
HAND = Hand(np.zeros((21, 3), np.float32), "left", 0.98765)
INFO = TakeInfo("ann", "A", BEGAN, 10.0, False, None, "camera 0", "signcap test")


class Camera:
    """Hands frames to a collector at times that a test says; each is as light as its number."""

    def __init__(self, collector: Collector, rate: float = 30.0) -> None:
        self.collector = collector
        self.rate = rate
        self.jitter = 0.0  # seconds by which frames come too early or too late
        self.count = 0
        self.at = 1000.0

    def run(self, seconds: float, hand: Hand | None = HAND) -> None:
        for _ in range(round(seconds * self.rate)):
            pixels = np.full((36, 64, 3), self.count % 250, np.uint8)
            pixels[:, :32] //= 2
            late = self.jitter * (1, -1, 0, -1, 1)[self.count % 5]
            self.collector.accept(Frame(pixels, self.count, self.at + late), hand)
            self.count += 1
            self.at += 1 / self.rate
            if self.count % 8 == 0:
                self._wait_for_writer()

    def _wait_for_writer(self) -> None:
        """It has all the time that passes between real frames: let it not fall behind by as much as makes it drop."""
        deadline = time.monotonic() + 60
        while (state := self.collector.state).taken > WAITING // 2 and not state.failed:
            choice = state.choice
            take = self.collector.store.folder / choice.signer / choice.letter / (state.take or "none")
            if state.taken - len(list(take.glob("*.jpg"))) <= WAITING // 2:
                break
            assert time.monotonic() < deadline
            time.sleep(0.002)

    def until(self, phase: Phase, most: float = 60) -> float:
        """Seconds until it comes to that."""
        began = self.at
        while self.collector.state.phase is not phase:
            assert self.at - began < most
            self.run(1 / self.rate)
        return self.at - began


def collecting(tmp_path: Path, **choice: Any) -> tuple[Collector, Camera]:
    chosen = Choice(**({"signer": "ann", "count": 20, "takes": 1} | choice))
    collector = Collector(Store(tmp_path), "camera 0", chosen, now=lambda: BEGAN)
    return collector, Camera(collector)


def record(tmp_path: Path, take: str = "ann/A/001") -> Any:
    return json.loads((tmp_path / take / "take.json").read_text())


def recorded(tmp_path: Path) -> int:
    """How many frames the first take's record has; none before there is one."""
    try:
        return len(record(tmp_path)["frames"])
    except FileNotFoundError:
        return 0


def files(folder: Path) -> list[str]:
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())


def pictures(folder: Path) -> list[str]:
    return [name for name in files(folder) if name.endswith(".jpg")]


# Names.


@pytest.mark.parametrize("name", ["ann", "Ann-2", "x_1", "42", "_a", "a" * 40])
def test_names_that_signers_may_have(name: str) -> None:
    assert check_signer(name) == name


@pytest.mark.parametrize(
    "name",
    ["", "a", "Z", ".ann", "-ann", "an n", "../ann", "ann/bob", "ann\\bob", "a" * 41, "ann.", "élan", "NUL", "ann\n"],
)
def test_names_that_signers_may_not_have(name: str, tmp_path: Path) -> None:
    with pytest.raises(SigncapError, match="signer"):
        check_signer(name)
    with pytest.raises(SigncapError):
        Store(tmp_path).counts(name)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "changes",
    [
        {"letter": "AB"},
        {"letter": "Ä"},
        {"letter": 3},
        {"count": 0},
        {"count": 1.5},
        {"count": True},
        {"rate": 31},
        {"rate": float("nan")},
        {"burst": 1},
        {"countdown": -1},
        {"flip": 1},
        {"color": "red"},
        {"signer": "../bob"},
    ],
)
def test_choices_that_are_none(changes: dict[str, Any], tmp_path: Path) -> None:
    collector, _ = collecting(tmp_path)
    before = collector.state.choice
    with pytest.raises(SigncapError):
        collector.choose(**changes)
    assert collector.state.choice == before


# When a picture is taken.


@pytest.mark.integration
def test_a_letter_is_taken_after_the_countdown_at_its_rate(tmp_path: Path) -> None:
    collector, camera = collecting(tmp_path)
    camera.run(1)
    collector.start()
    camera.run(1.5)
    assert collector.state.phase is Phase.COUNTDOWN
    assert collector.state.countdown == pytest.approx(1.5, abs=0.1)
    assert not list(tmp_path.iterdir())
    camera.until(Phase.TAKING)
    seconds = camera.until(Phase.DONE)
    assert seconds == pytest.approx(19 / 10, abs=0.1)
    collector.settle()
    assert collector.state.counts["A"] == 20
    assert files(tmp_path / "ann/A/001") == [*(f"{number:04}.jpg" for number in range(1, 21)), "take.json"]
    steps = np.diff([frame["at"] for frame in record(tmp_path)["frames"]])
    assert np.all((steps > 0.09) & (steps < 0.11))


def test_what_the_record_says(tmp_path: Path) -> None:
    collector, camera = collecting(tmp_path, count=5, rate=5)
    collector.start()
    camera.run(3.2)
    camera.run(10, hand=None)
    assert collector.state.without_hand > 10
    camera.run(3)
    collector.settle()
    said = record(tmp_path)
    frames = said.pop("frames")
    assert said.pop("program").startswith("signcap ")
    assert said == {
        "format": 1,
        "signer": "ann",
        "letter": "A",
        "take": "001",
        "began": "2024-05-06T07:08:09.000+00:00",
        "rate": 5,
        "flipped": False,
        "burst": None,
        "source": "camera 0",
        "size": [64, 36],
    }
    assert [frame["file"] for frame in frames] == [f"{number:04}.jpg" for number in range(1, 6)]
    assert frames[0] == {"file": "0001.jpg", "at": 0, "hand": {"handedness": "left", "score": 0.9877}}
    assert None not in [frame["hand"] for frame in frames]


def test_pictures_without_a_hand_are_no_letters(tmp_path: Path) -> None:
    collector, camera = collecting(tmp_path, count=3)
    collector.start()
    camera.run(20, hand=None)
    assert collector.state.phase is Phase.TAKING
    assert collector.state.counts["A"] == 0
    assert files(tmp_path) == []
    collector.stop()
    assert collector.state.said == "Stopped."
    collector.start()
    camera.until(Phase.DONE)
    collector.settle()
    assert len(pictures(tmp_path)) == 3


def test_the_pictures_of_a_letter_are_divided_into_takes(tmp_path: Path) -> None:
    collector, camera = collecting(tmp_path, count=5, takes=2, rate=10)
    assert Choice().takes == 2
    assert collector.state.planned == 3
    collector.start()
    camera.until(Phase.TAKING)
    camera.until(Phase.COUNTDOWN)  # of the second take
    assert "Lower your hand" in collector.state.said
    assert collector.state.planned == 2
    camera.until(Phase.DONE)
    collector.settle()
    takes = [len(pictures(tmp_path / "ann/A" / take)) for take in ("001", "002")]
    assert takes == [3, 2]
    assert len(pictures(tmp_path)) == 5
    collector.choose(letter="B", takes=1)
    assert collector.state.planned == 5


def test_a_motion_begins_with_a_hand_and_is_kept_whole(tmp_path: Path) -> None:
    collector, camera = collecting(tmp_path, letter="J", count=20, burst=10)
    collector.start()
    camera.run(8, hand=None)
    assert collector.state.counts["J"] == 0
    camera.run(0.2)
    camera.run(0.5, hand=None)
    collector.stop()
    collector.settle()
    hands = [frame["hand"] is not None for frame in record(tmp_path, "ann/J/001")["frames"]]
    assert hands[0]
    assert not all(hands)
    assert len(hands) == 10


@pytest.mark.parametrize("flip", [False, True])
def test_pictures_are_whole_and_flipped_when_asked(tmp_path: Path, flip: bool) -> None:
    collector, camera = collecting(tmp_path, count=1, flip=flip)
    camera.count = 100  # light by the end of the countdown
    collector.start()
    camera.run(4)
    collector.settle()
    picture = cv2.imread(str(tmp_path / "ann/A/001/0001.jpg"))
    assert picture is not None
    assert picture.shape == (36, 64, 3)
    left_is_darker = picture[:, :30].mean() < picture[:, 34:].mean() - 50
    assert left_is_darker != flip
    assert record(tmp_path)["flipped"] is flip


@pytest.mark.integration
@pytest.mark.parametrize(("camera_rate", "rate", "expected"), [(30, 30, 30), (30, 20, 20), (25, 10, 10), (8, 10, 8)])
def test_rates_are_kept_as_well_as_the_camera_allows(
    tmp_path: Path, camera_rate: float, rate: float, expected: float
) -> None:
    collector, camera = collecting(tmp_path, count=1000, rate=rate, countdown=0)
    camera.rate, camera.jitter = camera_rate, 0.004
    collector.start()
    camera.run(6)
    assert collector.state.taken + collector.state.dropped == pytest.approx(6 * expected, abs=2)
    collector.close()


@pytest.mark.integration
def test_an_uneven_camera_makes_no_uneven_take(tmp_path: Path) -> None:
    collector, camera = collecting(tmp_path, count=40, countdown=0)
    camera.jitter = 0.004
    collector.start()
    camera.until(Phase.DONE)
    collector.settle()
    steps = np.diff([frame["at"] for frame in record(tmp_path)["frames"]])
    assert np.all((steps > 0.09) & (steps < 0.11))


@pytest.mark.integration
def test_frames_that_come_late_are_not_made_up_for(tmp_path: Path) -> None:
    collector, camera = collecting(tmp_path, count=1000, countdown=0)
    collector.start()
    camera.run(1)
    camera.at += 5  # the camera hung
    before = collector.state.taken
    camera.run(1)
    assert collector.state.taken - before == pytest.approx(10, abs=2)
    collector.close()


@pytest.mark.integration
def test_pause_holds_the_take_and_a_countdown_goes_before_the_rest(tmp_path: Path) -> None:
    collector, camera = collecting(tmp_path, count=20)
    collector.start()
    camera.until(Phase.TAKING)
    camera.run(0.8)
    collector.pause()
    taken = collector.state.taken
    camera.run(10)
    assert collector.state.taken == taken
    assert collector.state.phase is Phase.PAUSED
    until(lambda: recorded(tmp_path) == taken)  # a kill would lose nothing now
    collector.resume()
    camera.run(2.5)
    assert collector.state.phase is Phase.COUNTDOWN
    assert collector.state.taken == taken
    camera.until(Phase.DONE)
    collector.settle()
    assert len(pictures(tmp_path / "ann/A/001")) == 20
    assert max(np.diff([frame["at"] for frame in record(tmp_path)["frames"]])) > 12


def test_who_stops_goes_on_with_a_new_take_up_to_the_count(tmp_path: Path) -> None:
    collector, camera = collecting(tmp_path)
    collector.start()
    camera.until(Phase.TAKING)
    camera.run(0.7)
    collector.stop()
    collector.settle()
    first = len(pictures(tmp_path))
    assert 5 < first < 10
    later, camera = collecting(tmp_path)  # as after a restart
    assert later.state.counts["A"] == first
    later.start()
    camera.until(Phase.DONE)
    later.settle()
    assert later.state.counts["A"] == 20
    assert len(pictures(tmp_path / "ann/A/002")) == 20 - first
    with pytest.raises(SigncapError, match="20 pictures of A already"):
        later.start()
    later.choose(count=25)
    later.start()
    camera.until(Phase.DONE)
    later.settle()
    assert len(pictures(tmp_path)) == 25


def test_the_next_letter_is_one_that_lacks_pictures(tmp_path: Path) -> None:
    for letter, count in (("B", 5), ("C", 4)):
        (tmp_path / "ann" / letter).mkdir(parents=True)
        for number in range(count):
            (tmp_path / "ann" / letter / f"{number}.png").touch()
    collector, camera = collecting(tmp_path, count=5)
    collector.start()
    camera.until(Phase.DONE)
    assert collector.state.next_letter == "C"
    collector.choose(letter="Z")
    assert collector.state.next_letter == "C"  # once around the alphabet, past A and B


@pytest.mark.integration
def test_bursts_are_takes_of_their_own_each_after_a_countdown(tmp_path: Path) -> None:
    collector, camera = collecting(tmp_path, letter="J", count=50, burst=20)
    collector.start()
    countdowns = 0
    while collector.state.phase is not Phase.DONE:
        camera.until(Phase.TAKING)
        countdowns += 1
        with pytest.raises(SigncapError, match="cannot be paused"):
            collector.pause()
        while collector.state.phase is Phase.TAKING:
            camera.run(1 / 30)
    collector.settle()
    assert countdowns == 3
    assert [len(pictures(tmp_path / f"ann/J/00{take}")) for take in (1, 2, 3)] == [20, 20, 20]
    said = record(tmp_path, "ann/J/002")
    assert (said["burst"], said["rate"]) == (20, 30)
    assert said["frames"][-1]["at"] == pytest.approx(19 / 30, abs=0.01)


@pytest.mark.integration
def test_moving_letters_without_bursts_are_like_others(tmp_path: Path) -> None:
    collector, camera = collecting(tmp_path, letter="Z", burst=None)
    collector.start()
    camera.until(Phase.DONE)
    collector.settle()
    said = record(tmp_path, "ann/Z/001")
    assert (said["burst"], said["rate"], len(said["frames"])) == (None, 10, 20)


def test_nothing_is_chosen_while_pictures_are_taken(tmp_path: Path) -> None:
    collector, camera = collecting(tmp_path)
    collector.start()
    for _ in range(2):
        with pytest.raises(SigncapError, match="stop or pause first"):
            collector.choose(letter="B")
        camera.until(Phase.TAKING)
    collector.pause()
    collector.choose(letter="B")
    assert collector.state.phase is Phase.IDLE
    assert collector.state.counts["A"] >= 1


def test_a_signer_is_needed(tmp_path: Path) -> None:
    collector, _ = collecting(tmp_path, signer="")
    with pytest.raises(SigncapError, match="Name the signer"):
        collector.start()


# Undo.


@pytest.mark.integration
def test_undo_during_a_take_takes_it_back(tmp_path: Path) -> None:
    collector, camera = collecting(tmp_path)
    collector.start()
    camera.until(Phase.TAKING)
    camera.run(1)
    until(lambda: len(pictures(tmp_path)) > 3)
    undo = collector.state.undo
    assert undo is not None
    assert (undo.letter, undo.older) == ("A", False)
    collector.undo()
    assert collector.state.phase is Phase.IDLE
    assert collector.state.counts["A"] == 0
    assert files(tmp_path) == []
    assert not (tmp_path / "ann/A").exists()  # an empty folder of a letter is an error for who reads the tree
    assert "undone" in collector.state.said


def test_undo_takes_back_the_last_takes_one_by_one_and_goes_to_their_letter(tmp_path: Path) -> None:
    collector, camera = collecting(tmp_path, count=3)
    for letter in "AB":
        collector.choose(letter=letter)
        collector.start()
        camera.until(Phase.DONE)
    collector.choose(letter="C")
    collector.undo()
    assert (collector.state.choice.letter, collector.state.phase) == ("B", Phase.IDLE)
    assert {name.split("/")[1] for name in pictures(tmp_path)} == {"A"}
    collector.undo()
    assert files(tmp_path) == []
    with pytest.raises(SigncapError, match="no take"):
        collector.undo()


def test_a_take_from_before_is_undone_only_when_that_is_asked_for(tmp_path: Path) -> None:
    collector, camera = collecting(tmp_path, count=3)
    collector.start()
    camera.until(Phase.DONE)
    collector.close()
    later, _ = collecting(tmp_path, count=3)
    undo = later.state.undo
    assert undo is not None
    assert (undo.letter, undo.take, undo.count, undo.older) == ("A", "001", 3, True)
    with pytest.raises(SigncapError, match="before"):
        later.undo()
    assert len(pictures(tmp_path)) == 3
    later.undo(older=True)
    assert files(tmp_path) == []


def test_undo_leaves_what_collecting_did_not_write(tmp_path: Path) -> None:
    own = tmp_path / "ann/A/holiday"
    own.mkdir(parents=True)
    (own / "0001.jpg").write_bytes(b"mine")
    (tmp_path / "ann/A/0001.jpg").write_bytes(b"mine")
    (tmp_path / "ann/A/007").mkdir()
    (tmp_path / "ann/A/007/0001.jpg").write_bytes(b"mine")  # a take's name, but no record
    collector, camera = collecting(tmp_path, count=6)
    assert collector.state.undo is None
    collector.start()
    camera.until(Phase.DONE)
    collector.settle()
    take = tmp_path / "ann/A/008"
    assert len(pictures(take)) == 3
    (take / "notes.txt").write_text("mine")
    collector.undo()
    assert files(tmp_path) == [
        "ann/A/0001.jpg",
        "ann/A/007/0001.jpg",
        "ann/A/008/notes.txt",
        "ann/A/holiday/0001.jpg",
    ]
    assert "1 other file" in collector.state.said


@pytest.mark.parametrize(
    "damage",
    [
        lambda said: said | {"frames": [{"file": "../../../treasure.jpg"}]},
        lambda said: said | {"frames": [{"file": "/etc/passwd"}]},
        lambda said: said | {"format": 2},
        lambda said: said | {"take": "002"},
        lambda said: [said],
    ],
)
def test_a_record_that_is_none_of_ours_deletes_nothing(tmp_path: Path, damage: Callable[[Any], Any]) -> None:
    (tmp_path / "treasure.jpg").write_bytes(b"mine")
    store = Store(tmp_path / "data")
    collector = Collector(store, "camera 0", Choice("ann", count=3, takes=1))
    collector.start()
    Camera(collector).until(Phase.DONE)
    collector.close()
    path = tmp_path / "data/ann/A/001/take.json"
    path.write_text(json.dumps(damage(json.loads(path.read_text()))))
    before = files(tmp_path)
    with pytest.raises(SigncapError, match="left as it is"):
        store.remove("ann", "A", "001")
    assert files(tmp_path) == before


@pytest.mark.skipif(sys.platform == "win32", reason="links need rights there")
def test_undo_follows_no_link(tmp_path: Path) -> None:
    collector, camera = collecting(tmp_path / "real", count=3)
    collector.start()
    camera.until(Phase.DONE)
    collector.close()
    (tmp_path / "data/ann/A").mkdir(parents=True)
    (tmp_path / "data/ann/A/001").symlink_to(tmp_path / "real/ann/A/001")
    with pytest.raises(SigncapError):
        Store(tmp_path / "data").remove("ann", "A", "001")
    assert len(pictures(tmp_path / "real")) == 3


# The disk.


def test_takes_that_are_there_are_never_written_over(tmp_path: Path) -> None:
    for name in ("001", "002"):
        (tmp_path / "ann/A" / name).mkdir(parents=True)
        (tmp_path / "ann/A" / name / "0001.jpg").write_bytes(b"mine")
    (tmp_path / "ann/A/003").write_bytes(b"a file of that name")
    collector, camera = collecting(tmp_path, count=5)
    collector.start()
    camera.until(Phase.DONE)
    collector.settle()
    assert len(pictures(tmp_path / "ann/A/004")) == 3
    assert (tmp_path / "ann/A/001/0001.jpg").read_bytes() == b"mine"
    assert (tmp_path / "ann/A/003").read_bytes() == b"a file of that name"


def test_two_programs_at_once_write_two_takes(tmp_path: Path) -> None:
    recordings = [Recording(Store(tmp_path).new_take(INFO)) for _ in range(4)]
    for number in range(8):
        for recording in recordings:
            assert recording.add(np.full((36, 64, 3), number, np.uint8), number / 10, None)
    for recording in recordings:
        recording.finish()
        recording.wait()
    assert sorted(recording.take.name or "" for recording in recordings) == ["001", "002", "003", "004"]
    assert all(len(pictures(tmp_path / f"ann/A/00{take}")) == 8 for take in (1, 2, 3, 4))


def test_the_training_side_reads_the_tree(tmp_path: Path) -> None:
    collector, camera = collecting(tmp_path, count=12, burst=6)
    for letter in "AJ":
        collector.choose(letter=letter)
        collector.start()
        camera.until(Phase.DONE)
    collector.close()
    entries = read_tree(tmp_path)
    assert {(entry.signer, entry.letter, entry.take) for entry in entries} == {
        ("ann", "A", "001"),
        ("ann", "J", "001"),
        ("ann", "J", "002"),
    }
    assert len(entries) == 24
    assert [entry.place for entry in entries if entry.letter == "A"] == list(range(12))


@pytest.mark.skipif(sys.platform == "win32", reason="modes are of Unix")
def test_pictures_are_for_their_owner_alone(tmp_path: Path) -> None:
    collector, camera = collecting(tmp_path, count=2)
    collector.start()
    camera.until(Phase.DONE)
    collector.close()
    for name in files(tmp_path):
        assert stat.S_IMODE((tmp_path / name).stat().st_mode) == 0o600


def test_a_disk_that_is_too_slow_costs_frames_which_are_counted(tmp_path: Path) -> None:
    recording = Recording(Store(tmp_path).new_take(INFO), waiting=3)
    noise = np.random.default_rng(0).integers(0, 255, (1080, 1920, 3), np.uint8)  # takes long to encode
    taken = [recording.add(noise, number / 30, None) for number in range(12)]
    recording.finish()
    recording.wait()
    assert taken.count(False) == recording.dropped > 0
    assert recording.written == recording.accepted == taken.count(True) == len(pictures(tmp_path))
    assert len(record(tmp_path)["frames"]) == recording.written


@pytest.mark.integration
@pytest.mark.skipif(sys.platform == "win32", reason="limits are of Unix")
def test_what_cannot_be_written_stops_the_take_with_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "ann").write_text("a file where the signer's folder should be")
    collector, camera = collecting(tmp_path)
    collector.start()
    until(lambda: camera.run(0.1) or collector.state.failed)
    assert collector.state.phase is Phase.IDLE
    assert collector.state.said.count(".") >= 1
    assert str(tmp_path / "ann") in collector.state.said
    assert files(tmp_path) == ["ann"]


# A kill.


@pytest.mark.e2e
@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="there is no SIGKILL")
def test_a_kill_in_the_middle_of_a_take_loses_at_most_a_second(
    hand_model: Path, here: Callable[..., Any], tmp_path: Path
) -> None:
    command = [sys.executable, "-m", "server.cli.main", "collect", str(tmp_path), "--signer", "ann", "--letters", "A"]
    command += ["--source", "demo", "--text", "AB" * 20, "--countdown", "0.2", "--auto", "--count"]
    process = subprocess.Popen([*command, "150"], stdin=subprocess.DEVNULL)
    try:
        until(lambda: recorded(tmp_path) >= 12)
    finally:
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
    names = pictures(tmp_path / "ann/A/001")
    first = record(tmp_path)
    assert 12 <= len(names) < 150
    assert len(names) - 10 <= len(first["frames"]) <= len(names)
    for name in names:
        picture = cv2.imread(str(tmp_path / "ann/A/001" / name))
        assert picture is not None
        assert picture.shape == (720, 1280, 3)
    assert len(read_tree(tmp_path)) == len(names)

    done = here(*command[3:], len(names) + 6)
    assert (done.returncode, done.stderr) == (0, "")
    assert len(pictures(tmp_path / "ann/A/002")) == 6
    assert pictures(tmp_path / "ann/A/001") == names
    assert record(tmp_path) == first
