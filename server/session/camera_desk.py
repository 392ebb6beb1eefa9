"""The common part of pages that take pictures of the person: frames, for as long as one is open."""

from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import Any

from overlay.media.frame import Frame
from overlay.pipeline.pipeline import Pipeline
from overlay.pipeline.result import CaptionResult
from overlay.pipeline.self_view import LiveView


class CameraDesk(ABC):
    """Joins what takes pictures to the camera, for as long as a page is open. Lives in the event loop.

    Args:
        pipeline: whose frames are taken.
    """

    def __init__(self, pipeline: Pipeline) -> None:
        self.pipeline = pipeline
        self.view = LiveView()
        self.pages = 0
        self.closing = False
        self._joined = 0
        self._unlisten: Callable[[], None] | None = None

    @abstractmethod
    def accept(self, frame: Frame, reading: CaptionResult) -> None:
        """The next frame, and what was read in it."""

    @abstractmethod
    def stop(self) -> None:
        """Take nothing more until somebody asks for it."""

    @abstractmethod
    def state(self) -> dict[str, Any]:
        """Return the state for the page."""

    def unwatched(self) -> None:
        """The last page is closed: nobody sees what is taken."""
        self.stop()

    @property
    def open(self) -> bool:
        """Whether a page of it is open."""
        return self._joined > 0

    @property
    def notice(self) -> str | None:
        """Why no pictures come, or no hand is found in them, for now."""
        return self.pipeline.source.notice or self.pipeline.waiting

    async def look(self) -> dict[str, Any]:
        """Return the state for the page, elsewhere than in the event loop if it takes a while."""
        return self.state()

    async def close(self) -> None:
        """Signcap ends: take nothing more, and end the events of the pages."""
        self.closing = True
        self.stop()

    def join(self) -> None:
        """Note that something of the page is open: frames are wanted."""
        self._joined += 1
        if self._unlisten is None:
            self._unlisten = self.pipeline.listen_frames(self._accept)

    def leave(self) -> None:
        """Note that something of the page is closed. With the last one, frames end."""
        self._joined -= 1
        if self._joined == 0 and self._unlisten is not None:
            self._unlisten()
            self._unlisten = None
            self.unwatched()

    def _accept(self, frame: Frame, reading: CaptionResult) -> None:
        self.accept(frame, reading)
        self.view.show(frame, reading.hand)
