"""Many jobs over processes: all are done once, whatever becomes of single ones."""

import contextlib
import os
import signal
import time
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import psutil
import pytest

from overlay.batch import workers
from overlay.batch.output_plan import Job
from overlay.batch.workers import Failed, do_all, usual_count
from overlay.core.errors import SigncapError
from overlay.media.frame import Picture
from overlay.mp4.video_writer import VideoWriter
from tests.waiting import until

pytestmark = pytest.mark.e2e


class Work:
    """What a worker does with jobs of these names; sent to other processes."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def __call__(self, job: Job, show: Callable[[Any], None]) -> str:
        name = job.source.name
        show(f"{name} begins")
        (self.folder / f"{name}.{os.getpid()}").touch()
        match name.rstrip("0123456789"):
            case "bad":
                raise SigncapError(f"{name} is bad: choose another.")
            case "huge":
                raise MemoryError
            case "crash":
                os.kill(os.getpid(), signal.SIGSEGV)
            case "killed":
                os.kill(os.getpid(), signal.SIGKILL)
            case "endless":
                try:
                    (self.folder / f"{name}.within").touch()
                    while True:
                        time.sleep(0.01)
                        show("goes on")
                finally:
                    (self.folder / f"{name}.cleaned").touch()
        return f"{name} is done"


def jobs(*names: str) -> list[Job]:
    return [Job(Path(name), {}) for name in names]


def do(folder: Path, *names: str, count: int = 2) -> tuple[dict[str, Any], list[str]]:
    told: list[str] = []
    done = do_all(jobs(*names), Work(folder), count, lambda _number, value: told.append(value))
    return {names[number]: came for number, came in done}, told


def test_every_job_is_done_once_and_told_of_and_bad_ones_stop_no_others(tmp_path: Path) -> None:
    names = ["bad1", "good1", "huge1", "crash1", "good2", "killed1", "good3"]
    came, told = do(tmp_path, *names)
    assert [came[name] for name in names if name.startswith("good")] == [
        f"good{number} is done" for number in (1, 2, 3)
    ]
    failed = {name: str(value) for name, value in came.items() if isinstance(value, Failed)}
    assert failed == {
        "bad1": "bad1 is bad: choose another.",
        "huge1": "There is not enough memory for huge1: try again with --jobs 1.",
        "crash1": "crash1 makes the reader of videos fail (status -11): convert it to MP4, and try that.",
        "killed1": "killed1 was given up, perhaps for want of memory: try again with --jobs 1.",
    }
    assert sorted(told) == sorted(f"{name} begins" for name in names)
    marks = [path.name.split(".") for path in tmp_path.iterdir()]
    assert sorted(name for name, _ in marks) == sorted(names)
    assert 1 <= len({process for _, process in marks}) <= 4  # two, and one for each that was lost


def test_no_worker_outlives_its_asker(tmp_path: Path) -> None:
    done = do_all(jobs("good1", "endless1", "endless2"), Work(tmp_path), 2, lambda *_: None)
    with contextlib.closing(done):
        assert next(done) == (0, "good1 is done")
        until(lambda: len(list(tmp_path.glob("*.within"))) == 2)
        alive = [int(path.suffix[1:]) for path in tmp_path.glob("endless*") if path.suffix != ".within"]
    assert sorted(path.name for path in tmp_path.glob("*.cleaned")) == ["endless1.cleaned", "endless2.cleaned"]
    assert not any(psutil.pid_exists(worker) for worker in alive)


@pytest.mark.unit
@pytest.mark.skipif(not hasattr(os, "sched_setaffinity"), reason="processors are assigned on Linux")
def test_as_many_as_there_are_processors_for_this_program() -> None:
    allowed = os.sched_getaffinity(0)
    try:
        os.sched_setaffinity(0, {min(allowed)})
        assert usual_count(jobs("one", "two")) == 1
    finally:
        os.sched_setaffinity(0, allowed)


@pytest.mark.unit
def test_no_more_than_there_is_room_for(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A machine of eight processors and 4 GB."""
    monkeypatch.setattr(workers, "processors", lambda: 8)
    room = SimpleNamespace(available=4_000_000_000)
    monkeypatch.setattr(workers.psutil, "virtual_memory", lambda: room)
    small, large = ([Job(write(tmp_path / f"{side}.mp4", side), {})] for side in (64, 3840))
    assert usual_count(small * 20) == 8
    assert usual_count(small * 3) == 3
    assert usual_count([*small, *large, *small * 8]) == 3
    room.available = 100_000_000
    assert usual_count(small * 9) == 1
    assert usual_count(jobs(*"abcdefgh")) == 1


def write(path: Path, width: int) -> Path:
    """A video of one picture."""
    writer = VideoWriter(path)
    height = width * 9 // 16 // 2 * 2
    writer.send(Picture(np.zeros((height * 3 // 2, width), np.uint8), 0, 0.0))
    writer.close()
    return path
