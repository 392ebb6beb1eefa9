"""The captions of a recording as files beside it."""

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Final

from overlay.captions.subtitles import Subtitle, to_srt, to_vtt
from overlay.core.clock import REAL, Clock
from overlay.core.files.atomic import write_whole
from overlay.recording.append_file import GrowingFile
from overlay.recording.paths import beside_path

FORMATS: Final[dict[str, Callable[[Iterable[Subtitle]], str]]] = {".vtt": to_vtt, ".srt": to_srt}


class SubtitleFiles:
    """WebVTT and SRT that grow with each caption.

    Args:
        movie: the recording, after which they are called.
        clock: see `GrowingFile`.

    Raises:
        SinkError: there is one of that name, or the folder cannot be written to.
    """

    def __init__(self, movie: Path, clock: Clock = REAL) -> None:
        self._shown: list[Subtitle] = []
        self._files: dict[str, GrowingFile] = {}
        try:
            for suffix in FORMATS:
                self._files[suffix] = GrowingFile(beside_path(movie, suffix), clock)
        except BaseException:
            self.discard()
            raise

    def add(self, new: Iterable[Subtitle]) -> None:
        """Write more of them.

        Raises:
            OSError: they cannot be written, as when the disk is full.
        """
        self._shown += new
        for suffix, file in self._files.items():
            # Both formats only grow at their ends.
            file.write(FORMATS[suffix](self._shown).encode()[file.size :])

    def close(self) -> None:
        """Let go of the files."""
        for file in self._files.values():
            file.close()

    def replace(self, shown: Iterable[Subtitle]) -> None:
        """Closed, let these stand in them, or what stood before.

        Raises:
            OSError: they cannot be written.
        """
        shown = list(shown)
        if shown != self._shown:
            for suffix, file in self._files.items():
                write_whole(file.path, FORMATS[suffix](shown).encode())

    def discard(self) -> None:
        """Leave no files."""
        self.close()
        for file in self._files.values():
            file.path.unlink(missing_ok=True)
