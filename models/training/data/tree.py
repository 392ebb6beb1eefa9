"""Pictures on disk: `FOLDER/<signer>/<LETTER>/[<take>/]<frame>.jpg`, or `FOLDER/<LETTER>/...` of one signer."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from overlay.core.errors import SigncapError
from overlay.recognition.letter_model import LETTERS

PICTURES = frozenset({".jpg", ".jpeg", ".png", ".webp", ".bmp"})
VIDEOS = frozenset({".mp4", ".mov", ".mkv", ".webm", ".avi", ".m4v"})
MOVING = "JZ"  # a frozen J or Z is no letter: they are learnt from motion
MOVING_LABELS = tuple(LETTERS.index(letter) for letter in MOVING)
ONLY_SIGNER = "signer"  # the name where the folder has no level of signers


@dataclass(frozen=True, order=True)
class Entry:
    """One file of a tree.

    Attributes:
        signer: who signs; `ONLY_SIGNER` where the tree has no level of signers.
        letter: A to Z.
        take: folder of the take; "" where the files lie in the letter's folder itself.
        place: position in the take, from 0, in natural order of the file names.
        path: relative to the tree's folder, with forward slashes.
    """

    signer: str
    letter: str
    take: str
    place: int
    path: str

    @property
    def label(self) -> int:
        """Index of the letter."""
        return LETTERS.index(self.letter)


def read_tree(folder: Path, suffixes: frozenset[str] = PICTURES) -> list[Entry]:
    """All files of a tree, by signer, letter, take and natural order of names.

    Raises:
        SigncapError: there is no such folder, it holds no such file, or a letter's folder is empty.
    """
    if not folder.is_dir():
        raise SigncapError(f"There is no folder {folder}: give one that holds SIGNER/LETTER/*.jpg or LETTER/*.jpg.")
    entries: list[Entry] = []
    for signer, letter_folder in _letter_folders(folder):
        found = list(_entries(folder, signer, letter_folder, suffixes))
        if not found:
            raise SigncapError(
                f"The folder {letter_folder} is empty: put pictures of the letter {letter_folder.name.upper()} "
                "into it, or remove it."
            )
        entries += found
    if not entries:
        raise SigncapError(f"No pictures in {folder}: it should hold SIGNER/LETTER/*.jpg or LETTER/*.jpg.")
    return sorted(entries)


def signers_of(entries: Iterable[Entry]) -> list[str]:
    """The names of all signers, sorted."""
    return sorted({entry.signer for entry in entries})


def signer_of(path: str) -> str:
    """The signer of a picture by its path in a tree: the first folder, unless that is the letter."""
    first, second, *_ = [*path.split("/"), ""]
    has_signers = len(first) > 1 or (len(second) == 1 and second.upper() in LETTERS)
    return first if has_signers else ONLY_SIGNER


def _is_letter(path: Path) -> bool:
    return len(path.name) == 1 and path.name.upper() in LETTERS and path.is_dir()


def _folders(folder: Path) -> list[Path]:
    return sorted(path for path in folder.iterdir() if path.is_dir() and not path.name.startswith("."))


def _letter_folders(folder: Path) -> Iterable[tuple[str, Path]]:
    for path in _folders(folder):
        below = [inner for inner in _folders(path) if _is_letter(inner)]
        if below:  # a signer, even one with a name of one letter
            for inner in below:
                yield path.name, inner
        elif _is_letter(path):
            yield ONLY_SIGNER, path


def _entries(root: Path, signer: str, folder: Path, suffixes: frozenset[str]) -> Iterable[Entry]:
    for take in ("", *(path.name for path in _folders(folder))):
        files = [path for path in (folder / take).iterdir() if path.suffix.lower() in suffixes and path.is_file()]
        for place, path in enumerate(sorted(files, key=lambda file: natural(file.name))):
            yield Entry(signer, folder.name.upper(), take, place, path.relative_to(root).as_posix())


def natural(name: str) -> list[tuple[int, int | str]]:
    """A key that sorts 2.jpg before 10.jpg."""
    return [(0, int(part)) if part.isdecimal() else (1, part) for part in re.split(r"(\d+)", name) if part]
