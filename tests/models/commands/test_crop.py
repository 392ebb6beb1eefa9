"""`signcap crop`: what it says, and how it goes on after Ctrl-C, a kill and a full disk."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pytest

from overlay.media.frame import Pixels
from tests.waiting import until

pytestmark = pytest.mark.e2e

Photograph = Callable[..., Pixels]
Signcap = Callable[..., "subprocess.CompletedProcess[str]"]

MANY, SOME = 24, 3  # pictures, and after how many a process stands still
posix = pytest.mark.skipif(os.name != "posix", reason="signals of POSIX")


def journal(folder: Path) -> list[dict]:
    """The whole lines."""
    try:
        text = (folder / "crops.jsonl").read_text()
    except FileNotFoundError:
        return []
    return [json.loads(line) for line in text[: text.rfind("\n") + 1].splitlines()]


@pytest.fixture
def many(tmp_path: Path, photograph: Photograph) -> Path:
    """Two dozen pictures of one signer."""
    folder = tmp_path / "pictures" / "ann" / "L"
    folder.mkdir(parents=True)
    cv2.imwrite(str(folder / "0.jpg"), photograph("L"))
    for index in range(1, MANY):
        shutil.copy(folder / "0.jpg", folder / f"{index}.jpg")
    return tmp_path / "pictures"


def begin(source: Path, target: Path, jobs: int) -> "subprocess.Popen[str]":
    """Start cropping, and let it stand still (SIGSTOP) when some pictures are done, but not all."""
    for _ in range(5):
        process = subprocess.Popen(
            [sys.executable, "-m", "server.cli.main", "crop", str(source), str(target), "--jobs", str(jobs)],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
            env=os.environ | {"NO_COLOR": "1", "COLUMNS": "200"},
        )
        until(lambda process=process: len(journal(target)) >= SOME or process.poll() is not None, 120)  # type: ignore[misc]
        process.send_signal(signal.SIGSTOP)
        if process.poll() is None and len(journal(target)) < MANY:
            return process
        process.kill()  # it was done before this one looked: once more
        said = process.communicate(timeout=120)
        assert process.returncode in (0, -signal.SIGKILL), said
        shutil.rmtree(target)
    raise AssertionError("it was always done too soon")


def children(process: int) -> list[int]:
    return [int(pid) for pid in Path(f"/proc/{process}/task/{process}/children").read_text().split()]


def wait_until_gone(processes: list[int]) -> None:
    deadline = time.monotonic() + 30
    while any(
        Path(f"/proc/{pid}/cmdline").exists() and Path(f"/proc/{pid}/cmdline").read_bytes() for pid in processes
    ):
        assert time.monotonic() < deadline, "processes outlived the program"
        time.sleep(0.02)


@pytest.mark.integration
def test_it_crops_says_what_was_found_and_goes_on(collection: Path, tmp_path: Path, here: Signcap) -> None:
    (collection / "bob" / "A" / "broken.jpg").write_bytes(b"no picture")
    target = tmp_path / "crops"
    done = here("crop", collection, target, "--jobs", "1", "--size", "96")
    assert done.returncode == 0, done.stderr
    rows = {line.split()[0]: line.split()[1:] for line in done.stdout.splitlines()[1:4]}
    assert rows["ann"] == ["6", "6", "100.0", "%", "0", "0"]
    assert rows["bob"] == ["7", "6", "85.7", "%", "0", "1"]
    assert rows["all"] == ["13", "12", "92.3", "%", "0", "1"]
    assert "12 crops of 96×96" in done.stdout
    assert "bob/A/broken.jpg" in (target / "missed.html").read_text()
    again = here("crop", collection, target, "--jobs", "1", "--size", "96")
    assert "0 pictures looked at this time" in again.stdout
    assert "13/13" in again.stderr
    other = here("crop", collection, target, "--jobs", "1")
    assert other.returncode == 1
    assert other.stderr.count("\n") == 1
    assert "holds crops of 96×96" in other.stderr


@posix
@pytest.mark.slow
def test_killed_and_run_again_it_goes_on(many: Path, tmp_path: Path, here: Signcap) -> None:
    target = tmp_path / "crops"
    process = begin(many, target, jobs=2)
    helpers = children(process.pid) if sys.platform == "linux" else []
    process.kill()
    process.communicate(timeout=120)
    wait_until_gone(helpers)
    before = journal(target)
    assert SOME <= len(before) < MANY
    written = {line["path"]: (target / line["path"]).stat().st_mtime_ns for line in before}
    done = here("crop", many, target, "--jobs", "1")
    assert done.returncode == 0, done.stderr
    assert f"{MANY} crops of 224×224 in {target}, {MANY - len(before)} pictures looked at" in done.stdout
    assert {path: (target / path).stat().st_mtime_ns for path in written} == written
    after = journal(target)
    assert sorted(line["path"] for line in after) == sorted(f"ann/L/{index}.jpg" for index in range(MANY))
    assert not list(target.rglob(".*"))


@posix
@pytest.mark.slow
@pytest.mark.parametrize("jobs", [1, 2])
def test_ctrl_c_ends_it_in_a_sentence_and_keeps_what_is_done(many: Path, tmp_path: Path, jobs: int) -> None:
    target = tmp_path / "crops"
    process = begin(many, target, jobs)
    helpers = children(process.pid) if sys.platform == "linux" else []
    os.killpg(process.pid, signal.SIGINT)  # as a terminal does: to all processes at once
    process.send_signal(signal.SIGCONT)
    _, said = process.communicate(timeout=120)
    assert process.returncode == 130
    assert said.splitlines()[-1] == "Stopped: the crops made so far are kept; run the same again to go on."
    assert "Traceback" not in said
    wait_until_gone(helpers)
    assert len(journal(target)) >= SOME
    assert all((target / line["path"]).is_file() for line in journal(target))


@pytest.fixture
def small_disk(disk_of: Callable[[str], Path]) -> Path:
    """A disk of 100 kB, mounted here."""
    return disk_of("100k")


def test_a_full_disk_is_told_in_a_sentence_and_with_room_it_goes_on(
    many: Path, small_disk: Path, here: Signcap
) -> None:
    target = small_disk / "crops"
    done = here("crop", many, target, "--jobs", "1")
    assert done.returncode == 1
    assert "No space left on device" in done.stderr.splitlines()[-1]
    assert "what is done stays" in done.stderr.splitlines()[-1]
    assert "Traceback" not in done.stderr
    kept = journal(target)
    assert 0 < len(kept) < MANY
    assert all(cv2.imread(str(target / line["path"])).shape == (224, 224, 3) for line in kept)
    subprocess.run(["mount", "-o", "remount,size=8m", str(small_disk)], check=True)
    done = here("crop", many, target, "--jobs", "1")
    assert done.returncode == 0, done.stderr
    assert f"{MANY} crops of 224×224" in done.stdout
    assert not list(target.rglob(".*"))


@pytest.mark.integration
@pytest.mark.parametrize(
    ("prepare", "arguments", "said"),
    [
        ("", ("absent", "crops"), "There is no folder absent"),
        ("empty letter", ("pictures", "crops"), "B is empty: put pictures of the letter B into it"),
        ("unreadable", ("pictures", "crops"), "None of the 1 files in pictures can be read as a picture"),
        ("no hand", ("pictures", "crops"), "No hand was found in any picture of pictures: open crops/missed.html"),
        ("no hand", ("pictures", "pictures"), "a folder of their own"),
        ("no hand", ("pictures", "file"), "Cannot write file"),
    ],
)
def test_what_cannot_be_cropped_is_told_in_a_sentence(
    tmp_path: Path,
    here: Signcap,
    monkeypatch: pytest.MonkeyPatch,
    prepare: str,
    arguments: tuple[str, str],
    said: str,
) -> None:
    letter = tmp_path / "pictures" / "A"
    letter.mkdir(parents=True)
    (tmp_path / "file").write_text("")
    if prepare == "empty letter":
        (tmp_path / "pictures" / "B").mkdir()
    if prepare == "no hand":
        cv2.imwrite(str(letter / "1.png"), np.full((64, 64, 3), 90, np.uint8))
    else:
        (letter / "1.jpg").write_bytes(b"no picture")
    monkeypatch.chdir(tmp_path)
    done = here("crop", *arguments, "--jobs", "1")
    assert done.returncode == 1
    assert said in done.stderr.splitlines()[-1]
    assert "Traceback" not in done.stderr
