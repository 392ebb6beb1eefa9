"""`signcap evaluate`: how good a model is on people whom it has not seen."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from models.commands.options import HandModelOption, JobsOption

TEXTS_ON_CARD = 20


def evaluate(
    folder: Annotated[
        Path,
        typer.Argument(
            metavar="DIR",
            help="Pictures and videos of people not trained on: SIGNER/LETTER/* or LETTER/*.",
            show_default=False,
        ),
    ],
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
    texts: Annotated[
        int | None,
        typer.Option(
            "--texts",
            min=0,
            help="Also let synthetic signers spell so many texts at each speed. Default: 20 with --card, else 0.",
            show_default=False,
        ),
    ] = None,
    moving_pictures: Annotated[
        bool, typer.Option("--moving-pictures", help="Count pictures of J and Z, which are frozen motion.")
    ] = False,
    jobs: JobsOption = None,
    hand_model: HandModelOption = None,
) -> None:
    """Read pictures and videos with the live recogniser and say how much of it is right, by signer and by letter.

    A picture counts as a sign held for a second, a video is right if just its letter is read from it.
    """
    if texts is None:
        texts = TEXTS_ON_CARD if card is not None else 0
    try:
        _evaluate(folder, model, json_to, card, texts, moving_pictures, jobs, hand_model)
    except KeyboardInterrupt:
        print("Stopped: nothing was written.", file=sys.stderr)
        raise typer.Exit(130) from None


def _evaluate(
    folder: Path,
    model: Path | None,
    json_to: Path | None,
    card: Path | None,
    texts: int,
    moving_pictures: bool,
    jobs: int | None,
    hand_model: Path | None,
) -> None:
    from models.card import write_card
    from models.console import ready_hand_model, results
    from models.evaluation import figures_of, read_all
    from models.evaluation_report import print_figures
    from models.files import write_json
    from models.parallel import cores
    from models.synthetic_scores import score_synthetic
    from overlay.recognizer import Recognizer, shipped_model

    for option, path in (("--json", json_to), ("--card", card)):
        if path is not None:
            _check_writable(option, path)
    jobs = cores() if jobs is None else jobs
    name = Recognizer(model).info.name
    bundle = ready_hand_model(hand_model)
    answers = read_all(folder, model=model, hand_model=bundle, moving_pictures=moving_pictures, jobs=jobs)
    spelling, false_letters = score_synthetic(model, bundle, texts, jobs) if texts else ([], None)
    figures = figures_of(answers, name, spelling, false_letters)
    print_figures(results(), figures)
    if json_to is not None:
        write_json(json_to, figures)
    if card is not None:
        shipped = model is None or model.resolve() == shipped_model().resolve()
        write_card(card, figures | {"shipped": shipped})


def _check_writable(option: str, path: Path) -> None:
    """Better now than after minutes of work."""
    from overlay.errors import SigncapError

    if path.is_dir():
        raise SigncapError(f"{option} {path} is a folder: name a file in it.")
    if not path.parent.is_dir():
        raise SigncapError(f"{option} {path} would lie in a folder that is not there: make {path.parent} first.")
