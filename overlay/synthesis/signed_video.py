"""A signed text as an MP4 file, with the captions that are true of it."""

from collections.abc import Callable
from pathlib import Path

from overlay.captions.subtitles import Subtitle, subtitles
from overlay.core.settings import Settings
from overlay.mp4.video_writer import VideoWriter
from overlay.pipeline.compositor import Composer
from overlay.pipeline.result import CaptionResult
from overlay.synthesis.signed_text import RATE, SignedText

NAME_LENGTH = 40  # characters of a file's name that come from the text
RESERVED = frozenset({"aux", "con", "nul", "prn"})  # names that Windows keeps for devices


def write_video(
    signed: SignedText,
    path: Path,
    settings: Settings,
    *,
    captions: bool = True,
    note: Callable[[int], None] = lambda _count: None,
    threads: int | None = None,
) -> None:
    """Draw and write all pictures. Whatever ends it before its end, nothing stays on the disk.

    Args:
        signed: the text.
        path: of the file, which must not exist; ends in .mp4.
        settings: how captions look.
        captions: burn them into the pictures, and add them as a track.
        note: told how many pictures are written; what it raises ends the work.
        threads: of the encoder; as many as it likes by default.

    Raises:
        SinkError: a file of that name exists, or it cannot be written.
    """
    writer = VideoWriter(path, RATE, subtitles=captions, threads=threads)
    try:
        composer = Composer()
        coming = iter(signed_subtitles(signed) if captions else ())
        following = next(coming, None)
        for frame in signed.frames():
            reading = CaptionResult(frame.at, signed.state(frame.at)) if captions else CaptionResult(frame.at)
            writer.send(composer.compose(frame, reading, settings))
            while following is not None and following.start <= frame.at:
                writer.add_subtitle(following)
                following = next(coming, None)
            note(frame.index + 1)
        writer.close()
    finally:
        writer.discard()  # does nothing once the file is complete


def signed_subtitles(signed: SignedText) -> list[Subtitle]:
    """The text as subtitles, timed from the beginning of the video."""
    return subtitles(signed.cues)


def file_name(signed: SignedText) -> str:
    """A name for the video, without what comes after the dot: as many of its words as fit."""
    name = ""
    for word in signed.spelled.words:
        longer = f"{name}-{word.lower()}" if name else word.lower()[:NAME_LENGTH]
        if len(longer) > NAME_LENGTH:
            break
        name = longer
    return f"{name}-spelled" if name in RESERVED else name
