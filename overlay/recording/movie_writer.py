"""The thread that writes one movie: the pictures never wait for it."""

import errno
import threading
from collections import deque
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Final

from overlay.core.clock import REAL, Clock
from overlay.core.errors import SinkError
from overlay.media.frame import Picture, Pixels
from overlay.recording.append_file import GrowingFile, cut_to_whole
from overlay.recording.audio_sync import Samples
from overlay.recording.recorded_captions import RecordedCaptions
from overlay.recording.subtitle_files import SubtitleFiles

if TYPE_CHECKING:
    from overlay.recording.fragmented_mp4 import Movie

PICTURES: Final = 30  # that wait at most
BYTES: Final = 64_000_000  # of them, about
LEAST_PICTURES: Final = 4
SOUNDS: Final = 2000  # blocks, of some milliseconds each
LOOK_EVERY: Final = 0.2  # seconds

AsPixels = Callable[[Picture], Pixels | None]


class Writing:
    """Writes an MP4, captions in it, and files of captions beside it, from pictures and sound that others put there.

    What comes while too much waits is dropped and counted.

    Args:
        path: of the file, which must not exist.
        rate: frames a second, about.
        pixels: what of a picture is written.
        sound: samples a second of the sound that is going to come; None for none.
        captions: for the track and the files.
        burned_in: the pictures have the captions, so that players need not show the track; else there are no files.
        failed: called once, in the thread, with a sentence, when it cannot go on.
        clock: by which it looks for sound and captions while no pictures come.

    Attributes:
        path: of the file.
        dropped: pictures that are missing.
        error: why it ended before it was told to, one sentence.

    Raises:
        SinkError: the file cannot be made.
    """

    def __init__(
        self,
        path: Path,
        rate: float,
        pixels: AsPixels,
        *,
        captions: RecordedCaptions,
        burned_in: bool = True,
        sound: int | None = None,
        failed: Callable[[str], None] = lambda _sentence: None,
        clock: Clock = REAL,
    ) -> None:
        self.path, self.dropped = path, 0
        self.error: str | None = None
        self._rate, self._as_pixels, self._sound_rate = rate, pixels, sound
        self._captions, self._failed, self._clock = captions, failed, clock
        self._burned_in = burned_in
        self._beside: SubtitleFiles | None = None
        self._file = GrowingFile(path, clock)
        try:
            if burned_in:
                self._beside = SubtitleFiles(path, clock)
        except SinkError:
            self._discard()
            raise
        self._changed = threading.Condition()
        self._pictures: deque[tuple[Picture, float]] = deque()
        self._sounds: deque[tuple[Samples, float]] = deque(maxlen=SOUNDS)
        self._ending = False
        self._movie: Movie | None = None
        self._zero = self._newest = 0.0
        self._final_size: int | None = None
        self._thread = threading.Thread(target=self._run, name=f"write {path.name}", daemon=True)
        self._thread.start()

    @property
    def seconds(self) -> float:
        """Of the movie so far."""
        return max(0.0, self._newest - self._zero)  # the first picture is not written at once

    @property
    def size(self) -> int:
        """Bytes of the movie so far."""
        return self._final_size if self._final_size is not None else self._file.size

    def put_picture(self, picture: Picture, at: float) -> None:
        """Add a picture, to be shown from `at` seconds on. Never waits."""
        with self._changed:
            if self._ending:
                return
            most = min(PICTURES, max(LEAST_PICTURES, BYTES // picture.i420.nbytes))
            if len(self._pictures) >= most:
                self.dropped += 1
                return
            self._pictures.append((picture, at))
            self._changed.notify()

    def put_sound(self, samples: Samples, at: float) -> None:
        """Add sound, heard from `at` seconds on. Never waits."""
        with self._changed:
            if not self._ending:
                self._sounds.append((samples, at))

    def end(self) -> None:
        """Write what waits, and complete the file. Does not wait for it."""
        with self._changed:
            self._ending = True
            self._changed.notify()

    def wait(self) -> None:
        """Wait until all is on the disk."""
        if threading.current_thread() is not self._thread:
            self._thread.join()

    def _run(self) -> None:
        try:
            more = True
            while more:
                more = self._write_some()
            self._complete()
        except Exception as error:  # whatever it is: the picture goes on, and people are told
            self._give_up(error)

    def _write_some(self) -> bool:
        with self._changed:
            if not self._pictures and not self._ending:
                self._clock.wait(self._changed, LOOK_EVERY)
            picture = self._pictures.popleft() if self._pictures else None
            more = bool(self._pictures) or not self._ending
        if picture is not None:
            self._write_picture(*picture)
        if self._movie is not None:
            while self._sounds:
                self._movie.add_sound(*self._sounds.popleft())
            if self._beside is not None and (new := self._captions.due(self._zero)):
                self._beside.add(new)
        return more

    def _write_picture(self, picture: Picture, at: float) -> None:
        pixels = self._as_pixels(picture)
        if pixels is None:
            return
        if self._movie is None:
            from overlay.recording.fragmented_mp4 import Movie

            self._zero = at
            size = (pixels.shape[1], pixels.shape[0] * 2 // 3)
            self._movie = Movie(self._file, size, at, self._rate, sound=self._sound_rate)
            if self._beside is not None:
                self._beside.add([])
        self._movie.add_picture(pixels, at)
        self._newest = max(self._newest, at)

    def _complete(self) -> None:
        if self._movie is None:  # no pictures, no files
            self._discard()
            return
        captions = self._captions.all(self._zero, self._newest)
        self._movie.close()
        self._file.close()
        if self._beside is not None:
            self._beside.close()
        self._final_size = self._file.size
        from overlay.recording.faststart import make_quick_start

        try:
            make_quick_start(self.path, captions, shown=not self._burned_in)
            self._final_size = self.path.stat().st_size
            if self._beside is not None:
                self._beside.replace(captions)
        except (OSError, ValueError):  # what is there can be played, it only begins more slowly
            return

    def _give_up(self, error: Exception) -> None:
        self._ending = True
        self._pictures.clear()
        self._sounds.clear()
        if self._movie is not None:
            self._movie.give_up()
        self._file.close()
        if self._beside is not None:
            self._beside.close()
        try:
            self._final_size = cut_to_whole(self.path)
            kept = self._final_size > 0
            if not kept:
                self._discard()
        except OSError:
            kept = False
        self.error = _sentence(error, self.path, self._seconds_kept() if kept else None)
        self._failed(self.error)

    def _seconds_kept(self) -> float:
        """Less than was recorded: the last part could not be written."""
        from overlay.recording.fragmented_mp4 import seconds_of

        try:
            return seconds_of(self.path)
        except Exception:  # whatever FFmpeg says of the file
            return self.seconds

    def _discard(self) -> None:
        self._file.close()
        self._file.path.unlink(missing_ok=True)
        if self._beside is not None:
            self._beside.discard()


def _sentence(error: Exception, path: Path, seconds: float | None) -> str:
    full = getattr(error, "errno", None) in (errno.ENOSPC, errno.EDQUOT)
    why = "the disk is full" if full else f"it cannot be written ({getattr(error, 'strerror', None) or error})"
    what = f"{seconds:.0f} seconds are in {path}" if seconds is not None else "nothing could be kept"
    return f"The recording has ended, as {why}: {what}. Make room or choose another folder, and record again."
