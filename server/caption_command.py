"""`signcap caption`: the text of a video file, and the captioned video."""

import contextlib
import signal
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from overlay.errors import SigncapError
from server.stopping import INTERRUPTED

if TYPE_CHECKING:
    from overlay.captioner import Captioner
    from overlay.frame import Frame
    from overlay.reading import Reading
    from overlay.settings import Settings
    from overlay.sinks.video_writer import VideoWriter
    from overlay.source import Source

TERMINATED = 128 + 15
HELD = 2.0  # seconds that the last picture stands when its caption became final only after it
SHOWN_TEXT = 28  # characters of the text so far beside the progress bar

Show = Callable[["Reading"], None]


def caption(
    source: Annotated[
        str, typer.Argument(metavar="INPUT", help="A video file; or demo, the synthetic signer.", show_default=False)
    ],
    text: Annotated[str | None, typer.Option("--text", help="What the demo spells.", show_default=False)] = None,
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", metavar="FILE.mp4", help="Write the captioned video.", show_default=False),
    ] = None,
    model: Annotated[
        Path | None,
        typer.Option("--model", help="Folder of a recogniser. Default: the shipped one.", show_default=False),
    ] = None,
    hand_model: Annotated[
        Path | None,
        typer.Option(
            "--hand-model",
            help="MediaPipe's hand_landmarker.task. Default: fetched on first use.",
            show_default=False,
        ),
    ] = None,
    hand_outline: Annotated[bool, typer.Option("--hand-outline", help="Draw the hand into the video.")] = False,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Show no progress.")] = False,
) -> None:
    """Print the text that is fingerspelled in a video file, as fast as the machine can read it."""
    if source.isdecimal():
        raise SigncapError(f"This reads files: for camera {source} use `signcap run --source {source}`.")
    signal.signal(signal.SIGTERM, _terminated)
    try:
        with contextlib.ExitStack() as stack:
            _caption(stack, source, text, output, model, hand_model, hand_outline, quiet)
    except KeyboardInterrupt:
        raise typer.Exit(INTERRUPTED) from None


def _caption(
    stack: contextlib.ExitStack,
    spec: str,
    text: str | None,
    output: Path | None,
    model: Path | None,
    hand_model: Path | None,
    hand_outline: bool,
    quiet: bool,
) -> None:
    from overlay.camera import open_source
    from overlay.settings_store import SettingsStore
    from overlay.transcript import plain_text

    store = SettingsStore()
    if (warning := store.warning) is not None:
        print(warning, file=sys.stderr)
    settings = store.current
    if hand_outline:
        settings = settings.with_hand_outline()
    source = open_source(spec, text=text, realtime=False)
    stack.callback(source.close)
    video = _open_video(stack, output, source.rate, settings) if output is not None else None
    captioner = _make_captioner(stack, settings, model, hand_model)
    last: Frame | None = None
    with _progress(source, shown=not quiet and sys.stderr.isatty()) as show:
        while (frame := source.read()) is not None:
            reading = captioner.accept(frame)
            if video is not None:
                video.add(frame, reading)
            show(reading)
            last = frame
        final = captioner.finish()
    if not captioner.frames_with_hand:
        raise SigncapError(f"No hand was found in {source.name}: the signing hand must be in the picture and lit.")
    if video is not None and last is not None:
        video.end(last, final)
    said = plain_text(final.state)
    if said:
        print(said)
    elif not quiet:
        print(f"A hand was seen in {source.name}, but no letter was read.", file=sys.stderr)


def _make_captioner(
    stack: contextlib.ExitStack, settings: "Settings", model: Path | None, hand_model: Path | None
) -> "Captioner":
    from overlay.captioner import Captioner
    from overlay.hand_model import hand_model_path
    from server.progress import progress_bar

    with progress_bar() as show:
        path = hand_model_path(hand_model, progress=show)
    captioner = Captioner(settings, model=model, hand_model=path)
    stack.callback(captioner.close)
    return captioner


class _CaptionedVideo:
    """Paints the captions of each frame, as far as they are known at that frame, and writes it."""

    def __init__(self, writer: "VideoWriter", rate: float, settings: "Settings") -> None:
        from overlay.compose import Composer

        self._writer = writer
        self._rate = rate
        self._settings = settings
        self._composer = Composer()
        self._shown: Any = None

    def add(self, frame: "Frame", reading: "Reading", at: float | None = None) -> None:
        picture = self._composer.compose(frame, reading, self._settings, at=at)
        self._writer.send(picture)
        self._shown = reading.state.paragraphs(picture.at, self._settings.endpointing.shown_after)

    def end(self, last: "Frame", final: "Reading") -> None:
        """Complete the file; a caption that became final only at the end is shown long enough to be read."""
        if final.state.paragraphs(last.at, self._settings.endpointing.shown_after) != self._shown:
            for at in (last.at + 1 / self._rate, last.at + HELD):
                self.add(last, final, at)
        self._writer.close()


def _open_video(stack: contextlib.ExitStack, path: Path, rate: float, settings: "Settings") -> _CaptionedVideo:
    from overlay.sinks.video_writer import VideoWriter

    writer = VideoWriter(path, rate)
    stack.callback(writer.discard)  # does nothing once the file is complete
    return _CaptionedVideo(writer, rate, settings)


@contextlib.contextmanager
def _progress(source: "Source", *, shown: bool) -> Iterator[Show]:
    """A bar with the speed and the end of the text so far, on standard error."""
    if not shown:
        yield lambda _reading: None
        return
    from rich.console import Console
    from rich.markup import escape
    from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

    from overlay.transcript import plain_text

    columns = (
        TextColumn("{task.description}"),
        BarColumn(bar_width=24),
        TextColumn("{task.fields[speed]:4.0f} frames/s"),
        TimeRemainingColumn(),
        TextColumn("[bold]{task.fields[text]}"),
    )
    began, count = time.monotonic(), 0
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(escape(source.name), total=getattr(source, "duration", None), speed=0.0, text="")

        def show(reading: "Reading") -> None:
            nonlocal count
            count += 1
            said = plain_text(reading.state).replace("\n", " ")
            speed = count / max(time.monotonic() - began, 1e-3)
            bar.update(task, completed=reading.at, speed=speed, text=escape(said[-SHOWN_TEXT:]))

        yield show


def _terminated(*_: object) -> None:
    raise SystemExit(TERMINATED)
