"""Reports on this computer while Signcap runs."""

import asyncio
from typing import Any

from overlay.doctor import Machine
from overlay.doctor.report import report
from server.doctor.checks import Running, all_checks, run_checks


class Doctor:
    """Checks this computer in a thread, once for all who ask meanwhile. Lives in the event loop."""

    def __init__(self) -> None:
        self._checking: asyncio.Task[dict[str, Any]] | None = None

    async def report(self, running: Running) -> dict[str, Any]:
        """A report that is made now."""
        if self._checking is None or self._checking.done():
            self._checking = asyncio.create_task(asyncio.to_thread(_check, running))
        return await asyncio.shield(self._checking)


def _check(running: Running) -> dict[str, Any]:
    return report(list(run_checks(all_checks(Machine(), running))))
