"""Captions as a track of an MP4 file, which players can switch on and off."""

from fractions import Fraction
from typing import Final

import av
from av.stream import Disposition

from overlay.captions.subtitle_text import unmarked_text
from overlay.captions.subtitles import Subtitle

TIME_BASE: Final = Fraction(1, 1000)
UNKNOWN: Final = "und"  # a name that is spelled belongs to no language
TITLE: Final = "Signcap captions"


class SubtitleTrack:
    """A 3GPP timed text track (`mov_text`, ISO/IEC 14496-17): each sample is two bytes of length and UTF-8 text.

    Args:
        container: an MP4 without a header yet.
        shown: players are to show it by themselves; see `track_flags` for one that they are not to.
    """

    def __init__(self, container: av.container.OutputContainer, *, shown: bool) -> None:
        self._container = container
        self._stream = container.add_mux_stream("mov_text", time_base=TIME_BASE)
        self._stream.metadata.update({"language": UNKNOWN, "title": TITLE})
        self._stream.disposition = Disposition.default if shown else Disposition(0)
        self._end = 0

    def add(self, subtitle: Subtitle) -> None:
        """Write one, in order; one that begins before the last ended begins where that ended.

        Raises:
            av.error.FFmpegError, OSError: it cannot be written.
        """
        start = max(self._end, round(subtitle.start / TIME_BASE))
        end = round(subtitle.end / TIME_BASE)
        if end <= start:
            return
        text = unmarked_text("\n".join(subtitle.lines)).encode()
        packet = av.Packet(len(text).to_bytes(2, "big") + text)
        packet.stream = self._stream
        packet.time_base = TIME_BASE
        packet.pts = packet.dts = start
        packet.duration = end - start
        packet.is_keyframe = True
        self._container.mux(packet)
        self._end = end
