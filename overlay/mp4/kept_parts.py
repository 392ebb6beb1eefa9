"""All that a video has besides its pictures, written beside its captioned ones."""

import math
import re
from collections.abc import Iterator, Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any, Final

import av
import av.logging
from av.stream import Disposition
from av.subtitles.stream import SubtitleStream

from overlay.core.errors import SourceError
from overlay.mp4 import kept_subtitles
from overlay.mp4.audio_track import AudioTrack
from overlay.mp4.kept_subtitles import CopiedTrack, TextTrack
from overlay.mp4.kept_track import KeptTrack, Packet

# What one damaged packet raises; anything else, as a full disk, is of the file that is written.
DAMAGED: Final = (av.error.InvalidDataError, av.error.ArgumentError)
COVERS: Final = frozenset({"mjpeg", "png", "bmp"})
# The tags of a file that FFmpeg writes into MP4.
TAGS: Final = frozenset(
    "title artist album album_artist composer genre date comment copyright description synopsis grouping lyrics show "
    "episode_id network keywords track disc compilation location creation_time hd_video media_type timecode".split()
)
# Tags of the file that they stand in alone.
ITS_OWN: Final = frozenset("major_brand minor_version compatible_brands encoder duration creation_time".split())
TAGS_SHOWN: Final = 8  # by name
NAME_SHOWN: Final = 60  # characters of a name that the file gives
PICTURES_LOOKED_AT: Final = 4
_TIMECODE: Final = re.compile(r"\d\d:\d\d:\d\d([:;.])\d\d")


class KeptParts:
    """The sound, subtitles, cover, chapters and tags of a file.

    Sound is copied where MP4 holds its kind, else encoded as AAC; subtitles of text become timed text. Packets that
    are damaged are left out; the rest keep their times all the same.

    Args:
        path: of the file.
        start: in seconds of the file's own packets, where the time of the file that is written begins.

    Attributes:
        lost: packets that were left out.
        left_out: what MP4 cannot hold of the file, one short noun phrase each.

    Raises:
        SourceError: the file can be read once only, and is being read for its pictures.
    """

    def __init__(self, path: Path, start: float = 0.0) -> None:
        if not path.is_file():
            raise SourceError(f"{path} is no file that can be read again for its sound: save it as one first.")
        av.logging.set_level(av.logging.PANIC)  # what fails is told by errors
        self.lost = 0
        self._start = start
        self._source = _open(path)
        self._tracks: dict[int, KeptTrack] = {}
        self.left_out = tuple(self._choose(path))
        self._packets = self._demux([self._source.streams[index] for index in self._tracks])
        self._last: dict[int, int] = {}
        self._next: Packet | None = None
        self._container: av.container.OutputContainer | None = None

    def add_to(self, container: av.container.OutputContainer, pictures: av.VideoStream) -> None:
        """Add the tracks, tags and chapters to a file without a header yet.

        Args:
            container: it.
            pictures: its stream of pictures, which gets the timecode that it has had.
        """
        self._container = container
        for track in self._tracks.values():
            track.add_to(container)
        for kind in (container.streams.audio, container.streams.subtitles):
            _have_one_default(kind)
        container.metadata.update({name: value for name, value in self._tags().items() if name != "timecode"})
        if timecode := self._timecode(pictures.codec_context.framerate):
            pictures.metadata["timecode"] = timecode
        container.set_chapters(self._chapters())

    def write_until(self, at: float) -> None:
        """Write what is heard and shown before `at`, in seconds of the file that is written.

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
            index = packet.stream.index
            try:
                for one in self._tracks[index].packets(packet):
                    self._write(index, one)
            except DAMAGED:
                self.lost += 1

    def finish(self) -> None:
        """Write all the rest.

        Raises:
            av.error.FFmpegError, OSError: it cannot be written.
        """
        self.write_until(math.inf)
        for index, track in self._tracks.items():
            for packet in track.rest():
                self._write(index, packet)

    def close(self) -> None:
        """Let go of the file that is read."""
        self._source.close()

    def _choose(self, path: Path) -> Iterator[str]:
        """Choose the tracks that are kept; names the others."""
        streams: Any = self._source.streams
        for stream in [*streams.audio, *streams.subtitles, *streams.video, *streams.attachments, *streams.data]:
            track = self._track(stream)
            if track is not None:
                self._tracks[stream.index] = track
            elif what := _named(stream, streams.video, len(self._source.chapters())):
                yield what
        if missing := sorted(set(_all_tags(self._source)) - TAGS - ITS_OWN):
            named = ", ".join(name[:NAME_SHOWN] for name in missing[:TAGS_SHOWN])
            more = f" and {len(missing) - TAGS_SHOWN} more" if len(missing) > TAGS_SHOWN else ""
            yield f"the tag{'s'[: len(missing) - 1]} {named}{more}"
        if _hides_captions(path):
            yield "the captions hidden in its pictures (CEA-608 or 708)"

    def _track(self, stream: Any) -> KeptTrack | None:
        kind = stream.codec_context.name if stream.codec_context else None
        if isinstance(stream, av.AudioStream):
            return AudioTrack(stream, self._start) if kind and stream.rate else None
        if isinstance(stream, SubtitleStream) and kind:
            if kind in kept_subtitles.COPIED:
                return CopiedTrack(stream, self._start)
            return TextTrack(stream, self._start) if stream.codec_context.codec.text_sub else None
        is_cover = stream.disposition & Disposition.attached_pic
        return CopiedTrack(stream, self._start) if is_cover and kind in COVERS else None

    def _tags(self) -> dict[str, str]:
        return {name: value for name, value in _all_tags(self._source).items() if name in TAGS}

    def _timecode(self, rate: Fraction) -> str | None:
        """The timecode of the first picture, if it is one: with another, FFmpeg would refuse to write the file."""
        told = [self._source.metadata, *(stream.metadata for stream in self._source.streams)]
        for timecode in (one["timecode"] for one in told if "timecode" in one):
            found = _TIMECODE.fullmatch(timecode)
            if found is not None and (found[1] == ":" or rate % 30 == 0):  # frames are dropped at 29.97 and 59.94
                return timecode
        return None

    def _chapters(self) -> list[Any]:
        """The chapters, by the clock of the file that is written."""
        chapters: list[Any] = []
        for chapter in self._source.chapters():
            offset = round(self._start / chapter["time_base"]) if chapter["time_base"] else 0
            start, end = (max(0, chapter["start"] - offset), max(0, chapter["end"] - offset))
            if end > start or not end:
                chapters.append({**chapter, "start": start, "end": end})
        return chapters

    def _write(self, index: int, packet: Packet) -> None:
        assert self._container is not None
        last = self._last.get(index)
        if packet.dts is None or (last is not None and packet.dts <= last):
            self.lost += 1  # one that is no later than the one before would end the file that is written
            return
        self._last[index] = packet.dts
        self._container.mux(packet)

    def _demux(self, streams: list[Any]) -> Iterator[Packet]:
        if not streams:
            return
        packets = self._source.demux(streams)
        while True:
            try:
                packet = next(packets)
            except (StopIteration, av.error.FFmpegError, OSError):
                return  # the end, or nothing more can be had
            yield packet


def _have_one_default(streams: Sequence[av.stream.Stream]) -> None:
    """Leave the first default alone: Matroska calls every track so that says nothing, and MP4 plays all of them."""
    for stream in [one for one in streams if one.disposition & Disposition.default][1:]:
        stream.disposition &= ~Disposition.default


def _open(path: Path) -> "av.container.InputContainer":
    # A file may be a playlist, which names others: never addresses in a network.
    only = {"protocol_whitelist": "file,crypto,data"}
    return av.open(f"file:{path}", metadata_errors="replace", container_options=only)


def _all_tags(source: Any) -> dict[str, str]:
    """The tags of a file; those that stand there once more with a language, once."""
    tags = {name.lower(): value for name, value in source.metadata.items()}
    return {name: value for name, value in tags.items() if name.rpartition("-")[0] not in tags}


def _named(stream: Any, pictures: tuple[Any, ...], chapters: int) -> str | None:
    """What a track is called that is left out; None for what is written otherwise."""
    language = stream.metadata.get("language", "und")
    whose = "" if language == "und" else f" ({language})"
    if stream.type == "audio":
        return f"a track of sound{whose} that cannot be read"
    if stream.type == "subtitle":
        pictured = stream.codec_context is not None and stream.codec_context.codec.bitmap_sub
        return f"the {'picture ' if pictured else ''}subtitles{whose}"
    if stream.type == "video":
        still = Disposition.attached_pic | Disposition.timed_thumbnails
        if stream.disposition & still:
            return "a cover picture"
        moving = [one for one in pictures if not one.disposition & still]
        return None if stream is moving[0] else "a further track of pictures"
    if stream.type == "attachment":
        return f"the attached file {stream.metadata.get('filename', '')[:NAME_SHOWN]}".strip()
    if "timecode" in stream.metadata or (chapters and stream.frames == chapters):
        return None  # timecode and chapters: they are made again
    handler = stream.metadata.get("handler_name", "").strip()[:NAME_SHOWN]
    return f"a track of data ({handler})" if handler else "a track of data"


def _hides_captions(path: Path) -> bool:
    """Whether the first pictures carry captions; those are there from the first one on, or not at all."""
    try:
        with _open(path) as container:
            for number, picture in enumerate(container.decode(video=0)):
                if picture.side_data.get("A53_CC") is not None:
                    return True
                if number >= PICTURES_LOOKED_AT:
                    return False
    except (av.error.FFmpegError, OSError, ValueError, IndexError):
        return False
    return False
