"""Many videos over processes, one video at a time in each."""

import contextlib
import multiprocessing
import os
import signal
from collections.abc import Callable, Generator, Iterator, Sequence
from multiprocessing.connection import Connection, wait
from multiprocessing.context import SpawnProcess
from pathlib import Path
from typing import Any, Final

import psutil

from overlay.batch.output_plan import Job
from overlay.core.errors import SigncapError
from overlay.media.sources.video_file import VideoFile

A_WORKER: Final = 350_000_000  # bytes that one needs
A_PIXEL: Final = 100  # bytes besides for each pixel of its pictures: measured 72, and some decoders keep more
LOOKED_AT: Final = 200  # videos whose size is looked at before the first one is read
PATIENCE: Final = 10.0  # seconds that a worker may take to end

Report = Callable[[int, Any], None]  # number of the job, and how far it is
Work = Callable[[Job, Callable[[Any], None]], Any]


def processors() -> int:
    """Return how many processors there are for this program."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def usual_count(jobs: Sequence[Job]) -> int:
    """Return as many workers as there are processors, and room in memory for the largest pictures."""
    most = min(processors(), len(jobs))
    pixels = max((_pixels(job.source) for job in jobs[:LOOKED_AT]), default=0) if most > 1 else 0
    return max(1, min(most, int(psutil.virtual_memory().available // (A_WORKER + A_PIXEL * pixels))))


def _pixels(path: Path) -> int:
    """How many a picture of a video has; 0 for what cannot be read, which is told when it is its turn."""
    try:
        video = VideoFile(path, realtime=False)
    except SigncapError:
        return 0
    width, height = video.size
    video.close()
    return width * height


class Failed(SigncapError):  # noqa: N818, what became of a job
    """A job came to nothing: the message is the sentence for it."""


class _Worker:
    """A process that does one job after the other."""

    def __init__(self, work: Work) -> None:
        context = multiprocessing.get_context("spawn")  # MediaPipe's threads survive no fork
        self.connection, theirs = context.Pipe()
        self.process: SpawnProcess = context.Process(target=_serve, args=(theirs, work), daemon=True)
        with _deaf_to_ctrl_c():  # which it inherits
            self.process.start()
        theirs.close()
        self.job: int | None = None

    def begin(self, number: int, job: Job) -> None:
        self.job = number
        with contextlib.suppress(OSError):  # that it is gone is noticed when it is waited for
            self.connection.send(job)

    def end(self) -> None:
        self.connection.close()  # one at rest ends with that
        self.process.join(PATIENCE)

    def stop(self) -> None:
        """End it in the middle of its job: it takes away what is not complete."""
        self.process.terminate()
        self.process.join(PATIENCE)
        if self.process.is_alive():
            self.process.kill()


def do_all(jobs: Sequence[Job], work: Work, count: int, report: Report) -> Generator[tuple[int, Any], None, None]:
    """Do jobs in `count` processes.

    Args:
        jobs: in the order in which they are begun.
        work: does one; it and what it gives can be pickled. Called in another process.
        count: of processes.
        report: called with what `work` tells while it is at a job.

    Yields:
        The number of a job that is done and what came of it, which is a `Failed` where it came to nothing.
    """
    coming = iter(enumerate(jobs))
    workers: list[_Worker] = []
    try:
        for number, job in coming:
            workers.append(_Worker(work))
            workers[-1].begin(number, job)
            if len(workers) == count:
                break
        while workers:
            ready = wait([worker.connection for worker in workers])
            for worker in [worker for worker in workers if worker.connection in ready]:
                assert worker.job is not None
                try:
                    done, value = worker.connection.recv()
                except (EOFError, OSError):
                    yield worker.job, _died(worker, jobs[worker.job].source)
                    workers.remove(worker)
                    if (following := next(coming, None)) is not None:
                        workers.append(_Worker(work))
                        workers[-1].begin(*following)
                    continue
                if not done:
                    report(worker.job, value)
                    continue
                number = worker.job
                if (following := next(coming, None)) is not None:
                    worker.begin(*following)
                else:
                    workers.remove(worker)
                    worker.end()
                yield number, value
    finally:
        for worker in workers:
            worker.process.terminate()  # all at once: they end beside each other
        for worker in workers:
            worker.stop()


@contextlib.contextmanager
def _deaf_to_ctrl_c() -> Iterator[None]:
    """Ctrl-C reaches all processes of a terminal; the parent alone says who ends when."""
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def _died(worker: _Worker, source: Path) -> Failed:
    worker.process.join(PATIENCE)
    code = worker.process.exitcode
    if code == -getattr(signal, "SIGKILL", 9):
        return Failed(f"{source} was given up, perhaps for want of memory: try again with --jobs 1.")
    return Failed(f"{source} makes the reader of videos fail (status {code}): convert it to MP4, and try that.")


def _serve(connection: Connection, work: Work) -> None:
    """The life of a worker: until nobody asks any more, or it is told to end."""
    signal.signal(signal.SIGTERM, _leave)
    with contextlib.suppress(EOFError, BrokenPipeError, ConnectionResetError):
        while True:
            job = connection.recv()
            try:
                came = work(job, lambda value: connection.send((False, value)))
            except SigncapError as error:
                came = Failed(str(error))
            except MemoryError:
                came = Failed(f"There is not enough memory for {job.source}: try again with --jobs 1.")
            connection.send((True, came))


def _leave(*_: object) -> None:
    raise SystemExit(0)
