"""The viewers of what a sink encodes."""

import threading
from collections.abc import Callable
from typing import Generic, TypeVar

T = TypeVar("T")


class Viewers(Generic[T]):
    """Hands one value to everybody who watches. They come and go from any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._all: tuple[Callable[[T], None], ...] = ()

    def __len__(self) -> int:
        return len(self._all)

    def add(self, viewer: Callable[[T], None]) -> Callable[[], None]:
        """Give `viewer` each value from now on, in the sink's thread; it must be quick.

        Returns:
            A function that ends it.
        """
        with self._lock:
            self._all = (*self._all, viewer)

        def leave() -> None:
            with self._lock:
                self._all = tuple(other for other in self._all if other is not viewer)

        return leave

    def hand_out(self, value: T) -> None:
        """Give a value to all."""
        for viewer in self._all:
            viewer(value)

    def clear(self) -> None:
        """Let go of everybody."""
        with self._lock:
            self._all = ()
