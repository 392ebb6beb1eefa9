"""Piper: a neural network, natural to listen to; its voices are files that the user has fetched."""

import shutil
from pathlib import Path
from typing import Final

import platformdirs

from overlay.core.files.strict_json import parse_json
from overlay.speech.engine import EngineVoice, Job, voice_of

PIPER: Final = "piper"
_LARGEST: Final = 1_000_000  # bytes of a voice's description


class Piper:
    """Piper, with the voices that were found.

    Args:
        program: its path.
        files: the model of each voice, by name, with its samples a second.
    """

    name = PIPER
    slow = True  # it loads its network before it reads the text

    def __init__(self, program: str, files: dict[str, tuple[Path, int]]) -> None:
        self._program, self._files = program, files
        self.voices = tuple(EngineVoice(name, name) for name in files)

    def job(self, voice: str, speed: float) -> Job:
        """Return the command that starts it."""
        model, rate = self._files[voice_of(self, voice).name]
        options = ("--model", str(model), "--output_raw", "--length_scale", f"{1 / speed:.3f}")
        return Job((self._program, *options), rate)


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
        if (rate := _rate(model.with_name(model.name + ".json"))) is not None:
            files[model.stem] = (model, rate)
    return Piper(program, files) if files else None


def _rate(description: Path) -> int | None:
    try:
        if description.stat().st_size > _LARGEST:
            return None
        rate = parse_json(description.read_bytes())["audio"]["sample_rate"]
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return rate if isinstance(rate, int) and 4000 <= rate <= 192_000 else None
