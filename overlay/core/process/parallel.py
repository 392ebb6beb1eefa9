"""Work spread over processes, which end with the program, whatever ends it."""

import contextlib
import multiprocessing
import os
import signal
import threading
from collections.abc import Callable, Generator, Iterator, Sequence
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from typing import Any, TypeVar

from overlay.core.errors import SigncapError

Given = TypeVar("Given")
Made = TypeVar("Made")

PATIENCE = 3.0  # seconds that a process has to complete what it is doing


def cores() -> int:
    """Return how many processor cores this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def in_parallel(
    make: Callable[[], Callable[[Given], Made]], tasks: Sequence[Given], jobs: int
) -> Generator[tuple[int, Made], None, None]:
    """Do tasks, each on its own, and give the number of each and what it gave, in the order they are done in.

    Close the iterator (`contextlib.closing`) to end early.

    Args:
        make: called once in each process; gives the function that does a task. Must be picklable.
        tasks: what is given to that function; picklable.
        jobs: how many processes; with 1 the work is done in this one.

    Raises:
        SigncapError: a process was killed from outside.
        Exception: what the function raised.
    """
    jobs = min(jobs, len(tasks))
    if jobs <= 1:
        if tasks:
            work = make()
            yield from ((number, work(task)) for number, task in enumerate(tasks))
        return
    # Spawned, not forked: MediaPipe and OpenCV have threads, which a fork would not bring along.
    context = multiprocessing.get_context("spawn")
    processes: list[BaseProcess] = []
    waiting = iter(enumerate(tasks))
    pipes: list[Connection] = []
    try:
        with _uninterrupted():
            for _ in range(jobs):
                ours, theirs = context.Pipe()
                process = context.Process(target=_serve, args=(theirs, make), daemon=True)
                process.start()
                theirs.close()  # so that the end of the process is seen at our end
                processes.append(process)
                pipes.append(ours)
        for pipe in pipes:
            _give(pipe, next(waiting))
        busy = list(pipes)
        while busy:
            for ready in wait(busy):
                pipe = next(one for one in busy if one is ready)
                number, made = _take(pipe)
                following = next(waiting, None)
                if following is None:
                    busy.remove(pipe)
                else:
                    _give(pipe, following)
                yield number, made
    finally:
        for pipe in pipes:
            pipe.close()  # which ends a process as soon as it has done what it is doing
        for started in processes:
            started.join(PATIENCE)
            if started.is_alive():
                started.terminate()
                started.join(PATIENCE)  # nothing of it is left behind


@contextlib.contextmanager
def _uninterrupted() -> Iterator[None]:
    """Processes started here never hear Ctrl-C, not even while they are starting: it is this one that ends them."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def _give(pipe: Connection, task: tuple[int, Any]) -> None:
    with contextlib.suppress(OSError):  # the process has gone: `_take` says so
        pipe.send(task)


def _take(pipe: Connection) -> tuple[int, Any]:
    try:
        number, made, error = pipe.recv()
    except (EOFError, OSError) as gone:
        raise SigncapError(
            "A process that did part of the work was ended from outside, perhaps for want of memory: "
            "run the same again with fewer --jobs."
        ) from gone
    if error is not None:
        raise error
    return number, made


def _serve(pipe: Connection, make: Callable[[], Callable[[Any], Any]]) -> None:
    """What a process does: tasks, until the other end of the pipe is closed or its process is gone."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    work: Callable[[Any], Any] | None = None
    while True:
        try:
            number, task = pipe.recv()
        except (EOFError, OSError):
            return
        made, error = None, None
        try:
            work = work or make()
            made = work(task)
        except Exception as raised:
            error = raised
        try:
            pipe.send((number, made, error))
        except OSError:
            return
