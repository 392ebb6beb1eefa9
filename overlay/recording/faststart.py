"""A finished recording as a plain MP4 file, its index at the front: nothing is encoded again."""

import shutil
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, Final

import av

from overlay.captions.subtitles import Subtitle
from overlay.core.files.atomic import replacing
from overlay.mp4.subtitle_track import SubtitleTrack
from overlay.mp4.track_flags import switch_off, unasked_subtitles

SPARED: Final = 64_000_000  # bytes that are left free for others
INDEX: Final = 1.02  # of the recording's size


def make_quick_start(path: Path, captions: Iterable[Subtitle], *, shown: bool) -> bool:
    """Put a plain file in the place of a fragmented one, with a track of captions.

    Args:
        path: of the recording.
        captions: all of them, in order.
        shown: players are to show the track by themselves, as the pictures have no captions.

    Returns:
        False where there is no room for it: the file stays as it is.

    Raises:
        av.error.FFmpegError, OSError: it cannot be done: the file stays as it is.
    """
    size = path.stat().st_size
    if shutil.disk_usage(path.parent).free < size * INDEX + SPARED:
        return False
    with replacing(path, durable=True) as part:
        switch_off(part, _copy(path, part, captions, shown))
    return True


def _copy(path: Path, part: Path, captions: Iterable[Subtitle], shown: bool) -> list[int]:
    """Copy it; the tracks that players are not to show by themselves."""
    with (
        av.open(f"file:{path}") as source,
        av.open(f"file:{part}", "w", format="mp4", options={"movflags": "+faststart"}) as target,
    ):
        copied = [stream for stream in source.streams if stream.type in ("video", "audio")]
        streams = {stream.index: target.add_stream_from_template(stream) for stream in copied}
        track = SubtitleTrack(target, shown=shown)
        rest = iter(captions)
        caption = next(rest, None)
        for packet in _packets(source, copied):
            while caption is not None and caption.start <= packet.dts * packet.time_base:
                track.add(caption)
                caption = next(rest, None)
            packet.stream = streams[packet.stream.index]
            target.mux(packet)
        for late in (caption, *rest):
            if late is not None:
                track.add(late)
        return unasked_subtitles(target)


def _packets(source: av.container.InputContainer, streams: list[av.stream.Stream]) -> Iterator[Any]:
    packet: Any
    for packet in source.demux(streams):
        if packet.size and packet.dts is not None:
            yield packet
