"""`signcap split`: who is trained on, and who is kept for the test."""

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.console import Console

    from models.training.data.split.manifest import Manifest
    from models.training.data.tree import Entry


class By(StrEnum):
    """What is never torn apart."""

    SIGNER = "signer"
    TAKE = "take"
    FRAME = "frame"


def split(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="Pictures or crops.", show_default=False)],
    by: Annotated[
        By | None,
        typer.Option(
            "--by",
            help="What is kept together. Default: signer; take where there is one signer.",
            show_default=False,
        ),
    ] = None,
    seed: Annotated[int, typer.Option("--seed", min=0, help="Another seed is another split.")] = 0,
    shares: Annotated[
        str, typer.Option("--shares", metavar="A/B/C", help="Train, validation and test, in per cent.")
    ] = "70/15/15",
    test_signers: Annotated[
        str, typer.Option("--test-signers", metavar="A,B", help="Just these are the test.", show_default=False)
    ] = "",
    validation_signers: Annotated[
        str, typer.Option("--validation-signers", metavar="A,B", help="Just these validate.", show_default=False)
    ] = "",
) -> None:
    """Choose which pictures train, validate and test, and write DIR/split.json. Pictures are not moved."""
    from rich.markup import escape

    from models.console import results
    from models.training.data.crops.journal import read_crops
    from models.training.data.split.splitting import make_split, write_manifest
    from models.training.data.tree import read_tree

    wanted = parse_shares(shares)
    entries = read_tree(folder)
    crops = read_crops(folder)
    if crops:
        entries = [entry for entry in entries if entry.path in crops and crops[entry.path].found]
    manifest = make_split(
        entries,
        by.value if by is not None else None,
        shares=wanted,
        seed=seed,
        test_signers=_names(test_signers),
        validation_signers=_names(validation_signers),
    )
    write_manifest(folder, manifest)
    console = results()
    _show(console, manifest, entries)
    for note in manifest.notes:
        console.print(f"[yellow]{escape(note)}[/]")
    console.print(escape(f"Split by {manifest.by}, seed {seed}: {folder / 'split.json'}"), soft_wrap=True)


def parse_shares(text: str) -> tuple[float, float, float]:
    """Fractions from "70/15/15".

    Raises:
        SigncapError: it is no such thing.
    """
    from overlay.core.errors import SigncapError

    try:
        train, validation, test = (float(part) for part in text.split("/"))
        good = train > 0 and validation >= 0 and test >= 0 and abs(train + validation + test - 100) < 1e-6
    except ValueError:
        good = False
    if not good:
        raise SigncapError(f"--shares {text} will not do: give three numbers that add up to 100, like 70/15/15.")
    return train / 100, validation / 100, test / 100


def _names(text: str) -> list[str]:
    return [name.strip() for name in text.split(",") if name.strip()]


def _show(console: "Console", manifest: "Manifest", entries: "Sequence[Entry]") -> None:
    from rich.markup import escape
    from rich.table import Table

    from models.training.data.split.manifest import SPLITS
    from models.training.data.tree import signers_of

    known = {entry.path: entry for entry in entries}
    every = {entry.letter for entry in entries}
    table = Table("split", box=None, pad_edge=False, header_style="dim")
    for heading in ("pictures", "share", "takes"):
        table.add_column(heading, justify="right")
    table.add_column("letters missing")
    table.add_column("signers")
    for name in SPLITS:
        mine = [known[path] for path in getattr(manifest, name)]
        missing = "".join(sorted(every - {entry.letter for entry in mine}))
        table.add_row(
            name,
            str(len(mine)),
            f"{100 * len(mine) / len(entries):.1f} %",
            str(len({(entry.signer, entry.letter, entry.take) for entry in mine})),
            (f"[{'red' if name == 'train' else 'yellow'}]{missing}[/]" if missing else "none") if mine else "",
            escape(", ".join(signers_of(mine))),
        )
    console.print(table)
