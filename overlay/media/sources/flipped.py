"""Pictures of a source that gives them as in a mirror, turned back."""

from dataclasses import replace

import cv2
import numpy as np

from overlay.media.frame import Frame
from overlay.media.source import PatientSource, Source


def flipped(frame: Frame) -> Frame:
    """Return a frame with left and right exchanged."""
    return replace(frame, pixels=np.asarray(cv2.flip(frame.pixels, 1), np.uint8))


class FlippedSource:
    """Gives the frames of another source with left and right exchanged.

    Args:
        source: closed with this.
    """

    def __init__(self, source: Source) -> None:
        self._source = source

    @property
    def name(self) -> str:
        """Of the source."""
        return self._source.name

    @property
    def live(self) -> bool:
        """Of the source."""
        return self._source.live

    @property
    def rate(self) -> float:
        """Of the source."""
        return self._source.rate

    @property
    def notice(self) -> str | None:
        """Of the source."""
        return self._source.notice

    @property
    def patient(self) -> bool:
        """Of the source."""
        return isinstance(self._source, PatientSource) and self._source.patient

    def read(self) -> Frame | None:
        """The next frame, flipped; None at the end or after `close`.

        Raises:
            SourceError: the source cannot go on.
        """
        frame = self._source.read()
        return None if frame is None else flipped(frame)

    def close(self) -> None:
        """Close the source."""
        self._source.close()
