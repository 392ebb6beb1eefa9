"""Sources of frames, behind one protocol."""

from typing import Protocol, runtime_checkable

from overlay.media.frame import Frame


class Source(Protocol):
    """Gives frames, one after the other. Read by one thread only; `close` may be called from any."""

    @property
    def name(self) -> str:
        """A short name for people, for example "camera 0" or "demo"."""
        ...

    @property
    def live(self) -> bool:
        """Frames come at their own pace and late readers lose some; False for files read as fast as possible."""
        ...

    @property
    def rate(self) -> float:
        """Frames a second, as announced."""
        ...

    @property
    def notice(self) -> str | None:
        """The notice for people, for example "Camera unplugged: trying again"; None when all is well."""
        ...

    def read(self) -> Frame | None:
        """Wait for the next frame; None at the end or after `close`.

        Raises:
            SourceError: it cannot go on.
        """
        ...

    def close(self) -> None:
        """Let go of the device or the file; a `read` that waits returns soon."""
        ...


@runtime_checkable
class PatientSource(Protocol):
    """A live source that may be able to wait: its frames are those of a recording, or made for each `read`."""

    @property
    def patient(self) -> bool:
        """Whether it plays slower where it is read slower, and loses no frame: see `Frame.behind`."""
        ...
