"""The folder of all takes: `FOLDER/<signer>/<LETTER>/<take>/<frame>.jpg`, and `take.json` in each take's folder."""

import os
import re
import tempfile
from pathlib import Path
from typing import Final

from overlay.core.errors import SigncapError
from overlay.core.files.strict_json import parse_json
from overlay.recognition.letter_model import LETTERS
from server.collection.take import (
    FORMAT,
    RECORD,
    TAKE_NAME,
    Removed,
    Take,
    TakeInfo,
    folders_in,
    remove_take,
    why_not_written,
)

PICTURES: Final = frozenset({".jpg", ".jpeg", ".png", ".webp", ".bmp"})  # what counts as a picture of a letter
LONGEST_NAME: Final = 40
RECORD_LIMIT: Final = 16 * 1024 * 1024  # bytes; a hundred thousand frames have about ten million

_SIGNER = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_-]*")
_FRAME = re.compile(r"\d{4,6}\.jpg")
# Windows gives these names to devices, whatever folder they are in.
_RESERVED = {"con", "prn", "aux", "nul", *(f"{port}{number}" for port in ("com", "lpt") for number in range(1, 10))}


def check_signer(name: str) -> str:
    """The name itself, if it can be the name of a signer's folder.

    Raises:
        SigncapError: it cannot; says what a name may hold.
    """
    if len(name) == 1 and name.upper() in LETTERS:
        raise SigncapError(
            f"A signer cannot be called {name}, as folders of one letter hold that letter: use two or more."
        )
    if not _SIGNER.fullmatch(name) or len(name) > LONGEST_NAME or name.lower() in _RESERVED:
        raise SigncapError(
            "A signer's name has letters A to Z, digits, - and _, at most 40 of them, and does not start with -: "
            "choose another, for example ann."
        )
    return name


class Store:
    """The folder of all takes.

    Args:
        folder: need not exist yet.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = Path(os.path.abspath(folder))

    def signers(self) -> list[str]:
        """Names of the signers there are, sorted."""
        return sorted(path.name for path in folders_in(self.folder) if _is_signer(path.name))

    def counts(self, signer: str) -> dict[str, int]:
        """Return how many pictures there are of each letter, whoever wrote them."""
        found = dict.fromkeys(LETTERS, 0)
        for folder in folders_in(self.folder / check_signer(signer)):
            letter = folder.name.upper()
            if letter in found:
                found[letter] += sum(pictures_in(path) for path in (folder, *folders_in(folder)))
        return found

    def last_take(self, signer: str, letter: str) -> tuple[str, int] | None:
        """The last take that has a record: its name, and how many pictures the record names."""
        folder = self.letter_folder(signer, letter)
        names = [path.name for path in folders_in(folder) if TAKE_NAME.fullmatch(path.name)]
        for name in sorted(names, key=int, reverse=True):
            files = self._record(folder / name)
            if files is not None:
                return name, len(files)
        return None

    def letter_folder(self, signer: str, letter: str) -> Path:
        """Return the folder of a signer's takes of a letter, which may not be there yet."""
        return self.folder / check_signer(signer) / letter

    def new_take(self, info: TakeInfo) -> Take:
        """A take that is not on disk yet."""
        return Take(info, self.letter_folder(info.signer, info.letter))

    def remove(self, signer: str, letter: str, take: str) -> Removed:
        """Delete a take: the files that its record names and nothing else, then folders that are empty.

        Raises:
            SigncapError: there is no such take, its record is missing or damaged, or it may not be deleted.
        """
        folder = self.letter_folder(signer, letter) / take
        files = self._record(folder) if TAKE_NAME.fullmatch(take) else None
        if files is None:
            raise SigncapError(f"{folder} holds no take that Signcap collected: it is left as it is.")
        try:
            return remove_take(folder, files)
        except OSError as error:
            raise SigncapError(f"{folder} cannot be deleted ({error.strerror}): delete it yourself.") from error

    def check_writable(self) -> None:
        """Find out whether pictures can be written.

        Raises:
            SigncapError: they cannot; says why.
        """
        existing = next(path for path in (self.folder, *self.folder.parents) if path.exists())
        try:
            with tempfile.TemporaryFile(dir=existing):
                return
        except OSError as error:
            raise SigncapError(why_not_written(error, self.folder)) from error

    def _record(self, folder: Path) -> list[str] | None:
        """Names of the files that a take's record names; None where there is no record of a take."""
        path = folder / RECORD
        if folder.is_symlink() or path.is_symlink():
            return None
        try:
            with path.open("rb") as file:
                record = parse_json(file.read(RECORD_LIMIT))
            files = [str(frame["file"]) for frame in record["frames"]]
            good = record["format"] == FORMAT and record["take"] == folder.name
        except (OSError, ValueError, KeyError, TypeError):
            return None
        return files if good and all(_FRAME.fullmatch(name) for name in files) else None


def _is_signer(name: str) -> bool:
    try:
        return bool(check_signer(name))
    except SigncapError:
        return False


def pictures_in(folder: Path) -> int:
    """Return the number of pictures in a folder itself."""
    with os.scandir(folder) as entries:
        return sum(os.path.splitext(entry.name)[1].lower() in PICTURES and entry.is_file() for entry in entries)
