"""`signcap train`."""

from pathlib import Path
from typing import Annotated

import typer

from models.commands.options import (
    ClipOption,
    DataArgument,
    NetworkOption,
    QuietOption,
    RunsOption,
    WandbOption,
    WorkersOption,
    needs_torch,
)


def train(
    folder: DataArgument,
    network: NetworkOption = "enhanced-cnn",
    name: Annotated[
        str | None, typer.Option("--name", help="Of the run. Default: network, date and time.", show_default=False)
    ] = None,
    resume: Annotated[
        str | None,
        typer.Option(
            "--resume", metavar="RUN", help="Go on with a run that was ended or killed.", show_default=False
        ),
    ] = None,
    epochs: Annotated[int, typer.Option(min=1)] = 10,
    batch: Annotated[int, typer.Option(min=2, help="Pictures a step, over all processes.")] = 32,
    rate: Annotated[float, typer.Option(help="Adam's learning rate.")] = 0.001,
    weight_decay: Annotated[float, typer.Option()] = 0.0001,
    schedule: Annotated[str, typer.Option(metavar="constant|cosine", help="Of the learning rate.")] = "constant",
    loss: Annotated[
        str, typer.Option(metavar="auto|frames|ctc", help="Cross-entropy; CTC joins it for sequences.")
    ] = "auto",
    patience: Annotated[int, typer.Option(min=0, help="Epochs without progress before it stops; 0: never.")] = 5,
    seed: Annotated[int, typer.Option()] = 0,
    size: Annotated[
        int | None, typer.Option(help="Side of the pictures. Default: the network's own.", show_default=False)
    ] = None,
    clip: ClipOption = 1,
    rotation: Annotated[float, typer.Option(help="Degrees, at most, either way.")] = 15.0,
    flip: Annotated[
        bool, typer.Option("--flip/--no-flip", help="Mirror half of the pictures, as the report did.")
    ] = False,
    scale: Annotated[float, typer.Option(help="Share that pictures grow or shrink by, at most.")] = 0.12,
    colour: Annotated[bool, typer.Option("--colour/--no-colour")] = True,
    blur: Annotated[bool, typer.Option("--blur/--no-blur")] = True,
    background: Annotated[
        bool, typer.Option("--background/--no-background", help="Put other things behind hands.")
    ] = True,
    letters: Annotated[str, typer.Option(help="That are learnt.")] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ",
    precision: Annotated[str, typer.Option(metavar="auto|32|16|bf16", help="auto: mixed on a GPU.")] = "auto",
    runs: RunsOption = Path("runs"),
    workers: WorkersOption = None,
    test: Annotated[bool, typer.Option("--test/--no-test", help="Read the test split in the end.")] = True,
    wandb: WandbOption = True,
    quiet: QuietOption = False,
) -> None:
    """Train a network on a folder that `signcap split` split. Under torchrun, on several devices and machines."""
    needs_torch()
    from models.training.config import Recipe, choice
    from models.training.data.split.manifest import read_manifest
    from models.training.engine.fabric import leave_together, make_fabric
    from models.training.train import Options, default_workers, recipe_of, train_run
    from overlay.core.errors import SigncapError

    manifest = read_manifest(folder)
    if resume is not None:
        if name not in (None, resume):
            raise SigncapError("--resume goes on under the run's own name: leave --name out.")
        recipe, about = recipe_of(runs, resume)
        if about["status"] in ("finished", "stopped early"):
            raise SigncapError(f"The run {resume} is {about['status']}: there is nothing to go on with.")
        _check_same_data(about, folder, resume)
        name = resume
    else:
        recipe = Recipe(
            network=network,
            size=size,
            epochs=epochs,
            batch=batch,
            rate=rate,
            weight_decay=weight_decay,
            schedule=choice("--schedule", schedule, ("constant", "cosine")),
            loss=choice("--loss", loss, ("auto", "frames", "ctc")),
            patience=patience,
            seed=seed,
            clip=clip,
            rotation=rotation,
            flip=flip,
            scale=scale,
            colour=colour,
            blur=blur,
            background=background,
            letters=letters.upper(),
            precision=choice("--precision", precision, ("auto", "32", "16", "bf16")),
        )
    fabric = make_fabric(recipe.precision)
    options = Options(runs, default_workers() if workers is None else workers, wandb, quiet=quiet)
    outcome = train_run(fabric, folder, manifest, recipe, options, name=name, resume=resume is not None, test=test)
    rank = fabric.global_rank
    leave_together(fabric)
    if rank == 0:
        print(f"{outcome.name}: {outcome.status}. Its figures are in {runs / outcome.name} and on the page Runs.")
        print(f"Make a model of it that Signcap runs: signcap export {runs / outcome.name} MODEL")


def _check_same_data(about: dict[str, object], folder: Path, name: str) -> None:
    from overlay.core.errors import SigncapError

    data = about.get("data")
    before = data.get("folder") if isinstance(data, dict) else None
    if before != str(folder.resolve()):
        raise SigncapError(f"The run {name} was trained on {before}: give that folder to go on with it.")
