"""The camera of commands that take pictures: opening it, the hands in it, and how they end."""

import contextlib
import signal
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from overlay.core.errors import SourceError

if TYPE_CHECKING:
    from overlay.media.source import Source
    from overlay.recognition.hands.hand_detector import HandDetector

ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
SIGNALLED = 128


@contextlib.contextmanager
def at_camera(
    spec: str | None, text: str | None, hand_model: Path | None, *, flip: bool = False
) -> Iterator[tuple["Source", "HandDetector", threading.Event]]:
    """The camera, what finds hands in its pictures, and what is set for the demo to begin."""
    with contextlib.ExitStack() as stack:
        camera = _open_camera(spec, text, ready := threading.Event())
        if flip:
            from overlay.media.sources.flipped import FlippedSource

            camera = FlippedSource(camera)
        stack.callback(camera.close)
        finder = _make_finder(hand_model)
        stack.callback(finder.close)
        yield camera, finder, ready


def is_flipped(asked: bool | None) -> bool:
    """Whether the camera's pictures are to be flipped: as the command says, or the settings do."""
    from overlay.core.settings_store import SettingsStore

    return SettingsStore().current.camera.flip if asked is None else asked


def _open_camera(spec: str | None, text: str | None, ready: threading.Event) -> "Source":
    """The source that is asked for, or the first camera; the demo waits for `ready`."""
    from overlay.media.sources.webcam import default_camera, open_source

    if spec is None and text is None:
        camera = default_camera()
        if camera is None:
            raise SourceError("No camera found: plug one in, choose one with --source, or try it with --source demo.")
        spec = camera.spec
    return open_source(spec or "demo", text=text, ready=ready)


def _make_finder(hand_model: Path | None) -> "HandDetector":
    """Finds hands; with a bar while its model is fetched."""
    from overlay.core.progress import progress_bar
    from overlay.recognition.hands.detector_choice import open_detector
    from overlay.recognition.hands.hand_model import hand_model_path

    with progress_bar() as show:
        path = hand_model_path(hand_model, progress=show)
    return open_detector(path)


@contextlib.contextmanager
def ending_at_once() -> Iterator[None]:
    """Signals that end the program let it finish the take and give the terminal back."""

    def end(number: int, _frame: object) -> None:
        raise SystemExit(SIGNALLED + number)

    numbers = [signal.SIGTERM, *([signal.SIGHUP] if hasattr(signal, "SIGHUP") else [])]
    before = {number: signal.signal(number, end) for number in numbers}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
