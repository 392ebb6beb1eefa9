"""Records what the others see, and at wish the picture without captions beside it."""

import logging
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Final

import cv2
import numpy as np

from overlay.core.clock import REAL, Clock
from overlay.core.errors import SinkError
from overlay.media.frame import Picture, Pixels
from overlay.pipeline.pipeline import Pipeline
from overlay.recording.audio_sync import Samples
from overlay.recording.microphone import Microphone
from overlay.recording.movie_writer import Writing
from overlay.recording.paths import clean_path
from overlay.recording.recorded_captions import RecordedCaptions

GONE_AFTER: Final = 3.0  # seconds without any sound, not even silence, after which a microphone has gone

OpenMicrophone = Callable[[str, Callable[[Samples, float], None], Clock], Microphone]

_log = logging.getLogger(__name__)


class Recorder:
    """A sink that writes a recording, from its making until `stop`.

    Args:
        path: of the file, which must not exist; nor must those that come beside it.
        rate: frames a second, about.
        clean: record the picture without captions too.
        microphone: name of one; None for no sound. One that cannot be opened stops nothing, see `notice`.
        ended: called once, from another thread, with a sentence, if it ends before it was told to.
        clock: that of the pictures.
        open_microphone: by name.

    Raises:
        SinkError: a file exists, or cannot be made.
    """

    name = "recording"

    def __init__(
        self,
        path: Path,
        rate: float,
        *,
        clean: bool = False,
        microphone: str | None = None,
        ended: Callable[[str], None] = lambda _sentence: None,
        clock: Clock = REAL,
        open_microphone: OpenMicrophone = Microphone,
    ) -> None:
        self.path = path
        self._clock, self._ended = clock, ended
        self._captions = RecordedCaptions()
        self._newest = float("-inf")
        self._failed = False
        self._writings: list[Writing] = []
        self._closed = threading.Event()
        self._unlisten: Callable[[], None] = lambda: None
        self._pipeline: Pipeline | None = None
        self._notice: str | None = None
        self._microphone: Microphone | None = None
        if microphone is not None:
            try:
                self._microphone = open_microphone(microphone, self._hear, clock)
            except SinkError as error:
                self._notice = f"{error} This recording has no sound."
        sound = self._microphone.rate if self._microphone is not None else None
        try:
            main = Writing(
                path, rate, _captioned, captions=self._captions, sound=sound, failed=self._fail, clock=clock
            )
            self._writings = [main]
            if clean:
                clean_one = Writing(
                    clean_path(path),
                    rate,
                    _clean,
                    captions=self._captions,
                    burned_in=False,
                    sound=sound,
                    failed=self._fail,
                    clock=clock,
                )
                self._writings.append(clean_one)
        except SinkError:
            self.close()
            raise

    def start(self, pipeline: Pipeline) -> None:
        """Record what the pipeline shows and reads from now on."""
        self._pipeline = pipeline
        _log.info("Recording to %s, sound from %s", self.path, self.microphone or "nowhere")
        self._unlisten = pipeline.listen(self._captions.accept)
        self._captions.accept(pipeline.reading)
        pipeline.add_sink(self)

    def send(self, picture: Picture) -> None:
        """Take the newest picture. Never waits: one that comes while too many wait is dropped."""
        at = picture.at
        if at <= self._newest:  # the last picture of a camera that is lost comes again and again
            at = self._clock.monotonic()
        self._newest = max(self._newest, at)
        for writing in self._writings:
            writing.put_picture(picture, at)

    def close(self) -> None:
        """Take nothing more; the files are completed in their own threads."""
        self._closed.set()
        if self._microphone is not None:
            self._microphone.close()
        for writing in self._writings:
            writing.end()

    def stop(self) -> None:
        """End the recording and wait until it is complete."""
        if self._pipeline is not None:
            self._pipeline.remove_sink(self)
        self.close()
        for writing in self._writings:
            writing.wait()
        self._unlisten()
        _log.info("Recorded %.1f s to %s: %d pictures are missing", self.seconds, self.path, self.dropped)

    @property
    def stopping(self) -> bool:
        """Whether nothing more is recorded; the files may still be completed."""
        return self._closed.is_set()

    @property
    def paths(self) -> list[Path]:
        """The movies, that with captions first."""
        return [writing.path for writing in self._writings]

    @property
    def seconds(self) -> float:
        """The length of the recording."""
        return self._writings[0].seconds

    @property
    def size(self) -> int:
        """Bytes of all movies."""
        return sum(writing.size for writing in self._writings)

    @property
    def dropped(self) -> int:
        """Pictures that are missing."""
        return sum(writing.dropped for writing in self._writings)

    @property
    def microphone(self) -> str | None:
        """The microphone's name."""
        return self._microphone.name if self._microphone is not None else None

    @property
    def error(self) -> str | None:
        """The reason why it ended by itself."""
        return next((writing.error for writing in self._writings if writing.error), None)

    @property
    def notice(self) -> str | None:
        """The notice that people should see now."""
        microphone = self._microphone
        if microphone is not None and not self.stopping and microphone.silent_for > GONE_AFTER:
            self._notice = (
                f"Nothing comes from the microphone {microphone.name} any more: plug it in and record again. "
                "The picture goes on."
            )
        return self._notice

    def _hear(self, samples: Samples, at: float) -> None:
        for writing in self._writings:
            writing.put_sound(samples, at)

    def _fail(self, sentence: str) -> None:
        if not self._failed:
            self._failed = True
            self._ended(sentence)


def _captioned(picture: Picture) -> Pixels:
    return picture.i420


def _clean(picture: Picture) -> Pixels | None:
    frame = picture.frame
    if frame is None:
        return None
    width, height = picture.size
    return np.asarray(cv2.cvtColor(frame.pixels[:height, :width], cv2.COLOR_BGR2YUV_I420), np.uint8)
