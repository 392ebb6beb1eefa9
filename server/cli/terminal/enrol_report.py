"""The result of an enrolment in the terminal: before and after, letter by letter."""

from rich.console import Console
from rich.table import Table
from rich.text import Text

from overlay.enrolment.fit import Tally
from overlay.enrolment.profile import Profile

BAR = 12  # columns of the longest bar


def print_report(profile: Profile, console: Console) -> None:
    """Print the letters that were misread before or are now, all letters together, and the verdict."""
    tallies = profile.enrolled.tallies
    wrong = {letter: one for letter, one in tallies.items() if one.before or one.after}
    if wrong:
        table = Table(title=f"{profile.name}: misread, of the letters held out", title_justify="left")
        for name in ("letter", "shown"):
            table.add_column(name, justify="right" if name == "shown" else "left")
        for name in ("before", "after"):
            table.add_column(name)
        most = max(max(one.before, one.after) for one in wrong.values())
        for letter, one in wrong.items():
            table.add_row(letter, str(one.shown), _bar(one.before, most, "red"), _after(one, most))
        table.add_section()
        found = profile.enrolled
        better = "green" if found.after < found.before else ""
        table.add_row("all", str(found.shown), str(found.before), Text(str(found.after), style=better))
        console.print(table)
    fine = "".join(letter for letter in tallies if letter not in wrong)
    if fine:
        console.print(f"Read right before and after: {fine}.", highlight=False)
    console.print(profile.verdict, highlight=False)


def _after(tally: Tally, most: int) -> Text:
    return _bar(tally.after, most, "green" if tally.after < tally.before else "red")


def _bar(count: int, most: int, colour: str) -> Text:
    if not count:
        return Text("0", style="green")
    return Text("█" * max(1, round(BAR * count / most)) + f" {count}", style=colour)
