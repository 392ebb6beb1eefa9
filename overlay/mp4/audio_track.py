"""A track of sound of another file, copied or encoded again."""

from collections.abc import Iterator
from fractions import Fraction
from typing import Final

import av

from overlay.mp4.kept_track import Packet, describe

# What MP4 holds and common players play: copied as it is.
COPIED: Final = frozenset({"aac", "mp3", "ac3", "eac3", "alac", "opus", "flac"})
RATES: Final = frozenset(
    {96000, 88200, 64000, 48000, 44100, 32000, 24000, 22050, 16000, 12000, 11025, 8000}
)  # of AAC
USUAL_RATE: Final = 48000
BIT_RATE: Final = 96_000  # a channel


class AudioTrack:
    """A track of sound: copied where MP4 holds its kind, else encoded as AAC, in stereo at most.

    Args:
        source: a stream of the other file.
        start: in seconds of its packets, where the time of the file that is written begins.
    """

    def __init__(self, source: av.AudioStream, start: float) -> None:
        self._source = source
        self._start = start
        self._copied = source.codec_context.name in COPIED
        self._target: av.AudioStream | None = None

    def add_to(self, container: av.container.OutputContainer) -> None:
        """Add it to a file without a header yet."""
        if self._copied:
            self._target = container.add_stream_from_template(self._source)
        else:
            rate = self._source.rate if self._source.rate in RATES else USUAL_RATE
            mono = self._source.channels == 1
            self._target = container.add_stream("aac", rate=rate, layout="mono" if mono else "stereo")
            self._target.bit_rate = BIT_RATE * (1 if mono else 2)
        describe(self._target, self._source)

    def packets(self, packet: Packet) -> Iterator[Packet]:
        """Give what becomes of a packet of the source."""
        assert self._target is not None
        if self._copied:
            if packet.dts is None or not packet.size:
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
        """Give what the encoder still holds."""
        if not self._copied and self._target is not None:
            yield from self._target.encode(None)

    def _offset(self, time_base: Fraction) -> int:
        return round(self._start / time_base)
