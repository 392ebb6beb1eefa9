"""One text being turned into sound by a program, which can be ended at any moment."""

import contextlib
import os
import select
import subprocess
import time
from typing import Final

from overlay.speech.engine import EngineError, Job
from overlay.speech.spoken import spoken

PATIENCE: Final = 10.0  # seconds without a sample after which a program is ended
LONGEST: Final = 120.0  # seconds of sound
_END_LIMIT: Final = 2.0  # seconds that a program has to end in once it has written all


class Speech:
    """A program that waits for a text.

    Args:
        job: how it is started.

    Raises:
        EngineError: it cannot be started.
    """

    def __init__(self, job: Job) -> None:
        self.job = job
        self._skip = job.header
        self._left = int(LONGEST * job.rate) * 2
        try:
            # No shell, and no text among the options: others on this machine can read those.
            self._process = subprocess.Popen(
                job.command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, bufsize=0
            )
        except OSError as error:
            raise EngineError(f"{job.command[0]} cannot be started ({error.strerror}): install it again.") from error

    @property
    def alive(self) -> bool:
        """Whether it can still take a text."""
        return self._process.poll() is None

    def say(self, text: str) -> None:
        """Give it its text; at most some thousand bytes, so that no program can hold us up."""
        assert self._process.stdin is not None
        with contextlib.suppress(OSError):  # it has ended: `read` tells
            self._process.stdin.write(f"{spoken(text, self.job.notation)}\n".encode())
        with contextlib.suppress(OSError):
            self._process.stdin.close()

    def read(self, samples: int) -> bytes:
        """The next samples, as they come; fewer at the end, none after it.

        Raises:
            EngineError: nothing comes, or the program has failed.
        """
        wanted, got = min(samples * 2, self._left), b""
        while len(got) < wanted:
            part = self._part(self._skip or wanted - len(got))
            if not part:
                self._check_end()
                break
            if self._skip:
                self._skip -= len(part)
            else:
                got += part
        self._left -= len(got)
        return got[: len(got) // 2 * 2]

    def end(self) -> None:
        """End it at once, whatever it is doing."""
        self._process.kill()
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                with contextlib.suppress(OSError):
                    pipe.close()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(_END_LIMIT)

    def _part(self, most: int) -> bytes:
        assert self._process.stdout is not None
        number = self._process.stdout.fileno()
        deadline = time.monotonic() + PATIENCE
        while not select.select([number], [], [], 0.1)[0]:
            if time.monotonic() > deadline:
                raise EngineError(f"{self._name} says nothing: try another voice, or install it again.")
        return os.read(number, most)

    def _check_end(self) -> None:
        with contextlib.suppress(subprocess.TimeoutExpired):
            if status := self._process.wait(_END_LIMIT):
                raise EngineError(
                    f"{self._name} cannot speak (status {status}): try another voice, or install it again."
                )

    @property
    def _name(self) -> str:
        return os.path.basename(self.job.command[0])
