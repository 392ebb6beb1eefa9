"""`signcap sweep`: processes that share a study, and what cannot be."""

import contextlib
import os
import shutil
import sqlite3
import subprocess
from collections import Counter
from collections.abc import Callable
from itertools import product
from pathlib import Path
from typing import Any

import optuna
import pytest

from models.training import sweep
from models.training.config import Recipe
from models.training.data.split.manifest import read_manifest
from models.training.data.split.splitting import make_split, write_manifest
from models.training.data.tree import read_tree
from models.training.runs.store import list_runs
from models.training.train import Options
from tests.models.commands.forking import Forked

pytestmark = [pytest.mark.integration, pytest.mark.slow]
Signcap = Callable[..., "subprocess.CompletedProcess[str]"]
Several = Callable[..., list[Any]]
GRID = {"batch": (32, 64), "rate": (0.001, 0.0001), "weight_decay": (0.0001, 0.001)}
SMALL = ("--network", "cnn", "--size", "32", "--epochs", "1", "--workers", "0", "--quiet")


def trials_of(runs: Path, study: str) -> list[optuna.trial.FrozenTrial]:
    found = optuna.load_study(study_name=study, storage=f"sqlite:///{runs / 'sweeps.db'}")
    return [trial for trial in found.trials if trial.state == optuna.trial.TrialState.COMPLETE]


@pytest.fixture(scope="module")
def pictures(crops_of_four: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The crops of two letters: enough for what is shared out."""
    folder = tmp_path_factory.mktemp("pictures") / "crops"
    shutil.copytree(crops_of_four, folder, ignore=shutil.ignore_patterns(*"CLYJ"))
    split = make_split(read_tree(folder), "signer", validation_signers=["cid"], test_signers=["dot"])
    write_manifest(folder, split)
    return folder


@pytest.fixture(scope="module")
def swept(
    pictures: Path, several: Several, begin: Callable[..., Forked], tmp_path_factory: pytest.TempPathFactory
) -> tuple[Path, list[int]]:
    """A grid that two processes do at once, one of them this: the folder of runs, and their process ids."""
    runs = tmp_path_factory.mktemp("sweep") / "runs"
    line = ["sweep", str(pictures), *SMALL, "--runs", str(runs)]
    other = begin(line)
    (ended,) = several([line])
    _, said = other.communicate()
    for status, words in ((ended.returncode, ended.stderr), (other.returncode, said)):
        assert status == 0, words
        assert "Warning" not in words
    return runs, [os.getpid(), other.pid]


@pytest.mark.e2e
def test_two_processes_do_each_point_of_the_reports_grid_once(swept: tuple[Path, list[int]]) -> None:
    runs, processes = swept
    done = trials_of(runs, "cnn-grid")
    points = Counter(tuple(trial.params[name] for name in GRID) for trial in done)
    assert points == Counter(product(*GRID.values()))
    about = [run for run in list_runs(runs) if run["kind"] == "train"]
    assert len(about) == 8
    assert {run["process"]["id"] for run in about} == set(processes)  # both took part
    for trial in done:
        (run,) = [run for run in about if run["name"] == trial.user_attrs["run"]]
        assert run["sweep"] == {"study": "cnn-grid", "trial": trial.number, "parameters": trial.params}
        assert run["hyperparameters"] | trial.params == run["hyperparameters"]
        assert run["last"]["validation"]["accuracy"] == trial.value
    assert not list(runs.glob("*-test"))  # a test that chooses is none


@pytest.mark.e2e
def test_other_searches_learn_from_what_was_tried_and_stop_at_their_number(
    swept: tuple[Path, list[int]], several: Several, pictures: Path
) -> None:
    runs, _ = swept
    line = ("sweep", pictures, *SMALL[:-1], "--runs", runs)
    database = (runs / "sweeps.db").resolve()
    busy = "postgresql://somebody:secret@127.0.0.1:1/studies"
    random_two, random_again, tpe, grid_again, kind, storage, folder, unknown = several(
        [
            [*line, "--search", "random", "--trials", "2", "--study", "chance"],
            [*line, "--search", "random", "--trials", "2", "--study", "chance"],
            [*line, "--search", "tpe", "--trials", "1"],
            line,
            [*line, "--search", "tpe", "--study", "cnn-grid"],
            [*line, "--storage", busy],
            [*line, "--storage", f"sqlite:///{runs}/absent/deep.db"],
            [*line, "--search", "best"],
        ]
    )
    assert random_two.returncode == 0, random_two.stderr
    assert random_two.stdout.count("trial ") == 2
    assert "chance: 2 trials here, 2 in all" in random_two.stdout
    assert random_again.returncode == 0
    assert "chance: 0 trials here, 2 in all" in random_again.stdout
    assert tpe.returncode == 0, tpe.stderr
    assert len(trials_of(runs, "chance")) == 2
    assert len(trials_of(runs, "cnn-tpe")) == 1
    assert len({trial.params["rate"] for trial in trials_of(runs, "chance")}) == 2
    assert grid_again.returncode == 0
    assert "cnn-grid: 0 trials here, 8 in all" in grid_again.stdout
    assert len(trials_of(runs, "cnn-grid")) == 8
    assert kind.sentence == "The study cnn-grid is a grid search: choose another --study, or --search grid."
    assert "secret" not in storage.stderr
    assert storage.sentence.startswith("The storage postgresql://")
    assert "give a file as sqlite:///FILE" in storage.sentence
    assert folder.sentence.startswith(f"The storage sqlite:///{runs}/absent/deep.db cannot be opened")
    assert unknown.sentence == "--search must be one of grid, tpe, random, not best."
    assert database.is_file()


def test_a_search_gives_up_trials_that_do_worse_than_most(pictures: Path, tmp_path: Path) -> None:
    study = sweep.open_study(f"sqlite:///{tmp_path / 'sweeps.db'}", "study", "random", 0)
    study.pruner = optuna.pruners.ThresholdPruner(lower=2.0)  # no accuracy is as high
    recipe = Recipe(network="cnn", size=32, epochs=3, precision="32", letters="AB")
    options = Options(tmp_path / "runs", wandb=False, quiet=True)
    (trial,) = sweep.run_sweep(pictures, read_manifest(pictures), recipe, options, study, "random", 1)
    assert trial.state == optuna.trial.TrialState.PRUNED
    (run,) = list_runs(tmp_path / "runs")
    assert (run["status"], run["epochs"]) == ("stopped early", 1)


@pytest.mark.filterwarnings("ignore:Heartbeat of storage")  # which is of no matter where nothing is trained
def test_a_point_whose_process_gives_no_sign_of_life_any_more_is_done_by_the_next(
    pictures: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As one that was killed: it took the point and gave a last sign of life an hour ago."""
    monkeypatch.setattr(sweep, "REPORT_GRID", {"batch": (64,), "rate": (0.001,), "weight_decay": (0.0001,)})
    storage = f"sqlite:///{tmp_path / 'sweeps.db'}"
    killed = sweep.open_study(storage, "study", "grid", 0)
    sweep.fill_grid(killed)
    trial = killed.ask()
    killed._storage.record_heartbeat(trial._trial_id)
    study = sweep.open_study(storage, "study", "grid", 0)
    assert [trial.state.name for trial in study.trials] == ["RUNNING"]
    recipe = Recipe(network="cnn", size=32, epochs=1, precision="32")
    options = Options(tmp_path / "runs", wandb=False, quiet=True)

    def swept() -> list[Any]:
        return list(sweep.run_sweep(pictures, read_manifest(pictures), recipe, options, study, "grid", 1))

    assert swept() == []  # it may still be at it
    with contextlib.closing(sqlite3.connect(tmp_path / "sweeps.db")) as database, database:
        database.execute("UPDATE trial_heartbeats SET heartbeat = datetime('now', '-1 hour')")
    assert [trial.params for trial in swept()] == [{"batch": 64, "rate": 0.001, "weight_decay": 0.0001}]
    assert [trial.state.name for trial in study.trials] == ["FAIL", "COMPLETE"]


def test_a_sweep_is_not_for_torchrun(here: Signcap, pictures: Path, tmp_path: Path) -> None:
    done = here("sweep", pictures, "--runs", tmp_path / "runs", WORLD_SIZE="2")
    assert done.returncode == 1
    assert done.stderr.strip().endswith("with one --storage, not under torchrun.")
    assert not (tmp_path / "runs").exists()
