"""A person who signs and types, and a writer that follows them into real files."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from overlay.captions.state import CaptionState, Letter
from overlay.captions.transcript import Transcript
from overlay.core.settings import TranscriptUse
from overlay.pipeline.final_captions import FinalCaptionStream
from overlay.pipeline.result import CaptionResult
from overlay.transcripts.writer import AGAIN_AFTER, TranscriptWriter
from tests.clock import SteppedClock


@dataclass
class Person:
    """Signs a letter in a tenth of a second, by a real transcript; meanwhile the clock goes on."""

    clock: SteppedClock
    accept: Callable[[CaptionResult], None] = lambda _reading: None
    suggest: dict[str, tuple[str, ...]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.transcript = Transcript(suggest=lambda read: self.suggest.get(read, ()))

    @property
    def at(self) -> float:
        """When the newest frame was taken."""
        return self.clock.monotonic()

    def sign(self, text: str) -> None:
        """Letters of the caption that is being signed."""
        for letter in text:
            self.clock.advance(0.1)
            if letter == " ":
                self.wait(1.0)
                continue
            letters = [Letter(letter, 0.9, self.at, self.at)]
            self._tell(self.transcript.accept(letters, None, self.at, hand_up=True), letters)

    def wait(self, seconds: float) -> None:
        """Nothing, with the hand down."""
        self.clock.advance(seconds)
        self._tell(self.transcript.accept([], None, self.at, hand_up=False))

    def say(self, *captions: str) -> None:
        """Whole captions."""
        for caption in captions:
            self.sign(caption)
            self.wait(5.0)

    def type(self, text: str, *, end: bool = True) -> None:
        """As in the caption box."""
        self.clock.advance(1.0)
        self.transcript.type_text(text, self.at)
        self._tell(self.transcript.finish() if end else self.transcript.state)

    def choose(self, caption: int, read: str, chosen: str) -> None:
        """The first word of a caption."""
        self._tell(self.transcript.choose(caption, 0, read, chosen))

    def undo(self) -> None:
        self._tell(self.transcript.undo())

    def _tell(self, state: CaptionState, letters: list[Letter] | None = None) -> None:
        self.accept(CaptionResult(self.at, state, letters=tuple(letters or ())))
        self.clock.settle()


class Desk:
    """A folder for sessions, and writers that write into it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.clock = SteppedClock()
        self.told: list[str | None] = []
        self.writers: list[TranscriptWriter] = []

    def use(self, *, keep: bool = True, **more: object) -> TranscriptUse:
        return TranscriptUse.model_validate({"keep": keep, "folder": str(self.folder), **more})

    def person(self, use: TranscriptUse | None = None, file: Path | None = None) -> Person:
        """Somebody whose captions are kept."""
        somebody = Person(self.clock, suggest={"HELO": ("HELLO", "HELP"), "WRLD": ("WORLD",)})
        writer = TranscriptWriter(use or self.use(), file, told=self.told.append, clock=self.clock)
        self.writers.append(writer)
        captions = FinalCaptionStream(self.clock)
        captions.listen(writer.accept)
        somebody.accept = captions.accept
        return somebody

    @property
    def writer(self) -> TranscriptWriter:
        """The one that was begun last."""
        return self.writers[-1]

    def files(self, ending: str) -> list[Path]:
        return sorted(self.folder.glob(f"*{ending}"))

    def texts(self) -> list[str]:
        """What all text files hold, the oldest session first."""
        return [path.read_text("utf-8") for path in self.files(".txt")]

    def try_again(self) -> None:
        """What could not be written is tried again."""
        self.clock.advance(AGAIN_AFTER)

    def end(self) -> None:
        """Close the writer, and wait for the disk, however busy it is."""
        self.writer.close(60)


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    made = Desk(tmp_path / "share" / "transcripts")
    yield made
    for writer in made.writers:
        writer.close()
