"""Progress of captioning videos: on standard error, bars only on a terminal."""

import sys
import time
from types import TracebackType
from typing import Final, Self

from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeRemainingColumn

from overlay.batch.caption_file import Progress as Far

SHOWN_TEXT: Final = 28  # characters of the text so far beside a bar
SHOWN_NAME: Final = 32


class Display:
    """A bar for each video that is being read, and one for all where there are several.

    Args:
        count: of videos.
        bars: they are shown; otherwise finished lines only.
    """

    def __init__(self, count: int, *, bars: bool) -> None:
        self._console = Console(stderr=True)
        columns = (
            TextColumn("{task.description}"),
            BarColumn(bar_width=24),
            TextColumn("{task.fields[speed]}"),
            TimeRemainingColumn(),
            TextColumn("[bold]{task.fields[text]}"),
        )
        self._bars = Progress(*columns, console=self._console, transient=True) if bars else None
        self._tasks: dict[int, tuple[TaskID, float]] = {}
        self._count = count
        self._all: TaskID | None = None

    def __enter__(self) -> Self:
        if self._bars is not None:
            self._bars.start()
            if self._count > 1:
                self._all = self._bars.add_task(f"0 of {self._count} videos", total=self._count, speed="", text="")
        return self

    def __exit__(self, _kind: type[BaseException] | None, _error: object, _trace: TracebackType | None) -> None:
        if self._bars is not None:
            self._bars.stop()

    def show(self, number: int, name: str, far: Far) -> None:
        """Show how far the video of that number is."""
        if self._bars is None:
            return
        if number not in self._tasks:
            task = self._bars.add_task(escape(name[:SHOWN_NAME]), total=far.duration, speed="", text="")
            self._tasks[number] = (task, time.monotonic())
        task, began = self._tasks[number]
        speed = far.frames / max(time.monotonic() - began, 1e-3)
        said = escape(far.said.replace("\n", " ")[-SHOWN_TEXT:])
        self._bars.update(task, completed=far.at, speed=f"{speed:4.0f} frames/s", text=said)

    def done(self, number: int, finished: int) -> None:
        """The video of that number needs its bar no longer; so many are finished."""
        if self._bars is None:
            return
        if number in self._tasks:
            self._bars.remove_task(self._tasks.pop(number)[0])
        if self._all is not None:
            self._bars.update(self._all, completed=finished, description=f"{finished} of {self._count} videos")

    def say(self, line: str) -> None:
        """A line that stays."""
        if self._bars is not None:
            self._console.print(line, markup=False, highlight=False, soft_wrap=True)
        else:
            print(line, file=sys.stderr)
