"""What the commands show while they work, on standard error: standard output is for results."""

import contextlib
import io
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TypeVar

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    ProgressColumn,
    Task,
    TaskID,
    TextColumn,
    TimeRemainingColumn,
)
from rich.text import Text

from overlay.core.process.parallel import in_parallel
from overlay.recognition.hands.hand_model import hand_model_path

Given = TypeVar("Given")
Made = TypeVar("Made")

STDERR = Console(stderr=True)
INTERRUPTED = 130  # exit status after Ctrl-C


def results() -> Console:
    """Standard output; a file name that cannot be written there is written as far as it can be."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="replace")
    return Console()


def progress_bar() -> Progress:
    """A bar: how many of how many, how many a second, and the time left."""
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(bar_width=30),
        MofNCompleteColumn(),
        _Rate(),
        TimeRemainingColumn(),
        console=STDERR,
    )


def all_in_parallel(
    make: Callable[[], Callable[[Given], Made]], tasks: Sequence[Given], jobs: int, doing: str
) -> list[Made]:
    """Do tasks in processes, behind a bar, and give what each gave, in their order.

    Args:
        make, tasks, jobs: see `in_parallel`, which also says what is raised.
        doing: what is done, for people.
    """
    done: dict[int, Made] = {}
    with progress_bar() as bar, contextlib.closing(in_parallel(make, tasks, jobs)) as made:
        shown = bar.add_task(doing, total=len(tasks))
        for number, one in made:
            done[number] = one
            bar.advance(shown)
    return [done[number] for number in range(len(tasks))]


def ready_hand_model(override: Path | None) -> Path:
    """MediaPipe's bundle, with a bar while it is being fetched.

    Raises:
        SigncapError: it cannot be had.
    """
    with contextlib.ExitStack() as stack:
        bars: list[tuple[Progress, TaskID]] = []

        def show(fraction: float, words: str) -> None:
            if not bars:  # only then is there anything to show
                bar = stack.enter_context(Progress(console=STDERR))
                bars.append((bar, bar.add_task(words, total=1.0)))
            bar, task = bars[0]
            bar.update(task, completed=fraction, description=words)

        return hand_model_path(override, progress=show)


class _Rate(ProgressColumn):
    def render(self, task: Task) -> Text:
        """How many a second, lately."""
        speed = task.finished_speed or task.speed
        return Text("" if speed is None else f"{speed:.1f}/s", style="progress.data.speed")
