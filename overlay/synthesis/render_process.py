"""The process that draws: `python -m overlay.synthesis.render_process`. It takes one job, gives its bytes, and ends.

A job is a line of JSON on standard input. It is started ahead, with all modules loaded, and waits for it.
"""

import contextlib
import json
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import IO, Any, Final

import av
import cv2
import numpy as np
import psutil

from overlay.synthesis.signed_text import RATE, SignedText, Signing

SIZE: Final = (800, 600)  # of the picture in the page
VIDEO_SIZE: Final = (1280, 720)
BIT_RATE: Final = 1_500_000
WAY: Final = 0.4  # seconds before a letter from which the way to it is shown
KEY_EVERY: Final = 15  # pictures, so that pages can jump to any letter at once
CLUSTER_MS: Final = 200  # of pictures that are sent together
BURST: Final = 3.0  # seconds of pictures that are drawn as fast as it goes ...
PACE: Final = 1.2  # ... and how many seconds of them in a second from then on
NICE: Final = 5  # more than Signcap itself: what captions do comes first


def main() -> None:
    """Do the one job."""
    _give_way()
    cv2.setNumThreads(1)
    line = sys.stdin.readline()
    if not line:
        return  # nobody needs us any more
    job: dict[str, Any] = json.loads(line)
    signing = Signing(job["speed"], job["signer"], job["left_handed"])
    # Who asked has gone: there is nothing left to do.
    with contextlib.suppress(BrokenPipeError):
        if job["path"] is None:
            signed = SignedText(job["text"], signing, size=SIZE)
            stream(signed, sys.stdout.buffer, first=begin(signed, job["first"]))
        else:
            _write_video(SignedText(job["text"], signing, size=VIDEO_SIZE), job)
        sys.stdout.flush()
        return
    os._exit(0)  # the interpreter's own flush would complain once more


def begin(signed: SignedText, letter: int) -> int:
    """Number of the picture to begin with so that this letter and the way to it are seen; of the first one all."""
    if not 0 < letter < len(signed.letters):
        return 0
    return int((signed.letters[letter].start - WAY) * RATE)


def stream(
    signed: SignedText, out: IO[bytes], *, first: int = 0, sleep: Callable[[float], None] = time.sleep
) -> None:
    """Draw all pictures from the one with this number on, as VP8 in WebM: what every browser plays while it comes.

    Args:
        signed: the text.
        out: where the bytes go.
        first: number of the first picture; all have the times of the whole.
        sleep: waits, so that no more is drawn than is soon seen.

    Raises:
        BrokenPipeError: nobody reads any more.
    """
    began = time.monotonic()
    options = {"live": "1", "cluster_time_limit": str(CLUSTER_MS)}
    with av.open(_Unseekable(out), "w", format="webm", options=options, buffer_size=8192) as container:
        target = container.add_stream("libvpx", rate=round(RATE))
        target.width, target.height = signed.size
        target.pix_fmt = "yuv420p"
        target.codec_context.bit_rate = BIT_RATE
        target.codec_context.gop_size = KEY_EVERY
        target.codec_context.thread_count = 1
        target.options = {"deadline": "realtime", "cpu-used": "6", "lag-in-frames": "0", "auto-alt-ref": "0"}
        for frame in signed.frames(first):
            i420 = np.asarray(cv2.cvtColor(frame.pixels, cv2.COLOR_BGR2YUV_I420), np.uint8)
            picture = av.VideoFrame.from_ndarray(i420, format="yuv420p")
            picture.pts = frame.index
            container.mux(target.encode(picture))
            ahead = (frame.index - first) / RATE - BURST - PACE * (time.monotonic() - began)
            if ahead > 0:
                sleep(ahead / PACE)
        container.mux(target.encode(None))


class _Unseekable:
    """A pipe, as PyAV wants it: what has been written cannot be gone back to."""

    def __init__(self, out: IO[bytes]) -> None:
        self._out = out

    def write(self, data: bytes) -> int:
        written = self._out.write(data)
        self._out.flush()
        return written


def _write_video(signed: SignedText, job: dict[str, Any]) -> None:
    """The file, and on standard output a line for each hundredth of it."""
    from overlay.core.settings import Settings
    from overlay.synthesis.signed_video import write_video

    told = 0

    def note(count: int) -> None:
        nonlocal told
        if (share := count * 100 // signed.count) > told:
            told = share
            print(share, flush=True)

    settings = Settings.model_validate(job["settings"])
    write_video(signed, Path(job["path"]), settings, captions=job["captions"], note=note, threads=1)


def _give_way() -> None:
    process = psutil.Process()
    with contextlib.suppress(psutil.Error, OSError):
        process.nice(
            psutil.BELOW_NORMAL_PRIORITY_CLASS if sys.platform == "win32" else min(process.nice() + NICE, 19)
        )


if __name__ == "__main__":
    main()
