"""A microphone that calls can choose, made in PulseAudio or PipeWire for as long as Signcap speaks."""

import contextlib
import os
import re
import sys
import time
from types import ModuleType
from typing import Any, Final

import psutil

from overlay.core.errors import SinkError
from overlay.speech.pulse_stream import SoundStream

SINK: Final = "signcap_voice"
SOURCE: Final = "signcap_microphone"
LABEL: Final = "Signcap"  # what calls list
OWNER: Final = "signcap.owner"
RATE: Final = 48_000

NO_LINUX: Final = (
    "Signcap can make a microphone for calls on Linux only: docs/voice.md says what to install on macOS and Windows."
)
NO_SERVER: Final = (
    "No sound server answers, so that calls cannot hear a voice: in a desktop session run "
    "`systemctl --user restart pipewire pipewire-pulse wireplumber`, or without PipeWire `pulseaudio --start`."
)
TAKEN: Final = "Another Signcap on this computer has the microphone for calls: end that one, or switch its voice off."
REFUSED: Final = (
    "The sound server does not make a microphone for calls: restart it (`systemctl --user restart pipewire-pulse`, "
    "or `pulseaudio --kill` where there is no PipeWire)."
)
PATIENCE: Final = 10.0  # seconds that a server has to show what was made


class CallMicrophone:
    """A microphone called "Signcap" that gives what is played into a sink of our own. For one thread.

    What a Signcap that crashed has left is taken away first. The default devices stay what they are.

    Raises:
        SinkError: there is no sound server, or another Signcap has the microphone; says what to do.
    """

    def __init__(self) -> None:
        self._library = _library()
        self._server = self._library.Pulse("Signcap", connect=False)
        self._modules: list[int] = []
        try:
            self._server.connect()  # waits for half a minute at most; pulsectl's own limit is waited for to its end
            if not remove_leftovers(self._server):
                raise SinkError(TAKEN)
            self._make()
        except SinkError:
            self.close()
            raise
        except self._library.PulseError as error:
            made = bool(self._modules) or self._server.connected
            self.close()
            raise SinkError(REFUSED if made else NO_SERVER) from error

    def play(self, rate: int) -> SoundStream:
        """A stream into the microphone.

        Raises:
            SinkError: the sound server has gone.
        """
        return SoundStream(SINK, rate)

    def heard_by(self) -> tuple[str, ...]:
        """Names of the programs that take it as their microphone now.

        Raises:
            SinkError: the sound server has gone, or somebody has removed the microphone.
        """
        try:
            number = next((source.index for source in self._server.source_list() if source.name == SOURCE), None)
            outputs = self._server.source_output_list()
        except (self._library.PulseError, self._library.PulseDisconnected) as error:
            raise SinkError(NO_SERVER) from error
        if number is None:
            raise SinkError(REFUSED)
        names = [_name(output) for output in outputs if output.source == number]
        return tuple(dict.fromkeys(names))

    def close(self) -> None:
        """Take the microphone away."""
        for module in reversed(self._modules):
            with contextlib.suppress(self._library.PulseError, self._library.PulseDisconnected):
                self._server.module_unload(module)
        self._modules.clear()
        with contextlib.suppress(self._library.PulseError, self._library.PulseDisconnected):
            self._server.close()

    def _make(self) -> None:
        before = self._server.server_info()
        shape = "channels=1 channel_map=mono"
        sink = f"device.description='Signcap voice' {OWNER}={_me()}"
        self._load("module-null-sink", f'sink_name={SINK} rate={RATE} {shape} sink_properties="{sink}"')
        self._wait_for(SINK, self._server.sink_list)
        source = f"device.description='{LABEL}' device.icon_name=audio-input-microphone"
        self._load(
            "module-remap-source",
            f'source_name={SOURCE} master={SINK}.monitor {shape} source_properties="{source}"',
        )
        self._wait_for(SOURCE, self._server.source_list)
        self._keep_defaults(before)

    def _load(self, name: str, arguments: str) -> None:
        self._modules.append(self._server.module_load(name, arguments))

    def _wait_for(self, name: str, listed: Any) -> None:
        """PipeWire answers before what it was asked for is there."""
        deadline = time.monotonic() + PATIENCE
        while not any(device.name == name for device in listed()):
            if time.monotonic() > deadline:
                raise SinkError(REFUSED)
            time.sleep(0.02)

    def _keep_defaults(self, before: Any) -> None:
        """Nothing that others play may get into the call, and nobody speaks through us unasked."""
        now = self._server.server_info()
        for ours, was, devices in (
            (now.default_sink_name == SINK, before.default_sink_name, self._server.sink_list()),
            (now.default_source_name == SOURCE, before.default_source_name, self._server.source_list()),
        ):
            for device in devices:
                if ours and device.name == was:
                    self._server.default_set(device)


def tidy() -> None:
    """Take away what a Signcap that crashed has left; where there is no sound server, there is nothing."""
    with contextlib.suppress(SinkError):
        library = _library()
        with contextlib.suppress(library.PulseError), library.Pulse("Signcap", connect=False) as server:
            server.connect()
            remove_leftovers(server)


def remove_leftovers(server: Any) -> bool:
    """Take away what a Signcap that crashed has left; what belongs to one that runs stays.

    Returns:
        Whether nothing is left.
    """
    owners = [str(sink.proplist.get(OWNER, "")) for sink in server.sink_list() if sink.name == SINK]
    if any(_lives(owner) for owner in owners):
        return False
    for module in server.module_list():
        if re.search(rf"\b(sink_name={SINK}|source_name={SOURCE})\b", module.argument or ""):
            server.module_unload(module.index)
    return True


def _library() -> ModuleType:
    if not sys.platform.startswith("linux"):
        raise SinkError(NO_LINUX)
    try:
        import pulsectl
    except OSError:  # it looks for libpulse at once
        raise SinkError(NO_SERVER) from None
    module: ModuleType = pulsectl
    return module


def _me() -> str:
    """This process, told from others that get its number later."""
    return f"{os.getpid()}-{psutil.Process().create_time():.2f}"


def _lives(owner: str) -> bool:
    number, _, began = owner.partition("-")
    if not number.isdecimal() or int(number) == os.getpid():
        return False
    with contextlib.suppress(psutil.Error, OverflowError):
        return f"{psutil.Process(int(number)).create_time():.2f}" == began
    return False


def _name(output: Any) -> str:
    told = output.proplist
    return str(told.get("application.name") or told.get("application.process.binary") or "another program")[:60]
