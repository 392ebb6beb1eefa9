"""Captioned pictures into an MP4 file."""

import contextlib
from collections.abc import Iterator
from pathlib import Path

import av
import av.logging

from overlay.captions.subtitles import Subtitle
from overlay.core.errors import SinkError
from overlay.core.files.new_file import NewFile
from overlay.media.frame import Picture
from overlay.media.sinks.letterbox import letterbox
from overlay.mp4.h264 import TIME_BASE, add_h264
from overlay.mp4.kept_parts import KeptParts
from overlay.mp4.subtitle_track import SubtitleTrack
from overlay.mp4.track_flags import switch_off, unasked_subtitles


class VideoWriter:
    """Writes H.264 in MP4, each picture at its own time.

    The file gets its name when it is complete: until then, and if the program is stopped, there is nothing
    of that name.

    Args:
        path: of the file, which must not exist; ends in .mp4.
        rate: frames a second, about; players show it.
        start: time of a picture that would stand at the file's beginning; the first one's by default.
        kept: what of another video is written beside the pictures; closed with the file.
        subtitles: there is a track of them, which players show when it is chosen: the pictures have them already.
        threads: of the encoder; as many as it likes by default.

    Raises:
        SinkError: a file of that name exists, or its folder cannot be written to.
    """

    def __init__(
        self,
        path: Path,
        rate: float = 30.0,
        *,
        start: float | None = None,
        kept: KeptParts | None = None,
        subtitles: bool = False,
        threads: int | None = None,
    ) -> None:
        if path.suffix.lower() != ".mp4":
            raise SinkError(f"Signcap writes MP4 files: give {path.name} a name that ends in .mp4.")
        self._file = NewFile(path)
        self._rate = rate
        self._kept = kept
        self._with_subtitles = subtitles
        self._threads = threads
        self._container: av.container.OutputContainer | None = None
        self._stream: av.VideoStream | None = None
        self._subtitles: SubtitleTrack | None = None
        self._size = (0, 0)
        self._start = start
        self._last_pts = -1

    @property
    def name(self) -> str:
        """The file's name."""
        return self._file.path.name

    def send(self, picture: Picture) -> None:
        """Add a picture. The first one sets the size; later ones of another are fitted into it.

        Raises:
            SinkError: the file cannot be written, as when the disk is full.
        """
        with self._writing():
            if self._stream is None:
                self._stream = self._begin(picture.size)
            if self._start is None:
                self._start = picture.at
            frame = av.VideoFrame.from_ndarray(letterbox(picture.i420, self._size), format="yuv420p")
            self._last_pts = max(round((picture.at - self._start) / TIME_BASE), self._last_pts + 1)
            frame.pts, frame.time_base = self._last_pts, TIME_BASE
            assert self._container is not None
            self._container.mux(self._stream.encode(frame))
            if self._kept is not None:
                self._kept.write_until(float(self._last_pts * TIME_BASE))

    def add_subtitle(self, subtitle: Subtitle) -> None:
        """Add a subtitle, in order and after the first picture; its times count from the file's beginning.

        Raises:
            SinkError: the file cannot be written.
        """
        with self._writing():
            if self._subtitles is not None:
                self._subtitles.add(subtitle)

    def close(self) -> None:
        """Complete the file and give it its name.

        Raises:
            SinkError: it cannot be completed, or a file of that name has come up meanwhile.
        """
        if not self._file.under_way:
            return
        with self._writing():
            if self._container is not None and self._stream is not None:
                self._container.mux(self._stream.encode(None))
                if self._kept is not None:
                    self._kept.finish()
                unasked = unasked_subtitles(self._container)
                self._container.close()
                self._container = None
                switch_off(self._file.part, unasked)
            if self._last_pts < 0:  # no pictures, no file
                self.discard()
                return
            self._file.keep()
            self.discard()

    def discard(self) -> None:
        """Give up: nothing stays on the disk. Does nothing once the file is complete."""
        if self._kept is not None:
            self._kept.close()
        if self._container is not None:
            container, self._container = self._container, None
            with contextlib.suppress(av.error.FFmpegError, OSError):  # it was perhaps given up for that
                container.close()
        self._file.discard()

    @contextlib.contextmanager
    def _writing(self) -> Iterator[None]:
        try:
            yield
        except (av.error.FFmpegError, OSError) as error:
            self.discard()
            raise self._file.failed(error) from error

    def _begin(self, size: tuple[int, int]) -> "av.VideoStream":
        av.logging.set_level(av.logging.PANIC)  # what fails is told by errors
        # The index goes to the front, so that a browser can play the file while it loads.
        self._container = av.open(f"file:{self._file.part}", "w", format="mp4", options={"movflags": "+faststart"})
        self._size = size
        stream = add_h264(self._container, size, self._rate, threads=self._threads)
        # Where pictures are stored in another order than they are shown, a long last one is cut off by some players.
        stream.codec_context.max_b_frames = 0
        if self._kept is not None:
            self._kept.add_to(self._container, stream)
        if self._with_subtitles:
            self._subtitles = SubtitleTrack(self._container, shown=False)
        return stream
