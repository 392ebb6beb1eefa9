"""Weights & Biases for who wants it: figures alone, and nothing at all for everybody else."""

import gc
import json
import os
import struct
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from models.training.runs.store import read_epochs
from models.training.runs.wandb import is_wanted

pytestmark = pytest.mark.e2e

Signcap = Callable[..., "subprocess.CompletedProcess[str]"]
Train = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture
def train(crops_of_four: Path, tmp_path: Path, here: Signcap, monkeypatch: pytest.MonkeyPatch) -> Train:
    """Trains in this process, as somebody who is logged in nowhere; arguments go into the environment."""
    for name in [name for name in os.environ if name.startswith("WANDB")]:
        monkeypatch.delenv(name)
    for name in ("WANDB_ERROR_REPORTING", "WANDB_SILENT"):  # which it sets, and which are gone again afterwards
        monkeypatch.setenv(name, "")
        monkeypatch.delenv(name)
    monkeypatch.setattr(sys, "exit", sys.exit)  # both of which the library takes for itself
    monkeypatch.setattr(sys, "excepthook", sys.excepthook)
    nobody = {"NETRC": str(tmp_path / "netrc"), "WANDB_CONFIG_DIR": str(tmp_path / "w")}
    options = ("--network", "cnn", "--size", "32", "--epochs", "2", "--workers", "0", "--letters", "AB")

    def run(**environment: str) -> "subprocess.CompletedProcess[str]":
        runs = tmp_path / "runs"
        return here("train", crops_of_four, *options, "--runs", runs, "--name", "one", **(nobody | environment))

    return run


@pytest.fixture
def library() -> Iterator[None]:
    """wandb, with settings that it reads anew, and without a process of its own afterwards."""
    gc.collect()  # what other tests left must not go while Python parses wandb's sources: 3.11 then fails at random
    import wandb

    yield
    wandb.teardown()


def records(file: Path) -> Iterator[bytes]:
    """The records of a file in LevelDB's log format, after a header: blocks of 32 KiB, records in parts."""
    data, at, whole = file.read_bytes(), 7, b""
    while at + 7 <= len(data):
        if 32768 - at % 32768 < 7:
            at += 32768 - at % 32768
        _, length, kind = struct.unpack("<IHB", data[at : at + 7])
        whole += data[at + 7 : at + 7 + length]
        at += 7 + length
        if kind in (1, 4):  # all of it, or its last part
            yield whole
            whole = b""


def history(file: Path) -> list[dict[str, Any]]:
    """What was logged."""
    from wandb.proto.wandb_internal_pb2 import Record

    found = []
    for data in records(file):
        record = Record()
        record.ParseFromString(data)
        if record.WhichOneof("record_type") == "history":
            found.append({i.key or "/".join(i.nested_key): json.loads(i.value_json) for i in record.history.item})
    return found


@pytest.mark.slow
def test_who_is_not_logged_in_never_notices_it(train: Train, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in sys.modules if name.partition(".")[0] == "wandb"]:
        monkeypatch.delitem(sys.modules, name)
    done = train()
    assert done.returncode == 0, done.stderr
    assert "wandb" not in sys.modules
    assert not list(tmp_path.rglob("*wandb*"))


@pytest.mark.slow
@pytest.mark.usefixtures("library")
def test_offline_runs_hold_the_figures_and_no_picture(train: Train, crops_of_four: Path, tmp_path: Path) -> None:
    runs = tmp_path / "runs"
    done = train(WANDB_MODE="offline")
    assert done.returncode == 0, done.stderr
    assert "wandb" not in done.stderr  # it chatters to nobody
    (folder,) = (runs / "one" / "wandb").glob("offline-run-*")
    logged = history(next(folder.glob("*.wandb")))
    lines = read_epochs(runs / "one")
    assert [values["epoch"] for values in logged] == [1, 2]
    for values, line in zip(logged, lines, strict=True):
        for split in ("train", "validation"):
            for name, value in line[split].items():
                assert values[f"{split}/{name}"] == pytest.approx(value)
        assert values["confusion/nrows"] == 26 * 27
    assert (runs / "one-test" / "wandb").is_dir()
    files = [path for path in runs.glob("*/wandb/**/*") if path.is_file()]
    assert len(files) > 4
    for path in files:
        data = path.read_bytes()
        assert b"\xff\xd8\xff" not in data, path  # the beginning of a JPEG
        assert b"\x89PNG" not in data, path
        for secret in (str(crops_of_four), ".jpg", "ann/A", '"ann"', '"dot"'):
            assert secret.encode() not in data, (path, secret)


@pytest.mark.slow
@pytest.mark.usefixtures("library")
def test_who_cannot_reach_it_is_told_in_a_sentence_before_training(train: Train, tmp_path: Path) -> None:
    done = train(WANDB_API_KEY=40 * "0", WANDB_BASE_URL="http://127.0.0.1:1", WANDB_INIT_TIMEOUT="2")
    assert done.returncode == 1
    assert done.stderr.count("\n") == 1, done.stderr
    assert done.stderr.startswith("Weights & Biases cannot be reached (")
    assert done.stderr.strip().endswith("set WANDB_MODE=offline, or leave it out with --no-wandb.")
    assert not read_epochs(tmp_path / "runs" / "one")


@pytest.mark.unit
def test_it_is_wanted_by_who_is_logged_in_or_asks_for_offline_runs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in [name for name in os.environ if name.startswith("WANDB")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    assert not is_wanted()
    (tmp_path / "netrc").write_text("machine example.org login user password key\n")
    assert not is_wanted()
    (tmp_path / "netrc").write_text("machine api.wandb.ai login user password key\n")
    assert is_wanted()
    monkeypatch.setenv("WANDB_BASE_URL", "https://own.example.org/")
    assert not is_wanted()
    monkeypatch.setenv("WANDB_API_KEY", "key")
    assert is_wanted()
    for mode, wanted in (("disabled", False), ("offline", True), ("DISABLED", False), ("online", True)):
        monkeypatch.setenv("WANDB_MODE", mode)
        assert is_wanted() == wanted
    monkeypatch.delenv("WANDB_API_KEY")
    assert not is_wanted()
    monkeypatch.setenv("WANDB_MODE", "offline")
    monkeypatch.setenv("WANDB_DISABLED", "true")
    assert not is_wanted()
    monkeypatch.delenv("WANDB_DISABLED")
    monkeypatch.setitem(sys.modules, "wandb", None)
    assert not is_wanted()
