"""A hand detector whose model may have to be fetched first."""

from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Self

from overlay.media.frame import Pixels
from overlay.recognition.hands.detector_choice import open_detector
from overlay.recognition.hands.hand_detector import Hand, HandDetector


class LateDetector:
    """Finds no hand until its model is there, so that all else goes on meanwhile: what is typed, the picture.

    Args:
        model: gives the path of the bundle as soon as it is there, None before; what it raises comes out of `find`.
        opened: called when the model is loaded.
        open_one: opens a detector, in the thread of `find`.
    """

    def __init__(
        self,
        model: Callable[[], Path | None],
        opened: Callable[[], None],
        open_one: Callable[[Path], HandDetector] = open_detector,
    ) -> None:
        self._model, self._opened, self._open = model, opened, open_one
        self._detector: HandDetector | None = None

    def find(self, pixels: Pixels, at: float) -> Hand | None:
        """The hand in BGR uint8 (H, W, 3) at time `at` in seconds, which must not go back; or None."""
        if self._detector is None:
            bundle = self._model()
            if bundle is None:
                return None
            self._detector = self._open(bundle)
            self._opened()
        return self._detector.find(pixels, at)

    def take_other(self) -> None:
        """Find another hand than the one that is followed, as soon as one is up; without a model none is followed."""
        if self._detector is not None:
            self._detector.take_other()

    def close(self) -> None:
        """Let go of the model."""
        if self._detector is not None:
            self._detector.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
