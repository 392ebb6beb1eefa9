"""`signcap enrol`: a profile for a signer, from the terminal."""

import contextlib
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from overlay.core.errors import SigncapError
from server.cli.camera import ALPHABET, at_camera, ending_at_once, is_flipped
from server.cli.options import (
    FlipOption,
    HandModelOption,
    HandsOption,
    LogLevelOption,
    ModelOption,
    SourceOption,
    TextOption,
)
from server.session.shutdown import INTERRUPTED

if TYPE_CHECKING:
    from overlay.enrolment.enroller import Enroller
    from overlay.enrolment.guided.plan import Plan
    from overlay.enrolment.profile import Profile, Profiles


def enrol(
    name: Annotated[
        str | None, typer.Option("--name", help="Whose profile: for example ann.", show_default=False)
    ] = None,
    letters: Annotated[
        str, typer.Option("--letters", help="The letters to sign, in this order. All are best.")
    ] = ALPHABET,
    words: Annotated[bool, typer.Option("--words", help="Spell ten given words instead of single letters.")] = False,
    seconds: Annotated[float, typer.Option("--seconds", help="How long you hold each letter.")] = 2.0,
    countdown: Annotated[float, typer.Option("--countdown", help="Seconds before each letter or word.")] = 2.0,
    pictures: Annotated[
        Path | None,
        typer.Option(
            "--pictures",
            metavar="DIR",
            help="Use existing pictures and videos, DIR/LETTER/*, instead of a camera.",
            show_default=False,
        ),
    ] = None,
    source: SourceOption = None,
    text: TextOption = None,
    flip: FlipOption = None,
    model: ModelOption = None,
    hand_model: HandModelOption = None,
    _hands: HandsOption = None,
    _log_level: LogLevelOption = None,
    list_all: Annotated[bool, typer.Option("--list", help="Show all profiles.")] = False,
    off: Annotated[bool, typer.Option("--off", help="Stop using a profile, without deleting it.")] = False,
    on: Annotated[bool, typer.Option("--on", help="Switch a profile on again.")] = False,
    remove: Annotated[bool, typer.Option("--remove", help="Delete a profile.")] = False,
) -> None:
    """Fit the recogniser to a signer: sign each letter for two seconds. No pictures are kept."""
    from overlay.enrolment.guided.plan import Plan
    from overlay.enrolment.profile import Profiles, check_name

    profiles = Profiles()
    if sum((list_all, off, on, remove)) > 1:
        raise SigncapError("Choose one of --list, --on, --off and --remove.")
    if list_all:
        _list(profiles, model)
        return
    if not name:
        raise SigncapError("Enter a name for the profile, for example --name ann.")
    check_name(name)
    if remove:
        profiles.remove(name)
        print(f"The profile {name} is removed.")
    elif off or on:
        profiles.switch(name, on=on)
        print(f"The profile {name} is {'on' if on else 'off'}.")
    else:
        plan = Plan(name, words, letters.upper(), seconds, countdown)
        try:
            profile = _enrol(plan, profiles, pictures, source, text, flip, model, hand_model)
        except KeyboardInterrupt:
            raise typer.Exit(INTERRUPTED) from None
        if profile is None:
            print("Given up: no profile was changed.")
            raise typer.Exit(1)
        _report(profile, profiles)


def _enrol(
    plan: "Plan",
    profiles: "Profiles",
    pictures: Path | None,
    source: str | None,
    text: str | None,
    flip: bool | None,
    model: Path | None,
    hand_model: Path | None,
) -> "Profile | None":
    from overlay.enrolment.enroller import Enroller
    from overlay.enrolment.guided.session import Session
    from server.cli.terminal.enrol_guide import enrol_by_keys, enrol_unattended

    enroller = Enroller(model, profiles)
    if pictures is not None:
        if source is not None or text is not None or flip is not None or plan.words:
            raise SigncapError("--pictures replaces the camera: leave out --source, --text, --flip and --words.")
        return _from_recordings(plan.name, enroller, pictures, hand_model)
    with contextlib.ExitStack() as stack:
        camera, finder, ready = stack.enter_context(at_camera(source, text, hand_model, flip=is_flipped(flip)))
        ready.set()
        stack.enter_context(ending_at_once())
        guide = enrol_by_keys if sys.stdin.isatty() and sys.stdout.isatty() else enrol_unattended
        return guide(Session(lambda: enroller), plan, camera, finder)


def _from_recordings(name: str, enroller: "Enroller", folder: Path, hand_model: Path | None) -> "Profile":
    from overlay.core.progress import progress_bar
    from overlay.enrolment.import_clips import read_recordings
    from overlay.recognition.hands.hand_model import hand_model_path

    with progress_bar() as show:
        path = hand_model_path(hand_model, progress=show)
    with progress_bar() as show:
        found = read_recordings(folder, enroller.letter_model, path, show)
        profile = enroller.fit(name, found.takes, lambda part: show(part, "Fitting"))
    if found.without_hand or found.unreadable:
        print(
            f"Left out: {found.without_hand} files without a hand, {found.unreadable} that cannot be read.",
            file=sys.stderr,
        )
    return profile


def _report(profile: "Profile", profiles: "Profiles") -> None:
    from rich.console import Console

    from server.cli.terminal.enrol_report import print_report

    print_report(profile, Console())
    if profile.on:
        print(f"`signcap` uses it from now on. To switch it off: `signcap enrol --off --name {profile.name}`.")
    elif profile.changed == 0.0:
        print(f"The profile {profile.name} from before stays as it is.")


def _list(profiles: "Profiles", model: Path | None) -> None:
    from overlay.enrolment.profile import model_digest

    names = profiles.names()
    if not names:
        print("There is no profile yet: `signcap enrol --name ann` makes one.")
    digest = model_digest(model)
    for name in names:
        try:
            profile = profiles.load(name)
        except SigncapError as error:
            print(error)
            continue
        state = "on" if profile.on else "off"
        if profile.model != digest:
            state = "for another model"
        found = profile.enrolled
        print(f"{name}: {state}; misread {found.before} of {found.shown} before, {found.after} now")
