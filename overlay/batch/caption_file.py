"""Captions one video: reads it, and writes what was asked for."""

import contextlib
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from overlay.batch.captioned_video import CaptionedVideo
from overlay.batch.transcription import Transcription, to_jsonl
from overlay.captions.language import AssistedReader
from overlay.captions.subtitles import subtitles, to_srt, to_text, to_vtt
from overlay.captions.transcript import plain_text
from overlay.core.errors import SigncapError
from overlay.core.files.new_file import NewFile
from overlay.core.settings import Settings
from overlay.media.frame import Frame
from overlay.media.source import Source
from overlay.media.sources.flipped import flipped
from overlay.media.sources.video_file import VideoFile
from overlay.pipeline.live_captioner import Assist, LiveCaptioner
from overlay.recognition.seeing import TOO_DARK, TOO_DARK_TO_FIND, TOO_SMALL, Seeing

SHOW_EVERY = 0.2  # seconds
HARD_TO_SEE: Final = {
    TOO_DARK_TO_FIND: "{name} is dark, and a hand is hardly found in it: film with a light in front of you.",
    TOO_DARK: "It is dark where the hand is in {name}, so letters may be missing: film with a light in front of you.",
    TOO_SMALL: "The hand is small in {name}, so letters may be missing: film from nearer.",
}


@dataclass(frozen=True, slots=True)
class How:
    """Options that are the same for all videos.

    Attributes:
        settings: thresholds, pauses and the look of captions.
        model: folder of a recogniser; None for the shipped one.
        hand_model: MediaPipe's bundle.
        subtitle_track: captioned videos have one.
        threads: of decoder and encoder; as many as they like when None.
        flip: left and right are exchanged in the pictures.
    """

    settings: Settings
    model: Path | None
    hand_model: Path
    subtitle_track: bool = True
    threads: int | None = None
    flip: bool = False


@dataclass(frozen=True, slots=True)
class Progress:
    """The progress of one video.

    Attributes:
        at: seconds of it that are read.
        duration: seconds that it lasts; None where it does not say.
        frames: that are read.
        said: the text so far.
    """

    at: float
    duration: float | None
    frames: int
    said: str


@dataclass(frozen=True, slots=True)
class Captioned:
    """The result of captioning one video.

    Attributes:
        text: all that was read, with a line break at its end; empty for nothing.
        note: sentences about what could not be read of a damaged file, what its captioned copy lacks, and how hard it
            was to see the hand.
        seconds: that the video lasts.
        took: seconds that it took to read.
    """

    text: str
    note: str | None
    seconds: float
    took: float


Show = Callable[[Progress], None]


def open_video(path: Path, threads: int | None = None) -> VideoFile:
    """Open a video, whose time counts as its players count it.

    Raises:
        SourceError: it cannot be read.
    """
    return VideoFile(path, realtime=False, own_time=True, threads=threads)


def caption_source(source: Source, outputs: Mapping[str, Path], how: How, show: Show) -> Captioned:
    """Caption all of a source; nothing is written of one that cannot be read to its end.

    Args:
        source: gives its frames as fast as they are read.
        outputs: files to write, by option as in `overlay.batch.output_plan`.
        how: what is read with.
        show: called a few times a second.

    Raises:
        SigncapError: it cannot be read, there is no hand in it, or a file cannot be written.
    """
    began = time.monotonic()
    with contextlib.ExitStack() as stack:
        texts = {option: NewFile(path) for option, path in outputs.items() if option != "output"}
        for file in texts.values():
            stack.callback(file.discard)
        captioned = _captioned_video(stack, source, outputs, how)
        captioner = LiveCaptioner(
            how.settings, model=how.model, hand_model=how.hand_model, assist=_assist(how.settings)
        )
        stack.callback(captioner.close)
        transcription = Transcription()
        seeing = Seeing()
        last = _read(source, captioner, captioned, transcription, seeing, show, flip=how.flip)
        final = captioner.finish()
        ended = transcription.note(final)
        if not captioner.frames_with_hand or last is None:
            where = source.name
            raise SigncapError(f"No hand was found in {where}: the signing hand must be in the picture and lit.")
        if captioned is not None:
            for cue in ended:
                captioned.add_cue(cue)
            captioned.end(last, final)
        for option, file in texts.items():
            file.write(written(option, transcription))
    notes = [source.damage] if isinstance(source, VideoFile) else []
    if captioned is not None:
        notes.append(captioned.lacking(source.name))
    notes.append(HARD_TO_SEE.get(seeing.mostly or "", "").format(name=source.name))
    note = " ".join(one for one in notes if one) or None
    return Captioned(to_text(transcription.cues), note, last.at, time.monotonic() - began)


def _assist(settings: Settings) -> Assist:
    if settings.suggesting.reading != "assisted":
        return lambda _word, _posteriors: None
    reader = AssistedReader(settings.suggesting.hot_words)
    reader.load()
    return reader.read


def written(kind: str, transcription: Transcription) -> str:
    """The content of a file of that kind: vtt, srt, text or jsonl."""
    if kind == "jsonl":
        return to_jsonl(transcription.letters, transcription.cues)
    if kind == "text":
        return to_text(transcription.cues)
    return {"vtt": to_vtt, "srt": to_srt}[kind](subtitles(transcription.cues))


def _captioned_video(
    stack: contextlib.ExitStack, source: Source, outputs: Mapping[str, Path], how: How
) -> CaptionedVideo | None:
    if "output" not in outputs:
        return None
    video = source if isinstance(source, VideoFile) else None
    captioned = CaptionedVideo(
        outputs["output"],
        how.settings,
        source.rate,
        video=video,
        subtitle_track=how.subtitle_track,
        threads=how.threads,
    )
    stack.callback(captioned.discard)
    return captioned


def _read(
    source: Source,
    captioner: LiveCaptioner,
    captioned: CaptionedVideo | None,
    transcription: Transcription,
    seeing: Seeing,
    show: Show,
    *,
    flip: bool,
) -> Frame | None:
    """Read all frames; the last one."""
    last: Frame | None = None
    shown, frames = 0.0, 0
    duration: float | None = getattr(source, "duration", None)
    while (frame := source.read()) is not None:
        if flip:
            frame = flipped(frame)
        reading = captioner.accept(frame)
        seeing.accept(frame, reading.hand)
        ended = transcription.note(reading)
        if captioned is not None:
            captioned.add(frame, reading)
            for cue in ended:
                captioned.add_cue(cue)
        last = frame
        frames += 1
        now = time.monotonic()
        if now - shown >= SHOW_EVERY:
            show(Progress(frame.at, duration, frames, plain_text(reading.state)))
            shown = now
    return last
