"""The newest clips that were tried: they lie in a private folder, which goes with the program, to be captioned."""

import shutil
import tempfile
from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from overlay.batch.captioned_video import CaptionedVideo
from overlay.batch.transcription import Transcription
from overlay.core.errors import SinkError, SourceError
from overlay.core.files.scratch import ScratchFolder
from overlay.core.settings import Settings
from overlay.media.frame import Frame
from overlay.media.sources.video_file import VideoFile, VideoLimits
from overlay.pipeline.result import CaptionResult

KEPT: Final = 4  # clips; each may have a hundred megabytes
CLIP, CAPTIONED = "clip", "captioned.mp4"


@dataclass(frozen=True, slots=True)
class ReadClip:
    """The result of reading a clip.

    Attributes:
        readings: after each frame, text and hand; and at the end.
    """

    readings: tuple[CaptionResult, ...]


class ClipFolder:
    """The folder of uploaded clips, each in one of its own, and what was read from them. One thread at a time."""

    def __init__(self) -> None:
        self._folder: ScratchFolder | None = None
        self._kept: OrderedDict[str, tuple[Path, ReadClip]] = OrderedDict()

    def new(self) -> Path:
        """A path for the next clip, in a folder that nobody else can look into."""
        if self._folder is None:
            self._folder = ScratchFolder()
        return Path(tempfile.mkdtemp(dir=self._folder.path), CLIP)

    def keep(self, name: str, path: Path, read: ReadClip) -> None:
        """Keep a clip under a name; the oldest goes where there would be too many."""
        self._kept[name] = (path, read)
        while len(self._kept) > KEPT:
            _, (oldest, _) = self._kept.popitem(last=False)
            self.drop(oldest)

    def find(self, name: str) -> tuple[Path, ReadClip] | None:
        """A clip that is kept."""
        return self._kept.get(name)

    def captioned(self, name: str) -> Path | None:
        """The captioned video of a clip, where it was made."""
        found = self._kept.get(name)
        if found is None:
            return None
        path = found[0].with_name(CAPTIONED)
        return path if path.exists() else None

    @staticmethod
    def drop(path: Path) -> None:
        """Take away a clip and what was made of it."""
        shutil.rmtree(path.parent, ignore_errors=True)

    def close(self) -> None:
        """Take all away."""
        self._kept.clear()
        if self._folder is not None:
            self._folder.close()
            self._folder = None


def caption_clip(
    path: Path,
    read: ReadClip,
    name: str,
    settings: Settings,
    limits: VideoLimits,
    progress: Callable[[float], None],
) -> str | None:
    """Write the captioned video of a clip beside it, in the place of one that was made before.

    Args:
        path: where the clip lies; never told to anyone.
        read: what was read from it.
        name: for people.
        settings: how captions look.
        limits: with which it was read.
        progress: called with a fraction after each frame; what it raises ends the writing.

    Returns:
        A sentence about what it lacks of the clip; None where that is nothing.

    Raises:
        SigncapError: it cannot be written.
    """
    target = path.with_name(CAPTIONED)
    target.unlink(missing_ok=True)
    try:
        video = VideoFile(path, realtime=False, limits=limits, own_time=True)
        try:
            captioned = CaptionedVideo(target, settings, video.rate, video=video)
            try:
                _write(video, captioned, read.readings, progress)
                return captioned.lacking(name)
            finally:
                captioned.discard()
        finally:
            video.close()
    except SourceError as error:
        raise SourceError(str(error).replace(str(path), name)) from error
    except SinkError as error:
        raise SinkError(f"The captioned video of {name} cannot be written: make room on the disk.") from error


def _write(
    video: VideoFile, captioned: CaptionedVideo, readings: Sequence[CaptionResult], progress: Callable[[float], None]
) -> None:
    transcription = Transcription()
    last: Frame | None = None
    *each, final = readings
    for reading in each:
        frame = video.read()
        if frame is None:
            break
        captioned.add(frame, reading)
        for cue in transcription.note(reading):
            captioned.add_cue(cue)
        last = frame
        progress(min((frame.index + 1) / len(readings), 1.0))
    if last is None:
        raise SourceError(f"{video.path} cannot be read a second time: try it again.")
    for cue in transcription.note(final):
        captioned.add_cue(cue)
    captioned.end(last, final)
