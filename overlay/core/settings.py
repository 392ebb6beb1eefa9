"""Every tunable of Signcap, in one typed, validated, saved place."""

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Final, Literal

import platformdirs
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError
from pydantic_core import PydanticCustomError

from overlay.core.errors import SigncapError
from overlay.core.files.atomic import make_private_folder, write_whole
from overlay.core.hotwords import hot_words

LONGEST_WINDOW: Final = 1.05  # seconds: all that the network is given
MOST_PHRASES: Final = 30
LONGEST_PHRASE: Final = 200  # characters

Colour = Annotated[str, Field(pattern=r"^#[0-9a-fA-F]{6}$")]


def _hot_words(words: tuple[str, ...]) -> tuple[str, ...]:
    try:
        return hot_words(words)
    except ValueError as error:
        raise PydanticCustomError("hot_words", "{reason}", {"reason": str(error)}) from None


HotWords = Annotated[tuple[str, ...], AfterValidator(_hot_words)]


def _folder(folder: str) -> str:
    try:
        is_whole = not folder or (folder.isprintable() and Path(folder).expanduser().is_absolute())
    except RuntimeError:  # somebody's home whom this machine does not know
        is_whole = False
    if is_whole:
        return folder
    raise PydanticCustomError("folder", "Give the whole path, such as /home/ann/transcripts or ~/transcripts")


Folder = Annotated[str, Field(max_length=1000), AfterValidator(_folder)]  # "": Signcap's own


class _Group(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


def _font(name: str) -> str:
    if name.isprintable() and name == name.strip():
        return name
    raise PydanticCustomError("font", "Give the name of a font, such as Verdana, or nothing for Signcap's own")


Font = Annotated[str, Field(max_length=100), AfterValidator(_font)]  # "": Signcap's own


class CaptionStyle(_Group):
    """How captions are drawn into the picture, and shown on the caption page and in the overlay."""

    place: Literal["bottom", "top"] = "bottom"
    align: Literal["left", "centre", "right", "away from hand"] = "centre"
    font: Font = ""  # an installed family, or serif, sans-serif, monospace, cursive
    case: Literal["as spelled", "sentence"] = "as spelled"
    settled_only: bool = False  # no letters that may still change, and no marks of doubt
    size: Annotated[float, Field(ge=0.03, le=0.15)] = 0.065  # line height, as a fraction of the picture's height
    lines: Annotated[int, Field(ge=1, le=4)] = 2
    columns: Annotated[int, Field(ge=16, le=60)] = 34  # characters a line, at most
    colour: Colour = "#ffffff"
    partial_colour: Colour = "#ffd75e"
    box_colour: Colour = "#000000"
    box_opacity: Annotated[float, Field(ge=0.0, le=1.0)] = 0.72
    margin: Annotated[float, Field(ge=0.0, le=0.2)] = 0.05  # kept free at the edges, as a fraction of the height
    hand_outline: bool = False


Confidence = Annotated[float, Field(ge=0.2, le=0.99)]
Release = Annotated[float, Field(ge=0.05, le=0.95)]
LeastHold = Annotated[float, Field(ge=0.0, le=3.0)]
OneLetter = Annotated[str, Field(pattern=r"^[A-Z]$")]


class LetterRules(_Group):
    """Thresholds of one letter; None: as for all letters."""

    letter_confidence: Confidence | None = None
    release_confidence: Release | None = None
    least_hold: LeastHold | None = None


class Decoding(_Group):
    """From posteriors to letters. Times in seconds."""

    letter_confidence: Confidence = 0.6
    release_confidence: Release = 0.2
    least_hold: LeastHold = 0.07
    final_hold: Annotated[float, Field(ge=0.05, le=5.0)] = 0.25
    double_gap: Annotated[float, Field(ge=0.0, le=1.0)] = 0.1
    double_slide: Annotated[float, Field(ge=0.0, le=2.0)] = 0.0  # palms that the hand must move between two of a kind
    smoothing: Annotated[float, Field(ge=0.0, le=0.5)] = 0.0  # time constant with which posteriors are averaged
    window: Annotated[float, Field(ge=0.3, le=LONGEST_WINDOW)] = LONGEST_WINDOW  # how far back the network looks
    letters: dict[OneLetter, LetterRules] = {}

    def confidence_of(self, letter: str) -> float:
        """The confidence from which this letter counts."""
        own = self.letters.get(letter, _NO_RULES).letter_confidence
        return self.letter_confidence if own is None else own

    def release_of(self, letter: str) -> float:
        """The confidence down to which it goes on."""
        own = self.letters.get(letter, _NO_RULES).release_confidence
        return self.release_confidence if own is None else own

    def least_hold_of(self, letter: str) -> float:
        """Return how long a letter is held at least."""
        own = self.letters.get(letter, _NO_RULES).least_hold
        return self.least_hold if own is None else own


_NO_RULES: Final = LetterRules()


class Endpointing(_Group):
    """When a word ends and when a caption ends. Times in seconds."""

    word_pause: Annotated[float, Field(ge=0.1, le=5.0)] = 0.7
    word_lowered: Annotated[float, Field(ge=0.05, le=5.0)] = 0.25
    caption_silence: Annotated[float, Field(ge=0.3, le=10.0)] = 2.4
    caption_longest: Annotated[float, Field(ge=2.0, le=120.0)] = 20.0
    shown_after: Annotated[float, Field(ge=1.0, le=60.0)] = 6.0  # how long a finished caption stays in the picture


class Suggesting(_Group):
    """What is done with the words that there are: they are suggested beside what was read, or put in its place."""

    enabled: bool = True
    reading: Literal["as spelled", "assisted"] = "as spelled"
    hot_words: HotWords = ()  # names and other words to expect, suggested before others


class CameraUse(_Group):
    """When the camera is on, and which way round its pictures are."""

    # Nobody reads the virtual camera and no page is open: the camera is off. Where the system does not tell who reads
    # the virtual camera, it stays on all the same.
    rest_unwatched: bool = True
    flip: bool = False  # left and right are exchanged, for a source that gives its pictures as in a mirror


class TranscriptUse(_Group):
    """Whether captions are kept in files. Nothing is unless the user asks for it."""

    keep: bool = False
    folder: Folder = ""
    days: Annotated[int, Field(ge=0, le=36_500)] = 0  # after which a kept session is deleted; 0: never
    times: bool = False  # the time of day before each line of a text file

    @property
    def path(self) -> Path:
        """The folder that sessions are kept in."""
        return Path(self.folder).expanduser() if self.folder else transcripts_path()


_ONE_LINE: Final = r"^[^\x00-\x1f\x7f]*\S[^\x00-\x1f\x7f]*$"
Phrase = Annotated[str, Field(min_length=1, max_length=LONGEST_PHRASE, pattern=_ONE_LINE)]


class Phrases(_Group):
    """Sentences that are put out as finished captions by one click."""

    texts: Annotated[tuple[Phrase, ...], Field(max_length=MOST_PHRASES)] = (
        "One moment, please.",
        "Can you repeat that?",
        "I am deaf and use captions.",
        "Please speak one at a time.",
        "Thank you.",
    )


class VoiceUse(_Group):
    """Whether finished captions are spoken into a call. Nothing is unless the user asks for it."""

    speak: bool = False
    engine: Literal["auto", "espeak-ng", "piper"] = "auto"
    voice: Annotated[str, Field(max_length=200)] = ""  # a name of the engine's; "": its usual one
    speed: Annotated[float, Field(ge=0.5, le=2.0)] = 1.0
    wait: Annotated[float, Field(ge=0.0, le=10.0)] = 0.0  # seconds in which a signed caption can still be corrected
    oldest: Annotated[float, Field(ge=2.0, le=120.0)] = 15.0  # seconds after which one that waits is skipped


class CallUse(_Group):
    """How captions are sent as a call's own."""

    # Before each caption, "Anna: HELLO": a call shows captions that are sent to it without saying whose they are.
    speaker: Annotated[str, Field(max_length=40, pattern=r"^[^\x00-\x1f\x7f]*$")] = ""


class Settings(_Group):
    """All settings. Immutable: change with `model_copy(update=...)` or by loading anew."""

    caption: CaptionStyle = CaptionStyle()
    decoding: Decoding = Decoding()
    endpointing: Endpointing = Endpointing()
    suggesting: Suggesting = Suggesting()
    camera: CameraUse = CameraUse()
    transcript: TranscriptUse = TranscriptUse()
    phrases: Phrases = Phrases()
    voice: VoiceUse = VoiceUse()
    calls: CallUse = CallUse()

    def with_hand_outline(self) -> "Settings":
        """Return these settings with the hand drawn into the picture."""
        return self.model_copy(update={"caption": self.caption.model_copy(update={"hand_outline": True})})

    def with_reading(self, *, assisted: bool) -> "Settings":
        """Return these settings with words read with a language or as they are spelled."""
        reading = "assisted" if assisted else "as spelled"
        return self.model_copy(update={"suggesting": self.suggesting.model_copy(update={"reading": reading})})

    def with_hot_words(self, words: tuple[str, ...]) -> "Settings":
        """Return these settings with more hot words.

        Raises:
            SigncapError: one of them cannot be spelled, or there are too many.
        """
        try:
            together = hot_words((*words, *self.suggesting.hot_words))
        except ValueError as error:
            raise SigncapError(f"{error}.") from None
        return self.model_copy(update={"suggesting": self.suggesting.model_copy(update={"hot_words": together})})


def settings_path() -> Path:
    """Return the path of the user's settings."""
    return Path(platformdirs.user_config_dir("signcap", appauthor=False)) / "settings.json"


def transcripts_path() -> Path:
    """Return the folder of sessions, unless the user says otherwise."""
    return Path(platformdirs.user_data_dir("signcap", appauthor=False)) / "transcripts"


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
        raise SigncapError(f"In the settings file {path}, {mistake(error, text)}. Mend or remove it.") from error


def mistake(error: ValidationError, text: str = "") -> str:
    """The first mistake: the line of `text` that it stands in, where that can be told, the setting and the reason."""
    first = error.errors()[0]
    keys = [part for part in first["loc"] if isinstance(part, str)]
    line = _line_of(keys, text)
    where = ".".join(str(part) for part in first["loc"])
    parts = [f"line {line}" if line else "", where or ("" if line else "the file")]
    return f"{', '.join(part for part in parts if part)}: {first['msg']}"


def _line_of(keys: list[str], text: str) -> int | None:
    """The line in which the last of `keys`, each inside the one before, stands; None where it does not."""
    place = 0
    for key in keys:
        found = re.compile(rf"{re.escape(json.dumps(key, ensure_ascii=False))}\s*:").search(text, place)
        if found is None:
            break
        place = found.end()
    return text.count("\n", 0, place) + 1 if place else None


def merged(settings: Settings, change: Mapping[str, Any]) -> Settings:
    """Settings with some changed: a mapping inside a mapping changes what it names, and None takes an entry of
    `decoding.letters` away.

    Raises:
        SigncapError: there is no such setting, or it may not have that value; names it and the reason.
    """
    try:
        return Settings.model_validate_json(json.dumps(_merge(settings.model_dump(mode="json"), change)))
    except (TypeError, ValueError, RecursionError) as error:
        reason = mistake(error) if isinstance(error, ValidationError) else "a value of a kind that no setting has"
        raise SigncapError(f"That cannot be set: {reason}.") from error


def _merge(old: Any, change: Any) -> Any:
    if not (isinstance(old, dict) and isinstance(change, Mapping)):
        return change
    result = {**old, **{key: _merge(old.get(key), value) for key, value in change.items()}}
    return {key: value for key, value in result.items() if value is not None or (key in old and not _is_letter(key))}


def _is_letter(key: str) -> bool:
    return len(key) == 1


def save_settings(settings: Settings, path: Path | None = None) -> None:
    """Write the settings so that a crash or a power cut leaves either the old file or the new one."""
    path = path or settings_path()
    make_private_folder(path.parent)
    write_whole(path, (settings.model_dump_json(indent=2) + "\n").encode(), durable=True)
