"""Work for `in_parallel`, in a module that processes import in no time."""

import os
import signal
from collections.abc import Callable

from overlay.core.errors import SigncapError


def doubler(salt: int) -> Callable[[int], tuple[int, int]]:
    """Doubles, and says in which process."""
    return lambda task: (2 * task + salt, os.getpid())


def refuser() -> Callable[[int], int]:
    """Refuses a 3."""

    def refuse(task: int) -> int:
        if task == 3:
            raise SigncapError("Three will not do.")
        return task

    return refuse


def suicide() -> Callable[[int], int]:
    """Ends its process at a 3."""

    def end(task: int) -> int:
        if task == 3:
            os.kill(os.getpid(), signal.SIGKILL)
        return task

    return end
