"""A finished recording as a plain MP4 file, its index at the front: nothing is encoded again."""

import shutil
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, Final

import av

from overlay.captions.subtitles import Subtitle
from overlay.core.files.atomic import replacing
from overlay.mp4.subtitle_track import SubtitleTrack

SPARED: Final = 64_000_000  # bytes that are left free for others
INDEX: Final = 1.02  # of the recording's size


def make_quick_start(path: Path, captions: Iterable[Subtitle] | None) -> bool:
    """Put a plain file in the place of a fragmented one.

    Args:
        path: of the recording.
        captions: all of them, in order; None for no track of captions.

    Returns:
        False where there is no room for it: the file stays as it is.

    Raises:
        av.error.FFmpegError, OSError: it cannot be done: the file stays as it is.
    """
    size = path.stat().st_size
    if shutil.disk_usage(path.parent).free < size * INDEX + SPARED:
        return False
    with replacing(path, durable=True) as part:
        _copy(path, part, captions)
    return True


def _copy(path: Path, part: Path, captions: Iterable[Subtitle] | None) -> None:
    with (
        av.open(f"file:{path}") as source,
        av.open(f"file:{part}", "w", format="mp4", options={"movflags": "+faststart"}) as target,
    ):
        copied = [stream for stream in source.streams if stream.type in ("video", "audio")]
        streams = {stream.index: target.add_stream_from_template(stream) for stream in copied}
        track = SubtitleTrack(target) if captions is not None else None
        rest = iter(captions or ())
        caption = next(rest, None)
        for packet in _packets(source, copied):
            while track is not None and caption is not None and caption.start <= packet.dts * packet.time_base:
                track.add(caption)
                caption = next(rest, None)
            packet.stream = streams[packet.stream.index]
            target.mux(packet)
        for late in (caption, *rest):
            if track is not None and late is not None:
                track.add(late)


def _packets(source: av.container.InputContainer, streams: list[av.stream.Stream]) -> Iterator[Any]:
    packet: Any
    for packet in source.demux(streams):
        if packet.size and packet.dts is not None:
            yield packet
