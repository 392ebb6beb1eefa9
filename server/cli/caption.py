"""`signcap caption`: the text of video files, captioned videos, and subtitles."""

import contextlib
import functools
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from overlay.core.errors import SigncapError
from server.cli.options import AssistedOption, HandModelOption, HandsOption, LogLevelOption, ModelOption
from server.session.shutdown import INTERRUPTED

if TYPE_CHECKING:
    from overlay.batch.caption_file import Captioned, How
    from overlay.batch.output_plan import Job, Plan

TERMINATED = 128 + 15
WHERE = "A file; for several videos a folder, with / at its end, or beside: next to each video."


def caption(
    sources: Annotated[
        list[str],
        typer.Argument(metavar="INPUT...", help="Video files; or demo, the synthetic signer.", show_default=False),
    ],
    output: Annotated[
        str | None,
        typer.Option(
            "--output", "-o", metavar="OUT.mp4", help=f"Write captioned videos. {WHERE}", show_default=False
        ),
    ] = None,
    vtt: Annotated[
        str | None, typer.Option("--vtt", metavar="OUT.vtt", help="Write WebVTT subtitles.", show_default=False)
    ] = None,
    srt: Annotated[
        str | None, typer.Option("--srt", metavar="OUT.srt", help="Write SRT subtitles.", show_default=False)
    ] = None,
    text: Annotated[
        str | None,
        typer.Option(
            "--text", metavar="OUT.txt", help="Write plain text. With demo: what it spells.", show_default=False
        ),
    ] = None,
    jsonl: Annotated[
        str | None,
        typer.Option(
            "--jsonl",
            metavar="OUT.jsonl",
            help="Write each letter with its time and confidence, see docs/captioning.md.",
            show_default=False,
        ),
    ] = None,
    no_subtitle_track: Annotated[
        bool, typer.Option("--no-subtitle-track", help="Only burn captions in; add no subtitle track.")
    ] = False,
    jobs: Annotated[
        int | None,
        typer.Option(
            "--jobs",
            "-j",
            min=1,
            help="How many videos are read at once. Default: as there are processors and memory.",
            show_default=False,
        ),
    ] = None,
    model: ModelOption = None,
    hand_model: HandModelOption = None,
    _hands: HandsOption = None,
    _log_level: LogLevelOption = None,
    hand_outline: Annotated[bool, typer.Option("--hand-outline", help="Draw the hand into the video.")] = False,
    flip: Annotated[
        bool, typer.Option("--flip", help="Turn round videos that were made as in a mirror; captions stay upright.")
    ] = False,
    assisted: AssistedOption = None,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Show no progress.")] = False,
) -> None:
    """Print or write the words that are fingerspelled in video files.

    Safe to interrupt: run the same command again to continue. Nothing is overwritten.
    """
    for number in (signal.SIGTERM, getattr(signal, "SIGHUP", signal.SIGTERM)):
        signal.signal(number, _terminated)
    demo = sources == ["demo"]
    wanted = {"output": output, "vtt": vtt, "srt": srt, "text": None if demo else text, "jsonl": jsonl}
    try:
        from overlay.batch.output_plan import make_plan

        for source in sources:
            if source.isdecimal():
                raise SigncapError(f"This reads files: for camera {source} use `signcap run --source {source}`.")
        plan = make_plan(sources, {option: name for option, name in wanted.items() if name is not None})
        how = functools.partial(_how, model, hand_model, hand_outline, flip, assisted, not no_subtitle_track)
        status = _one(plan, how, demo, text, quiet) if len(sources) == 1 else _many(plan, how, jobs, quiet)
    except KeyboardInterrupt:
        raise typer.Exit(INTERRUPTED) from None
    raise typer.Exit(status)


def _how(
    model: Path | None,
    hand_model: Path | None,
    hand_outline: bool,
    flip: bool,
    assisted: bool | None,
    subtitle_track: bool,
    threads: int | None = None,
) -> "How":
    from overlay.batch.caption_file import How
    from overlay.core.progress import progress_bar
    from overlay.core.settings_store import SettingsStore
    from overlay.recognition.hands.hand_model import hand_model_path

    store = SettingsStore()
    if (warning := store.warning) is not None:
        print(warning, file=sys.stderr)
    settings = store.current.with_hand_outline() if hand_outline else store.current
    if assisted is not None:
        settings = settings.with_reading(assisted=assisted)
    with progress_bar() as show:
        path = hand_model_path(hand_model, progress=show)
    return How(settings, model, path, subtitle_track, threads, flip)


def _one(plan: "Plan", make_how: Callable[[], "How"], demo: bool, spells: str | None, quiet: bool) -> int:
    """Caption a lone video, in this process; its text is printed."""
    from overlay.batch.caption_file import caption_source, open_video
    from server.cli.terminal.caption_progress import Display

    for note in plan.notes:
        print(note, file=sys.stderr)
    for job in plan.jobs:
        source: Any
        if demo:
            from overlay.synthesis.demo_source import DemoSource

            source = DemoSource(spells, realtime=False)
        else:
            source = open_video(job.source)
        try:
            how = make_how()
            with Display(1, bars=not quiet and sys.stderr.isatty()) as display:
                came = caption_source(source, job.outputs, how, functools.partial(display.show, 0, source.name))
        finally:
            source.close()
        if came.note is not None:
            print(came.note, file=sys.stderr)
        if came.text:
            print(came.text, end="")
        elif not quiet:
            print(f"A hand was seen in {source.name}, but no letter was read.", file=sys.stderr)
    return 0


def _many(plan: "Plan", make_how: Callable[..., "How"], count: int | None, quiet: bool) -> int:
    """Caption several videos over processes; 1 where one could not be."""
    from overlay.batch.workers import Failed, do_all, processors, usual_count
    from server.cli.terminal.caption_progress import Display

    failed: list[str] = []
    count = min(count or usual_count(plan.jobs), len(plan.jobs))

    def report(number: int, far: Any) -> None:
        display.show(number, plan.jobs[number].source.name, far)

    with Display(len(plan.jobs), bars=not quiet and sys.stderr.isatty()) as display:
        for note in plan.notes:
            display.say(note)
        if not plan.jobs:
            return 0
        work = functools.partial(_work, make_how(threads=max(1, processors() // count)))
        with contextlib.closing(do_all(plan.jobs, work, count, report)) as done:
            for finished, (number, came) in enumerate(done, 1):
                display.done(number, finished)
                if isinstance(came, Failed):
                    failed.append(str(came))
                else:
                    _tell(plan.jobs[number], came, display.say, quiet)
    for sentence in failed:
        print(sentence, file=sys.stderr)
    if failed:
        print(f"{len(failed)} of {len(plan.jobs)} videos could not be captioned, see above.", file=sys.stderr)
    return 1 if failed else 0


def _work(how: "How", job: "Job", show: Callable[[Any], None]) -> "Captioned":
    """Caption one of several videos, in a worker."""
    import cv2

    from overlay.batch.caption_file import caption_source, open_video

    cv2.setNumThreads(how.threads or 1)
    source = open_video(job.source, how.threads)
    try:
        return caption_source(source, job.outputs, how, show)
    finally:
        source.close()


def _tell(job: "Job", came: "Captioned", say: Callable[[str], None], quiet: bool) -> None:
    """What came of one of several videos: its text where it is written nowhere."""
    if came.note is not None:
        say(came.note)
    if not job.outputs:
        print(f"{job.source}:\n{came.text}", flush=True)
    elif not quiet:
        speed = came.seconds / max(came.took, 1e-3)
        say(f"{job.source} is done: {came.seconds:.0f} s of video, {speed:.1f} times as fast as it plays.")


def _terminated(*_: object) -> None:
    raise SystemExit(TERMINATED)
