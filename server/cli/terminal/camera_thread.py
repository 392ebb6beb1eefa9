"""Frames of a camera for one who may not wait for it."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from overlay.media.frame import Frame
from overlay.media.source import Source
from overlay.pipeline.latest_value import LatestValue
from overlay.recognition.hands.hand_detector import Hand, HandDetector

WAIT = 0.1  # seconds for a frame, after which keys are looked at
END_LIMIT = 3.0  # seconds for a driver to let go of the thread

Seen = tuple[Frame, Hand | None]


@contextmanager
def watching(source: Source, finder: HandDetector) -> Iterator[Iterator[Seen | None]]:
    """The newest frames with the hand in each, None when none came for a moment; they end with the source.

    The source is closed at the end.

    Raises:
        SourceError: from the iterator, when the source cannot go on.
    """
    slot: LatestValue[Frame] = LatestValue()
    errors: list[Exception] = []
    thread = threading.Thread(target=_read, args=(source, slot, errors), name="capture", daemon=True)
    thread.start()
    try:
        yield _seen(slot, finder, errors)
    finally:
        # A thread that is still within a library when the interpreter ends brings the process down.
        slot.close()
        source.close()
        thread.join(END_LIMIT)


def _seen(slot: LatestValue[Frame], finder: HandDetector, errors: list[Exception]) -> Iterator[Seen | None]:
    while (frame := slot.take(WAIT)) is not None or not slot.closed:
        yield None if frame is None else (frame, finder.find(frame.pixels, frame.at))
    if errors:
        raise errors[0]


def _read(source: Source, slot: LatestValue[Frame], errors: list[Exception]) -> None:
    try:
        while not slot.closed and (frame := source.read()) is not None:
            slot.put(frame)
    except Exception as error:
        errors.append(error)
    finally:
        slot.close()
