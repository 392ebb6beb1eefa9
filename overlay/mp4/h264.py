"""H.264 as all files of captioned pictures have it."""

from fractions import Fraction
from typing import Final

import av

TIME_BASE: Final = Fraction(1, 90_000)
QUALITY: Final = "21"  # x264's constant rate factor: letters stay sharp
PRESET: Final = "veryfast"  # half the time of the default, files a tenth larger
KEY_EVERY: Final = 2.0  # seconds, so that players can jump


def add_h264(
    container: av.container.OutputContainer,
    size: tuple[int, int],
    rate: float = 30.0,
    *,
    key_every: float = KEY_EVERY,
    preset: str = PRESET,
    threads: int | None = None,
) -> av.VideoStream:
    """Add a stream of pictures, each to be given its own time in units of `TIME_BASE`.

    Args:
        container: without a header yet.
        size: width and height, both even.
        rate: frames a second, about; players show it.
        key_every: seconds between pictures from which a player can begin.
        preset: of x264.
        threads: of the encoder; as many as it likes when None.
    """
    stream = container.add_stream("libx264", rate=max(1, round(rate)))
    stream.width, stream.height = size
    stream.pix_fmt = "yuv420p"
    stream.codec_context.time_base = TIME_BASE
    stream.codec_context.gop_size = max(1, round(key_every * rate))
    # What OpenCV makes of BGR; players take it for BT.709 when they are not told.
    stream.codec_context.colorspace = av.video.reformatter.Colorspace.ITU601
    stream.codec_context.color_range = av.video.reformatter.ColorRange.MPEG
    stream.options = {"crf": QUALITY, "preset": preset}
    if threads is not None:
        stream.codec_context.thread_count = threads
    return stream
