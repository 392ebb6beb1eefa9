"""One take on disk: its pictures, and its record `take.json`."""

import contextlib
import errno
import json
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from overlay.core.files.atomic import make_private_folder, write_whole
from overlay.recognition.hands.hand_detector import Hand

FORMAT: Final = 1
RECORD: Final = "take.json"
TAKE_NAME: Final = re.compile(r"\d{3,6}")
UNFINISHED_FRAME, UNFINISHED_RECORD = ".frame.part", ".take.part"


@dataclass(frozen=True, slots=True)
class TakeInfo:
    """The facts of a take before its first frame.

    Attributes:
        signer: name of the signer's folder.
        letter: A to Z.
        began: when it began, with its time zone.
        rate: frames a second that were asked for.
        flipped: the stored pictures are flipped horizontally.
        burst: frames in one burst, for a moving letter; None for a take of single pictures.
        source: name of the camera.
        program: what wrote it.
    """

    signer: str
    letter: str
    began: datetime
    rate: float
    flipped: bool
    burst: int | None
    source: str
    program: str


@dataclass(slots=True)
class Take:
    """A take that is being written. Its folder comes with its first frame, so that none is ever empty.

    Attributes:
        info: what its record says.
        letter_folder: where the take's folder goes.
        folder: the take's own folder; None before the first frame.
        frames: what the record says of each frame, in order.
    """

    info: TakeInfo
    letter_folder: Path
    folder: Path | None = None
    frames: list[dict[str, Any]] = field(default_factory=list)
    _size: tuple[int, int] = (0, 0)

    @property
    def name(self) -> str | None:
        """Name of the take's folder, for example "001"; None before the first frame."""
        return self.folder.name if self.folder is not None else None

    def write(self, jpeg: bytes, size: tuple[int, int], at: float, hand: Hand | None) -> None:
        """Write the next frame; never over a file that is there.

        Args:
            jpeg: the encoded picture.
            size: its width and height.
            at: seconds since the take began.
            hand: the signer's hand in it, or None.

        Raises:
            OSError: it could not be written whole; nothing of it is left.
        """
        if self.folder is None:
            self.folder = _make_take_folder(self.letter_folder)
            self._size = size
        name = f"{len(self.frames) + 1:04}.jpg"
        try:
            write_whole(self.folder / name, jpeg, part=self.folder / UNFINISHED_FRAME)
        except OSError:
            if not self.frames:
                self.remove()
            raise
        seen = None if hand is None else {"handedness": hand.handedness, "score": round(hand.score, 4)}
        self.frames.append({"file": name, "at": round(at, 4), "hand": seen})

    def save(self) -> None:
        """Write the record anew, whole or not at all.

        Raises:
            OSError: it could not be written; the one before it is still there.
        """
        if self.folder is None:
            return
        info = self.info
        record = {
            "format": FORMAT,
            "signer": info.signer,
            "letter": info.letter,
            "take": self.folder.name,
            "began": info.began.isoformat(timespec="milliseconds"),
            "rate": info.rate,
            "flipped": info.flipped,
            "burst": info.burst,
            "source": info.source,
            "size": list(self._size),
            "frames": self.frames,
            "program": info.program,
        }
        text = json.dumps(record, indent=1)
        write_whole(self.folder / RECORD, text.encode(), part=self.folder / UNFINISHED_RECORD)

    def remove(self) -> None:
        """Delete what this take has written, and the folders that are empty then."""
        if self.folder is not None:
            remove_take(self.folder, [frame["file"] for frame in self.frames])
            self.folder, self.frames = None, []


@dataclass(frozen=True, slots=True)
class Removed:
    """The result of `Store.remove`.

    Attributes:
        count: pictures that were deleted.
        left: files in the take's folder that collecting did not write, and that are still there.
    """

    count: int
    left: int


def why_not_written(error: OSError, folder: Path) -> str:
    """One sentence on why nothing can be written into `folder`, and what to do."""
    if error.errno in (errno.ENOSPC, getattr(errno, "EDQUOT", errno.ENOSPC)):
        return f"The disk is full: make room for {folder}, then start again."
    if error.errno == errno.EFBIG:
        return f"The system allows no file this large in {folder}: raise the limit on file sizes, then start again."
    return f"Nothing can be written into {folder} ({error.strerror}): choose a folder of your own."


def folders_in(folder: Path) -> Iterator[Path]:
    """The folders in a folder, but for hidden ones; none where it is none itself."""
    with contextlib.suppress(FileNotFoundError, NotADirectoryError), os.scandir(folder) as entries:
        for entry in entries:
            if entry.is_dir() and not entry.name.startswith("."):
                yield Path(entry.path)


def _make_take_folder(letter_folder: Path) -> Path:
    """A new folder, numbered after all there are."""
    make_private_folder(letter_folder)
    number = 1 + max(
        (int(path.name) for path in folders_in(letter_folder) if TAKE_NAME.fullmatch(path.name)), default=0
    )
    while True:
        folder = letter_folder / f"{number:03}"
        try:
            folder.mkdir(mode=0o700)
        except FileExistsError:  # a file of that name, or another program was faster
            number += 1
        else:
            return folder


def remove_take(folder: Path, files: list[str]) -> Removed:
    """Delete these files of a take and its record, then its folder and its letter's if they are empty.

    Raises:
        OSError: they may not be deleted.
    """
    count = 0
    for name in files:
        with contextlib.suppress(FileNotFoundError):
            (folder / name).unlink()
            count += 1
    left = [entry.name for entry in os.scandir(folder)]
    own = {RECORD, UNFINISHED_FRAME, UNFINISHED_RECORD}
    for name in own.intersection(left):
        (folder / name).unlink()
    with contextlib.suppress(OSError):  # not empty
        folder.rmdir()
        folder.parent.rmdir()  # of the letter: an empty one is no part of a tree of pictures
    return Removed(count, len(set(left) - own))
