"""`signcap crop`: from pictures to crops of hands."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from models.commands.options import HandModelOption, HandsOption, JobsOption


def crop(
    source: Annotated[
        Path,
        typer.Argument(metavar="SRC", help="Pictures: SIGNER/LETTER/*.jpg or LETTER/*.jpg.", show_default=False),
    ],
    target: Annotated[
        Path, typer.Argument(metavar="DST", help="Where the same tree of crops goes.", show_default=False)
    ],
    size: Annotated[int, typer.Option("--size", min=32, max=512, help="Side of a crop in pixels.")] = 224,
    jobs: JobsOption = None,
    hand_model: HandModelOption = None,
    _hands: HandsOption = None,
) -> None:
    """Find the hand in every picture and cut it out, just as the live path does. Run it again to go on."""
    try:
        _crop(source, target, size, jobs, hand_model)
    except KeyboardInterrupt:
        print("Stopped: the crops made so far are kept; run the same again to go on.", file=sys.stderr)
        raise typer.Exit(130) from None


def _crop(source: Path, target: Path, size: int, jobs: int | None, hand_model: Path | None) -> None:
    from rich.markup import escape
    from rich.table import Table

    from models.console import ready_hand_model, results
    from models.training.data.crops.cropping import crop_tree
    from models.training.data.crops.missed import REPORT, count_crops, write_missed
    from overlay.core.errors import SigncapError
    from overlay.core.process.parallel import cores

    cropped = crop_tree(
        source, target, hand_model=ready_hand_model(hand_model), size=size, jobs=cores() if jobs is None else jobs
    )
    report = target / REPORT
    write_missed(report, source, cropped)
    signers, everyone = count_crops(cropped)
    table = Table("signer", box=None, pad_edge=False, header_style="dim")
    for heading in ("pictures", "hand found", "share", "no hand", "unreadable"):
        table.add_column(heading, justify="right")
    for name, count in [*signers.items(), *([("all", everyone)] if len(signers) > 1 else [])]:
        colour = "green" if count.share >= 0.9 else "yellow" if count.share >= 0.6 else "red"
        share = f"[{colour}]{100 * count.share:.1f} %[/]"
        table.add_row(
            escape(name),
            *(str(count.pictures), str(count.found), share, str(count.no_hand), str(count.unreadable)),
            style="bold" if count is everyone else None,
        )
    console = results()
    console.print(table)
    if everyone.unreadable == everyone.pictures:
        raise SigncapError(f"None of the {everyone.pictures} files in {source} can be read as a picture: check them.")
    if not everyone.found:
        raise SigncapError(f"No hand was found in any picture of {source}: open {report} and look at them.")
    console.print(
        escape(f"{everyone.found} crops of {size}×{size} in {target}, {cropped.new} pictures looked at this time.")
    )
    if everyone.found < everyone.pictures:
        console.print(escape(f"What was not found: {report}"), soft_wrap=True)
    if cropped.orphans:
        console.print(
            f"[yellow]{cropped.orphans} pictures that were cropped earlier are not in {escape(str(source))} now; "
            "their crops stay."
        )
