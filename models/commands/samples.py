"""`signcap samples`: one picture of a collection."""

from pathlib import Path
from typing import Annotated

import typer


def samples(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="Pictures or crops.", show_default=False)],
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", metavar="FILE.png", help="Default: DIR/samples.png.", show_default=False),
    ] = None,
    columns: Annotated[int, typer.Option("--columns", min=1, max=60, help="Pictures of each letter.")] = 10,
    signer: Annotated[str | None, typer.Option("--signer", help="Only this one's.", show_default=False)] = None,
    seed: Annotated[int, typer.Option("--seed", min=0, help="Another seed chooses other pictures.")] = 0,
    force: Annotated[bool, typer.Option("--force", help="Write over a file that is there.")] = False,
) -> None:
    """Draw some pictures of each letter into one, to see what a collection holds."""
    from models.console import results
    from models.training.data.samples import sample_grid, write_grid
    from overlay.core.errors import SigncapError

    path = folder / "samples.png" if output is None else output
    if path.exists() and not force:
        raise SigncapError(f"There is a {path} already: choose another --output, or add --force to write over it.")
    write_grid(path, sample_grid(folder, columns=columns, signer=signer, seed=seed))
    results().print(path, markup=False, highlight=False, soft_wrap=True)
