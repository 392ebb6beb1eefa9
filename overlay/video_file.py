"""Video files as a source, in their own time or as fast as they can be read."""

import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import av
import av.logging
import numpy as np

from overlay.errors import SourceError
from overlay.frame import Frame, Pixels

LATE = 0.1  # seconds; a frame that late is left out in real time
USUAL_RATE = 30.0
# Kinds of files that hold a video themselves. Others, as playlists, would name further files to be opened.
WHOLE_FILES = "mov,mp4,m4a,3gp,3g2,mj2,matroska,webm,avi,mpegts,mpeg,ogg,asf,flv"


@dataclass(frozen=True, slots=True)
class VideoLimits:
    """What is taken of a video that came from elsewhere; a playlist is refused.

    Attributes:
        seconds: it may last.
        side: pixels that it may be wide or high.
    """

    seconds: float
    side: int


class VideoFile:
    """The frames of a video file, the way up that its makers meant.

    In real time, frames come when they are due, and a machine that is too slow leaves some out; times are
    those of `time.monotonic`. Otherwise every frame comes at once, and time counts from 0. What can be read
    of a damaged file is read.

    Args:
        path: of the file.
        realtime: frames come at their own pace.
        limits: of a file that came from elsewhere.

    Raises:
        SourceError: there is no such file, no pictures in it, or it is beyond the limits; says what to do.
    """

    notice: str | None = None

    def __init__(self, path: Path, *, realtime: bool = True, limits: VideoLimits | None = None) -> None:
        self.live = realtime
        self.name = path.name
        self._path = path
        self._closed = threading.Event()
        self._index = 0
        self._start: float | None = None
        self._limits = limits
        self._container = _open(path, limits)
        stream = self._container.streams.video[0]
        if limits is not None:
            try:
                _check(path, self._container, limits)
            except SourceError:
                self._container.close()
                raise
            stream.codec_context.options = {"max_pixels": str(limits.side**2)}  # whatever the head of the file says
        stream.thread_type = "AUTO"
        self._rate = float(stream.average_rate or stream.guessed_rate or USUAL_RATE)
        self._pictures = self._decode()
        self._reading = threading.Lock()

    @property
    def rate(self) -> float:
        """Frames a second, on average."""
        return self._rate

    @property
    def duration(self) -> float | None:
        """Seconds, as the file says; None where it does not."""
        length = self._container.duration
        return length / av.time_base if length and length > 0 else None

    def read(self) -> Frame | None:
        """The next frame; None at the end or after `close`.

        Raises:
            SourceError: no picture at all could be decoded, or the file lasts longer than its limit.
        """
        with self._reading:
            while not self._closed.is_set():
                try:
                    picture, shown = next(self._pictures)
                except StopIteration:
                    if not self._index:
                        raise SourceError(_unreadable(self._path, "none of its pictures can be decoded")) from None
                    break
                at = shown
                if self._limits is not None and shown > self._limits.seconds:
                    raise SourceError(_too_long(self._path, self._limits))
                if self.live:
                    now = time.monotonic()
                    if self._start is None:
                        self._start = now - shown
                    at = self._start + shown
                    if now - at > LATE:
                        continue
                    if at > now and self._closed.wait(at - now):
                        break
                self._index += 1
                return Frame(_pixels(picture), self._index - 1, at)
        return None

    def close(self) -> None:
        """Let go of the file; a `read` that waits returns None."""
        self._closed.set()
        with self._reading:
            self._container.close()

    def _decode(self) -> Iterator[tuple[av.VideoFrame, float]]:
        """Pictures, and their times from 0, which always grow."""
        first: float | None = None
        last = -1 / self._rate
        for picture in self._surviving():
            said = picture.time
            if said is None:
                said = last + 1 / self._rate + (first or 0.0)
            if first is None:
                first = said
            last = max(said - first, last + 0.001)
            yield picture, last

    def _surviving(self) -> Iterator[av.VideoFrame]:
        packets = self._container.demux(self._container.streams.video[0])
        while True:
            try:
                pictures = next(packets).decode()
            except StopIteration:
                return
            except av.error.InvalidDataError:
                continue  # a damaged packet; the next ones may be whole
            except (av.error.FFmpegError, OSError):
                return  # nothing more can be had
            for picture in pictures:
                if isinstance(picture, av.VideoFrame):
                    yield picture


def _open(path: Path, limits: VideoLimits | None) -> "av.container.InputContainer":
    av.logging.set_level(av.logging.PANIC)  # what fails is told by errors
    try:
        size = path.stat().st_size
        if path.is_dir():
            raise SourceError(f"{path} is a folder, not a video file: name a file in it.")
        with path.open("rb"):
            pass
    except (FileNotFoundError, NotADirectoryError):
        raise SourceError(f"There is no file {path}: check its name.") from None
    except OSError as error:
        raise SourceError(f"{path} cannot be read ({error.strerror}): check its name and access rights.") from error
    except ValueError as error:  # a name with a null in it
        raise SourceError(f"{str(path)!r} is not the name of a file: check it.") from error
    if not size and path.is_file():
        raise SourceError(f"{path} is empty: choose another file.")
    try:
        only = {} if limits is None else {"format_whitelist": WHOLE_FILES, "protocol_whitelist": "file"}
        container = av.open(str(path), metadata_errors="replace", container_options=only)
    except (av.error.FFmpegError, OSError, ValueError) as error:
        raise SourceError(_unreadable(path, "it is of another kind, or damaged")) from error
    if not container.streams.video:
        container.close()
        raise SourceError(f"There are no pictures in {path}, only sound or text: choose a video file.")
    return container


def _check(path: Path, container: "av.container.InputContainer", limits: VideoLimits) -> None:
    """Refuse what the head of the file says is too large or too long, before anything is decoded."""
    stream = container.streams.video[0]
    if max(stream.width, stream.height) > limits.side:
        raise SourceError(
            f"{path} has {stream.width} × {stream.height} pixels: choose one with sides of at most {limits.side}."
        )
    length = container.duration
    if length and length / av.time_base > limits.seconds:
        raise SourceError(_too_long(path, limits))


def _too_long(path: Path, limits: VideoLimits) -> str:
    return f"{path} lasts longer than {limits.seconds:g} seconds: choose a shorter video, or cut a piece out of it."


def _unreadable(path: Path, reason: str) -> str:
    return f"{path} cannot be read as a video ({reason}): choose another file, or convert it to MP4."


def _pixels(picture: av.VideoFrame) -> Pixels:
    """BGR, turned the way up that the file's metadata ask for."""
    pixels = np.asarray(picture.to_ndarray(format="bgr24"), np.uint8)
    turns = round(picture.rotation / 90) % 4  # counter-clockwise
    return np.ascontiguousarray(np.rot90(pixels, turns)) if turns else pixels
