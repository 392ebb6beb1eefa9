"""The engines of this machine, and the choice of the one that speaks."""

from typing import Final

from overlay.speech.engine import AUTO, Engine, EngineError
from overlay.speech.espeak import find_espeak
from overlay.speech.piper import find_piper

NO_ENGINE: Final = (
    "Nothing on this computer can speak into a call: install eSpeak NG (on Debian and Ubuntu "
    "`sudo apt install espeak-ng`)."
)


def find_engines() -> tuple[Engine, ...]:
    """Return the engines of this machine, the most natural one first."""
    found: tuple[Engine | None, ...] = (find_piper(), find_espeak())
    return tuple(engine for engine in found if engine is not None)


def choose_engine(engines: tuple[Engine, ...], wanted: str) -> Engine:
    """The one of that name, or for "auto" the first.

    Raises:
        EngineError: it is not there; says what to do.
    """
    if not engines:
        raise EngineError(NO_ENGINE)
    for engine in engines:
        if wanted in (AUTO, engine.name):
            return engine
    raise EngineError(f"{wanted} is not installed here, or has no voice: choose {engines[0].name}.")
