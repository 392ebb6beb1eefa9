"""`signcap import`: public data of running spelling, made into files that training and evaluation read."""

import sys
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from models.commands.options import needs_pyarrow, parse_aspect
from overlay.core.errors import SigncapError

if TYPE_CHECKING:
    from models.training.data.imported.aslfr import Chosen
    from models.training.data.imported.importing import Imported, Wishes


class Kind(StrEnum):
    """Data that can be imported."""

    ASLFR = "aslfr"


class Others(StrEnum):
    """What becomes of a phrase with characters that are no letters."""

    SKIP_PHRASE = "skip-phrase"
    LEAVE_OUT = "leave-out"


def import_data(
    kind: Annotated[
        Kind, typer.Argument(help="Whose: aslfr is Google's ASL Fingerspelling Recognition.", show_default=False)
    ],
    folder: Annotated[
        Path, typer.Argument(metavar="DIR", help="Folder that the data was unpacked into.", show_default=False)
    ],
    out: Annotated[
        Path,
        typer.Option(
            "--out", metavar="FILE.npz", help="Where it goes: FILE-000.npz, FILE-001.npz, ...", show_default=False
        ),
    ],
    index: Annotated[
        str, typer.Option("--index", metavar="NAME", help="The list of phrases, or supplemental_metadata.csv.")
    ] = "train.csv",
    others: Annotated[
        Others,
        typer.Option("--others", help="Phrases with digits and other characters: skip them, or leave those out."),
    ] = Others.SKIP_PHRASE,
    signers: Annotated[
        str, typer.Option("--signers", metavar="ID,ID", help="Only these participants.", show_default=False)
    ] = "",
    without: Annotated[
        str, typer.Option("--without-signers", metavar="ID,ID", help="None of these.", show_default=False)
    ] = "",
    limit: Annotated[
        int | None, typer.Option("--limit", min=1, help="At most so many phrases.", show_default=False)
    ] = None,
    size: Annotated[int, typer.Option("--phrases", min=1, max=100_000, help="Phrases in a file.")] = 2000,
    rate: Annotated[
        float, typer.Option("--rate", min=1, max=240, help="Frames a second: the data does not say.")
    ] = 30.0,
    aspect: Annotated[
        str, typer.Option("--aspect", metavar="W:H", help="Shape of the pictures: the data does not say.")
    ] = "3:4",
) -> None:
    """Turn public data of running spelling into files that training and evaluation read. Run it again to go on."""
    from models.training.data.imported.aslfr import choose_phrases
    from models.training.data.imported.importing import Wishes, import_phrases

    assert kind is Kind.ASLFR
    if out.suffix.lower() != ".npz":
        raise SigncapError(f"--out {out} should end in .npz: Signcap writes files of NumPy arrays.")
    if not out.parent.is_dir():
        raise SigncapError(f"--out {out} would be in a folder that does not exist: make {out.parent} first.")
    wishes = Wishes(rate, parse_aspect("--aspect", aspect), limit, size)
    needs_pyarrow()
    try:
        chosen = choose_phrases(
            folder,
            index,
            leave_out=others is Others.LEAVE_OUT,
            signers=_names(signers),
            without=_names(without),
        )
        imported = import_phrases(folder, chosen, out, wishes)
    except KeyboardInterrupt:
        print("Stopped: complete files are kept. Run the same command again to continue.", file=sys.stderr)
        raise typer.Exit(130) from None
    _show(chosen, imported, out, wishes, aspect, others)


def _show(chosen: "Chosen", imported: "Imported", out: Path, wishes: "Wishes", aspect: str, others: Others) -> None:
    from rich.markup import escape

    from models.console import results
    from models.training.data.imported.importing import file_name

    console = results()

    def say(words: str) -> None:
        console.print(escape(words), highlight=False, soft_wrap=True)

    hours = imported.frames / wishes.rate / 3600
    say(
        f"{imported.phrases} phrases of {len(imported.signers)} signers, {hours:.2f} hours; "
        f"{imported.left_handed} spelled with the left hand, which is mirrored; hand seen in "
        f"{100 * imported.with_hand / max(imported.frames, 1):.1f} % of the frames"
    )
    say(f"{imported.files} files: {file_name(out, 0)}" + (" and following" if imported.files > 1 else ""))
    if chosen.characters:
        what = "left out" if others is Others.LEAVE_OUT else "not letters"
        told = "  ".join(f"{character} {count}" for character, count in sorted(chosen.characters.items()))
        say(f"Skipped for their characters: {chosen.listed - len(chosen.phrases)} of {chosen.listed} phrases")
        say(f"Characters that are {what}, and in how many phrases: {told}")
    for reason, count in imported.skipped.most_common():
        say(f"Skipped: {count} phrases, {reason}")
    say(
        f"This data says neither frame rate nor shape of the pictures: {wishes.rate:g} frames a second and {aspect} "
        "were assumed (--rate, --aspect)."
    )


def _names(text: str) -> list[str]:
    return [name.strip() for name in text.split(",") if name.strip()]
