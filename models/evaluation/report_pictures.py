"""The figures of pictures and videos, for the terminal."""

from typing import Any, Final

from rich.console import Console
from rich.markup import escape
from rich.table import Table

TOP: Final = 15  # confusions
LISTED: Final = 20  # missed pictures


def print_figures(console: Console, figures: dict[str, Any]) -> None:
    """Print figures as `models.evaluation.evaluate.figures_of` gives them."""
    console.print(_signers(figures))
    if figures["left_out"]:
        console.print(
            f"Pictures of J and Z left out: {figures['left_out']}, since a frozen J is no J "
            "(--moving-pictures counts them)."
        )
    console.print()
    console.print(_letters(figures))
    console.print()
    if figures["confusions"]:
        shown = [f"{true}→{escape(read)} ({count})" for true, read, count in figures["confusions"][:TOP]]
        console.print("[bold]read as another letter[/]  " + ", ".join(shown), highlight=False)
        console.print()
    _calibration(console, figures["calibration"])
    if figures["missed"]:
        console.print(f"[bold]no hand found, or unreadable[/]  {len(figures['missed'])}", highlight=False)
        for path in figures["missed"][:LISTED]:
            console.print(f"  {escape(path)}", highlight=False, soft_wrap=True)
        if len(figures["missed"]) > LISTED:
            console.print(f"  and {len(figures['missed']) - LISTED} more: see --json")


def _signers(figures: dict[str, Any]) -> Table:
    table = plain_table("signer", "pictures", "hand found", "right, of all", "right, of found")
    for name, score in figures["signers"].items():
        table.add_row(
            escape(name),
            str(score["images"]),
            str(score["found"]),
            _coloured(score["accuracy"]),
            _coloured(score["found_accuracy"]),
        )
    table.add_section()
    table.add_row(
        "mean of signers", "", "", _coloured(figures["mean"]), _coloured(figures["found_mean"]), style="bold"
    )
    worst = f"worst ({escape(figures['worst_signer'])})"
    table.add_row(worst, "", "", _coloured(figures["worst"]), _coloured(figures["found_worst"]), style="bold")
    return table


def _letters(figures: dict[str, Any]) -> Table:
    table = plain_table("letter", "precision", "recall", "F1", "support")
    for letter, score in figures["letters"].items():
        table.add_row(
            letter,
            *(_coloured(score[key]) for key in ("precision", "recall", "f1")),
            str(score["support"]),
        )
    table.add_section()
    macro = figures["macro"]
    support = sum(score["support"] for score in figures["letters"].values())
    table.add_row(
        "mean", *(_coloured(macro[key]) for key in ("precision", "recall", "f1")), str(support), style="bold"
    )
    return table


def _calibration(console: Console, calibration: dict[str, Any]) -> None:
    if calibration["error"] is None:
        console.print("[bold]calibration[/]  not measured: no letter was read from a picture.")
        return
    console.print(
        f"[bold]calibration[/]  expected error {100 * calibration['error']:.1f} %, "
        f"on {calibration['counted']} pictures from which something was read",
        highlight=False,
    )
    table = plain_table("confidence", "pictures", "mean confidence", "right")
    for one in calibration["bins"]:
        if one["count"]:
            table.add_row(
                f"{one['from']:.1f} to {one['to']:.1f}",
                str(one["count"]),
                per_cent(one["confidence"]),
                per_cent(one["accuracy"]),
            )
    console.print(table)
    console.print()


def plain_table(first: str, *headings: str) -> Table:
    """A table without lines; numbers stand on the right."""
    table = Table(first, box=None, pad_edge=False, header_style="dim")
    for heading in headings:
        table.add_column(heading, justify="right")
    return table


def _coloured(share: float) -> str:
    colour = "green" if share >= 0.85 else "yellow" if share >= 0.6 else "red"
    return f"[{colour}]{per_cent(share)}[/]"


def per_cent(share: float) -> str:
    """0.123 as 12.3 %."""
    return f"{100 * share:.1f} %"
