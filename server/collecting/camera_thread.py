"""Frames of a camera for one who may not wait for it."""

import contextlib
import threading
from collections.abc import Iterator

from overlay.frame import Frame
from overlay.hands import Hand, HandFinder
from overlay.slot import Slot
from overlay.source import Source

WAIT = 0.1  # seconds for a frame, after which keys are looked at


def watched(source: Source, finder: HandFinder) -> Iterator[tuple[Frame, Hand | None] | None]:
    """The newest frames with the hand in each, None when none came for a moment; ends with the source.

    Raises:
        SourceError: the source cannot go on.
    """
    slot: Slot[Frame] = Slot()
    errors: list[Exception] = []
    thread = threading.Thread(target=_read, args=(source, slot, errors), name="capture", daemon=True)
    thread.start()
    with contextlib.closing(slot):
        while (frame := slot.take(WAIT)) is not None or not slot.closed:
            yield None if frame is None else (frame, finder.find(frame.pixels, frame.at))
    if errors:
        raise errors[0]


def _read(source: Source, slot: Slot[Frame], errors: list[Exception]) -> None:
    try:
        while not slot.closed and (frame := source.read()) is not None:
            slot.put(frame)
    except Exception as error:
        errors.append(error)
    finally:
        slot.close()
