"""What a training shows: a bar for the epoch under way, and a line of figures for each that is done."""

from types import TracebackType
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeRemainingColumn


class Bars:
    """Progress on standard error.

    Args:
        shown: False is silent, as all processes but the first are.
        title: before the epoch, for several trainings one after the other.
    """

    def __init__(self, *, shown: bool = True, title: str = "") -> None:
        self._console = Console(stderr=True, quiet=not shown)
        self._title = title
        self._progress = Progress(
            TextColumn("{task.description}"),
            BarColumn(bar_width=28),
            MofNCompleteColumn(),
            TimeRemainingColumn(compact=True),
            TextColumn("{task.fields[figures]}"),
            console=self._console,
            transient=True,
            disable=not shown or not self._console.is_terminal,
        )
        self._task: TaskID | None = None

    def __enter__(self) -> "Bars":
        self._progress.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._progress.stop()

    def say(self, text: str) -> None:
        """A line above the bar."""
        self._console.print(text, highlight=False, soft_wrap=True)

    def begin(self, name: str, steps: int, done: int = 0) -> None:
        """What has that many steps begins, such as an epoch, or goes on after `done` of them."""
        if self._task is not None:
            self._progress.remove_task(self._task)
        self._task = self._progress.add_task(f"{self._title}{name}", total=steps, completed=done, figures="")

    def step(self, done: int, loss: float, accuracy: float) -> None:
        """Steps that are done, and the figures so far."""
        if self._task is not None:
            self._progress.update(self._task, completed=done, figures=f"loss {loss:.3f}  right {accuracy:.1%}")

    def epoch(self, number: int, epochs: int, line: dict[str, Any], *, better: bool) -> None:
        """An epoch is done."""
        train, validation = line["train"], line.get("validation")
        text = (
            f"{self._title}epoch {number}/{epochs}  training loss {train['loss']:.4f}  right {train['accuracy']:6.1%}"
        )
        if validation is not None:
            colour = "green" if better else "yellow"
            text += f"  [{colour}]validation loss {validation['loss']:.4f}  right {validation['accuracy']:6.1%}[/]"
            text += "  ★" if better else ""
        self.say(text)
