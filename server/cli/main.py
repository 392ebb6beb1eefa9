"""The command line: `signcap`."""

import signal
import sys
from pathlib import Path
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from overlay.core.errors import SigncapError
from server.cli.caption import caption
from server.cli.collect import collect
from server.cli.demo import demo
from server.cli.doctor import doctor
from server.cli.enrol import enrol
from server.cli.extension import extension
from server.cli.options import AssistedOption, FlipOption, HandModelOption, HandsOption, LogLevelOption, ModelOption
from server.cli.record import record as record_command
from server.session.shutdown import INTERRUPTED
from server.web import training_side


class _Commands(TyperGroup):
    """Takes `signcap` and `signcap --source demo` as `signcap run ...`; adds the commands of the training side.

    Each of those is loaded only when it is asked for.
    """

    def list_commands(self, ctx: Any) -> list[str]:
        own = super().list_commands(ctx)
        return own + (list(training_side.COMMANDS) if training_side.installed() else [])

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        own = super().get_command(ctx, cmd_name)
        if own is not None:
            return own
        if cmd_name not in training_side.COMMANDS or not training_side.installed():
            return None
        single = typer.Typer(add_completion=False, pretty_exceptions_enable=False)
        single.command(cmd_name)(training_side.load(training_side.COMMANDS[cmd_name]))
        command = typer.main.get_command(single)
        command.name = cmd_name
        return command

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        own = {name for parameter in self.get_params(ctx) for name in parameter.opts}
        if not args or (args[0].startswith("-") and args[0].split("=")[0] not in own):
            args = ["run", *args]
        return super().parse_args(ctx, args)


app = typer.Typer(
    name="signcap",
    cls=_Commands,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _show_version(asked: bool) -> None:
    if asked:
        from importlib.metadata import version

        typer.echo(f"signcap {version('signcap')}")
        raise typer.Exit


SourceOption = Annotated[
    str | None,
    typer.Option(
        "--source",
        metavar="demo|NUMBER|PATH|pipewire:NAME",
        help="The demo (a synthetic signer), a camera by its number, path or PipeWire name, or a video file. "
        "Default: the first camera, or the demo if there is none.",
        show_default=False,
    ),
]
TextOption = Annotated[str | None, typer.Option("--text", help="What the demo spells.", show_default=False)]
PortOption = Annotated[
    int | None,
    typer.Option(
        "--port",
        min=1,
        max=65535,
        help="Where the page is, on this machine only. Default: 8765, or the next free one.",
        show_default=False,
    ),
]
BrowserOption = Annotated[bool, typer.Option("--no-browser", help="Print the link, open no browser.")]
VirtualCameraOption = Annotated[
    str,
    typer.Option(
        "--virtual-camera",
        metavar="auto|off|pipewire|NAME",
        help="The virtual camera: the first one, none, one that needs no driver but works only in browsers (Linux), "
        "or the one that you name.",
    ),
]
OutlineOption = Annotated[bool, typer.Option("--hand-outline", help="Draw an outline of the hand into the picture.")]
HotWordsOption = Annotated[
    str,
    typer.Option(
        "--hot-words",
        metavar="NAME,NAME",
        help="Names and other words to expect; Signcap suggests them first.",
        show_default=False,
    ),
]
ProfileOption = Annotated[
    str | None,
    typer.Option(
        "--profile",
        metavar="NAME",
        help="The signer's profile, see `signcap enrol`. Default: the one that was enrolled or switched on last.",
        show_default=False,
    ),
]
NoProfileOption = Annotated[bool, typer.Option("--no-profile", help="Use no profile.")]
NewViewerLinkOption = Annotated[
    bool,
    typer.Option(
        "--new-viewer-link",
        help="Make new links for second screens and OBS; the old ones stop working.",
    ),
]
DataOption = Annotated[Path, typer.Option("--data", metavar="DIR", help="Where collected pictures are.")]
RunsOption = Annotated[Path, typer.Option("--runs", metavar="DIR", help="Where trainings are.")]
TranscriptOption = Annotated[
    Path | None,
    typer.Option(
        "--transcript",
        metavar="FILE|DIR",
        help="Write the captions of this run to a new text file, line by line. Of a folder: into a file in it "
        "that is named after the time.",
        show_default=False,
    ),
]
TranscriptTimesOption = Annotated[
    bool, typer.Option("--transcript-times", help="Put the time of day before each line of a transcript.")
]
RecordOption = Annotated[
    Path | None,
    typer.Option(
        "--record",
        metavar="FILE.mp4|DIR",
        help="Record from the beginning, to a new file or into a folder. Without it, recordings are started on the "
        "page or by `signcap record`.",
        show_default=False,
    ),
]
RecordCleanOption = Annotated[
    bool, typer.Option("--record-clean", help="Also record a second file without captions.")
]
MicrophoneOption = Annotated[
    str,
    typer.Option("--microphone", metavar="NAME|default|none", help="The microphone to record."),
]
CallCaptionsOption = Annotated[
    bool,
    typer.Option(
        "--call-captions",
        help="Send finished captions to a meeting of Zoom or Teams: asks for its caption link, or takes one that is "
        "piped in.",
    ),
]
VersionOption = Annotated[
    bool, typer.Option("--version", help="Print the version.", callback=_show_version, is_eager=True)
]


@app.callback(
    help="Captions ASL fingerspelling in any video call, on your own machine.",
    epilog="`signcap` alone, or with options, is `signcap run`.",
)
def signcap(version: VersionOption = False) -> None:
    """The whole program."""


@app.command("run")
def run(
    source: SourceOption = None,
    text: TextOption = None,
    port: PortOption = None,
    no_browser: BrowserOption = False,
    virtual_camera: VirtualCameraOption = "auto",
    model: ModelOption = None,
    hand_model: HandModelOption = None,
    _hands: HandsOption = None,
    _log_level: LogLevelOption = None,
    hand_outline: OutlineOption = False,
    flip: FlipOption = None,
    hot_words: HotWordsOption = "",
    assisted: AssistedOption = None,
    profile: ProfileOption = None,
    no_profile: NoProfileOption = False,
    new_viewer_link: NewViewerLinkOption = False,
    data: DataOption = Path("data"),
    runs: RunsOption = Path("runs"),
    record: RecordOption = None,
    record_clean: RecordCleanOption = False,
    microphone: MicrophoneOption = "none",
    transcript: TranscriptOption = None,
    transcript_times: TranscriptTimesOption = False,
    call_captions: CallCaptionsOption = False,
) -> None:
    """Caption the camera live, with a virtual camera and a page. Press Ctrl-C to quit."""
    from server.cli.call_captions_prompt import ask_for_link
    from server.cli.run import run as run_all
    from server.session.options import RunOptions

    if text is not None and source not in (None, "demo"):
        raise typer.BadParameter("it is for the demo: leave it out or add --source demo.", param_hint="--text")
    if profile is not None and no_profile:
        raise typer.BadParameter("give a name or --no-profile, not both.", param_hint="--profile")
    options = RunOptions(
        source=source,
        text=text,
        port=port,
        open_browser=not no_browser,
        virtual_camera=virtual_camera,
        model=model,
        hand_model=hand_model,
        hand_outline=hand_outline,
        flip=flip,
        hot_words=tuple(word for word in hot_words.split(",") if word.strip()),
        assisted=assisted,
        profile=profile,
        no_profile=no_profile,
        new_viewer_link=new_viewer_link,
        data=data,
        runs=runs,
        record=record,
        record_clean=record_clean,
        microphone=microphone,
        transcript=transcript,
        transcript_times=transcript_times,
        call_captions=ask_for_link() if call_captions else None,
    )
    raise typer.Exit(run_all(options))


app.command()(caption)
app.command()(collect)
app.command()(demo)
app.command()(doctor)
app.command()(enrol)
app.command()(extension)
app.command("record")(record_command)


def main() -> None:
    """Do what the command line says: errors that are meant for people are one sentence, never a traceback."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_DFL:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        app()
    except SigncapError as error:
        print(error, file=sys.stderr)
        sys.exit(1)
    except KeyboardInterrupt:
        sys.exit(INTERRUPTED)
    except ImportError as error:
        if not _came_of_ctrl_c(error):
            raise
        sys.exit(INTERRUPTED)


def _came_of_ctrl_c(error: BaseException | None) -> bool:
    """Whether an error came of Ctrl-C: a native library that it meets being imported says that it could not be."""
    while error is not None and not isinstance(error, KeyboardInterrupt):
        error = error.__cause__ or error.__context__
    return error is not None


if __name__ == "__main__":
    main()
