"""`signcap compare`."""

from pathlib import Path
from typing import Annotated

import typer

from models.commands.options import ClipOption, QuietOption, RunsOption, WandbOption, WorkersOption, needs_torch


def compare(
    folder: Annotated[
        Path,
        typer.Argument(metavar="DIR", help="Folder of crops, as `signcap crop` makes it; no split needed."),
    ],
    networks: Annotated[str, typer.Option(help="Which, with commas between.")] = "cnn,enhanced-cnn,cnn-rnn,cnn-lstm",
    size: Annotated[int, typer.Option(help="Side of the pictures of the report's networks.")] = 224,
    epochs: Annotated[int, typer.Option(min=1)] = 10,
    batch: Annotated[int, typer.Option(min=2)] = 32,
    per_letter: Annotated[
        int | None,
        typer.Option(
            min=1, help="At most so many pictures of a letter by a signer. Default: all.", show_default=False
        ),
    ] = None,
    unseen: Annotated[
        Path | None,
        typer.Option(
            metavar="DIR",
            help="Crops of other people: the networks read these, rather than be trained anew on a split by signer.",
            show_default=False,
        ),
    ] = None,
    letters: Annotated[str, typer.Option(help="J and Z are motion.")] = "ABCDEFGHIKLMNOPQRSTUVWXY",
    seed: Annotated[int, typer.Option()] = 0,
    clip: ClipOption = 1,
    name: Annotated[str, typer.Option("--name", help="Begins the names of the runs.")] = "compare",
    write: Annotated[
        Path | None,
        typer.Option("--write", metavar="FILE.md", help="Put the table into this file.", show_default=False),
    ] = None,
    runs: RunsOption = Path("runs"),
    workers: WorkersOption = None,
    wandb: WandbOption = True,
    quiet: QuietOption = False,
) -> None:
    """Train and test the report's networks and ours, by frame and by signer. Killed, it goes on where it was."""
    needs_torch()
    from models.training.compare import as_markdown, put_into, splits_to_compare
    from models.training.compare import compare as compare_all
    from models.training.config import Recipe
    from models.training.data.split.manifest import Manifest
    from models.training.data.split.splits import load_splits
    from models.training.data.tree import read_tree
    from models.training.engine.fabric import leave_together, make_fabric
    from models.training.networks.registry import architecture
    from models.training.train import Options, default_workers

    recipes = [
        Recipe(
            network=network.strip(),
            size=None if architecture(network.strip()).fixed else size,
            epochs=epochs,
            batch=batch,
            seed=seed,
            clip=clip,
            letters=letters.upper(),
        )
        for network in networks.split(",")
    ]
    others = None
    if unseen is not None:
        found = Manifest("signer", seed, (0, 0, 1), (), (), tuple(e.path for e in read_tree(unseen)))
        others = load_splits(unseen, found, letters=letters.upper(), need_training=False)["test"]
    manifests = splits_to_compare(folder, letters.upper(), per_letter, seed, unseen is not None)
    fabric = make_fabric()
    options = Options(runs, default_workers() if workers is None else workers, wandb, quiet=quiet)
    rows = compare_all(
        fabric,
        folder,
        manifests,
        recipes,
        options,
        name,
        unseen=others,
        say=lambda text: typer.echo(text, err=True),
    )
    table = as_markdown(rows, manifests, recipes, others, fabric.device)
    rank = fabric.global_rank
    leave_together(fabric)
    if rank == 0:
        print(table)
        if write is not None:
            put_into(write, table)
