"""Sound from a microphone, with the time at which it was heard."""

import atexit
import contextlib
import threading
import time
from collections.abc import Callable
from types import ModuleType
from typing import Any, Final

import numpy as np

from overlay.core.clock import REAL, Clock
from overlay.core.errors import SinkError
from overlay.recording.audio_sync import RATE, Samples

NONE: Final = "none"
DEFAULT: Final = "default"  # the one that the system has chosen
NO_PORTAUDIO: Final = (
    "Microphones need PortAudio, which is not on this system: install it (on Debian and Ubuntu "
    "`sudo apt install libportaudio2`), or record without a microphone."
)
LONGEST_DELAY: Final = 10.0  # seconds from the microphone to us that are believed
_IMPORT_LIMIT: Final = 30.0  # seconds
_CLOSE_LIMIT: Final = 2.0  # seconds
_lock = threading.Lock()  # PortAudio looks for devices and opens them for one thread at a time
_open = 0

Take = Callable[[Samples, float], None]


def list_microphones() -> list[str]:
    """Names of the microphones that there are now, the system's default one first.

    Raises:
        SinkError: PortAudio is missing.
    """
    library = _library()
    with _lock:
        return [name for name, _ in _devices(library)]


class Microphone:
    """An open microphone.

    Args:
        name: one of `list_microphones`, or a part of one that no other has; "default" for the system's.
        take: given float32 (N,) samples and the time of the first; called in a thread of PortAudio's, must be quick.
        clock: that of the pictures.

    Attributes:
        name: of the device.
        rate: samples a second.

    Raises:
        SinkError: PortAudio is missing, there is no such microphone, or it cannot be opened.
    """

    def __init__(self, name: str, take: Take, clock: Clock = REAL) -> None:
        global _open
        self._take, self._clock = take, clock
        self._heard = clock.monotonic()
        self._closed = False
        self._library = library = _library()
        with _lock:
            self.name, device = _choose(name, _devices(library))
            self.rate, self._stream = self._start(library, device)
            _open += 1

    @property
    def silent_for(self) -> float:
        """Seconds since something came; silence comes too, so that many mean that it has gone."""
        return self._clock.monotonic() - self._heard

    def close(self) -> None:
        """Let go of the microphone."""
        with _lock:
            if self._closed:
                return
            self._closed = True
        # PortAudio can wait for ever for one that was unplugged, or whose sound server has ended.
        ending = threading.Thread(target=self._let_go, name="let go of microphone", daemon=True)
        ending.start()
        ending.join(_CLOSE_LIMIT)
        if ending.is_alive():
            atexit.unregister(self._library._exit_handler)  # it would wait as well

    def _let_go(self) -> None:
        global _open
        with contextlib.suppress(Exception):
            self._stream.abort()
        with contextlib.suppress(Exception):
            self._stream.close()
        with _lock:
            _open -= 1

    def _start(self, library: Any, device: int | None) -> tuple[int, Any]:
        """Open it as it can be opened: some have two channels or another rate only."""
        error: Exception | None = None
        usual = round(library.query_devices(device, "input")["default_samplerate"])
        for rate in dict.fromkeys((RATE, usual)):
            for channels in (1, 2):
                try:
                    stream = library.InputStream(
                        samplerate=rate,
                        channels=channels,
                        dtype="float32",
                        device=device,
                        latency="low",
                        callback=self._came,
                    )
                    stream.start()
                except library.PortAudioError as refused:
                    error = refused
                else:
                    return rate, stream
        raise SinkError(
            f"The microphone {self.name} cannot be opened ({_reason(error)}): choose another, or close the program "
            "that uses it."
        )

    def _came(self, data: Any, frames: int, times: Any, _status: Any) -> None:
        self._heard = now = self._clock.monotonic()
        delay = times.currentTime - times.inputBufferAdcTime
        if not (times.inputBufferAdcTime > 0 and 0 <= delay <= LONGEST_DELAY):  # not every system says
            delay = frames / self.rate if hasattr(self, "rate") else 0.0
        self._take(np.ascontiguousarray(data.mean(axis=1), np.float32), now - delay)


def _library() -> Any:
    """`sounddevice`, which MediaPipe needs as well.

    `overlay.core.process.imports` leaves it out while MediaPipe is loaded: whoever asks meanwhile finds an empty
    module.
    """
    deadline = time.monotonic() + _IMPORT_LIMIT
    while True:
        try:
            import sounddevice

            module: ModuleType = sounddevice
        except OSError:
            raise SinkError(NO_PORTAUDIO) from None
        if hasattr(module, "InputStream"):
            return module
        if time.monotonic() > deadline:
            raise SinkError("The microphones cannot be looked for now: try again in a moment.")
        time.sleep(0.1)


def _devices(library: Any) -> list[tuple[str, int | None]]:
    """Name and number of each, the default one first."""
    if not _open:  # it looks for devices once only, at its start
        library._terminate()
        library._initialize()
    try:
        default = library.query_devices(kind="input")
    except (library.PortAudioError, ValueError):
        return []
    found: list[tuple[str, int | None]] = [(str(default["name"]), int(default["index"]))]
    found += [
        (str(device["name"]), int(device["index"]))
        for device in library.query_devices()
        # Windows lists each microphone once for every way to reach it.
        if device["max_input_channels"] > 0 and device["hostapi"] == default["hostapi"]
    ]
    return list(dict.fromkeys(found))


def _choose(name: str, devices: list[tuple[str, int | None]]) -> tuple[str, int | None]:
    if not devices:
        raise SinkError("There is no microphone on this machine: plug one in, or record without.")
    if name == DEFAULT:
        return devices[0]
    same = [device for device in devices if device[0] == name]
    alike = [device for device in devices if name.lower() in device[0].lower()]
    if same or len(alike) == 1:
        return (same or alike)[0]
    raise SinkError(f"There is no microphone {name}: choose one of {', '.join(one for one, _ in devices)}.")


def _reason(error: Exception | None) -> str:
    return str(error).removeprefix("Error opening InputStream: ").partition(" [")[0] if error else "no reason given"
