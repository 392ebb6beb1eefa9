"""Folders on this machine that the pages read and write."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Folders:
    """The folders of the command line; neither needs to exist yet.

    Attributes:
        data: collected pictures, `SIGNER/LETTER/TAKE/FRAME.jpg`.
        runs: trainings, one folder each.
        transcript: file for the captions of this run; it exists, empty.
    """

    data: Path = Path("data")
    runs: Path = Path("runs")
    transcript: Path | None = None


@dataclass(frozen=True, slots=True)
class ModelFiles:
    """The models that Signcap was started with.

    Attributes:
        model: folder of the model; None for the shipped one.
        hand_model: MediaPipe's bundle; None for the one that is fetched on first use.
    """

    model: Path | None = None
    hand_model: Path | None = None
