"""Collecting without keys: each letter starts by itself."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from overlay.core.errors import SigncapError
from overlay.media.source import Source
from overlay.recognition.hands.hand_detector import HandDetector
from server.cli.terminal.camera_thread import watching
from server.collection.collector import Collector
from server.collection.state import Phase, State


def start_next(collector: Collector) -> bool:
    """Start the letter that is chosen, or the next one that lacks pictures; nothing while a take is under way.

    Returns:
        False when all letters are complete.

    Raises:
        SigncapError: pictures cannot be written.
    """
    state = collector.state
    if state.failed:
        raise SigncapError(state.said)
    if state.phase is Phase.DONE:
        if state.next_letter is None:
            return False
        collector.choose(letter=state.next_letter)
        collector.start()
    elif state.phase is Phase.IDLE:
        collector.start()
    return True


def collect_unattended(collector: Collector, source: Source, finder: HandDetector) -> None:
    """Take every letter, one after the other; shows progress on standard error.

    Raises:
        SigncapError: pictures cannot be written, or the source ended too soon.
    """
    with watching(source, finder) as frames, _progress() as show:
        for seen in frames:
            if not start_next(collector):
                return
            if seen is not None:
                collector.accept(*seen)
            show(collector.state)
    collector.close()
    if _lacks_pictures(collector.state):
        raise SigncapError(f"{source.name} ended before all letters were complete: start again to go on.")


def _lacks_pictures(state: State) -> bool:
    return state.phase is not Phase.DONE or state.next_letter is not None


@contextmanager
def _progress() -> Iterator[Callable[[State], None]]:
    if not sys.stderr.isatty():
        yield lambda _state: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

    columns = (TextColumn("{task.description}"), BarColumn(bar_width=30), MofNCompleteColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("")

        def show(state: State) -> None:
            doing = f"in {state.countdown:.0f} s" if state.countdown is not None else ""
            hand = "" if state.hand or state.hand is None else "no hand seen"
            have = state.counts.get(state.choice.letter, 0)
            words = f"{state.choice.letter} {doing} {hand}"
            bar.update(task, completed=have, total=state.choice.count, description=words)

        yield show
