"""The queue of pictures and clips that are tried, read one after the other."""

import asyncio
import functools
import secrets
import threading
from collections import OrderedDict
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Final, TypeVar

from overlay.core.errors import SigncapError
from server.inspector.clips import ClipFolder
from server.inspector.inspect import StoppedError, Tried, TryReader

T = TypeVar("T")

KEPT: Final = 24  # results
WAITING: Final = 4  # uploads that wait for their turn


class FullError(SigncapError):
    """An error: too many wait for their turn already."""


class JobQueue:
    """Reads one upload after the other, and holds the last results."""

    def __init__(self, hand_model: Path | None) -> None:
        self.fraction = 0.0
        self._reader = TryReader(hand_model)
        self._turn = asyncio.Lock()
        self._waiting = 0
        self._thread = ThreadPoolExecutor(1, "try")  # the models stay in one thread
        self._stop = threading.Event()
        self._results: OrderedDict[str, Tried] = OrderedDict()
        self.clips = ClipFolder()

    @asynccontextmanager
    async def turn(self) -> AsyncIterator[TryReader]:
        """Wait until all that came before is done: one body and one picture at a time are in memory.

        Raises:
            FullError: too many wait already.
        """
        if self._waiting > WAITING:
            raise FullError("Others are being read: try again in a moment.")
        self._waiting += 1
        try:
            async with self._turn:
                self.fraction = 0.0
                yield self._reader
        finally:
            self._waiting -= 1

    async def read(self, read: Callable[..., Tried], *args: Any, clip: Path | None = None) -> dict[str, Any]:
        """Run `read` in the reading thread; keep and return its result, with the clip that it is of.

        Raises:
            SigncapError: it cannot be read.
        """
        tried = await self.work(read, *args)
        name = secrets.token_urlsafe(9)
        self._results[name] = tried
        while len(self._results) > KEPT:
            self._results.popitem(last=False)
        if clip is not None and tried.clip is not None:
            self.clips.keep(name, clip, tried.clip)
        return {"id": name, "files": f"/api/v1/try/{name}/"} | tried.about

    async def work(self, work: Callable[..., T], *args: Any) -> T:
        """Run `work` in the reading thread.

        Raises:
            SigncapError: it cannot be done.
        """
        self._stop.clear()
        done = asyncio.get_running_loop().run_in_executor(self._thread, functools.partial(work, *args))
        try:
            return await asyncio.shield(done)
        except asyncio.CancelledError:
            self._stop.set()
            await asyncio.wait([done])  # the next one must find the reader at rest
            raise

    def note(self, fraction: float) -> None:
        """Note how far it is; in the reading thread.

        Raises:
            StoppedError: nobody waits for it any more.
        """
        if self._stop.is_set():
            raise StoppedError("Stopped.")
        self.fraction = fraction

    def name(self, result: str) -> str:
        """Return the file name of one of the last results, for people."""
        tried = self._results.get(result)
        return "The clip" if tried is None else str(tried.about["name"])

    def file(self, result: str, name: str) -> bytes | None:
        """A picture or text of one of the last results."""
        tried = self._results.get(result)
        return None if tried is None else tried.files.get(name)

    def close(self) -> None:
        """End what is being read, and let go of the models."""
        self._stop.set()
        self._thread.submit(self._reader.close)
        self._thread.submit(self.clips.close)
        self._thread.shutdown(wait=False)
