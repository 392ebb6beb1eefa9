"""Listeners that want to be told of something."""

import threading
from collections.abc import Callable, Iterator
from typing import Generic, TypeVar

Listener = TypeVar("Listener")


class Listeners(Generic[Listener]):
    """Functions to call. Any thread may add and go through them; who is added meanwhile is called the next time."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._all: list[Listener] = []

    def __iter__(self) -> Iterator[Listener]:
        return iter(self._all)

    def add(self, listener: Listener) -> Callable[[], None]:
        """Call `listener` from now on.

        Returns:
            A function that ends it.
        """
        with self._lock:
            self._all = [*self._all, listener]

        def remove() -> None:
            with self._lock:
                self._all = [other for other in self._all if other is not listener]

        return remove
