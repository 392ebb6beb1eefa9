"""An MP4 file that can be played at any moment while it grows.

It has no track of captions yet, see `quick_start`: they come seconds after the pictures, and FFmpeg's muxer misplaces
pictures and captions in fragments that were written by then.
"""

from pathlib import Path
from typing import Any, Final, Protocol

import av
import av.logging

from overlay.media.frame import Pixels
from overlay.media.sinks.letterbox import letterbox
from overlay.mp4.h264 import TIME_BASE, add_h264
from overlay.recording.audio_sync import RATE, Samples, SoundInStep

KEY_EVERY: Final = 1.0  # seconds
PART: Final = 0.25  # seconds a fragment: what is not written yet is lost when the program is killed
# Half the processor time of "veryfast", and no picture waits for later ones: files are a third larger.
PRESET: Final = "superfast"
THREADS: Final = 2
SOUND_BIT_RATE: Final = 96_000

OPTIONS: Final = {
    "movflags": "frag_keyframe+empty_moov+default_base_moof",
    "frag_duration": str(round(PART * 1e6)),
    "flush_packets": "1",
    "max_interleave_delta": "1",  # microseconds: pictures do not wait for sound
}


def seconds_of(path: Path) -> float:
    """Return how long the pictures of a movie last.

    Raises:
        av.error.FFmpegError, OSError: it cannot be read.
    """
    with av.open(str(path)) as container:
        stream = container.streams.video[0]
        ends = [packet.pts + (packet.duration or 0) for packet in container.demux(stream) if packet.pts is not None]
        return float(max(ends, default=0) * (stream.time_base or 0))


class Written(Protocol):
    """A file that a movie is written to."""

    def write(self, data: bytes) -> int: ...


class Movie:
    """H.264 and AAC in fragments of a quarter of a second. Used by one thread.

    Args:
        file: what it is written to, from the beginning.
        size: width and height of the pictures; later ones of another are fitted into it.
        began: when the first picture was taken: the beginning of all tracks, in seconds.
        rate: frames a second, about.
        sound: samples a second of the sound that is going to come; None for none.
    """

    def __init__(
        self,
        file: Written,
        size: tuple[int, int],
        began: float,
        rate: float = 30.0,
        *,
        sound: int | None = None,
    ) -> None:
        av.logging.set_level(av.logging.PANIC)  # what fails is told by errors
        self._held: Any = None  # the newest picture
        self._began, self._size = began, size
        self._last = -1
        self._key = float("-inf")
        self._container = av.open(file, "w", format="mp4", options=OPTIONS)
        self._pictures = add_h264(self._container, size, rate, key_every=KEY_EVERY, preset=PRESET, threads=THREADS)
        # Without pictures that refer to later ones the times of the file begin at nought exactly.
        self._pictures.codec_context.max_b_frames = 0
        self._pictures.options = {**self._pictures.options, "tune": "zerolatency"}
        self._sound: av.AudioStream | None = None
        if sound is not None:
            self._sound = self._container.add_stream("aac", rate=RATE, layout="mono")
            self._sound.bit_rate = SOUND_BIT_RATE
            self._step = SoundInStep(began, sound)
        self._container.start_encoding()

    def add_picture(self, i420: Pixels, at: float) -> None:
        """Add a picture, uint8 (H * 3 / 2, W), taken at `at` seconds.

        Raises:
            av.error.FFmpegError, OSError: it cannot be written, as when the disk is full; so with all that follow.
        """
        frame = av.VideoFrame.from_ndarray(letterbox(i420, self._size), format="yuv420p")
        self._last = max(round((at - self._began) / TIME_BASE), self._last + 1)
        frame.pts, frame.time_base = self._last, TIME_BASE
        if at - self._key >= KEY_EVERY:  # the encoder counts pictures, and they may be slow to come
            self._key = at
            frame.pict_type = av.video.frame.PictureType.I
        self._write(self._pictures.encode(frame))

    def add_sound(self, samples: Samples, at: float) -> None:
        """Add sound, float32 (N,), heard from `at` seconds on."""
        if self._sound is not None:
            for frame in self._step.add(samples, at):
                self._container.mux(self._sound.encode(frame))

    def close(self) -> None:
        """Write what the encoders hold, and the end."""
        self._write(self._pictures.encode(None))
        if self._held is not None:
            self._container.mux(self._held)
        if self._sound is not None:
            self._container.mux(self._sound.encode(None))
        self._container.close()

    def _write(self, packets: list[Any]) -> None:
        """Each when the next is there: FFmpeg would guess how long a fragment's last one lasts, and move the next."""
        for packet in packets:
            if self._held is not None:
                self._held.duration = packet.dts - self._held.dts
                self._container.mux(self._held)
            self._held = packet

    def give_up(self) -> None:
        """Let go of everything after an error: what was written stays."""
        try:
            self._container.close()
        except (av.error.FFmpegError, OSError):
            return
