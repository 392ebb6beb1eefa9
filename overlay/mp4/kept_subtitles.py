"""The subtitles that a video has already, as timed text of an MP4."""

import re
from collections.abc import Iterator
from typing import Final

import av
from av.subtitles.stream import SubtitleStream
from av.subtitles.subtitle import AssSubtitle, SubtitleSet

from overlay.mp4.kept_track import Packet, describe
from overlay.mp4.subtitle_track import TIME_BASE

COPIED: Final = frozenset({"mov_text", "dvd_subtitle", "dvdsub"})
USUAL: Final = 5.0  # seconds that a text is shown that does not say how long
LONGEST: Final = 10_000  # characters shown at once: timed text has 65,535 bytes, and FFmpeg is slow with millions
_COMMAS: Final = 8  # before the text of an event
_DRAWING: Final = re.compile(r"\{[^}]*\\p[1-9]")
# FFmpeg's encoder of timed text asks for the head of an Advanced SubStation file.
_HEAD: Final = (
    b"[Script Info]\r\nScriptType: v4.00+\r\nPlayResX: 384\r\nPlayResY: 288\r\n\r\n[V4+ Styles]\r\n"
    b"Format: Name, Fontname, Fontsize, PrimaryColour, SecondaryColour, OutlineColour, BackColour, Bold, Italic, "
    b"Underline, StrikeOut, ScaleX, ScaleY, Spacing, Angle, BorderStyle, Outline, Shadow, Alignment, MarginL, "
    b"MarginR, MarginV, Encoding\r\n"
    b"Style: Default,Arial,16,&Hffffff,&Hffffff,&H0,&H0,0,0,0,0,100,100,0,0,1,1,0,2,10,10,10,1\r\n\r\n"
    b"[Events]\r\nFormat: Layer, Start, End, Style, Name, MarginL, MarginR, MarginV, Effect, Text\r\n"
)


class CopiedTrack:
    """A track that MP4 holds as it is."""

    def __init__(self, source: av.stream.Stream, start: float) -> None:
        self._source, self._start = source, start
        self._target: av.stream.Stream | None = None

    def add_to(self, container: av.container.OutputContainer) -> None:
        """Add it to a file without a header yet."""
        self._target = container.add_stream_from_template(self._source)
        describe(self._target, self._source)

    def packets(self, packet: Packet) -> Iterator[Packet]:
        """Give a packet at its time; a cover picture has none."""
        if not packet.size:
            return
        offset = round(self._start / packet.time_base)
        packet.pts = max(0, (packet.pts or 0) - offset)
        packet.dts = packet.pts
        packet.stream = self._target
        yield packet

    def rest(self) -> Iterator[Packet]:
        """Give nothing more."""
        yield from ()


class TextTrack:
    """Subtitles of any kind of text as timed text, bold, italic and coloured where they were.

    Timed text shows one sample at a time: texts that overlap are shown together while they do.
    """

    def __init__(self, source: SubtitleStream, start: float) -> None:
        self._source, self._start = source, start
        self._target: SubtitleStream | None = None
        self._shown: list[tuple[int, str]] = []  # when each goes, and its text
        self._at = 0  # milliseconds, until when all is written

    def add_to(self, container: av.container.OutputContainer) -> None:
        """Add it to a file without a header yet."""
        self._target = container.add_stream("mov_text")
        self._target.codec_context.subtitle_header = _HEAD
        self._target.codec_context.time_base = TIME_BASE
        describe(self._target, self._source)

    def packets(self, packet: Packet) -> Iterator[Packet]:
        """Give what is shown until this one begins.

        Raises:
            av.error.InvalidDataError: it cannot be shown: it is left out, and those that come can be given.
        """
        if not packet.size or packet.pts is None:
            return
        begins = float(packet.pts * packet.time_base) - self._start
        lasts = float((packet.duration or 0) * packet.time_base) or USUAL
        for given in packet.decode():
            if not isinstance(given, AssSubtitle):
                continue
            text = given.ass.decode("utf-8", "replace").split(",", _COMMAS)[-1].strip()
            start, end = round(begins / TIME_BASE), round((begins + lasts) / TIME_BASE)
            if text and not _DRAWING.search(text) and end > max(start, self._at):
                yield from self._until(start)
                if len(text) + sum(len(other) for _, other in self._shown) > LONGEST:
                    raise av.error.InvalidDataError(LONGEST, "This text is longer than any screen holds.")
                self._shown.append((end, text))

    def rest(self) -> Iterator[Packet]:
        """Give what is shown after the last one has begun."""
        yield from self._until(max((end for end, _ in self._shown), default=0))

    def _until(self, at: int) -> Iterator[Packet]:
        while self._shown and self._at < at:
            end = min(at, *(end for end, _ in self._shown))
            yield self._sample(r"\N".join(text for _, text in self._shown), self._at, end)
            self._at = end
            self._shown = [(end, text) for end, text in self._shown if end > self._at]
        self._at = max(self._at, at)

    def _sample(self, text: str, start: int, end: int) -> Packet:
        assert self._target is not None
        event = f"0,0,Default,,0,0,0,,{text}".encode()
        packet = self._target.codec_context.encode_subtitle(SubtitleSet.create(event, 0, end - start, 0))
        packet.stream = self._target
        packet.time_base = TIME_BASE
        packet.pts = packet.dts = start
        packet.duration = end - start
        return packet
