"""`signcap collect`: pictures of a signer's letters, taken from the terminal."""

import contextlib
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from overlay.core.errors import SigncapError
from server.cli.camera import ALPHABET, at_camera, ending_at_once, is_flipped
from server.cli.options import HandModelOption, HandsOption, LogLevelOption, SourceOption, TextOption
from server.session.shutdown import INTERRUPTED

if TYPE_CHECKING:
    from overlay.media.source import Source
    from overlay.recognition.hands.hand_detector import HandDetector
    from server.collection.collector import Collector


def collect(
    data: Annotated[Path, typer.Argument(metavar="[DATA]", help="Folder of all signers' pictures.")] = Path("data"),
    signer: Annotated[
        str | None,
        typer.Option("--signer", help="Who signs: the name of a folder. Asked for by default.", show_default=False),
    ] = None,
    letters: Annotated[str, typer.Option("--letters", help="The letters to collect, in this order.")] = ALPHABET,
    count: Annotated[int, typer.Option("--count", help="Pictures of each letter, over all takes.")] = 150,
    takes: Annotated[
        int,
        typer.Option("--takes", help="Takes that they are divided into; `signcap split` needs two of one signer."),
    ] = 2,
    rate: Annotated[float, typer.Option("--rate", help="Pictures a second.")] = 10.0,
    flip: Annotated[
        bool | None,
        typer.Option(
            "--flip/--no-flip",
            help="Store the pictures flipped: for a source that gives them as in a mirror. Default: as the settings "
            "say.",
            show_default=False,
        ),
    ] = None,
    burst: Annotated[
        int,
        typer.Option(
            "--burst",
            metavar="N",
            help="J and Z are motions: each take of them has N frames, up to 30 a second. 0: like other letters.",
        ),
    ] = 45,
    countdown: Annotated[float, typer.Option("--countdown", help="Seconds before each take.")] = 3.0,
    source: SourceOption = None,
    text: TextOption = None,
    hand_model: HandModelOption = None,
    _hands: HandsOption = None,
    _log_level: LogLevelOption = None,
    auto: Annotated[
        bool, typer.Option("--auto", help="Start each letter by itself after the countdown: needs no keys.")
    ] = False,
) -> None:
    """Take pictures of a signer's letters, stored as DATA/SIGNER/LETTER/TAKE/FRAME.jpg."""
    from server.collection.collector import Collector
    from server.collection.options import Choice
    from server.collection.store import Store

    has_keys = sys.stdin.isatty() and sys.stdout.isatty()
    if not has_keys and not auto:
        raise SigncapError(
            "This needs a terminal, for its keys: run it in one, or add --auto to take each letter after a countdown."
        )
    letters = _checked(letters)
    choice = Choice(
        signer=signer if signer is not None else _ask_signer(has_keys),
        letter=letters[0],
        count=count,
        takes=takes,
        rate=rate,
        flip=is_flipped(flip),
        burst=burst or None,
        countdown=countdown,
    )
    if not choice.signer:
        raise SigncapError("A signer needs a name: give one, for example --signer ann.")
    store = Store(data)
    store.check_writable()
    with contextlib.ExitStack() as stack:
        camera, finder, ready = stack.enter_context(at_camera(source, text, hand_model))
        collector = Collector(store, camera.name, choice, letters=letters)
        stack.callback(_summarise, collector)
        stack.callback(collector.close)
        ready.set()
        stack.enter_context(ending_at_once())
        try:
            _collect(collector, camera, finder, has_keys, auto)
        except KeyboardInterrupt:
            raise typer.Exit(INTERRUPTED) from None


def _collect(collector: "Collector", camera: "Source", finder: "HandDetector", has_keys: bool, auto: bool) -> None:
    from server.cli.terminal.collect_by_keys import collect_by_keys
    from server.cli.terminal.collect_unattended import collect_unattended

    if has_keys:
        collect_by_keys(collector, camera, finder, auto=auto)
    else:
        collect_unattended(collector, camera, finder)


def _checked(letters: str) -> str:
    upper = letters.upper()
    if not upper or any(letter not in ALPHABET for letter in upper) or len(set(upper)) < len(upper):
        raise SigncapError(
            f"{letters!r} are no letters to collect: give each once, A to Z, for example --letters ABC."
        )
    return upper


def _ask_signer(has_keys: bool) -> str:
    from server.collection.store import check_signer

    if not has_keys:
        raise SigncapError("Name the signer, for example --signer ann.")
    while True:
        try:
            name = input("Who signs? A name for the folder, for example ann: ").strip()
        except (EOFError, KeyboardInterrupt):
            print(file=sys.stderr)
            raise typer.Exit(INTERRUPTED) from None
        try:
            return check_signer(name)
        except SigncapError as error:
            print(error, file=sys.stderr)


def _summarise(collector: "Collector") -> None:
    """Say on standard output what there is now, and where."""
    state = collector.state
    taken, without_hand = collector.taken_now()
    counts = [f"{letter} {count}" for letter, count in state.counts.items() if count]
    folder = collector.store.folder / state.choice.signer
    hands = f", {without_hand} of them without a hand" if without_hand else ""
    print(f"{taken} picture{'' if taken == 1 else 's'} taken{hands}.")
    if counts:
        print(f"In {folder}: {', '.join(counts)}.")
    sys.stdout.flush()
