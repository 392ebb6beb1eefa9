"""What the training side offers to the pages, found by its name: never imported from here."""

import asyncio
from pathlib import Path
from typing import Any, Final, Protocol

from aiohttp import web

from server.web import training_side
from server.web.auth.security import RefusedError

DECODED_AT_ONCE: Final = 2  # pictures of 40 megapixels take 120 MB each

Json = dict[str, Any]


class Workshop(Protocol):
    """Runs, exported models and data sets, as plain values.

    Each method blocks, reads files, and raises `SigncapError` with one sentence where it cannot.
    """

    def runs(self, folder: Path) -> list[Json]:
        """All runs, newest first: what is known of each, "epochs" (their number) and "last" (scores of the last)."""
        ...

    def run(self, folder: Path, name: str) -> Json:
        """One run, with "epochs" as a list, and "pictures" with "paths" and "labels"."""
        ...

    def predictions(self, folder: Path, name: str, epoch: int) -> Json:
        """Return what was read after an epoch: "predicted", "confidence" and "confusion"."""
        ...

    def picture(self, folder: Path, name: str, index: int) -> Path:
        """File of one of the run's pictures."""
        ...

    def models(self, folder: Path) -> list[Path]:
        """Folders of the models that were exported under `folder`."""
        ...

    def samples(self, folder: Path, columns: int) -> bytes:
        """A JPEG picture of some of the data set's pictures: a row for each letter."""
        ...


def load_workshop() -> Workshop | None:
    """The installed workshop; None where there is none. Blocks while it is imported."""
    if not training_side.installed():
        return None
    workshop: Workshop = training_side.load(training_side.WORKSHOP)()
    return workshop


class WorkshopHolder:
    """Loads the workshop when the first page asks for it.

    Attributes:
        decoding: held by who decodes one of a run's pictures.
    """

    def __init__(self) -> None:
        self.decoding = asyncio.Semaphore(DECODED_AT_ONCE)
        self._loading: asyncio.Task[Workshop | None] | None = None

    async def get(self) -> Workshop:
        """The workshop.

        Raises:
            RefusedError: there is none.
        """
        if self._loading is None:
            self._loading = asyncio.get_running_loop().create_task(asyncio.to_thread(load_workshop))
        workshop = await asyncio.shield(self._loading)
        if workshop is None:
            raise RefusedError(503, "The training side of Signcap is not installed: install Signcap anew.")
        return workshop


WORKSHOP: Final = web.AppKey("workshop", WorkshopHolder)
