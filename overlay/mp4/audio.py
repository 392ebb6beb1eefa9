"""The sound of a file, written beside its captioned pictures."""

import math
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any, Final, TypeAlias

import av
import av.logging

from overlay.core.errors import SourceError

# What MP4 holds and common players play: copied as it is.
COPIED: Final = frozenset({"aac", "mp3", "ac3", "eac3", "alac", "opus", "flac"})
RATES: Final = frozenset(
    {96000, 88200, 64000, 48000, 44100, 32000, 24000, 22050, 16000, 12000, 11025, 8000}
)  # of AAC
USUAL_RATE: Final = 48000
BIT_RATE: Final = 96_000  # a channel
# What one damaged packet raises; anything else, as a full disk, is of the file that is written.
DAMAGED: Final = (av.error.InvalidDataError, av.error.ArgumentError)


Packet: TypeAlias = "av.Packet[Any]"


class _Track:
    """One track: packet by packet into the other file, at the times that they have there."""

    def __init__(self, source: av.AudioStream, start: float) -> None:
        self._source = source
        self._start = start
        self._copied = source.codec_context.name in COPIED
        self._target: av.AudioStream | None = None
        self._last: int | None = None

    def add_to(self, container: av.container.OutputContainer) -> None:
        if self._copied:
            self._target = container.add_stream_from_template(self._source)
        else:
            rate = self._source.rate if self._source.rate in RATES else USUAL_RATE
            mono = self._source.channels == 1
            self._target = container.add_stream("aac", rate=rate, layout="mono" if mono else "stereo")
            self._target.bit_rate = BIT_RATE * (1 if mono else 2)
        if language := self._source.metadata.get("language"):
            self._target.metadata["language"] = language

    def packets(self, packet: Packet) -> Iterator[Packet]:
        """What becomes of a packet of the source."""
        assert self._target is not None
        if self._copied:
            if packet.dts is None:
                return
            if packet.pts is not None:
                packet.pts -= self._offset(packet.time_base)
            packet.dts -= self._offset(packet.time_base)
            packet.stream = self._target
            yield packet
            return
        for frame in packet.decode():
            if isinstance(frame, av.AudioFrame) and frame.pts is not None and frame.time_base is not None:
                frame.pts -= self._offset(frame.time_base)
                yield from self._target.encode(frame)

    def rest(self) -> Iterator[Packet]:
        """What the encoder still holds."""
        if not self._copied and self._target is not None:
            yield from self._target.encode(None)

    def follows(self, packet: Packet) -> bool:
        """Whether it is later than the one before: another would end the file that is written."""
        if packet.dts is None or (self._last is not None and packet.dts <= self._last):
            return False
        self._last = packet.dts
        return True

    def _offset(self, time_base: Fraction) -> int:
        return round(self._start / time_base)


class Sound:
    """All tracks of sound of a file: copied where MP4 holds their kind, else encoded as AAC.

    Packets that are damaged are left out; sound and pictures keep their times all the same.

    Args:
        path: of the file.
        start: in seconds of the file's own packets, where the time of the file that is written begins.

    Attributes:
        lost: packets that were left out.

    Raises:
        SourceError: the file can be read once only, and is being read for its pictures.
    """

    def __init__(self, path: Path, start: float = 0.0) -> None:
        if not path.is_file():
            raise SourceError(f"{path} is no file that can be read again for its sound: save it as one first.")
        av.logging.set_level(av.logging.PANIC)  # what fails is told by errors
        self.lost = 0
        self._start = start
        self._source = av.open(f"file:{path}", metadata_errors="replace")
        usable = [stream for stream in self._source.streams.audio if stream.codec_context and stream.rate]
        self._tracks = {stream.index: _Track(stream, start) for stream in usable}
        self._packets = self._demux(usable)
        self._next: Packet | None = None
        self._container: av.container.OutputContainer | None = None

    def add_to(self, container: av.container.OutputContainer) -> None:
        """Add the tracks to a file without a header yet."""
        self._container = container
        for track in self._tracks.values():
            track.add_to(container)

    def write_until(self, at: float) -> None:
        """Write what is heard before `at`, in seconds of the file that is written.

        Raises:
            av.error.FFmpegError, OSError: it cannot be written.
        """
        while True:
            packet = self._next or next(self._packets, None)
            self._next = None
            if packet is None:
                return
            if packet.dts is not None and float(packet.dts * packet.time_base) - self._start > at:
                self._next = packet
                return
            track = self._tracks[packet.stream.index]
            try:
                for one in track.packets(packet):
                    self._write(track, one)
            except DAMAGED:
                self.lost += 1

    def finish(self) -> None:
        """Write all the rest.

        Raises:
            av.error.FFmpegError, OSError: it cannot be written.
        """
        self.write_until(math.inf)
        for track in self._tracks.values():
            for packet in track.rest():
                self._write(track, packet)

    def close(self) -> None:
        """Let go of the file that is read."""
        self._source.close()

    def _write(self, track: _Track, packet: Packet) -> None:
        assert self._container is not None
        if not track.follows(packet):
            self.lost += 1
            return
        self._container.mux(packet)

    def _demux(self, streams: list[av.AudioStream]) -> Iterator[Packet]:
        if not streams:
            return
        packets = self._source.demux(streams)
        while True:
            try:
                packet = next(packets)
            except (StopIteration, av.error.FFmpegError, OSError):
                return  # the end, or nothing more can be had
            if packet.size or packet.stream.codec_context.name not in COPIED:
                yield packet
