"""The spelling that a person has kept: files of landmarks with their text, one for each time. No pictures."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

import numpy as np
import platformdirs

from overlay.core.errors import SigncapError
from overlay.core.files.atomic import make_private_folder
from overlay.recognition.landmark_file import RunningTake, write_running

ENDING: Final = ".npz"
NAME: Final = r"spelling-\d{8}-\d{6}[-\d]{0,4}"  # when it was kept
LARGEST: Final = 100_000_000  # bytes; ten phrases have less than one million
MOST_OF_A_SECOND: Final = 1000  # files


@dataclass(frozen=True, slots=True)
class KeptFile:
    """One file.

    Attributes:
        name: without its ending.
        path: where it is.
        bytes: its size.
        phrases: those in it; none where it is damaged.
        signer: who spelled; "" where nobody says.
        seconds: how long it lasts.
        damaged: it cannot be read.
    """

    name: str
    path: Path
    bytes: int
    phrases: tuple[str, ...]
    signer: str
    seconds: float
    damaged: bool = False


def kept_spelling_folder() -> Path:
    """Return the folder in which the user's spelling is kept."""
    return Path(platformdirs.user_data_dir("signcap", appauthor=False)) / "spelling"


class KeptSpelling:
    """The files that this user has kept.

    Args:
        folder: need not exist yet; one in the user's data folder by default.
    """

    def __init__(self, folder: Path | None = None) -> None:
        self.folder = folder or kept_spelling_folder()

    def save(self, takes: Sequence[RunningTake], when: datetime) -> KeptFile:
        """Write takes to a new file, whole or not at all, that nobody else may read.

        Args:
            takes: at least one.
            when: names the file.

        Raises:
            SigncapError: it cannot be written.
        """
        try:
            make_private_folder(self.folder)
            path = self._free_path(f"{when:spelling-%Y%m%d-%H%M%S}")
        except OSError as error:
            raise SigncapError(
                f"Your spelling cannot be kept in {self.folder} ({error.strerror}): make room or mend the folder."
            ) from error
        write_running(path, takes, mode=0o600)
        return _described(path)

    def files(self) -> list[KeptFile]:
        """Return all files, the newest first."""
        found = [path for path in self.folder.glob(f"*{ENDING}") if re.fullmatch(NAME, path.stem) and path.is_file()]
        return [_described(path) for path in sorted(found, key=lambda path: path.stem, reverse=True)]

    def path(self, name: str) -> Path:
        """Return where the file of that name is.

        Raises:
            SigncapError: there is none of that name.
        """
        path = self.folder / f"{name}{ENDING}"
        if not re.fullmatch(NAME, name) or not path.is_file():
            raise SigncapError(f"There is no kept spelling {name[:40]}: reload the page to see what there is.")
        return path

    def content(self, name: str) -> bytes:
        """Return the bytes of a file.

        Raises:
            SigncapError: there is none of that name, or it cannot be read.
        """
        path = self.path(name)
        try:
            with path.open("rb") as file:
                return file.read(LARGEST)
        except OSError as error:
            raise SigncapError(f"{path} cannot be read ({error.strerror}): mend or remove that file.") from error

    def remove(self, name: str) -> None:
        """Delete a file.

        Raises:
            SigncapError: there is none of that name, or it cannot be deleted.
        """
        path = self.path(name)
        try:
            path.unlink()
        except OSError as error:
            raise SigncapError(f"{path} cannot be deleted ({error.strerror}).") from error

    def _free_path(self, stem: str) -> Path:
        numbered = (stem, *(f"{stem}-{number}" for number in range(2, MOST_OF_A_SECOND)))
        paths = (self.folder / f"{name}{ENDING}" for name in numbered)
        return next(path for path in paths if not path.exists())


def _described(path: Path) -> KeptFile:
    """Return what a file holds, without reading its landmarks."""
    size = 0
    try:
        size = path.stat().st_size
        if size > LARGEST:
            raise ValueError("too large")
        with np.load(path, allow_pickle=False) as stored:
            texts, offsets = stored["text"], stored["offsets"]
            signer = str(stored["signer"][0]) if "signer" in stored.files else ""
            rates = np.broadcast_to(stored["rate"], len(texts)).astype(float)
        seconds = float((np.diff(offsets) / rates).sum())
        if texts.ndim != 1 or texts.dtype.kind != "U" or not np.isfinite(seconds):
            raise ValueError("something else")
        return KeptFile(path.stem, path, size, tuple(map(str, texts)), signer, seconds)
    except Exception:  # zipfile, zlib and numpy raise a dozen kinds for bytes that are damaged
        return KeptFile(path.stem, path, size, (), "", 0.0, damaged=True)
