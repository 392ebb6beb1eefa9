"""A progress bar in the terminal, on standard error, for work that takes long."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any


@contextmanager
def progress_bar() -> Iterator[Callable[[float, str], None]]:
    """A bar that appears with the first call of the function it gives: `show(fraction, words)`."""
    bars: list[tuple[Any, Any]] = []

    def show(fraction: float, words: str) -> None:
        if not bars:
            from rich.console import Console
            from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn

            # No time that is left: nothing is known of it before anything has come.
            columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn())
            bar = Progress(*columns, console=Console(stderr=True))
            bar.start()
            bars.append((bar, bar.add_task(words, total=1.0)))
        bar, task = bars[0]
        bar.update(task, completed=fraction, description=words)

    try:
        yield show
    finally:
        for bar, _ in bars:
            bar.stop()
