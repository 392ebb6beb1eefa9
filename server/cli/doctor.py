"""`signcap doctor`: what is right and wrong with this computer, and what to do."""

import json
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from rich.console import Console
    from rich.text import Text

    from overlay.doctor import Finding

MARKS = {"good": "✓", "warning": "!", "problem": "✗", "unknown": "?"}
PLAIN_MARKS = MARKS | {"good": "+", "problem": "x"}  # where the terminal has no others
COLOURS = {"good": "green", "warning": "yellow", "problem": "red", "unknown": "cyan"}


def doctor(
    as_json: Annotated[
        bool, typer.Option("--json", help="Print one JSON object: for bug reports and scripts.")
    ] = False,
) -> None:
    """Check this computer, and say what to do.

    Opens each camera for a second. A problem (status 1) is something that is here and does not work, or that Signcap
    cannot do without; with warnings (status 0), such as no camera or no virtual camera, it runs with less.
    """
    from overlay.doctor import Machine
    from overlay.doctor.report import has_problem, report, summary
    from server.doctor.checks import all_checks, run_checks

    findings = []
    if as_json:
        findings = list(run_checks(all_checks(Machine())))
        typer.echo(json.dumps(report(findings), indent=2))
    else:
        from rich.console import Console

        console = Console(highlight=False, soft_wrap=True, emoji=False)
        for finding in run_checks(all_checks(Machine())):
            show(console, finding)
            findings.append(finding)
        console.print(f"\n{summary(findings)}", markup=False)
    raise typer.Exit(int(has_problem(findings)))


def show(console: "Console", finding: "Finding") -> None:
    """One line, and one below it with the advice. Lines are not broken: commands can be copied."""
    from rich.text import Text as Line

    marks = MARKS if can_show(console, "".join(MARKS.values())) else PLAIN_MARKS
    line = Line.assemble(
        (marks[finding.state], COLOURS[finding.state]),
        " ",
        (f"{finding.name[0].upper()}{finding.name[1:]}:", "bold"),
        " ",
    )
    line.append(finding.found)
    _print(console, line)
    if finding.advice is not None:
        advice = Line("    ")
        for place, part in enumerate(finding.advice.split("`")):
            advice.append(f"`{part}`" if place % 2 else part, "bold" if place % 2 else "")
        _print(console, advice)


def can_show(console: "Console", text: str) -> bool:
    """Whether the terminal's encoding has these characters."""
    try:
        text.encode(console.encoding)
    except UnicodeEncodeError:
        return False
    return True


def _print(console: "Console", line: "Text") -> None:
    if not can_show(console, line.plain):  # the name of a camera may hold anything
        line.plain = line.plain.encode(console.encoding, "replace").decode(console.encoding)
    console.print(line)
