"""Receivers of captioned pictures, behind one protocol."""

from collections.abc import Mapping
from typing import Protocol, runtime_checkable

from overlay.core.metrics import StageStats
from overlay.media.frame import Picture


class Sink(Protocol):
    """Takes captioned pictures. The pipeline gives each sink a thread and a `LatestValue` of its own.

    A sink that raises is taken out of the pipeline and its error shown; the others go on.
    """

    @property
    def name(self) -> str:
        """A short name for people, for example "virtual camera Signcap"."""
        ...

    def send(self, picture: Picture) -> None:
        """Take the newest picture. May block: newer pictures meanwhile replace each other."""
        ...

    def close(self) -> None:
        """Let go of the device or the file. Called once, from any thread, after the last `send`."""
        ...


@runtime_checkable
class SparingSink(Protocol):
    """A sink that can do with less, where the machine is too slow for all of it."""

    def spare(self, lean: bool) -> None:
        """Do less, or all again. From any thread."""
        ...


@runtime_checkable
class MeasuredSink(Protocol):
    """A sink with threads of its own, whose figures the pipeline cannot take."""

    def stages(self) -> Mapping[str, StageStats]:
        """Figures of its stages by their names. From any thread."""
        ...
