"""Processes that draw: how many there are, and that none outlives what it was for."""

import asyncio
import contextlib
import json
import subprocess
import sys
from collections.abc import AsyncIterator
from typing import Any, Final

from aiohttp import web

from server.web.auth.security import RefusedError

STREAMS: Final = 2  # at a time
VIDEOS: Final = 1
WAIT: Final = 3.0  # seconds for one of them to end
SPARE_SECONDS: Final = 120.0  # for which one is kept ready after the page was last used
NEXT_SPARE: Final = 2.5  # seconds after one was put to work: its first pictures are drawn by then
MODULE: Final = "overlay.synthesis.render_process"


class Drawers:
    """Starts processes, one of them ahead, so that a text is seen soon after it was typed. For the event loop."""

    def __init__(self) -> None:
        self.closed = False
        self.fraction: float | None = None  # how far the video that is being made is; None where none is
        self._spare: asyncio.Task[asyncio.subprocess.Process] | None = None
        self._letting_go: asyncio.TimerHandle | None = None
        self._streams = asyncio.Semaphore(STREAMS)
        self._videos = asyncio.Semaphore(VIDEOS)
        self._all: set[asyncio.subprocess.Process] = set()

    def prepare(self) -> None:
        """Have a process ready for a while: the page is open."""
        if self.closed:
            return
        if self._spare is None:
            self._spare = asyncio.get_running_loop().create_task(self._start())
        if self._letting_go is not None:
            self._letting_go.cancel()
        self._letting_go = asyncio.get_running_loop().call_later(SPARE_SECONDS, self._let_go)

    @contextlib.asynccontextmanager
    async def drawing(self, job: dict[str, Any], *, video: bool = False) -> AsyncIterator[asyncio.StreamReader]:
        """Start a process for a job. It is gone when this is left, whatever the reason.

        Raises:
            RefusedError: too many draw already.
            DrawingError: when left without an error, but the process did not come to its end.
        """
        turns = self._videos if video else self._streams
        try:
            async with asyncio.timeout(WAIT):
                await turns.acquire()
        except TimeoutError:
            raise RefusedError(503, "Other texts are being signed: try again in a moment.") from None
        try:
            process = await self._take()
            try:
                assert process.stdin is not None
                assert process.stdout is not None
                process.stdin.write(json.dumps(job).encode() + b"\n")
                process.stdin.close()
                yield process.stdout
                if await process.wait():
                    raise DrawingError(process.returncode)
            finally:
                await self._end(process)
        finally:
            turns.release()

    async def close(self) -> None:
        """End all of them."""
        self.closed = True
        if self._letting_go is not None:
            self._letting_go.cancel()
        if self._spare is not None:
            with contextlib.suppress(OSError):
                await self._spare
        for process in list(self._all):
            await self._end(process)

    async def _take(self) -> asyncio.subprocess.Process:
        self.prepare()
        if self._spare is None:
            raise RefusedError(503, "Signcap is ending.")
        spare, self._spare = self._spare, None
        process = await asyncio.shield(spare)
        if process.returncode is not None:  # somebody has ended it
            await self._end(process)
            process = await self._start()
        asyncio.get_running_loop().call_later(NEXT_SPARE, self.prepare)
        return process

    async def _start(self) -> asyncio.subprocess.Process:
        # A group of its own: Ctrl-C in the terminal is for Signcap, which then ends it. Not a session of its own:
        # its low priority would count within that alone.
        own_group: dict[str, Any] = {"process_group": 0}
        if sys.platform == "win32":
            own_group = {"creationflags": subprocess.CREATE_NEW_PROCESS_GROUP}
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", MODULE, stdin=subprocess.PIPE, stdout=subprocess.PIPE, **own_group
        )
        self._all.add(process)
        return process

    async def _end(self, process: asyncio.subprocess.Process) -> None:
        if process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                process.kill()
            await process.wait()
        self._all.discard(process)

    def _let_go(self) -> None:
        spare, self._spare = self._spare, None
        if spare is not None and spare.done() and not spare.cancelled() and spare.exception() is None:
            stdin = spare.result().stdin
            if stdin is not None:
                stdin.close()  # it ends
            self._all.discard(spare.result())


DRAWERS: Final = web.AppKey("drawers", Drawers)


class DrawingError(Exception):
    """A process ended before its work did."""
