"""Searching for good hyperparameters with Optuna; many machines can share one search by its database."""

import random
import time
import warnings
from collections.abc import Iterator
from dataclasses import replace
from itertools import product
from pathlib import Path
from typing import Any

import optuna
from optuna.trial import TrialState
from sqlalchemy import Engine, event
from sqlalchemy.exc import ArgumentError, DatabaseError, SQLAlchemyError

from models.training.config import Recipe
from models.training.data.split.manifest import Manifest
from models.training.engine.fabric import make_fabric
from models.training.engine.loop import NotWorthItError
from models.training.engine.steps import OutOfBoundsError
from models.training.train import Options, train_run
from overlay.core.errors import SigncapError

REPORT_GRID: dict[str, tuple[Any, ...]] = {
    "batch": (32, 64),
    "rate": (0.001, 0.0001),
    "weight_decay": (0.0001, 0.001),
}
TRIES = 5  # to open a database that others open as well
HEARTBEAT = 30  # seconds between two signs of life of a trial
FIXED = "fixed_params"  # where Optuna notes what a trial that was put in line has to try
SEARCHES = ("grid", "tpe", "random")


def open_study(storage: str, name: str, search: str, seed: int) -> optuna.Study:
    """The study of that name, made if it is not there.

    Raises:
        SigncapError: the database cannot be opened, or holds a study of another kind.
    """
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    samplers: dict[str, Any] = {
        "grid": lambda: optuna.samplers.RandomSampler(seed),  # only for values that were not put in line
        "tpe": lambda: optuna.samplers.TPESampler(
            seed=None, multivariate=True, constant_liar=True, n_startup_trials=8
        ),
        "random": lambda: optuna.samplers.RandomSampler(),
    }
    pruner: Any = optuna.pruners.NopPruner() if search == "grid" else optuna.pruners.MedianPruner(n_warmup_steps=2)
    for tries_left in reversed(range(TRIES)):
        try:
            study = optuna.create_study(
                storage=_storage(storage),
                study_name=name,
                sampler=samplers[search](),
                pruner=pruner,
                direction="maximize",
                load_if_exists=True,
            )
            break
        except (ArgumentError, SQLAlchemyError, ImportError, ValueError, RuntimeError) as error:
            if tries_left and isinstance(error, DatabaseError):
                time.sleep(random.uniform(0.2, 1.0))  # two processes make the tables of a new database at once
                continue
            raise SigncapError(
                f"The storage {_without_password(storage)} cannot be opened ({_first_line(error)}): give a file as "
                "sqlite:///FILE, or the URL of a database that is running."
            ) from error
    kind = study.user_attrs.get("search")
    if kind is None:
        study.set_user_attr("search", search)
    elif kind != search:
        raise SigncapError(f"The study {name} is a {kind} search: choose another --study, or --search {kind}.")
    return study


def _storage(url: str) -> optuna.storages.RDBStorage:
    # SQLite waits for another process that writes, rather than give up after five seconds.
    patience = {"connect_args": {"timeout": 120}} if url.startswith("sqlite") else {}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", optuna.exceptions.ExperimentalWarning)
        # A trial whose process was killed is noticed by its silence, and put in line once more.
        storage = optuna.storages.RDBStorage(
            url,
            engine_kwargs=patience,
            heartbeat_interval=HEARTBEAT,
            heartbeat_stale_trial_callback=optuna.storages.RetryHeartbeatStaleTrialCallback(max_retry=2),
        )
    if url.startswith("sqlite"):
        _one_after_the_other(storage.engine)
    return storage


def _one_after_the_other(engine: Engine) -> None:
    """Let each transaction hold SQLite's lock for writing from its beginning.

    Otherwise two processes read that a trial waits, then both mark it as running, and both train it: SQLite knows no
    `SELECT ... FOR UPDATE`, by which Optuna keeps them apart in other databases.
    """
    engine.dispose()  # connections that were made before know nothing of this

    @event.listens_for(engine, "connect")
    def connect(connection: Any, _record: object) -> None:
        connection.isolation_level = None  # or Python's sqlite3 begins a transaction with the first change only

    @event.listens_for(engine, "begin")
    def begin(connection: Any) -> None:
        connection.exec_driver_sql("BEGIN IMMEDIATE")


def _first_line(error: BaseException) -> str:
    return str(error).strip().splitlines()[0][:160] if str(error).strip() else type(error).__name__


def _without_password(storage: str) -> str:
    from sqlalchemy.engine import make_url

    try:
        return make_url(storage).render_as_string(hide_password=True)
    except ArgumentError:
        return storage.split("@")[-1]


def fill_grid(study: optuna.Study) -> None:
    """Put every point of the report's grid in line, once, whatever the number of processes that do this."""
    for values in product(*REPORT_GRID.values()):
        study.enqueue_trial(dict(zip(REPORT_GRID, values, strict=True)), skip_if_exists=True)


def run_sweep(
    folder: Path, manifest: Manifest, recipe: Recipe, options: Options, study: optuna.Study, search: str, trials: int
) -> Iterator[optuna.trial.FrozenTrial]:
    """Train for one trial after the other, and give each when it is done.

    Args:
        folder, manifest: the pictures.
        recipe: what the search leaves as it is.
        options: where the runs go.
        study: shared with other processes, perhaps.
        search: "grid", "tpe" or "random".
        trials: that this study shall have in all, over all processes; a grid has its own number.

    Raises:
        SigncapError: the data will not do.
    """
    fabric = make_fabric(recipe.precision)
    if search == "grid":
        fill_grid(study)

    def objective(trial: optuna.Trial) -> float:
        if search == "grid" and not _is_ours(study, trial.number):
            raise optuna.TrialPruned
        name = f"{study.study_name}-{trial.number:03d}"
        trial.set_user_attr("run", name)
        changed = replace(recipe, **_suggest(trial, search))
        try:
            outcome = train_run(
                fabric,
                folder,
                manifest,
                changed,
                replace(options, title=f"[bold]trial {trial.number}[/] "),
                name=name,
                test=False,  # who chooses by a test has none left
                about={"sweep": {"study": study.study_name, "trial": trial.number, "parameters": trial.params}},
                on_epoch=_Report(trial),
            )
        except NotWorthItError as error:
            raise optuna.TrialPruned from error
        return max(_score(line) for line in outcome.epochs)

    while _is_more_to_do(study, search, trials):
        numbers: list[int] = []
        study.optimize(objective, n_trials=1, catch=(OutOfBoundsError,), callbacks=[_Remember(numbers)])
        for trial in (study.trials[number] for number in numbers):
            if "run" in trial.user_attrs:
                yield trial


def _is_more_to_do(study: optuna.Study, search: str, trials: int) -> bool:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", optuna.exceptions.ExperimentalWarning)
        optuna.storages.fail_stale_trials(study)  # those of killed processes, which are put in line again
    everything = study.get_trials(deepcopy=False)
    if search == "grid":
        return any(trial.state == TrialState.WAITING for trial in everything)
    return sum(trial.state not in (TrialState.FAIL, TrialState.WAITING) for trial in everything) < trials


def _is_ours(study: optuna.Study, number: int) -> bool:
    """A point of the grid that no earlier trial has: two processes may have put it in line at the same moment, and
    the one that comes too late for the last point is given a trial without any.
    """
    everything = study.get_trials(deepcopy=False)
    point = everything[number].system_attrs.get(FIXED)
    return point is not None and not any(
        other.system_attrs.get(FIXED) == point and other.number < number and other.state != TrialState.FAIL
        for other in everything
    )


def _suggest(trial: optuna.Trial, search: str) -> dict[str, Any]:
    if search == "grid":
        return {name: trial.suggest_categorical(name, values) for name, values in REPORT_GRID.items()}
    return {
        "batch": trial.suggest_categorical("batch", (16, 32, 64)),
        "rate": trial.suggest_float("rate", 1e-4, 5e-3, log=True),
        "weight_decay": trial.suggest_float("weight_decay", 1e-6, 1e-2, log=True),
        "rotation": trial.suggest_float("rotation", 0, 25),
        "scale": trial.suggest_float("scale", 0, 0.3),
    }


def _score(line: dict[str, Any]) -> float:
    return float((line.get("validation") or line["train"])["accuracy"])


class _Remember:
    """Notes the numbers of the trials that are done."""

    def __init__(self, numbers: list[int]) -> None:
        self._numbers = numbers

    def __call__(self, _study: optuna.Study, trial: optuna.trial.FrozenTrial) -> None:
        self._numbers.append(trial.number)


class _Report:
    """Tells the study of each epoch, and ends a trial that is worse than most."""

    def __init__(self, trial: optuna.Trial) -> None:
        self._trial = trial

    def __call__(self, number: int, line: dict[str, Any]) -> None:
        self._trial.report(_score(line), number)
        if self._trial.should_prune():
            raise NotWorthItError
