"""`signcap train`: what it leaves, how it goes on after a kill and a full disk, and as two processes."""

import json
import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from models.training.config import Recipe
from models.training.data.split.manifest import read_manifest
from models.training.data.split.splits import load_splits
from models.training.engine.checkpoint import load_weights, read_checkpoint
from models.training.engine.fabric import make_fabric
from models.training.engine.predict import read_pictures as read_all
from models.training.engine.tasks import make_task
from models.training.runs.store import read_epochs, read_pictures, read_predictions, read_run
from tests.models.commands import forking
from tests.models.commands.forking import Forked
from tests.waiting import until

pytestmark = [pytest.mark.integration, pytest.mark.slow]
Several = Callable[..., list[Any]]
Begin = Callable[..., Forked]
EPOCHS, STEPS = 4, 5  # of 36 pictures, 8 at once
SPLITS = ("train", "validation")
# Command lines of the training, one after the other in the same two processes.
ONE_AFTER_THE_OTHER = """
import json, sys
from models.training.engine import fabric
from server.cli.main import main

leave_together = fabric.leave_together
lines = json.loads(sys.argv[1])
for number, line in enumerate(lines, 1):
    fabric.leave_together = leave_together if number == len(lines) else lambda _fabric: None
    sys.argv = ["signcap", *line]
    try:
        main()
    except SystemExit as end:
        if end.code:
            raise
"""
# Each process that it starts asks for a fork and is there until that ends.
TORCHRUN = ["--standalone", "--nproc-per-node", "2", "--no-python", sys.executable, "-I", "-S", forking.__file__]
posix = pytest.mark.skipif(os.name != "posix", reason="signals of POSIX")


def arguments(folder: Path, runs: Path, name: str) -> list[str]:
    """A training that takes a second or two, of three letters and one without pictures."""
    given = {"--network": "cnn", "--size": 32, "--epochs": EPOCHS, "--batch": 8, "--patience": 0, "--rate": 0.0005}
    given |= {"--letters": "ABCD", "--seed": 3, "--workers": 0, "--runs": runs, "--name": name}
    return ["train", str(folder), *(str(each) for pair in given.items() for each in pair)]


def same(one: Path, two: Path, tolerance: float) -> bool:
    """Two runs took the same steps and have the same figures, for as long as the second one goes."""
    lines = read_epochs(one)[: len(read_epochs(two))], read_epochs(two)
    assert [line["steps"] for line in lines[0]] == [line["steps"] for line in lines[1]]
    return all(
        a[split] == pytest.approx(b[split], abs=tolerance) for a, b in zip(*lines, strict=True) for split in SPLITS
    )


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("trainings") / "runs"


@pytest.fixture(scope="module")
def whole(several: Several, crops_of_four: Path, runs: Path) -> Any:
    """How the run `whole` ended, from its beginning to its end."""
    (ended,) = several([arguments(crops_of_four, runs, "whole")])
    return ended


def test_it_learns_and_says_how_it_goes(whole: Any, runs: Path) -> None:
    assert whole.returncode == 0, whole.stderr
    lines = read_epochs(runs / "whole")
    assert lines[-1]["train"]["loss"] < 0.9 * lines[0]["train"]["loss"]
    assert lines[-1]["train"]["accuracy"] > lines[0]["train"]["accuracy"]
    shown = whole.stderr.splitlines()
    assert len(shown) == EPOCHS + 2, whole.stderr  # and one on letters without pictures, one on the test
    assert shown[0] == "No pictures to learn from: D."
    for number, (text, line) in enumerate(zip(shown[1:-1], lines, strict=True), 1):
        assert text.startswith(f"epoch {number}/{EPOCHS}  training loss {line['train']['loss']:.4f}")
        assert f"validation loss {line['validation']['loss']:.4f}" in text
    assert shown[-1].startswith("test  loss ")
    assert f"signcap export {runs / 'whole'} MODEL" in whole.stdout


def test_the_run_says_what_was_trained_on_what_and_how(whole: Any, runs: Path, crops_of_four: Path) -> None:
    about = read_run(runs, "whole")
    assert (about["status"], about["kind"], about["network"]) == ("finished", "train", "cnn")
    assert about["git"] is None or re.fullmatch(r"[0-9a-f]{12}\+?", about["git"])
    assert about["environment"]["packages"]["torch"]
    assert about["environment"]["command"].startswith(f"signcap train {crops_of_four} --network cnn")
    wanted = {"network": "cnn", "size": 32, "epochs": EPOCHS, "batch": 8, "rate": 0.0005, "seed": 3, "flip": False}
    assert about["hyperparameters"] | wanted == about["hyperparameters"]
    assert about["data"]["pictures"] == {"train": 36, "validation": 18, "test": 18}
    assert about["data"]["signers"] == {"train": ["ann", "bob"], "validation": ["cid"], "test": ["dot"]}
    assert (about["processes"], about["device"]) == (1, "cpu")


def test_every_epoch_has_all_figures_and_a_confusion_matrix(whole: Any, runs: Path, crops_of_four: Path) -> None:
    lines = read_epochs(runs / "whole")
    assert [(line["epoch"], line["steps"]) for line in lines] == [(n, n * STEPS) for n in range(1, EPOCHS + 1)]
    pictures = read_pictures(runs / "whole")
    assert len(pictures["paths"]) == 18
    assert all((Path(pictures["root"]) / path).is_file() for path in pictures["paths"])
    for line in lines:
        for split in SPLITS:
            assert set(line[split]) == {"loss", "accuracy", "precision", "recall", "f1"}
            assert all(0 <= line[split][name] <= 1 for name in ("accuracy", "precision", "recall", "f1"))
        read = read_predictions(runs / "whole", line["epoch"])
        assert len(read["predicted"]) == len(read["confidence"]) == 18
        assert sum(map(sum, read["confusion"])) == 18
        right = sum(p == label for p, label in zip(read["predicted"], pictures["labels"], strict=True))
        assert right / 18 == pytest.approx(line["validation"]["accuracy"])
        assert right == sum(read["confusion"][k][k] for k in range(26))


def test_the_test_is_a_run_of_its_own_of_the_best_epoch(whole: Any, runs: Path) -> None:
    about = read_run(runs, "whole-test")
    assert (about["kind"], about["of"], about["status"]) == ("test", "whole", "finished")
    assert about["data"]["signers"] == {"test": ["dot"]}
    (line,) = read_epochs(runs / "whole-test")
    assert set(line["test"]) == {"loss", "accuracy", "precision", "recall", "f1"}
    assert {path.split("/")[0] for path in read_pictures(runs / "whole-test")["paths"]} == {"dot"}
    assert sum(map(sum, read_predictions(runs / "whole-test", 1)["confusion"])) == 18
    scores = [(round(e["validation"]["accuracy"], 6), -e["validation"]["loss"]) for e in read_epochs(runs / "whole")]
    _, _, kept = read_checkpoint(runs / "whole" / "best.safetensors")
    assert kept["position"]["best_epoch"] == 1 + scores.index(max(scores))


def kill_half_done(begin: Begin, command: list[str], runs: Path) -> str:
    """Train as `killed`, kill it when some epochs are done, but not all, and return what it said till then."""
    for _ in range(5):
        process = begin(command)
        until(lambda process=process: read_epochs(runs / "killed") or process.poll() is not None, 120)  # type: ignore[misc]
        process.kill()
        _, said = process.communicate()
        assert process.returncode in (0, -signal.SIGKILL), said
        if len(read_epochs(runs / "killed")) < EPOCHS:
            return said
        for name in ("killed", "killed-test"):  # it was done before this one looked: once more
            shutil.rmtree(runs / name, ignore_errors=True)
    raise AssertionError("it was always done too soon")


@posix
@pytest.mark.e2e
def test_killed_and_resumed_it_ends_as_if_it_had_not_been(
    whole: Any, several: Several, begin: Begin, crops_of_four: Path, runs: Path
) -> None:
    said = kill_half_done(begin, arguments(crops_of_four, runs, "killed"), runs)
    assert said.startswith("No pictures to learn from: ")  # a process has nothing else to say before
    assert "Warning" not in said
    assert read_run(runs, "killed")["status"] == "broken off"
    assert len(read_epochs(runs / "killed")) < EPOCHS
    (done,) = several([["train", crops_of_four, "--runs", runs, "--resume", "killed", "--workers", "0"]])
    assert done.returncode == 0, done.stderr
    assert read_run(runs, "killed")["status"] == "finished"
    assert len(read_epochs(runs / "killed")) == EPOCHS
    assert same(runs / "whole", runs / "killed", 1e-4)
    assert read_epochs(runs / "killed-test")[0]["test"] == pytest.approx(
        read_epochs(runs / "whole-test")[0]["test"], abs=1e-4
    )


@pytest.fixture(scope="module")
def shared(
    crops_of_four: Path, runs: Path, begin: Begin, forks: str, tmp_path_factory: pytest.TempPathFactory
) -> tuple[int, str]:
    """Two trainings under torchrun, `shared`, of the network of `whole`, and `normalised`: its status and words."""
    script = tmp_path_factory.mktemp("torchrun") / "trainings.py"
    script.write_text(ONE_AFTER_THE_OTHER)
    lines = [
        [*arguments(crops_of_four, runs, "shared"), "--epochs", "2", "--no-test"],
        [*arguments(crops_of_four, runs, "normalised"), "--network", "enhanced-cnn", "--epochs", "1"],
    ]
    process = begin([*TORCHRUN, forks, str(script), json.dumps(lines)], "torch.distributed.run")
    _, said = process.communicate()
    assert process.returncode is not None
    return process.returncode, said


@posix
@pytest.mark.e2e
def test_two_processes_take_the_steps_of_one(whole: Any, shared: tuple[int, str], runs: Path) -> None:
    status, said = shared
    assert status == 0, said
    assert read_run(runs, "shared")["processes"] == 2
    assert len(read_epochs(runs / "shared")) == 2  # later on, what is rounded otherwise becomes visible
    assert same(runs / "whole", runs / "shared", 1e-4)
    assert len(read_predictions(runs / "shared", 2)["predicted"]) == 18
    assert said.count("epoch 2/2  training") == 1  # one of them speaks
    assert "Warning" not in said
    assert "Initializing distributed" not in said


@posix
@pytest.mark.e2e
def test_two_processes_read_with_the_weights_that_are_kept(
    shared: tuple[int, str], crops_of_four: Path, runs: Path
) -> None:
    """Each has its own means of batch normalisation while it learns."""
    status, said = shared
    assert status == 0, said
    assert read_run(runs, "normalised-test")["status"] == "finished"
    validation = load_splits(crops_of_four, read_manifest(crops_of_four), letters="ABCD")["validation"]
    task = make_task(Recipe(network="enhanced-cnn", size=32, letters="ABCD"), validation)
    weights, _, _ = read_checkpoint(runs / "normalised" / "best.safetensors")
    load_weights(task.network, weights, runs)
    read = read_all(make_fabric("32"), task, task.network, validation)
    assert read.predicted.tolist() == read_predictions(runs / "normalised", 1)["predicted"]
    assert read.loss == pytest.approx(read_epochs(runs / "normalised")[0]["validation"]["loss"], abs=1e-5)


def test_what_cannot_be_is_told_in_a_sentence(
    whole: Any, several: Several, crops_of_four: Path, runs: Path, tmp_path: Path
) -> None:
    train = ("train", crops_of_four, "--runs", runs)
    before = sorted(path.name for path in runs.iterdir())
    cases = {
        "The run whole is finished: there is nothing to go on with.": [*train, "--resume", "whole"],
        f"There is no run absent in {runs}.": [*train, "--resume", "absent"],
        "whole-test is a test: choose the run that it tested, whole.": [*train, "--resume", "whole-test"],
        "--resume goes on under the run's own name: leave --name out.": [
            *(*train, "--resume"),
            *("whole", "--name", "other"),
        ],
        f"There is a run whole in {runs} already: choose another --name, or --resume it.": [
            *train,
            "--name",
            "whole",
        ],
        "../x is no name of a run: it is the name of a folder, without a path.": [*train, "--name", "../x"],
        f"There is no {tmp_path / 'split.json'}: run `signcap split {tmp_path}` first.": [
            "train",
            tmp_path,
            "--runs",
            runs,
        ],
        "--schedule must be one of constant, cosine, not linear.": [*train, "--schedule", "linear"],
        "--size must be a multiple of 8 between 32 and 512.": [*train, "--network", "cnn", "--size", "33"],
        "CTC is for sequences: it needs --network cnn-lstm.": [*train, "--network", "cnn", "--loss", "ctc"],
        "There is no network vgg: choose one of cnn, enhanced-cnn, cnn-rnn, cnn-lstm.": [*train, "--network", "vgg"],
    }
    for sentence, ended in zip(cases, several(list(cases.values())), strict=True):
        assert ended.sentence == sentence
    assert sorted(path.name for path in runs.iterdir()) == before  # nothing is begun that cannot be done


def test_an_unfinished_run_goes_on_with_its_own_folder_alone(
    several: Several, crops_of_four: Path, tmp_path: Path
) -> None:
    runs = tmp_path / "runs"
    other = tmp_path / "other"
    other.mkdir()
    (other / "split.json").write_text((crops_of_four / "split.json").read_text())
    folder = runs / "one"
    folder.mkdir(parents=True)
    about = {"format": 1, "kind": "train", "status": "failed", "data": {"folder": str(crops_of_four.resolve())}}
    (folder / "run.json").write_text(json.dumps(about | {"hyperparameters": {"network": "cnn", "size": 32}}))
    (ended,) = several([["train", other, "--runs", runs, "--resume", "one"]])
    assert (
        ended.sentence == f"The run one was trained on {crops_of_four.resolve()}: give that folder to go on with it."
    )


@pytest.fixture
def small_disk(disk_of: Callable[[str], Path]) -> Path:
    """A disk with room for the first checkpoint of a small network, not for the second."""
    return disk_of("40m")


@pytest.mark.e2e
def test_a_full_disk_is_told_in_a_sentence_and_with_room_it_goes_on(
    whole: Any, several: Several, crops_of_four: Path, runs: Path, small_disk: Path
) -> None:
    megabytes = {name: (runs / "whole" / name).stat().st_size for name in ("last.safetensors", "best.safetensors")}
    room = megabytes["last.safetensors"] * 3 // 2 + megabytes["best.safetensors"]  # the next one does not fit beside
    subprocess.run(["mount", "-o", f"remount,size={room}", str(small_disk)], check=True)
    target = small_disk / "runs"
    (done,) = several([[*arguments(crops_of_four, target, "full"), "--epochs", "2"]])
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    assert re.search(r"Cannot write .*safetensors \(.*No space left.*make room", done.stderr.splitlines()[-1])
    _, state, about = read_checkpoint(target / "full" / "last.safetensors")
    assert about["position"]["epoch"] >= 1
    assert state
    assert read_run(target, "full")["status"] == "failed"
    assert not [path.name for path in (target / "full").iterdir() if path.name.startswith(".")]
    subprocess.run(["mount", "-o", "remount,size=200m", str(small_disk)], check=True)
    (done,) = several([["train", crops_of_four, "--runs", target, "--resume", "full", "--workers", "0", "-q"]])
    assert (done.returncode, done.stderr) == (0, "")  # quiet
    assert same(runs / "whole", target / "full", 1e-4)
