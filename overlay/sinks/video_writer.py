"""Captioned pictures into an MP4 file."""

import contextlib
import os
import tempfile
from pathlib import Path

import av
import av.logging

from overlay.errors import SinkError
from overlay.frame import Picture
from overlay.sinks.h264 import TIME_BASE, add_h264
from overlay.sinks.letterbox import letterbox


class VideoWriter:
    """Writes H.264 in MP4, each picture at its own time.

    The file gets its name when it is complete: until then, and if the program is stopped, there is nothing
    of that name.

    Args:
        path: of the file, which must not exist; ends in .mp4.
        rate: frames a second, about; players show it.

    Raises:
        SinkError: a file of that name exists, or its folder cannot be written to.
    """

    def __init__(self, path: Path, rate: float = 30.0) -> None:
        self._path = path
        if path.suffix.lower() != ".mp4":
            raise SinkError(f"Signcap writes MP4 files: give {path.name} a name that ends in .mp4.")
        if path.exists() or path.is_symlink():
            raise SinkError(f"{path} exists already: choose another name, or remove it first.")
        try:
            handle, part = tempfile.mkstemp(dir=path.parent, prefix=f".{path.stem[:80]}.", suffix=".part")
        except OSError as error:
            raise SinkError(
                f"Cannot write {path} ({error.strerror}): choose a folder that exists and that you may write to."
            ) from error
        os.close(handle)
        self._part = Path(part)
        self._rate = rate
        self._container: av.container.OutputContainer | None = None
        self._stream: av.VideoStream | None = None
        self._size = (0, 0)
        self._first: float | None = None
        self._last_pts = -1

    @property
    def name(self) -> str:
        """The file's name."""
        return self._path.name

    def send(self, picture: Picture) -> None:
        """Add a picture. The first one sets the size; later ones of another are fitted into it.

        Raises:
            SinkError: the file cannot be written, as when the disk is full.
        """
        try:
            if self._stream is None:
                self._stream = self._begin(picture.size)
            if self._first is None:
                self._first = picture.at
            frame = av.VideoFrame.from_ndarray(letterbox(picture.i420, self._size), format="yuv420p")
            self._last_pts = max(round((picture.at - self._first) / TIME_BASE), self._last_pts + 1)
            frame.pts, frame.time_base = self._last_pts, TIME_BASE
            assert self._container is not None
            self._container.mux(self._stream.encode(frame))
        except (av.error.FFmpegError, OSError) as error:
            self.discard()
            raise self._failed(error) from error

    def close(self) -> None:
        """Complete the file and give it its name.

        Raises:
            SinkError: it cannot be completed, or a file of that name has come up meanwhile.
        """
        if not self._part.exists():
            return
        try:
            if self._container is not None and self._stream is not None:
                self._container.mux(self._stream.encode(None))
                self._container.close()
                self._container = None
            if self._last_pts < 0:  # no pictures, no file
                self.discard()
                return
            self._name_it()
        except (av.error.FFmpegError, OSError) as error:
            self.discard()
            raise self._failed(error) from error

    def discard(self) -> None:
        """Give up: nothing stays on the disk."""
        if self._container is not None:
            container, self._container = self._container, None
            with contextlib.suppress(av.error.FFmpegError, OSError):  # it was perhaps given up for that
                container.close()
        self._part.unlink(missing_ok=True)

    def _begin(self, size: tuple[int, int]) -> "av.VideoStream":
        av.logging.set_level(av.logging.PANIC)  # what fails is told by errors
        # The index goes to the front, so that a browser can play the file while it loads.
        self._container = av.open(str(self._part), "w", format="mp4", options={"movflags": "+faststart"})
        self._size = size
        return add_h264(self._container, size, self._rate)

    def _name_it(self) -> None:
        umask = os.umask(0)
        os.umask(umask)
        self._part.chmod(0o666 & ~umask)
        if self._path.exists():
            raise FileExistsError(None, "a file of that name has come up meanwhile")
        self._part.rename(self._path)

    def _failed(self, error: Exception) -> SinkError:
        reason = getattr(error, "strerror", None) or error
        return SinkError(f"Cannot write {self._path} ({reason}): choose another folder, or make room on the disk.")
