"""The figures of trials, for the terminal."""

from typing import Any, Final

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from models.evaluation.report_pictures import per_cent, plain_table

KINDS: Final = ("substitutions", "deletions", "insertions")
NOTHING: Final = "nothing"
TOP: Final = 15  # confusions
LISTED: Final = 40  # texts
EXAMPLES: Final = 3  # of what was read where a text was spelled
STAGES: Final = {"hands": "finding the hand", "crop": "crop", "encode": "encoder", "lstm": "LSTM over the window"}

Json = dict[str, Any]


def print_trials(console: Console, figures: Json) -> None:
    """Print what `models.evaluation.plan.trial_figures` gives; a trial that was not made is passed over."""
    for key, show in _SHOWN.items():
        if figures[key] is not None:
            show(console, figures[key])
            console.print()


def _spelling(console: Console, spelling: Json) -> None:
    console.print(
        f"[bold]running spelling[/]  {spelling['words']} words at each speed by {spelling['signers']} synthetic "
        "signers; character error rate, spaces counted; "
        f"hand found in {per_cent(spelling['hand_found'])} of the frames that show it",
        highlight=False,
    )
    rates = list(spelling["rates"])
    table = plain_table(
        "speed", *(f"{rate} fps" for rate in rates), "all", "replaced", "missing", "too many", "letters"
    )
    rows = [(speed, score["rates"], score) for speed, score in spelling["speeds"].items()]
    rows.append(("all", spelling["rates"], spelling["all"]))
    fluent = spelling["coarticulated"]
    if fluent is not None:
        rows.append((f"{fluent['speed']:g}, coarticulated", fluent["rates"], fluent))
    for name, by_rate, score in rows:
        table.add_row(
            name,
            *(per_cent(by_rate[rate]["error_rate"]) if rate in by_rate else "" for rate in rates),
            per_cent(score["error_rate"]),
            *(per_cent(score[kind]) for kind in KINDS),
            per_cent(score["letter_error_rate"]),
        )
    console.print(table)
    worst = ", ".join(per_cent(rate) for rate in spelling["worst_signers"])
    console.print(f"by signer: median {per_cent(spelling['median_signer'])}, worst {worst}", highlight=False)
    if spelling["errors"]:
        listed = ", ".join(f"{meant}→{read} ({count})" for meant, read, count in spelling["errors"])
        console.print(f"most frequent: {listed}", highlight=False)
    if fluent is not None and fluent["errors"]:
        listed = ", ".join(f"{meant}→{read} ({count})" for meant, read, count in fluent["errors"])
        console.print(f"coarticulated: {listed}", highlight=False)


def _silence(console: Console, silence: Json) -> None:
    console.print("[bold]letters where nobody signs[/]")
    table = plain_table("before the camera", "minutes", "letters", "a minute", "hand found", "which")
    for name, score in [*silence["situations"].items(), ("all", silence["all"])]:
        table.add_row(
            name,
            f"{score['minutes']:.1f}",
            str(score["letters"]),
            f"{score['a_minute']:.1f}",
            per_cent(score["hand_found"]),
            " ".join(f"{letter}×{count}" for letter, count in score["which"].items()),
        )
    console.print(table)


def _takes(console: Console, takes: Json) -> None:
    share = per_cent(takes["right"] / takes["takes"])
    moving = ", ".join(f"{letter} {one['right']} of {one['takes']}" for letter, one in takes["moving"].items())
    console.print(
        f"[bold]takes of real people, landmarks only[/]  {takes['right']} of {takes['takes']} right ({share}); "
        f"{moving}",
        highlight=False,
    )
    if takes["wrong"]:
        console.print("wrong: " + ", ".join(f"{meant}→{read or 'nothing'}" for meant, read in takes["wrong"]))


def _running(console: Console, running: Json) -> None:
    literal = running["literal"]
    console.print(
        f"[bold]running spelling by people[/]  {running['takes']} takes, {running['letters']} letters; "
        f"hand found in {per_cent(running['hand_found'])} of the frames",
        highlight=False,
    )
    _error_rate(console, "letter by letter", running["takes"], literal)
    _error_rate(console, "with a language", running["takes"], running["assisted"])
    console.print(_spelled("signer", running["signers"]))
    console.print()
    words = sorted(running["words"].items(), key=lambda pair: -pair[1]["literal"]["cer"])
    console.print(_spelled("text", dict(words[:LISTED]), read=True))
    if len(words) > LISTED:
        console.print(f"and {len(words) - LISTED} more, of fewer errors: see --json", highlight=False)
    if literal["confusions"]:
        listed = ", ".join(f"{meant}→{read} ({count})" for meant, read, count in literal["confusions"][:TOP])
        console.print(f"most frequent: {listed}", highlight=False)
    if literal["calibration"]["error"] is not None:
        error, counted = literal["calibration"]["error"], literal["calibration"]["counted"]
        console.print(f"calibration: expected error {per_cent(error)}, on {counted} letters read", highlight=False)
    for sentence in running["unreadable"]:
        console.print(f"left out: {escape(sentence)}", highlight=False, soft_wrap=True)


def _error_rate(console: Console, how: str, takes: int, of: Json) -> None:
    console.print(
        f"{how}: letter error rate {per_cent(of['cer'])} ({of['substitutions']} replaced, {of['deletions']} missing, "
        f"{of['insertions']} too many); {of['exact']} of {takes} takes exactly right",
        highlight=False,
    )


def _spelled(first: str, groups: Json, *, read: bool = False) -> Table:
    table = plain_table(first, "takes", "letters", "error rate", "assisted", "exact", "assisted")
    if read:
        table.add_column("read as")
        table.add_column("assisted")
    for name, one in groups.items():
        literal, assisted = one["literal"], one["assisted"]
        cells = [str(one["takes"]), str(literal["letters"]), per_cent(literal["cer"]), per_cent(assisted["cer"])]
        cells += [str(literal["exact"]), str(assisted["exact"])]
        texts = [_listed(one["read"]), _listed(one["read_assisted"])] if read else []
        table.add_row(escape(name), *cells, *texts)
    return table


def _listed(texts: list[str]) -> str:
    return ", ".join(text or NOTHING for text in texts[:EXAMPLES])


def _strokes(console: Console, strokes: Json) -> None:
    console.print("[bold]strokes by synthetic people[/]  1 to 4 letters a second")
    for letter, one in strokes["moving"].items():
        _stroke(console, letter, one)
    for one in strokes["held"]:
        console.print(
            f"{one['held']} held for 3 s is read as {one['not']}: {one['read']} of {one['times']}", highlight=False
        )
    for letter, one in strokes["kept"].items():
        _stroke(console, f"{letter} left for {strokes['kept_seconds']:g} s where it ended:", one)


def _stroke(console: Console, what: str, one: Json) -> None:
    wrong = ", ".join(f"{read or 'nothing'} ({count})" for read, count in one["wrong"])
    console.print(f"{what}  {one['right']} of {one['takes']}" + (f"; else {wrong}" if wrong else ""), highlight=False)


def _tones(console: Console, tones: Json) -> None:
    console.print(
        f"[bold]skin tones[/]  the same {tones['signers']} synthetic signers, {tones['words']} words, "
        f"{tones['speed']:g} letters a second",
        highlight=False,
    )
    table = plain_table("skin", "hand found", "character errors", "letters only")
    for one in tones["tones"]:
        table.add_row(
            f"[{one['skin']}]██[/] {escape(one['skin'])}",
            *(per_cent(one[key]) for key in ("hand_found", "error_rate", "letter_error_rate")),
        )
    console.print(table)


def _speed(console: Console, speed: Json) -> None:
    console.print(
        f"[bold]milliseconds a frame, one core[/]  {speed['frames']} frames; the model's files take "
        f"{speed['megabytes']:.1f} MB",
        highlight=False,
    )
    table = plain_table("stage", "median", "95 %")
    for stage, name in STAGES.items():
        one = speed["stages"][stage]
        table.add_row(name, f"{one['median']:.2f}", f"{one['p95']:.2f}")
    console.print(table)


_SHOWN: Final = {
    "speed": _speed,
    "takes": _takes,
    "running": _running,
    "silence": _silence,
    "strokes": _strokes,
    "tones": _tones,
    "spelling": _spelling,
}
