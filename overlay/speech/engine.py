"""Speech engines: programs of this machine that turn text into sound."""

from dataclasses import dataclass
from typing import Final, Protocol

from overlay.core.errors import SinkError
from overlay.speech.spoken import Notation

AUTO: Final = "auto"  # the most natural one that there is


class EngineError(SinkError):
    """An error of an engine: nothing can be spoken, though it could be heard."""


@dataclass(frozen=True, slots=True)
class EngineVoice:
    """A voice of an engine.

    Attributes:
        name: what the engine and the settings call it.
        label: what people call it.
    """

    name: str
    label: str


@dataclass(frozen=True, slots=True)
class Job:
    """The command of a program that speaks what comes in by its standard input, and ends.

    Attributes:
        command: the program and its options; the text is never among them.
        rate: samples a second of what it writes: signed 16 bits, little-endian, one channel.
        header: bytes before the first sample.
        notation: how it is told to read something letter by letter.
    """

    command: tuple[str, ...]
    rate: int
    header: int = 0
    notation: Notation = Notation.AS_IS


class Engine(Protocol):
    """A program that speaks."""

    @property
    def name(self) -> str:
        """The name in the settings."""
        ...

    @property
    def slow(self) -> bool:
        """Whether it takes long to start, so that one should wait for the next caption."""
        ...

    @property
    def voices(self) -> tuple[EngineVoice, ...]:
        """At least one, the usual one first."""
        ...

    def job(self, voice: str, speed: float) -> Job:
        """Return the command that starts it.

        Args:
            voice: the name of one of `voices`; of any other, the usual one speaks.
            speed: 1 is its own.
        """
        ...


def voice_of(engine: Engine, name: str) -> EngineVoice:
    """The voice of that name, or the usual one."""
    return next((voice for voice in engine.voices if voice.name == name), engine.voices[0])
