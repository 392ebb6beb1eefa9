"""Videos as phones, cameras and editors make them, with the synthetic signer in them."""

import functools
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
from numpy.typing import NDArray

from overlay.synthesis.signer import SyntheticSigner

RATE = 15  # pictures a second
SIZE = (320, 180)
FLASH = (1.0, 1.1)  # seconds between which the upper edge is white and the sound beeps
TICKS = Fraction(1, 90_000)
MatrixPlace = 4 + 4 + 20 + 16  # of the matrix in the box tkhd, from its name


@functools.cache
def signing(text: str, size: tuple[int, int]) -> tuple[NDArray[np.uint8], ...]:
    """The signer's pictures, with the flash."""
    signer, pictures = SyntheticSigner(text, size=size), []
    for index in range(int(signer.duration * RATE) + 1):
        pixels = signer.render(index / RATE)
        if FLASH[0] <= index / RATE < FLASH[1]:
            pixels[: size[1] // 9] = 255
        pictures.append(pixels)
    return tuple(pictures)


class ClipMaker:
    """Writes a clip in which the signer spells; all of it can be changed."""

    def __call__(
        self,
        path: Path,
        text: str = "HI",
        *,
        size: tuple[int, int] = SIZE,
        codec: str = "libx264",
        pix_fmt: str = "yuv420p",
        sound: str | None = None,
        rate: int = 48_000,
        at: Callable[[int], float | None] = lambda index: index / RATE,
        starts: float = 0.0,
        sound_starts: float = 0.0,
        change: Callable[[NDArray[np.uint8]], Any] = lambda pixels: pixels,
        shape: Fraction | None = None,
        options: dict[str, str] | None = None,
        ticks: Fraction = TICKS,
    ) -> Path:
        pictures = signing(text, size)
        with av.open(str(path), "w") as container:
            height, width = change(pictures[0]).shape[:2]
            video = container.add_stream(codec, rate=RATE, options=options or {})
            video.width, video.height, video.pix_fmt = width, height, pix_fmt
            video.codec_context.time_base = ticks
            if shape is not None:
                video.codec_context.sample_aspect_ratio = shape
            audio = container.add_stream(sound, rate=rate, layout="mono") if sound else None
            heard = 0
            for index, pixels in enumerate(pictures):
                when = at(index)
                if when is not None:
                    picture = av.VideoFrame.from_ndarray(np.ascontiguousarray(change(pixels)), format="bgr24")
                    picture.pts, picture.time_base = round((starts + when) / ticks), ticks
                    container.mux(video.encode(picture))
                while audio is not None and heard < (index + 2) / RATE * rate:
                    container.mux(audio.encode(_beep(heard, rate, sound_starts)))
                    heard += 1024
            container.mux(video.encode(None))
            if audio is not None:
                container.mux(audio.encode(None))
        return path


def _beep(first: int, rate: int, starts: float) -> av.AudioFrame:
    times = (first + np.arange(1024)) / rate
    wave = 0.5 * np.sin(2000 * np.pi * times) * ((times >= FLASH[0]) & (times < FLASH[1]))
    frame = av.AudioFrame.from_ndarray(wave[None].astype(np.float32), format="fltp", layout="mono")
    frame.sample_rate, frame.pts, frame.time_base = rate, first + round(starts * rate), Fraction(1, rate)
    return frame


def turn(path: Path, matrix: tuple[int, int, int, int]) -> Path:
    """Tell in an MP4 file that its picture is shown turned, as phones do."""
    content = bytearray(path.read_bytes())
    at = content.index(b"tkhd") + MatrixPlace
    right, down, also_right, also_down = matrix
    for value in (right, down, 0, also_right, also_down, 0, 0, 0, 1 << 14):
        content[at : at + 4] = (value << 16).to_bytes(4, "big", signed=True)
        at += 4
    path.write_bytes(bytes(content))
    return path


@pytest.fixture(scope="session")
def sign() -> Callable[[str, tuple[int, int]], tuple[NDArray[np.uint8], ...]]:
    """The pictures of a clip."""
    return signing


@pytest.fixture(scope="session")
def make_clip() -> ClipMaker:
    return ClipMaker()


@pytest.fixture(scope="session")
def turn_clip() -> Callable[[Path, tuple[int, int, int, int]], Path]:
    return turn
