"""Runs on disk: written whole, read with care."""

import json
import platform
import re
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from models.training.runs.store import (
    Json,
    RunWriter,
    list_runs,
    read_epochs,
    read_pictures,
    read_predictions,
    read_run,
    write_text,
)
from overlay.core.errors import SigncapError

pytestmark = pytest.mark.e2e

ABOUT: Json = {"kind": "train", "network": "cnn", "hyperparameters": {"epochs": 2}}
FIGURES = {"loss": 1.5, "accuracy": 0.25, "precision": 0.2, "recall": 0.3, "f1": 0.24}


@pytest.fixture
def change(tmp_path: Path) -> Callable[..., None]:
    """Changes what `run.json` says of a run."""

    def change(name: str, **values: object) -> None:
        path = tmp_path / name / "run.json"
        path.write_text(json.dumps(json.loads(path.read_text()) | values))

    return change


def test_what_was_written_can_be_read(tmp_path: Path) -> None:
    run = RunWriter(tmp_path, "one", ABOUT)
    run.pictures(tmp_path / "crops", ["ann/A/1.jpg", "ann/B/1.jpg"], [0, 1])
    matrix = [[1, 0], [1, 0]]
    run.epoch(1, {"train": FIGURES}, steps=7, seconds=1.234, predicted=[0, 0], confidence=[0.5, 1], confusion=matrix)
    assert read_run(tmp_path, "one")["status"] == "running"
    run.end("finished", remark="good")
    about = read_run(tmp_path, "one")
    assert about | ABOUT == about
    assert (about["status"], about["remark"], about["name"]) == ("finished", "good", "one")
    assert about["environment"]["packages"]["torch"]
    assert {"python", "system", "cores", "command"} <= set(about["environment"])
    assert about["git"] is None or re.fullmatch(r"[0-9a-f]{12}\+?", about["git"])
    assert about["began"] <= about["ended"]
    assert read_epochs(tmp_path / "one") == [{"epoch": 1, "steps": 7, "seconds": 1.23, "train": FIGURES}]
    assert read_pictures(tmp_path / "one")["paths"] == ["ann/A/1.jpg", "ann/B/1.jpg"]
    assert read_predictions(tmp_path / "one", 1) == {
        "predicted": [0, 0],
        "confidence": [0.5, 1],
        "confusion": matrix,
    }
    assert read_predictions(tmp_path / "one", 2) == {"predicted": [], "confidence": [], "confusion": []}


def test_an_epoch_that_is_done_again_replaces_itself_and_what_came_after(tmp_path: Path) -> None:
    run = RunWriter(tmp_path, "one", ABOUT)
    for number in (1, 2, 3):
        run.epoch(number, {"train": FIGURES}, steps=number)
    run.end("interrupted")
    again = RunWriter(tmp_path, "one", {}, resume=True)
    again.epoch(2, {"train": FIGURES | {"loss": 0.5}}, steps=2)
    assert [(line["epoch"], line["train"]["loss"]) for line in read_epochs(tmp_path / "one")] == [(1, 1.5), (2, 0.5)]


def test_a_run_is_not_begun_twice_nor_resumed_where_there_is_none(tmp_path: Path) -> None:
    RunWriter(tmp_path, "one", ABOUT).end("failed")
    with pytest.raises(SigncapError, match=r"There is a run one .* choose another --name, or --resume it"):
        RunWriter(tmp_path, "one", ABOUT)
    with pytest.raises(SigncapError, match="There is no run two"):
        RunWriter(tmp_path, "two", ABOUT, resume=True)
    assert not (tmp_path / "two").exists()


def test_two_processes_do_not_write_one_run(tmp_path: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from models.training.runs.store import RunWriter\n"
        f"run = RunWriter(Path({str(tmp_path)!r}), 'one', {ABOUT!r}); print('up', flush=True); sys.stdin.read()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == "up\n"
        with pytest.raises(SigncapError, match="Another process is writing the run one"):
            RunWriter(tmp_path, "one", ABOUT, resume=True)
        other.kill()
    RunWriter(tmp_path, "one", ABOUT, resume=True).end("finished")


def test_a_training_cannot_take_the_name_of_anothers_test(tmp_path: Path) -> None:
    with pytest.raises(SigncapError, match="what the test of another run would be called"):
        RunWriter(tmp_path, "one-test", ABOUT)
    RunWriter(tmp_path, "one", ABOUT).end("finished")
    RunWriter(tmp_path, "one-test", ABOUT).end("finished")


def test_a_run_whose_process_was_killed_is_broken_off(tmp_path: Path) -> None:
    code = (
        "import os, sys; from pathlib import Path; from models.training.runs.store import RunWriter\n"
        f"RunWriter(Path({str(tmp_path)!r}), 'one', {ABOUT!r}); os.kill(os.getpid(), 9)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == -9, done.stderr
    assert json.loads((tmp_path / "one" / "run.json").read_text())["status"] == "running"
    assert read_run(tmp_path, "one")["status"] == "broken off"
    assert [run["status"] for run in list_runs(tmp_path)] == ["broken off"]


@pytest.mark.parametrize("process", [None, {}, {"host": platform.node(), "id": None}, {"host": "elsewhere", "id": 1}])
def test_a_run_of_which_nobody_knows_is_still_running(
    tmp_path: Path, process: object, change: Callable[..., None]
) -> None:
    RunWriter(tmp_path, "one", ABOUT)
    change("one", process=process)
    assert read_run(tmp_path, "one")["status"] == "running"


def test_runs_are_listed_newest_first_and_what_is_none_is_passed_over(
    tmp_path: Path, change: Callable[..., None]
) -> None:
    for name, began in (("old", "2024-01-01T10:00:00+00:00"), ("new", "2025-01-01T10:00:00+00:00")):
        run = RunWriter(tmp_path, name, ABOUT)
        run.epoch(1, {"train": FIGURES})
        run.end("finished")
        change(name, began=began)
    for name, text in (("damaged", "{"), ("other", "[]"), ("cut", '{"format": 1')):
        (tmp_path / name).mkdir()
        (tmp_path / name / "run.json").write_text(text)
    (tmp_path / "empty").mkdir()
    runs = list_runs(tmp_path)
    assert [(run["name"], run["epochs"], run["last"]["train"]["loss"]) for run in runs] == [
        ("new", 1, 1.5),
        ("old", 1, 1.5),
    ]
    assert list_runs(tmp_path / "absent") == []


def test_damaged_runs_are_told_in_a_sentence(tmp_path: Path, change: Callable[..., None]) -> None:
    RunWriter(tmp_path, "one", ABOUT)
    (tmp_path / "one" / "epochs.jsonl").write_text('{"epoch": 1}\n{"epo')
    with pytest.raises(SigncapError, match=r"epochs\.jsonl cannot be read"):
        read_epochs(tmp_path / "one")
    (tmp_path / "one" / "pictures.json").write_text("no json")
    with pytest.raises(SigncapError, match=r"pictures\.json cannot be read"):
        read_pictures(tmp_path / "one")
    change("one", format=99)
    with pytest.raises(SigncapError, match="another version of Signcap"):
        read_run(tmp_path, "one")
    (tmp_path / "one" / "run.json").write_bytes(b"\xff\xfe{")
    with pytest.raises(SigncapError, match=r"The run one in .* cannot be read"):
        read_run(tmp_path, "one")


@pytest.mark.parametrize("name", ["", ".", "..", "../one", "a/b", "/tmp", "one/"])
def test_a_name_is_no_path(tmp_path: Path, name: str) -> None:
    RunWriter(tmp_path / "runs", "one", ABOUT)
    with pytest.raises(SigncapError, match="no name of a run"):
        read_run(tmp_path / "runs", name)
    with pytest.raises(SigncapError, match="no name of a run"):
        RunWriter(tmp_path / "runs", name, ABOUT)
    assert [path.name for path in tmp_path.iterdir()] == ["runs"]


@pytest.mark.unit
def test_a_file_is_the_old_one_or_the_new_one(tmp_path: Path) -> None:
    write_text(tmp_path / "file", "old")
    (tmp_path / "folder").mkdir()
    with pytest.raises(SigncapError, match="Cannot write"):
        write_text(tmp_path / "folder", "new")  # a folder is in the way
    with pytest.raises(SigncapError, match="Cannot write"):
        write_text(tmp_path / "file" / "inner", "new")
    assert (tmp_path / "file").read_text() == "old"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["file", "folder"]  # nothing half done is left
    write_text(tmp_path / "deep" / "er" / "file", "new\n")
    assert (tmp_path / "deep" / "er" / "file").read_text() == "new\n"


def test_another_place_hears_of_every_epoch_and_of_the_end(tmp_path: Path) -> None:
    heard: list[object] = []

    class Listener:
        def epoch(self, number: int, scores: dict[str, Json], confusion: Sequence[Sequence[int]] | None) -> None:
            heard.append((number, scores, confusion))

        def end(self, status: str) -> None:
            heard.append(status)

    run = RunWriter(tmp_path, "one", ABOUT, open_mirror=lambda about: heard.append(about["name"]) or Listener())
    run.epoch(1, {"train": FIGURES}, confusion=[[1]])
    run.end("interrupted")
    assert heard == ["one", (1, {"train": FIGURES}, [[1]]), "interrupted"]
