"""The engine and the microphone of a voice: opened, prepared, used and let go by one thread."""

from collections.abc import Callable
from typing import Final, Protocol

import numpy as np

from overlay.core.clock import REAL, Clock
from overlay.core.errors import SinkError
from overlay.core.settings import VoiceUse
from overlay.speech.engine import Engine
from overlay.speech.engines import choose_engine, find_engines
from overlay.speech.pulse_stream import SoundStream
from overlay.speech.synthesis_process import Speech
from overlay.speech.virtual_microphone import CallMicrophone, tidy

LOOK_EVERY: Final = 1.0  # seconds between two looks at who listens
PIECE: Final = 0.02  # seconds of sound between two looks at whether to go on
SILENCE: Final = 100  # of 32767: what is quieter is no sound yet
QUIETEST: Final = -50.0  # decibels at which a level meter begins

GoesOn = Callable[[], bool]
Heard = Callable[[float], None]
FindEngines = Callable[[], tuple[Engine, ...]]


class Outlet(Protocol):
    """A sink for the sound: a `CallMicrophone`."""

    def play(self, rate: int) -> SoundStream:
        """A stream into it."""
        ...

    def heard_by(self) -> tuple[str, ...]:
        """Return the names of the programs that listen."""
        ...

    def close(self) -> None:
        """Take it away."""
        ...


class SpeechOutput:
    """The output of speech: an engine and a microphone. For one thread; others may read its attributes.

    Args:
        open_outlet: makes what calls hear, and says as a `SinkError` why not.
        find: the engines of this machine.
        tidy: takes away what an earlier run may have left.
        clock: by which it looks who listens, and tells when a sound was heard.

    Attributes:
        engine: name of the one that speaks; None where there is none.
        heard_by: names of the programs that listen.
    """

    def __init__(
        self,
        open_outlet: Callable[[], Outlet] = CallMicrophone,
        find: FindEngines = find_engines,
        tidy: Callable[[], None] = tidy,
        clock: Clock = REAL,
    ) -> None:
        self._open_outlet, self._find, self._tidy, self._clock = open_outlet, find, tidy, clock
        self._outlet: Outlet | None = None
        self._engines: tuple[Engine, ...] = ()
        self._spare: Speech | None = None
        self._looked = float("-inf")
        self.engine: str | None = None
        self.heard_by: tuple[str, ...] = ()

    @property
    def open(self) -> bool:
        """Whether calls can choose the microphone."""
        return self._outlet is not None

    def tidy(self) -> None:
        """Take away what an earlier run may have left."""
        self._tidy()

    def prepare(self, use: VoiceUse) -> None:
        """Prepare to speak so: open what is not open, and have a slow engine wait for the next caption.

        Raises:
            EngineError: there is no such engine; the microphone stays, if it is there.
            SinkError: there is no microphone.
        """
        if not self._engines:
            self._engines = self._find()
        try:
            engine = choose_engine(self._engines, use.engine)
        except SinkError:
            self._engines, self.engine = (), None  # it may be installed meanwhile
            raise
        self.engine = engine.name
        if self._outlet is None:
            self._outlet = self._open_outlet()
            self._looked = float("-inf")
        self._look()
        job = engine.job(use.voice, use.speed)
        if self._spare is not None and (not self._spare.alive or self._spare.job != job):
            self._drop_spare()
        if self._spare is None and engine.slow:
            self._spare = Speech(job)

    def say(self, text: str, use: VoiceUse, goes_on: GoesOn, heard: Heard) -> float | None:
        """Speak, until it is said or `goes_on` no longer.

        Args:
            text: the caption.
            use: voice and speed; `prepare` was called with it.
            goes_on: asked every twentieth of a second and more often.
            heard: told the level, from 0 to 1.

        Returns:
            When the first sound was heard, in monotonic seconds; None where there was none.

        Raises:
            EngineError: the engine has failed.
            SinkError: the sound server has gone.
        """
        assert self._outlet is not None
        speech, self._spare = self._spare, None
        if speech is None:
            speech = Speech(choose_engine(self._engines, use.engine).job(use.voice, use.speed))
        try:
            speech.say(text)
            stream = self._outlet.play(speech.job.rate)
            try:
                return self._pass_on(speech, stream, goes_on, heard)
            finally:
                stream.close(now=not goes_on())
        finally:
            speech.end()

    def close(self) -> None:
        """Take the microphone away."""
        self._drop_spare()
        outlet, self._outlet, self.heard_by = self._outlet, None, ()
        if outlet is not None:
            outlet.close()

    def _pass_on(self, speech: Speech, stream: SoundStream, goes_on: GoesOn, heard: Heard) -> float | None:
        began: float | None = None
        count = int(speech.job.rate * PIECE)
        while goes_on() and (piece := speech.read(count)):
            samples = np.frombuffer(piece, np.int16)
            stream.write(piece)
            loud = np.flatnonzero(np.abs(samples.astype(np.int32)) > SILENCE)
            if began is None and loud.size:
                behind = (len(samples) - int(loud[0])) / speech.job.rate
                began = self._clock.monotonic() + stream.latency - behind
            heard(level(samples))
            self._look()
        if goes_on():
            stream.finish()
        return began

    def _look(self) -> None:
        if self._outlet is not None and self._clock.monotonic() - self._looked >= LOOK_EVERY:
            self._looked = self._clock.monotonic()
            self.heard_by = self._outlet.heard_by()

    def _drop_spare(self) -> None:
        spare, self._spare = self._spare, None
        if spare is not None:
            spare.end()


def level(samples: "np.ndarray[tuple[int, ...], np.dtype[np.int16]]") -> float:
    """Return the loudness from 0 to 1, as a meter shows it."""
    power = float(np.mean(np.square(samples.astype(np.float32) / 32768)))
    decibels = 10 * np.log10(power) if power > 0 else QUIETEST
    return round(float(np.clip(1 - decibels / QUIETEST, 0.0, 1.0)), 2)
