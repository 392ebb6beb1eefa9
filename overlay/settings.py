"""Every tunable of Signcap, in one typed, validated, saved place."""

import os
import tempfile
from pathlib import Path
from typing import Annotated, Literal

import platformdirs
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError
from pydantic_core import PydanticCustomError

from overlay.errors import SigncapError
from overlay.hot_words import hot_words

Colour = Annotated[str, Field(pattern=r"^#[0-9a-fA-F]{6}$")]


def _hot_words(words: tuple[str, ...]) -> tuple[str, ...]:
    try:
        return hot_words(words)
    except ValueError as error:
        raise PydanticCustomError("hot_words", "{reason}", {"reason": str(error)}) from None


HotWords = Annotated[tuple[str, ...], AfterValidator(_hot_words)]


class _Group(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class CaptionStyle(_Group):
    """How captions are drawn into the picture."""

    place: Literal["bottom", "top"] = "bottom"
    size: Annotated[float, Field(ge=0.03, le=0.15)] = 0.065  # line height, as a fraction of the picture's height
    lines: Annotated[int, Field(ge=1, le=4)] = 2
    columns: Annotated[int, Field(ge=16, le=60)] = 34  # characters a line, at most
    colour: Colour = "#ffffff"
    partial_colour: Colour = "#ffd75e"
    box_colour: Colour = "#000000"
    box_opacity: Annotated[float, Field(ge=0.0, le=1.0)] = 0.72
    margin: Annotated[float, Field(ge=0.0, le=0.2)] = 0.05  # kept free at the edges, as a fraction of the height
    hand_outline: bool = False


class Decoding(_Group):
    """From posteriors to letters. Times in seconds."""

    letter_confidence: Annotated[float, Field(ge=0.2, le=0.99)] = 0.6
    release_confidence: Annotated[float, Field(ge=0.05, le=0.95)] = 0.2
    least_hold: Annotated[float, Field(ge=0.0, le=3.0)] = 0.07
    final_hold: Annotated[float, Field(ge=0.05, le=5.0)] = 0.25
    double_gap: Annotated[float, Field(ge=0.0, le=1.0)] = 0.12


class Endpointing(_Group):
    """When a word ends and when a caption ends. Times in seconds."""

    word_pause: Annotated[float, Field(ge=0.1, le=5.0)] = 0.8
    word_lowered: Annotated[float, Field(ge=0.05, le=5.0)] = 0.25
    caption_silence: Annotated[float, Field(ge=0.3, le=10.0)] = 2.4
    caption_longest: Annotated[float, Field(ge=2.0, le=120.0)] = 20.0
    shown_after: Annotated[float, Field(ge=1.0, le=60.0)] = 6.0  # how long a finished caption stays in the picture


class Suggesting(_Group):
    """Words that are suggested beside what was read."""

    enabled: bool = True
    hot_words: HotWords = ()  # names and other words to expect, suggested before others


class Settings(_Group):
    """All settings. Immutable: change with `model_copy(update=...)` or by loading anew."""

    caption: CaptionStyle = CaptionStyle()
    decoding: Decoding = Decoding()
    endpointing: Endpointing = Endpointing()
    suggesting: Suggesting = Suggesting()

    def with_hand_outline(self) -> "Settings":
        """These settings, with the hand drawn into the picture."""
        return self.model_copy(update={"caption": self.caption.model_copy(update={"hand_outline": True})})

    def with_hot_words(self, words: tuple[str, ...]) -> "Settings":
        """These settings, with more hot words.

        Raises:
            SigncapError: one of them cannot be spelled, or there are too many.
        """
        try:
            together = hot_words((*words, *self.suggesting.hot_words))
        except ValueError as error:
            raise SigncapError(f"{error}.") from None
        return self.model_copy(update={"suggesting": self.suggesting.model_copy(update={"hot_words": together})})


def settings_path() -> Path:
    """Where the user's settings are kept."""
    return Path(platformdirs.user_config_dir("signcap", appauthor=False)) / "settings.json"


def load_settings(path: Path | None = None) -> Settings:
    """Read the settings file; the defaults where there is none.

    Raises:
        SigncapError: the file is not valid; names the setting and the reason.
    """
    path = path or settings_path()
    try:
        text = path.read_text("utf-8")
    except FileNotFoundError:
        return Settings()
    except (OSError, UnicodeDecodeError) as error:
        raise SigncapError(f"Cannot read the settings in {path} ({error}): mend or remove that file.") from error
    try:
        return Settings.model_validate_json(text)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"]) or "the file"
        raise SigncapError(f"In the settings file {path}, {where}: {first['msg']}. Mend or remove it.") from error


def save_settings(settings: Settings, path: Path | None = None) -> None:
    """Write the settings so that a crash leaves either the old file or the new one."""
    path = path or settings_path()
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=path.name, suffix=".part")
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(settings.model_dump_json(indent=2) + "\n")
        os.replace(temporary, path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise
