"""Which tracks of an MP4 file players show by themselves.

FFmpeg's muxer enables the first track of subtitles whatever it is told, and players show a track that is enabled.
"""

import os
import struct
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import BinaryIO, Final

import av
from av.stream import Disposition

_ENABLED: Final = 1  # in the flags of a track's header


def unasked_subtitles(container: av.container.OutputContainer) -> list[int]:
    """Return the numbers of the tracks of subtitles that nobody called the default. A cover is no track in MP4."""
    tracks = [stream for stream in container.streams if not stream.disposition & Disposition.attached_pic]
    return [
        number
        for number, stream in enumerate(tracks)
        if stream.type == "subtitle" and not stream.disposition & Disposition.default
    ]


def switch_off(path: Path, tracks: Collection[int]) -> None:
    """Let players show these tracks only when they are chosen. The file is complete, and changed where it is.

    Raises:
        OSError: it cannot be read or written.
    """
    if not tracks:
        return
    with path.open("r+b") as file:
        whole = (0, file.seek(0, os.SEEK_END))
        movie = [box for kind, *box in _boxes(file, *whole) if kind == b"moov"]
        traks = [box for start, end in movie for kind, *box in _boxes(file, start, end) if kind == b"trak"]
        for number in tracks:
            headers = [start for kind, start, _ in _boxes(file, *traks[number]) if kind == b"tkhd"]
            for start in headers:
                file.seek(start + 3)  # a byte of version and three of flags
                flags = file.read(1)[0]
                file.seek(start + 3)
                file.write(bytes([flags & ~_ENABLED]))


def _boxes(file: BinaryIO, start: int, end: int) -> Iterator[tuple[bytes, int, int]]:
    """The boxes between two places: kind, and where their content begins and ends."""
    while start + 8 <= end:
        file.seek(start)
        length, kind = struct.unpack(">I4s", file.read(8))
        head = 8
        if length == 1:
            length, head = struct.unpack(">Q", file.read(8))[0], 16
        elif length == 0:
            length = end - start
        if length < head:
            return
        yield kind, start + head, start + length
        start += length
