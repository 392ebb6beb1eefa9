"""One run from its manifest to its test: what `train`, `sweep` and `compare` have in common."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

import torch
from lightning_fabric import Fabric

from models.training.config import Recipe
from models.training.data.batches.pictures import Pictures, check_pictures
from models.training.data.split.manifest import Manifest
from models.training.data.split.splits import load_splits
from models.training.data.tree import MOVING
from models.training.engine.checkpoint import load_weights, read_checkpoint
from models.training.engine.fabric import precision_name
from models.training.engine.loop import BEST, EpochHook, NotWorthItError, fit
from models.training.engine.metrics import scores
from models.training.engine.predict import read_pictures
from models.training.engine.progress import Bars
from models.training.engine.tasks import make_task
from models.training.networks.registry import architecture
from models.training.runs.store import Mirror, RunWriter, check_new, read_run
from overlay.core.errors import SigncapError
from overlay.core.files.atomic_text import Json

NETWORK_OF_SEQUENCES = "cnn-lstm"


@dataclass(frozen=True)
class Options:
    """What does not change what is learnt.

    Attributes:
        runs: folder of all runs.
        workers: processes that load pictures.
        wandb: tell Weights & Biases, for who is logged in there.
        title: put before what is shown of the epochs.
        quiet: show nothing.
    """

    runs: Path
    workers: int = 0
    wandb: bool = True
    title: str = ""
    quiet: bool = False


@dataclass(frozen=True)
class Outcome:
    """A run that ended.

    Attributes:
        name: of the run; its test is NAME-test.
        status: "finished" or "stopped early".
        epochs: the line of figures of each.
        test: scores of the test, or None where the split has nobody left for it.
    """

    name: str
    status: str
    epochs: list[Json]
    test: Json | None


def new_name(network: str) -> str:
    """A name for a run that begins now."""
    return f"{network}-{datetime.now():%Y%m%d-%H%M%S}"


def prepare(folder: Path, manifest: Manifest, recipe: Recipe, say: Callable[[str], None]) -> dict[str, Pictures]:
    """The pictures of the three splits that this network can learn from, all of them checked."""
    splits = load_splits(folder, manifest, letters=recipe.letters)
    if recipe.network == NETWORK_OF_SEQUENCES:
        frozen = 0
        for name, pictures in splits.items():
            # Our network learns J and Z as motion; a frame of either, held, is neither a letter nor nothing.
            kept = [
                sample
                for sample in pictures.samples
                if sample.entry.letter not in MOVING or (name == "train" and sample.rate is not None)
            ]
            frozen += sum(sample.entry.letter in MOVING and sample.rate is None for sample in pictures.samples)
            splits[name] = replace(pictures, samples=tuple(kept))
        if frozen:
            say(f"{frozen} still pictures of J and Z are left out: this network learns them from bursts.")
    check_pictures(list(splits.values()))
    absent = sorted(set(recipe.letters) - {sample.entry.letter for sample in splits["train"].samples})
    if absent:
        say(f"No pictures to learn from: {' '.join(absent)}.")
    return splits


def train_run(
    fabric: Fabric,
    folder: Path,
    manifest: Manifest,
    recipe: Recipe,
    options: Options,
    *,
    name: str | None = None,
    resume: bool = False,
    test: bool = True,
    about: Json | None = None,
    on_epoch: EpochHook | None = None,
) -> Outcome:
    """Train a network, then test its best epoch in a run of its own.

    Args:
        fabric: launched.
        folder: of the pictures.
        manifest: which picture is in which split.
        recipe: how to train.
        options: where to, and what to show.
        name: of the run.
        resume: go on with the run of that name.
        test: also make the test run, where the split has a test.
        about: what else `run.json` should say.
        on_epoch: see `fit`.

    Raises:
        SigncapError: what is wrong with the data or the folder; `run.json` says "failed".
    """
    main = fabric.is_global_zero
    bars = Bars(shown=main and not options.quiet, title=options.title)
    name = fabric.broadcast(name or new_name(recipe.network))
    if main and not resume:
        check_new(options.runs, name)  # rather than after all pictures were looked at
    splits = prepare(folder, manifest, recipe, bars.say)
    data = data_about(folder, manifest, splits)
    if resume and read_run(options.runs, name).get("data") != data:
        raise SigncapError(
            f"{folder} was split anew since the run {name} began: split it as it was, or train under another --name."
        )
    run: RunWriter | None = None
    if main:
        run = RunWriter(
            options.runs,
            name,
            {
                "kind": "train",
                "network": recipe.network,
                "title": architecture(recipe.network).title,
                "data": data,
                "hyperparameters": recipe.as_dict() | {"size": recipe.side},
                "processes": fabric.world_size,
                "device": str(fabric.device),
                "precision": precision_name(recipe.precision),
                **(about or {}),
            },
            resume=resume,
            open_mirror=_mirror(options),
        )
        run.pictures(folder, splits["validation"].paths, splits["validation"].labels.tolist())
    lines: list[Json] = []

    def note(number: int, line: Json) -> None:
        lines.append(line)
        if on_epoch is not None:
            on_epoch(number, line)

    status = "failed"
    try:
        with bars:
            position = fit(
                fabric,
                recipe,
                splits["train"],
                splits["validation"],
                run,
                options.runs / name,
                resume=resume,
                workers=options.workers,
                bars=bars,
                on_epoch=note,
            )
        status = "stopped early" if position.stopped else "finished"
    except KeyboardInterrupt:
        status = "interrupted"
        raise
    except NotWorthItError:
        status = "stopped early"
        raise
    finally:
        if run is not None:
            run.end(status)
    tested = None
    if test and splits["test"].samples:
        tested = run_test(fabric, manifest, recipe, options, name, splits["test"])
        bars.say(f"{options.title}test  loss {tested['loss']:.4f}  right {tested['accuracy']:6.1%}")
    elif test:
        bars.say("The split has nobody left for a test: `signcap evaluate` reads other people's pictures.")
    return Outcome(name, status, lines, tested)


def run_test(
    fabric: Fabric,
    manifest: Manifest,
    recipe: Recipe,
    options: Options,
    name: str,
    pictures: Pictures,
    suffix: str = "test",
) -> Json:
    """Read pictures, such as the test split, with the best weights of a run; a run of its own, NAME-SUFFIX."""
    path = options.runs / name / BEST
    fabric.barrier()
    weights, _, _ = read_checkpoint(path)
    task = make_task(recipe, pictures)
    load_weights(task.network, weights, path)
    module = fabric.to_device(task.network)
    read = read_pictures(fabric, task, module, pictures, options.workers)
    matrix = read.matrix(pictures.labels)
    result = scores(matrix, read.loss)
    if fabric.is_global_zero:
        run = RunWriter(
            options.runs,
            f"{name}-{suffix}",
            {
                "kind": "test",
                "of": name,
                "network": recipe.network,
                "title": architecture(recipe.network).title,
                "data": data_about(pictures.root, manifest, {suffix: pictures}),
                "hyperparameters": recipe.as_dict() | {"size": recipe.side},
            },
            resume=(options.runs / f"{name}-{suffix}").exists(),
            open_mirror=_mirror(options),
        )
        run.pictures(pictures.root, pictures.paths, pictures.labels.tolist())
        run.epoch(
            1,
            {"test": result},
            predicted=read.predicted.tolist(),
            confidence=read.confidence.tolist(),
            confusion=matrix.tolist(),
        )
        run.end("finished")
    return result


def recipe_of(runs: Path, name: str) -> tuple[Recipe, Json]:
    """The recipe of a run, and what `run.json` says."""
    about = read_run(runs, name)
    if about.get("kind") != "train":
        raise SigncapError(f"{name} is a test: choose the run that it tested, {about.get('of', 'without -test')}.")
    if not (isinstance(about.get("hyperparameters"), dict) and isinstance(about.get("data"), dict)):
        raise SigncapError(f"The run {name} in {runs} is damaged: train it anew.")
    return Recipe.from_dict(about["hyperparameters"]), about


def data_about(folder: Path, manifest: Manifest, splits: dict[str, Pictures]) -> Json:
    """What `run.json` says of the data."""
    return {
        "folder": str(folder.resolve()),
        "by": manifest.by,
        "split_seed": manifest.seed,
        "pictures": {name: len(pictures) for name, pictures in splits.items()},
        "signers": {
            name: sorted({sample.entry.signer for sample in pictures.samples}) for name, pictures in splits.items()
        },
    }


def _mirror(options: Options) -> Callable[[Json], Mirror | None]:
    def open_mirror(about: Json) -> Mirror | None:
        from models.training.runs.wandb import WandbMirror, is_wanted

        if not options.wandb or not is_wanted():
            return None
        return WandbMirror(about, str(options.runs / about["name"]))

    return open_mirror


def default_workers() -> int:
    """Processes that load pictures: those that the network leaves free, at most four."""
    from overlay.core.process.parallel import cores

    return min(4, cores() - 1) if torch.cuda.is_available() or cores() > 4 else 0
