"""A source that can be exchanged, switched off and on again while the sinks go on."""

import logging
import threading
from collections.abc import Callable
from typing import Final

import numpy as np

from overlay.core.clock import REAL, Clock
from overlay.core.errors import SourceError
from overlay.media.frame import Frame, Pixels
from overlay.media.source import PatientSource, Source
from overlay.media.sources.flipped import flipped
from overlay.media.sources.webcam import CameraFacts, Webcam

OFF_NOTICE: Final = "Camera off"
OFF_SIZE: Final = (1280, 720)  # of the picture that is sent instead, where there was none before
OFF_GREY: Final = 24
OFF_EVERY: Final = 0.5  # seconds

_log = logging.getLogger(__name__)


class SwitchableSource:
    """Gives the frames of one source after the other, numbered on.

    Switched off, it lets go of the camera and gives a dark frame now and then: the last picture of a person must not
    stand in a call when the camera is off. A video that ends ends this as well.

    Args:
        source: the first; closed when another takes its place.
        flip: whether left and right are exchanged in its frames now; asked for each of them.
        clock: by which dark frames come.
    """

    live = True

    def __init__(self, source: Source, *, flip: Callable[[], bool] = lambda: False, clock: Clock = REAL) -> None:
        self._flip, self._clock = flip, clock
        self._source: Source | None = source
        self._name, self._rate = source.name, source.rate
        self._lock = threading.Lock()
        self._changed = threading.Condition(self._lock)
        self._closed = False
        self._index = 0
        self._size = OFF_SIZE
        self._why_off = OFF_NOTICE
        self._was_off = False

    @property
    def name(self) -> str:
        """Of the newest source, also when it is off."""
        return self._name

    @property
    def rate(self) -> float:
        """Of the newest source."""
        return self._rate

    @property
    def camera_facts(self) -> CameraFacts | None:
        """The form in which the camera gives its pictures; None where the source is none, or off."""
        source = self._source
        return source.facts if isinstance(source, Webcam) else None

    @property
    def on(self) -> bool:
        """Whether there is a source."""
        return self._source is not None

    @property
    def patient(self) -> bool:
        """Whether the source waits for who reads it."""
        source = self._source
        return isinstance(source, PatientSource) and source.patient

    @property
    def notice(self) -> str | None:
        """The notice that people should see now."""
        source = self._source
        return self._why_off if source is None else source.notice

    def use(self, source: Source) -> None:
        """Go on with another source. From any thread."""
        with self._lock:
            before, self._source = self._source, source
            self._name, self._rate = source.name, source.rate
            closed = self._closed
            self._changed.notify_all()
        _log.info("Frames come from %s now", source.name)
        if before is not None:
            before.close()
        if closed:
            source.close()

    def switch_off(self, why: str = OFF_NOTICE) -> None:
        """Let go of the camera, until `use`; `why` is what people are told meanwhile. From any thread."""
        self._leave(why)

    def read(self) -> Frame | None:
        """The next frame, dark while it is switched off; None after `close` and at the end of a video."""
        while True:
            with self._lock:
                source = self._source
                if source is None and not self._closed and self._was_off:
                    self._clock.wait(self._changed, OFF_EVERY)
                    source = self._source
                self._was_off = source is None
                if self._closed:
                    return None
            if source is None:
                width, height = self._size
                dark = np.full((height, width, 3), OFF_GREY, np.uint8)
                return self._numbered(dark, self._clock.monotonic(), self.notice)
            try:
                frame = source.read()
            except SourceError as error:
                self._leave(str(error), source)
                continue
            if source is not self._source:  # it was taken away meanwhile: its picture comes too late
                continue
            if frame is None:
                return None
            self._size = frame.size
            if self._flip():
                frame = flipped(frame)
            return self._numbered(frame.pixels, frame.at, behind=frame.behind)

    def close(self) -> None:
        """Let go of everything; a `read` that waits returns None."""
        with self._lock:
            self._closed = True
            source, self._source = self._source, None
            self._changed.notify_all()
        if source is not None:
            source.close()

    def _numbered(self, pixels: Pixels, at: float, notice: str | None = None, behind: float = 0.0) -> Frame:
        self._index += 1
        return Frame(pixels, self._index - 1, at, notice, behind)

    def _leave(self, why: str, only: Source | None = None) -> None:
        with self._lock:
            if self._closed or self._source is None or (only is not None and only is not self._source):
                return
            before, self._source = self._source, None
            self._why_off = why
            self._changed.notify_all()
        _log.info("Let go of %s", before.name)
        before.close()
