"""What every track has that is kept of another file."""

from collections.abc import Iterator
from typing import Any, Final, Protocol, TypeAlias

import av
from av.stream import Stream

Packet: TypeAlias = "av.Packet[Any]"

_NAMES: Final = ("title", "name")  # Matroska's word, and MP4's


class KeptTrack(Protocol):
    """A track of another file, packet by packet into the one that is written, at the times that they have there."""

    def add_to(self, container: av.container.OutputContainer) -> None:
        """Add it to a file without a header yet."""
        ...

    def packets(self, packet: Packet) -> Iterator[Packet]:
        """Give what becomes of a packet of the source."""
        ...

    def rest(self) -> Iterator[Packet]:
        """Give what comes after the last packet."""
        ...


def describe(target: Stream, source: Stream) -> None:
    """Give a stream the language, the name and the uses of another."""
    told = {name.lower(): value for name, value in source.metadata.items()}
    if language := told.get("language"):
        target.metadata["language"] = language
    if title := next((told[name] for name in _NAMES if told.get(name)), None):
        target.metadata["title"] = title
    target.disposition = source.disposition
