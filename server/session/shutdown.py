"""Ending at once and cleanly: signals, and work that must not hold up the end."""

import asyncio
import os
import signal
import sys
import threading
from collections.abc import Callable
from typing import Any, TypeVar

T = TypeVar("T")

INTERRUPTED = 130


class Stopping:
    """Waits for Ctrl-C or a termination signal; the second one ends the process on the spot.

    Made in the event loop.
    """

    def __init__(self) -> None:
        self.asked = asyncio.Event()
        self._loop = asyncio.get_running_loop()
        signals = [signal.SIGINT, signal.SIGTERM]
        if hasattr(signal, "SIGHUP"):  # the terminal was closed
            signals.append(signal.SIGHUP)
        for number in signals:
            try:
                self._loop.add_signal_handler(number, self._ask)
            except NotImplementedError:  # Windows
                signal.signal(number, lambda *_: self._loop.call_soon_threadsafe(self._ask))

    def _ask(self) -> None:
        if self.asked.is_set():
            end_now(INTERRUPTED)
        self.asked.set()

    async def unless(self, work: "asyncio.Future[T]") -> T | None:
        """The result of `work`, or None when the stop was asked for first."""
        asked: asyncio.Future[Any] = self._loop.create_task(self.asked.wait())
        waiting: list[asyncio.Future[Any]] = [work, asked]
        try:
            await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
            return work.result() if work.done() else None
        finally:
            asked.cancel()


def end_now(status: int) -> None:
    """End the process without waiting for any thread."""
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(status)


def in_thread(work: Callable[[], T], name: str) -> "asyncio.Future[T]":
    """Do slow work in a thread of its own that never holds up the end of the program."""
    loop = asyncio.get_running_loop()
    future: asyncio.Future[T] = loop.create_future()

    def settle(method: Callable[[Any], None], value: Any) -> None:
        if not future.done():
            method(value)

    def run() -> None:
        try:
            outcome: tuple[Callable[[Any], None], Any] = (future.set_result, work())
        except BaseException as error:
            outcome = (future.set_exception, error)
        try:
            loop.call_soon_threadsafe(settle, *outcome)
        except RuntimeError:  # nobody waits any longer
            return

    threading.Thread(target=run, name=name, daemon=True).start()
    return future
