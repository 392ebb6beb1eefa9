"""`signcap sweep`."""

import os
from pathlib import Path
from typing import Annotated, Any

import typer

from models.commands.options import (
    DataArgument,
    NetworkOption,
    QuietOption,
    RunsOption,
    WandbOption,
    WorkersOption,
    needs_torch,
)


def sweep(
    folder: DataArgument,
    network: NetworkOption = "enhanced-cnn",
    search: Annotated[
        str,
        typer.Option(metavar="grid|tpe|random", help="The report's grid of 8, or a search that learns as it goes."),
    ] = "grid",
    trials: Annotated[int, typer.Option(min=1, help="Of the whole study; a grid has its own number.")] = 20,
    study: Annotated[
        str | None, typer.Option(help="Name; processes that give the same one share it.", show_default=False)
    ] = None,
    storage: Annotated[
        str | None,
        typer.Option(metavar="URL", help="Database. Default: sqlite:///RUNS/sweeps.db.", show_default=False),
    ] = None,
    epochs: Annotated[int, typer.Option(min=1)] = 10,
    size: Annotated[int | None, typer.Option(help="Side of the pictures.", show_default=False)] = None,
    seed: Annotated[int, typer.Option()] = 0,
    runs: RunsOption = Path("runs"),
    workers: WorkersOption = None,
    wandb: WandbOption = True,
    quiet: QuietOption = False,
) -> None:
    """Search for good hyperparameters. Several processes and machines can share one --storage."""
    needs_torch()
    from optuna.exceptions import StorageInternalError
    from sqlalchemy.exc import SQLAlchemyError

    from models.training.config import Recipe, choice
    from models.training.data.split.manifest import read_manifest
    from models.training.sweep import SEARCHES, open_study, run_sweep
    from models.training.train import Options, default_workers
    from overlay.core.errors import SigncapError

    choice("--search", search, SEARCHES)
    if int(os.environ.get("WORLD_SIZE", "1")) > 1:
        raise SigncapError(
            "A trial of a sweep is one process: start it several times with one --storage, not under torchrun."
        )
    manifest = read_manifest(folder)
    recipe = Recipe(network=network, size=size, epochs=epochs, seed=seed)
    try:
        runs.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise SigncapError(
            f"Cannot make the folder {runs} ({error.strerror}): choose another with --runs."
        ) from error
    name = study or f"{network}-{search}"
    opened = open_study(storage or f"sqlite:///{(runs / 'sweeps.db').resolve()}", name, search, seed)
    options = Options(runs, default_workers() if workers is None else workers, wandb, quiet=quiet)
    done = 0
    try:
        for trial in run_sweep(folder, manifest, recipe, options, opened, search, trials):
            done += 1
            if not quiet:
                value = "not finished" if trial.value is None else f"validation {trial.value:.1%}"
                print(f"trial {trial.number}: {value}  {_listed(trial.params)}", flush=True)
        _print_best(opened, done)
    except (SQLAlchemyError, StorageInternalError) as error:
        raise SigncapError(
            "The storage of the sweep cannot be reached any more: start the same command again when it can; "
            "the trials that are done are kept."
        ) from error


def _listed(parameters: dict[str, Any]) -> str:
    return "  ".join(f"{key}={value:g}" for key, value in parameters.items())


def _print_best(study: Any, done: int) -> None:
    from rich.console import Console
    from rich.table import Table

    finished = [trial for trial in study.get_trials(deepcopy=False) if trial.value is not None]
    if not finished:
        print(f"The study {study.study_name} has no finished trial yet.")
        return
    names = list(finished[0].params)
    table = Table(
        "run", *names, "validation", title=f"{study.study_name}: {done} trials here, {len(finished)} in all"
    )
    for trial in sorted(finished, key=lambda each: -each.value)[:12]:
        values = [f"{trial.params[name]:g}" if name in trial.params else "" for name in names]
        table.add_row(trial.user_attrs.get("run", ""), *values, f"{trial.value:.1%}")
    Console().print(table)
    running = sum(trial.state.name == "RUNNING" for trial in study.get_trials(deepcopy=False))
    if running:
        print(
            f"{running} more under way elsewhere. If that was killed: the same command, two minutes later, does it."
        )
