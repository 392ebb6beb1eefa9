"""Video files as a source, in their own time or as fast as they can be read."""

import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import av
import av.logging
from av.stream import Disposition

from overlay.core.clock import REAL, Clock
from overlay.core.errors import SourceError
from overlay.media.frame import LONGEST_SIDE, Frame
from overlay.media.sources.video_frame import Developer

READY_EVERY: Final = 0.05  # seconds between two looks whether the recogniser is there
USUAL_RATE = 30.0
CUT_SHORT: Final = 1.0  # seconds that are missing at the end before it is told
# Kinds of files that hold a video themselves. Others, as playlists, would name further files to be opened.
WHOLE_FILES = "mov,mp4,m4a,3gp,3g2,mj2,matroska,webm,avi,mpegts,mpeg,ogg,asf,flv,gif"


@dataclass(frozen=True, slots=True)
class VideoLimits:
    """Limits for a video that came from elsewhere; a playlist is refused.

    Attributes:
        seconds: it may last.
        side: pixels that it may be wide or high.
    """

    seconds: float
    side: int


class VideoFile:
    """The frames of a video file, the way up and of the shape that its makers meant: their pixels are square.

    In real time, frames come when they are due, and times are those of `time.monotonic`; where they are asked for
    late the file plays slower, and none is left out. Otherwise every frame comes at once, and time counts from 0.
    What can be read of a damaged file is read.

    Args:
        path: of the file.
        realtime: frames come at their own pace.
        limits: of a file that came from elsewhere.
        own_time: time counts as players count it: from the file's beginning, though the first picture may come
            later. Otherwise from the first picture.
        threads: of the decoder; as many as it likes by default.
        ready: in real time, nothing comes after the first frame before this is set, so that no letter is missed by a
            recogniser that is still loading.
        clock: by which frames are due in real time.

    Attributes:
        path: of the file.
        begins: seconds of the file's packets at which its own time begins.

    Raises:
        SourceError: there is no such file, no pictures in it, or it is beyond the limits; says what to do.
    """

    notice: str | None = None

    def __init__(
        self,
        path: Path,
        *,
        realtime: bool = True,
        limits: VideoLimits | None = None,
        own_time: bool = False,
        threads: int | None = None,
        ready: threading.Event | None = None,
        clock: Clock = REAL,
    ) -> None:
        self.live = realtime
        self._clock = clock
        self.name = path.name
        self.path = path
        self._closed = threading.Event()
        self._index = 0
        self._start: float | None = None  # when the first picture of the file was due
        self._behind = 0.0  # seconds by which pictures were asked for late, in all
        self._ready = ready
        self._limits = limits
        self._container = _open(path, limits)
        self._stream = stream = _moving(self._container)[0]
        self._developer = Developer(stream)
        self._own_time = own_time
        self.begins = max(0.0, (self._container.start_time or 0) / av.time_base)  # sound may start before 0, unheard
        self._end = 0.0
        self._lost = 0
        self._broken = False
        self._side = LONGEST_SIDE if limits is None else limits.side
        try:
            self._check_side(*self.size)
            if limits is not None:
                _check_length(path, self._container, limits)
        except SourceError:
            self._container.close()
            raise
        stream.codec_context.options = {"max_pixels": str(self._side**2)}  # whatever the head of the file says
        stream.thread_type = "AUTO"
        if threads is not None:
            stream.codec_context.thread_count = threads
        self._rate = float(stream.average_rate or stream.guessed_rate or USUAL_RATE)
        self._pictures = self._decode()
        self._reading = threading.Lock()

    @property
    def rate(self) -> float:
        """Frames a second, on average."""
        return self._rate

    @property
    def patient(self) -> bool:
        """Whether it plays slower where it is read slower."""
        return self.live

    @property
    def duration(self) -> float | None:
        """Seconds, as the file says; None where it does not."""
        length = self._container.duration
        return length / av.time_base if length and length > 0 else None

    @property
    def size(self) -> tuple[int, int]:
        """Width and height in pixels, as the file says, before pictures are turned."""
        return self._developer.size

    @property
    def damage(self) -> str | None:
        """A sentence about what could not be read so far; at the end of the file, about what is missing there."""
        if self._lost:
            places = "one place" if self._lost == 1 else f"{self._lost} places"
            return f"{self.path} is damaged: {places} of it could not be read, and the rest was."
        stream = self._stream
        if stream.duration is not None and stream.time_base is not None:
            missing = float((stream.duration + (stream.start_time or 0)) * stream.time_base) - self._end
            if missing > CUT_SHORT:
                return f"{self.path} is cut short: {missing:.0f} s are missing at its end."
        return f"{self.path} is cut short or damaged: what comes before that was read." if self._broken else None

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
                        raise SourceError(_unreadable(self.path, "none of its pictures can be decoded")) from None
                    break
                at = shown
                if self._limits is not None and shown > self._limits.seconds:
                    raise SourceError(_too_long(self.path, self._limits))
                if self.live:
                    at = self._wait_until_due(shown)
                    if self._closed.is_set():
                        break
                self._check_side(*self._developer.square(picture.width, picture.height))
                self._index += 1
                return Frame(self._developer.pixels(picture), self._index - 1, at, behind=self._behind)
        return None

    def close(self) -> None:
        """Let go of the file; a `read` that waits returns None."""
        self._closed.set()
        with self._reading:
            self._container.close()

    def _wait_until_due(self, shown: float) -> float:
        """Wait until the picture of that time in the file is due, and return when that was."""
        while self._index and self._ready is not None and not self._ready.is_set():
            if self._clock.wait(self._closed, READY_EVERY):
                break
        now = self._clock.monotonic()
        if self._start is None:
            self._start = now - shown
        at = self._start + shown + self._behind
        if now > at:
            self._behind += now - at
            return now
        self._clock.wait(self._closed, at - now)
        return at

    def _check_side(self, width: int, height: int) -> None:
        if max(width, height) > self._side:
            raise SourceError(
                f"{self.path} has {width} × {height} pixels: choose one with sides of at most {self._side}."
            )

    def _decode(self) -> Iterator[tuple[av.VideoFrame, float]]:
        """Pictures, and their times, which always grow."""
        first = self.begins if self._own_time else None
        last = -1 / self._rate
        for picture in self._surviving():
            said = picture.time
            if said is None:
                said = last + 1 / self._rate + (first or 0.0)
            if first is None:
                first = said
            self._end = said + float((picture.duration or 0) * (picture.time_base or 0))
            last = max(said - first, last + 0.001)
            yield picture, last

    def _surviving(self) -> Iterator[av.VideoFrame]:
        packets = self._container.demux(self._stream)
        while True:
            try:
                pictures = next(packets).decode()
            except StopIteration:
                return
            except av.error.InvalidDataError:
                self._lost += 1
                continue  # a damaged packet; the next ones may be whole
            except (av.error.FFmpegError, OSError):
                self._broken = True
                return  # nothing more can be had
            for picture in pictures:
                if isinstance(picture, av.VideoFrame):
                    self._lost += picture.is_corrupt
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
        # A file may be a playlist, which names others: never addresses in a network.
        only = {"protocol_whitelist": "file,crypto,data"}
        if limits is not None:
            only = {"format_whitelist": WHOLE_FILES, "protocol_whitelist": "file"}
        container = av.open(f"file:{path}", metadata_errors="replace", container_options=only)
    except (av.error.FFmpegError, OSError, ValueError) as error:
        raise SourceError(_unreadable(path, "it is of another kind, or damaged")) from error
    if not _moving(container):
        container.close()
        raise SourceError(f"There are no pictures in {path}, only sound or text: choose a video file.")
    return container


def _moving(container: "av.container.InputContainer") -> list[av.VideoStream]:
    """The streams of pictures that are no covers of records."""
    still = Disposition.attached_pic | Disposition.timed_thumbnails
    return [stream for stream in container.streams.video if not stream.disposition & still]


def _check_length(path: Path, container: "av.container.InputContainer", limits: VideoLimits) -> None:
    """Refuse what the head of the file says is too long, before anything is decoded."""
    length = container.duration
    if length and length / av.time_base > limits.seconds:
        raise SourceError(_too_long(path, limits))


def _too_long(path: Path, limits: VideoLimits) -> str:
    return f"{path} lasts longer than {limits.seconds:g} seconds: choose a shorter video, or cut a piece out of it."


def _unreadable(path: Path, reason: str) -> str:
    return f"{path} cannot be read as a video ({reason}): choose another file, or convert it to MP4."
