"""`signcap export`."""

from pathlib import Path
from typing import Annotated

import typer

from models.commands.options import needs_torch


def export(
    run: Annotated[
        Path, typer.Argument(metavar="RUN", help="Folder of a run, such as runs/NAME.", show_default=False)
    ],
    out: Annotated[Path, typer.Argument(metavar="OUT", help="A new folder for the model.", show_default=False)],
    name: Annotated[
        str | None, typer.Option("--name", help="Of the model. Default: the run's.", show_default=False)
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Replace a model that is in OUT.")] = False,
) -> None:
    """Make a model that `signcap run --model` takes: ONNX, checked against PyTorch, with its model card."""
    needs_torch()
    from models.training.export.export_run import export_run

    run = run.resolve()
    card = export_run(run, out, name=name, force=force)
    crops = "real crops" if card["real_examples"] else "drawn hands, since the run's pictures are gone"
    print(f"{out}: {card['megabytes']:.1f} MB, differs from PyTorch by {card['difference']:.1g} on {crops}.")
    print(f"Its model card is {out / 'README.md'}. Use it: signcap run --model {out}")
