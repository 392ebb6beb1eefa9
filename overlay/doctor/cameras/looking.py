"""Opening a camera for a moment, to see whether pictures come."""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

from overlay.core.errors import SourceError
from overlay.media.source import Source

SECONDS = 1.0  # for which a camera is looked through
PATIENCE = 12.0  # seconds: opening a camera that is asleep or used by others takes a while
BLACK = 6.0  # mean of all values, 0 to 255, below which nothing can be seen


@dataclass(frozen=True, slots=True)
class Look:
    """Facts of the pictures that came from a camera.

    Attributes:
        size: width and height of the pictures.
        rate: pictures a second.
        dark: all were black.
        light: mean brightness of the brightest, 0 to 255.
    """

    size: tuple[int, int]
    rate: float
    dark: bool
    light: float = 255.0


def look_through(spec: str, seconds: float = SECONDS, patience: float = PATIENCE) -> Look | None:
    """Take pictures for a moment; None where none come, or not in time.

    Args:
        spec: a camera's number or path.
        seconds: how long pictures are taken.
        patience: seconds until this gives up, whatever a driver does.
    """

    def open_one() -> Source:
        from overlay.media.sources.webcam import Webcam

        return Webcam(int(spec) if spec.isdecimal() else spec)

    return take(open_one, seconds, patience)


def take(open_one: Callable[[], Source], seconds: float = SECONDS, patience: float = PATIENCE) -> Look | None:
    """Look through any source of frames, as `look_through` does."""
    looks: list[Look] = []
    opened: list[Source] = []

    def work() -> None:
        try:
            source = open_one()
        except SourceError:
            return
        opened.append(source)
        try:
            looks.extend(_pictures(source, seconds))
        finally:
            source.close()

    thread = threading.Thread(target=work, name="look through a camera", daemon=True)
    thread.start()
    thread.join(patience)
    if thread.is_alive() and opened:
        opened[0].close()
        thread.join(1.0)
    return looks[0] if looks else None


def _pictures(source: Source, seconds: float) -> list[Look]:
    first = source.read()
    if first is None:
        return []
    began, count, brightest, size = time.monotonic(), 0, float(first.pixels.mean()), first.pixels.shape[1::-1]
    while time.monotonic() - began < seconds:
        frame = source.read()
        if frame is None:
            break
        count += 1
        brightest = max(brightest, float(frame.pixels.mean()))
    took = time.monotonic() - began
    rate = count / took if count else 0.0
    return [Look((size[0], size[1]), rate, brightest < BLACK, brightest)]
