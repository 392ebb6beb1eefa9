"""What keeps captions from beginning, and the wish to try again."""

import threading
from collections.abc import Callable
from typing import Final

LOOK_EVERY: Final = 0.2  # seconds between two looks at whether the program ends


class ReaderStart:
    """Waits, while captions cannot begin, until somebody asks to try again. Any thread may ask."""

    def __init__(self) -> None:
        self._asked = threading.Event()
        self._problem: str | None = None

    @property
    def problem(self) -> str | None:
        """Why captions cannot begin, one sentence; None where they can."""
        return self._problem

    def again(self) -> bool:
        """Try again.

        Returns:
            False where nothing waits for it.
        """
        if self._problem is None:
            return False
        self._asked.set()
        return True

    def wait(self, problem: str, stopped: Callable[[], bool]) -> bool:
        """Wait until it is to be tried again.

        Args:
            problem: why it did not succeed.
            stopped: the program ends.

        Returns:
            False when the program ends.
        """
        self._asked.clear()
        self._problem = problem
        try:
            while not self._asked.wait(LOOK_EVERY):
                if stopped():
                    return False
            return True
        finally:
            self._problem = None
