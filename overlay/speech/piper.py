"""Piper: a neural network, natural to listen to; its voices are files that the user has fetched."""

import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import platformdirs

from overlay.core.files.strict_json import parse_json
from overlay.speech.engine import EngineVoice, Job, voice_of
from overlay.speech.spoken import Notation

PIPER: Final = "piper"
_LARGEST: Final = 1_000_000  # bytes of a voice's description


@dataclass(frozen=True, slots=True)
class VoiceFile:
    """A voice of Piper's.

    Attributes:
        model: the file of its network.
        rate: samples a second.
        is_english: eSpeak's rules for English turn its text into sounds.
    """

    model: Path
    rate: int
    is_english: bool


class Piper:
    """Piper, with the voices that were found.

    Args:
        program: its path.
        files: by name.
    """

    name = PIPER
    slow = True  # it loads its network before it reads the text

    def __init__(self, program: str, files: dict[str, VoiceFile]) -> None:
        self._program, self._files = program, files
        self.voices = tuple(EngineVoice(name, name) for name in files)

    def job(self, voice: str, speed: float) -> Job:
        """Return the command that starts it."""
        file = self._files[voice_of(self, voice).name]
        options = ("--model", str(file.model), "--output_raw", "--length_scale", f"{1 / speed:.3f}")
        notation = Notation.COMMAS if file.is_english else Notation.AS_IS
        return Job((self._program, *options), file.rate, notation=notation)


def voices_folder() -> Path:
    """Return the folder of Piper's voices: `NAME.onnx` with `NAME.onnx.json` beside it."""
    return Path(platformdirs.user_data_dir("signcap", appauthor=False)) / "voices"


def find_piper(folder: Path | None = None) -> Piper | None:
    """The one of this machine with a voice at least, or None."""
    program = shutil.which(PIPER)
    if program is None:
        return None
    files = {}
    for model in sorted((folder or voices_folder()).glob("*.onnx")):
        if (file := _described(model)) is not None:
            files[model.stem] = file
    return Piper(program, files) if files else None


def _described(model: Path) -> VoiceFile | None:
    description = model.with_name(model.name + ".json")
    try:
        if description.stat().st_size > _LARGEST:
            return None
        told = parse_json(description.read_bytes())
        rate = told["audio"]["sample_rate"]
        language = str(told.get("espeak", {}).get("voice", model.stem))
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None
    if not (isinstance(rate, int) and 4000 <= rate <= 192_000):
        return None
    return VoiceFile(model, rate, language.lower().startswith("en"))
