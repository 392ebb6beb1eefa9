"""eSpeak NG: small, quick, a hundred languages; sounds like a machine."""

import shutil
import subprocess
from typing import Final

from overlay.speech.engine import EngineVoice, Job, voice_of
from overlay.speech.spoken import Notation

ESPEAK: Final = "espeak-ng"
USUAL: Final = "en-us"
WORDS: Final = 170  # a minute, at speed 1
RATE: Final = 22_050
WAV_HEADER: Final = 44  # bytes
_PATIENCE: Final = 10.0  # seconds


class Espeak:
    """eSpeak NG, where it is installed.

    Args:
        program: its path.
        voices: the usual one first.
    """

    name = ESPEAK
    slow = False

    def __init__(self, program: str, voices: tuple[EngineVoice, ...]) -> None:
        self._program, self.voices = program, voices

    def job(self, voice: str, speed: float) -> Job:
        """Return the command that starts it."""
        name = voice_of(self, voice).name
        options = ("--stdin", "--stdout", "-v", name, "-s", str(round(WORDS * speed)))
        if name[:2] != "en":
            return Job((self._program, *options), RATE, WAV_HEADER)
        return Job((self._program, *options, "-m"), RATE, WAV_HEADER, Notation.SSML)


def find_espeak() -> Espeak | None:
    """The one of this machine, or None."""
    program = shutil.which(ESPEAK)
    if program is None:
        return None
    try:
        listed = subprocess.run(
            [program, "--voices"], check=True, capture_output=True, timeout=_PATIENCE, stdin=subprocess.DEVNULL
        )
    except (OSError, subprocess.SubprocessError):
        return None
    voices = _voices(listed.stdout.decode("utf-8", "replace"))
    return Espeak(program, voices) if voices else None


def _voices(table: str) -> tuple[EngineVoice, ...]:
    """Those of `espeak-ng --voices`: priority, language, age and sex, name, file."""
    rows = [row.split() for row in table.splitlines()[1:]]
    found = {row[1]: EngineVoice(row[1], row[3].replace("_", " ")) for row in rows if len(row) >= 5}
    return tuple(sorted(found.values(), key=lambda voice: (voice.name != USUAL, voice.name[:2] != "en", voice.label)))
