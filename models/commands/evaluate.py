"""`signcap evaluate`: how good a model is on people whom it has not seen."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from models.commands.options import HandModelOption, HandsOption, JobsOption, parse_aspect
from overlay.core.errors import SigncapError

if TYPE_CHECKING:
    from models.evaluation.plan import Plan


def evaluate(
    folder: Annotated[
        Path | None,
        typer.Argument(
            metavar="DIR",
            help="Pictures and videos of people not trained on: SIGNER/LETTER/* or LETTER/*.",
            show_default=False,
        ),
    ] = None,
    model: Annotated[
        Path | None,
        typer.Option("--model", help="Folder of a recogniser. Default: the shipped one.", show_default=False),
    ] = None,
    json_to: Annotated[
        Path | None, typer.Option("--json", metavar="FILE", help="Also write all figures here.", show_default=False)
    ] = None,
    card: Annotated[
        Path | None, typer.Option("--card", metavar="FILE", help="Write the model card here.", show_default=False)
    ] = None,
    words: Annotated[
        int | None,
        typer.Option(
            "--words",
            min=0,
            help="Words that synthetic signers spell at each speed. Default: 300 with --card, else 0.",
            show_default=False,
        ),
    ] = None,
    coarticulated: Annotated[
        bool,
        typer.Option(
            "--coarticulated",
            help="Let them also spell as fluent people do, letters run into each other. On by default with --card.",
        ),
    ] = False,
    silence: Annotated[
        float | None,
        typer.Option(
            "--silence",
            metavar="MINUTES",
            min=0,
            max=600,
            help="How long to count letters where nobody signs. Default: 10 with --card or --rest, else 0.",
            show_default=False,
        ),
    ] = None,
    rest: Annotated[
        Path | None,
        typer.Option(
            "--rest", metavar="DIR", help="Show real pictures then too, without their hands.", show_default=False
        ),
    ] = None,
    motion: Annotated[
        Path | None,
        typer.Option(
            "--motion", metavar="FILE", help="An .npz of landmarks of letters in motion.", show_default=False
        ),
    ] = None,
    motion_rate: Annotated[
        float, typer.Option("--motion-rate", min=1, max=240, help="Its frames a second, where it does not say.")
    ] = 25.0,
    motion_aspect: Annotated[
        str, typer.Option("--motion-aspect", metavar="W:H", help="Shape of its pictures, where it does not say.")
    ] = "16:9",
    running: Annotated[
        Path | None,
        typer.Option(
            "--running",
            metavar="FILE|DIR",
            help="Running spelling by people: an .npz of landmarks, or a folder of WORD.mp4 or SIGNER/WORD.mp4.",
            show_default=False,
        ),
    ] = None,
    strokes: Annotated[
        int | None,
        typer.Option(
            "--strokes",
            min=0,
            help="How often synthetic signers sign each of J, Z, I, D. Default: 25 with --card, else 0.",
            show_default=False,
        ),
    ] = None,
    tones: Annotated[
        int | None,
        typer.Option(
            "--tones",
            min=0,
            metavar="WORDS",
            help="Words that the same synthetic signers spell with each skin tone. Default: 60 with --card, else 0.",
            show_default=False,
        ),
    ] = None,
    moving_pictures: Annotated[
        bool, typer.Option("--moving-pictures", help="Count pictures of J and Z, which are frozen motion.")
    ] = False,
    jobs: JobsOption = None,
    hand_model: HandModelOption = None,
    _hands: HandsOption = None,
) -> None:
    """Read pictures and videos with the live recogniser and say how much of it is right, by signer and by letter.

    A picture counts as a sign held for a second, a video is right if just its letter is read from it. With --words,
    --silence, --motion, --running, --strokes and --tones other trials are made as well, or instead where no DIR is
    given.
    """
    from models.evaluation.plan import MINUTES, STROKES, TONE_WORDS, WORDS, Plan

    shown = card is not None
    spelled = (WORDS if shown else 0) if words is None else words
    plan = Plan(
        words=spelled,
        coarticulated=coarticulated or (shown and spelled > 0),
        minutes=(MINUTES if shown or rest is not None else 0.0) if silence is None else silence,
        rest=rest,
        motion=motion,
        running=running,
        rate=motion_rate,
        aspect=parse_aspect("--motion-aspect", motion_aspect),
        strokes=(STROKES if shown else 0) if strokes is None else strokes,
        tone_words=(TONE_WORDS if shown else 0) if tones is None else tones,
        speed=shown,
    )
    try:
        _evaluate(folder, model, json_to, card, plan, moving_pictures, jobs, hand_model)
    except KeyboardInterrupt:
        print("Stopped: nothing was written.", file=sys.stderr)
        raise typer.Exit(130) from None


def _evaluate(
    folder: Path | None,
    model: Path | None,
    json_to: Path | None,
    card: Path | None,
    plan: "Plan",
    moving_pictures: bool,
    jobs: int | None,
    hand_model: Path | None,
) -> None:
    from rich.markup import escape

    from models.console import ready_hand_model, results
    from models.evaluation.evaluate import figures_of, read_all
    from models.evaluation.live import Eyes
    from models.evaluation.plan import trial_figures
    from models.evaluation.report import print_trials
    from models.evaluation.report_pictures import print_figures
    from models.training.export.model_card import write_card
    from overlay.core.files.atomic_text import write_json
    from overlay.core.process.parallel import cores
    from overlay.recognition.letter_model import LetterModel, shipped_model

    for option, path in (("--json", json_to), ("--card", card)):
        if path is not None:
            _check_writable(option, path)
    if folder is None and (card is not None or plan.empty):
        raise SigncapError(
            "Name a folder of pictures to read" + (", or a trial to make: see --help." if not card else ".")
        )
    plan.check()
    jobs = cores() if jobs is None else jobs
    figures = {"model": LetterModel(model).info.name}
    bundle = ready_hand_model(hand_model)
    if folder is not None:
        answers = read_all(folder, model=model, hand_model=bundle, moving_pictures=moving_pictures, jobs=jobs)
        figures |= figures_of(answers)
    figures |= trial_figures(plan, Eyes(model, bundle, jobs))
    console = results()
    console.print(f"[bold]{escape(figures['model'])}[/]", highlight=False)
    if folder is not None:
        print_figures(console, figures)
    print_trials(console, figures)
    if json_to is not None:
        write_json(json_to, figures)
    if card is not None:
        shipped = model is None or model.resolve() == shipped_model().resolve()
        write_card(card, figures | {"shipped": shipped})


def _check_writable(option: str, path: Path) -> None:
    """Better now than after minutes of work."""
    if path.is_dir():
        raise SigncapError(f"{option} {path} is a folder: name a file in it.")
    if not path.parent.is_dir():
        raise SigncapError(f"{option} {path} would lie in a folder that is not there: make {path.parent} first.")
