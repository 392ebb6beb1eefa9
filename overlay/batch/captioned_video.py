"""The captioned copy of a video: captions in its pictures and beside them, its times, and all else that it has."""

from pathlib import Path

from overlay.captions.state import Cue
from overlay.captions.subtitles import LEAST_SHOWN, subtitles
from overlay.core.settings import Settings
from overlay.media.frame import Frame
from overlay.media.sources.video_file import VideoFile
from overlay.mp4.kept_parts import KeptParts
from overlay.mp4.video_writer import VideoWriter
from overlay.pipeline.compositor import Composer
from overlay.pipeline.result import CaptionResult

PARTS_NAMED = 8  # at most, of what a copy lacks
HELD = 2.0  # seconds that the last picture stands when its caption became final only after it


class CaptionedVideo:
    """Paints the captions of each frame, as far as they are known at that frame, and writes it.

    Args:
        path: of the MP4 file, which must not exist.
        settings: how captions look.
        rate: frames a second, about.
        video: whose sound, subtitles and tags are written as well, and whose times the frames have; None for what has
            only pictures.
        subtitle_track: captions also stand in a track of their own.
        threads: of the encoder; as many as it likes by default.

    Raises:
        SinkError: a file of that name exists, or its folder cannot be written to.
    """

    def __init__(
        self,
        path: Path,
        settings: Settings,
        rate: float,
        *,
        video: VideoFile | None = None,
        subtitle_track: bool = True,
        threads: int | None = None,
    ) -> None:
        kept = KeptParts(video.path, video.begins) if video is not None else None
        self._kept = kept
        self._writer = VideoWriter(path, rate, start=0.0, kept=kept, subtitles=subtitle_track, threads=threads)
        self._rate = rate
        self._settings = settings
        self._composer = Composer()
        self._shown: object = None
        self._waiting: list[Cue] = []
        self._track_end = 0.0  # of the last subtitle that was written

    def lacking(self, name: str) -> str | None:
        """Return a sentence about what the video has and this copy lacks, by now; None where that is nothing.

        Args:
            name: of the video, for people.
        """
        if self._kept is None:
            return None
        left_out = list(self._kept.left_out)
        if lost := self._kept.lost:
            left_out.append(f"{lost} damaged piece{'s' * (lost != 1)} of sound or subtitles")
        if not left_out:
            return None
        if len(left_out) > PARTS_NAMED:
            left_out[PARTS_NAMED - 1 :] = [f"{len(left_out) - PARTS_NAMED + 1} other parts"]
        *most, last = left_out
        listed = f"{', '.join(most)} and {last}" if most else last
        return f"The captioned copy of {name}, an MP4 file, lacks {listed}."

    def add(self, frame: Frame, reading: CaptionResult, at: float | None = None) -> None:
        """Write a frame.

        Args:
            frame: whose time counts from the file's beginning.
            reading: the newest there is.
            at: time of the picture; the frame's own by default.

        Raises:
            SinkError: the file cannot be written.
        """
        picture = self._composer.compose(frame, reading, self._settings, at=at)
        self._writer.send(picture)
        self._shown = reading.state.paragraphs(picture.at, self._settings.endpointing.shown_after)

    def add_cue(self, cue: Cue) -> None:
        """Note a finished caption for the track, in order and after the first frame.

        Raises:
            SinkError: the file cannot be written.
        """
        if self._waiting and cue.start - self._waiting[0].start >= LEAST_SHOWN:  # else they are shown together
            self._write_track()
        self._waiting.append(cue)

    def end(self, last: Frame, final: CaptionResult) -> None:
        """Complete the file; a caption that became final only at the end is shown long enough to be read.

        Raises:
            SinkError: the file cannot be completed.
        """
        if final.state.paragraphs(last.at, self._settings.endpointing.shown_after) != self._shown:
            for at in (last.at + 1 / self._rate, last.at + HELD):
                self.add(last, final, at)
        self._write_track()
        self._writer.close()

    def discard(self) -> None:
        """Give up: nothing stays on the disk. Does nothing once the file is complete."""
        self._writer.discard()

    def _write_track(self) -> None:
        for one in subtitles(self._waiting, after=self._track_end):
            self._writer.add_subtitle(one)
            self._track_end = one.end
        self._waiting.clear()
