"""`signcap demo`: any text as a video in which the synthetic signer spells it."""

import contextlib
import itertools
import signal
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from overlay.core.errors import SigncapError
from server.session.shutdown import INTERRUPTED

if TYPE_CHECKING:
    from overlay.synthesis.signed_text import SignedText

TERMINATED = 128 + 15

Note = Callable[[int], None]


def demo(
    text: Annotated[str, typer.Argument(metavar="TEXT", help="What is spelled.", show_default=False)],
    output: Annotated[
        Path | None,
        typer.Option(
            "--output",
            "-o",
            metavar="FILE.mp4",
            help="The video. Default: named after the text, in this folder.",
            show_default=False,
        ),
    ] = None,
    speed: Annotated[float, typer.Option("--speed", help="Letters a second within words, 0.5 to 8.")] = 3.0,
    coarticulation: Annotated[
        float,
        typer.Option(
            "--coarticulation", help="How far letters run into each other: 0, each is posed, to 1, fluent signing."
        ),
    ] = 0.0,
    signer_seed: Annotated[
        int | None,
        typer.Option(
            "--signer-seed",
            metavar="NUMBER",
            help="Another signer; the same number gives the same person.",
            show_default=False,
        ),
    ] = None,
    left_handed: Annotated[bool, typer.Option("--left-handed", help="Sign with the left hand.")] = False,
    size: Annotated[str, typer.Option("--size", metavar="WIDTHxHEIGHT", help="Of the picture.")] = "1280x720",
    no_captions: Annotated[
        bool, typer.Option("--no-captions", help="No captions, in the picture or as a track.")
    ] = False,
    vtt: Annotated[
        Path | None,
        typer.Option("--vtt", metavar="FILE.vtt", help="Write the text as WebVTT too.", show_default=False),
    ] = None,
    srt: Annotated[
        Path | None,
        typer.Option("--srt", metavar="FILE.srt", help="Write the text as SRT too.", show_default=False),
    ] = None,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Show no progress.")] = False,
) -> None:
    """Make a video in which any text is fingerspelled: to learn from, to show, to test with."""
    from overlay.synthesis.signed_text import SignedText, Signing

    signing = Signing(speed=speed, signer=signer_seed, left_handed=left_handed, coarticulation=coarticulation)
    signed = SignedText(text, signing, size=_size(size))
    for remark in signed.spelled.remarks:
        print(remark, file=sys.stderr)
    signal.signal(signal.SIGTERM, _terminated)
    try:
        print(_make(signed, output, captions=not no_captions, vtt=vtt, srt=srt, quiet=quiet))
    except KeyboardInterrupt:
        raise typer.Exit(INTERRUPTED) from None


def _make(
    signed: "SignedText", output: Path | None, *, captions: bool, vtt: Path | None, srt: Path | None, quiet: bool
) -> Path:
    """Write all that was asked for: everything or nothing. Returns the video's path."""
    from overlay.batch.output_plan import shown_twice
    from overlay.captions.subtitles import to_srt, to_vtt
    from overlay.core.files.new_file import NewFile
    from overlay.core.settings_store import SettingsStore
    from overlay.synthesis.signed_video import signed_subtitles, write_video

    store = SettingsStore()
    if (warning := store.warning) is not None:
        print(warning, file=sys.stderr)
    path = output if output is not None else _free_name(signed)
    if captions:
        files = {"output": path, "vtt": vtt, "srt": srt}
        for note in shown_twice({option: file for option, file in files.items() if file is not None}):
            print(note, file=sys.stderr)
    with contextlib.ExitStack() as stack:
        texts = []
        for file, write in ((vtt, to_vtt), (srt, to_srt)):
            if file is not None:
                texts.append((new := NewFile(file), write(signed_subtitles(signed))))
                stack.callback(new.discard)  # does nothing once it is kept
        with _progress(path.name, signed.count, shown=not quiet and sys.stderr.isatty()) as count:
            write_video(signed, path, store.current, captions=captions, note=count)
        for new, content in texts:
            new.write(content)
    return path


def _size(written: str) -> tuple[int, int]:
    width, _, height = written.lower().replace("×", "x").partition("x")
    if not (width.isdecimal() and height.isdecimal()):
        raise SigncapError(f"{written} is no size of a picture: write width and height as in 1280x720.")
    return int(width[:6]), int(height[:6])


def _free_name(signed: "SignedText") -> Path:
    """A name after the text that no file here has."""
    from overlay.synthesis.signed_video import file_name

    name = file_name(signed)
    names = itertools.chain((f"{name}.mp4",), (f"{name}-{number}.mp4" for number in itertools.count(2)))
    return next(path for path in map(Path, names) if not path.exists() and not path.is_symlink())


@contextlib.contextmanager
def _progress(name: str, total: int, *, shown: bool) -> Iterator[Note]:
    """A bar with the speed, on standard error."""
    if not shown:
        yield lambda _count: None
        return
    from rich.console import Console
    from rich.markup import escape
    from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (
        TextColumn("{task.description}"),
        BarColumn(bar_width=24),
        TextColumn("{task.fields[speed]:4.0f} frames/s"),
        TimeRemainingColumn(),
    )
    began = time.monotonic()
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(escape(name), total=total, speed=0.0)

        def note(count: int) -> None:
            bar.update(task, completed=count, speed=count / max(time.monotonic() - began, 1e-3))

        yield note


def _terminated(*_: object) -> None:
    raise SystemExit(TERMINATED)
