"""Where the pages read and write on this machine."""

from dataclasses import dataclass
from pathlib import Path
from typing import Final

from aiohttp import web


@dataclass(frozen=True, slots=True)
class Folders:
    """What the command line names; neither needs to exist yet.

    Attributes:
        data: collected pictures, `SIGNER/LETTER/TAKE/FRAME.jpg`.
        runs: trainings, one folder each.
        transcript: file for the captions of this run; it exists, empty.
    """

    data: Path = Path("data")
    runs: Path = Path("runs")
    transcript: Path | None = None


FOLDERS: Final = web.AppKey("folders", Folders)
