"""All that was spelled in a video: its letters, its captions, and which letter belongs to which word."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from overlay.captions.state import Cue, Letter
from overlay.pipeline.final_captions import FinalCaptions
from overlay.pipeline.result import CaptionResult


@dataclass(frozen=True, slots=True)
class Place:
    """The place of a letter in the captions.

    Attributes:
        cue: the `index` of its caption.
        word: number of its word in there, from 0, as it was read letter by letter.
    """

    cue: int
    word: int


class Transcription:
    """Collects what a recogniser reads from a video. Nobody edits a file's text.

    Attributes:
        letters: in order.
        cues: finished captions, in order; the recogniser itself keeps the newest only.
    """

    def __init__(self) -> None:
        self.letters: list[Letter] = []
        self.cues: list[Cue] = []
        self._captions = FinalCaptions()

    def note(self, reading: CaptionResult) -> tuple[Cue, ...]:
        """Take what is new in a reading; the captions that ended with it."""
        self.letters += reading.letters
        new = tuple(caption.cue for caption in self._captions.accept(reading) if caption.is_new)
        self.cues += new
        return new


def to_jsonl(letters: Sequence[Letter], cues: Sequence[Cue]) -> str:
    """A line of JSON for each letter, and one for each caption after those of its letters. Times in seconds."""
    lines = []
    coming = iter(letters)
    for cue in cues:
        for place, letter in zip(_places(cue), coming, strict=False):
            lines.append(
                {
                    "kind": "letter",
                    "letter": letter.text,
                    "confidence": round(float(letter.confidence), 4),
                    "start": round(letter.start, 3),
                    "end": round(letter.end, 3),
                    "cue": place.cue,
                    "word": place.word,
                }
            )
        lines.append(
            {
                "kind": "cue",
                "cue": cue.index,
                "text": cue.text,
                "start": round(cue.start, 3),
                "end": round(cue.end, 3),
            }
            | ({"read": cue.literal} if cue.assisted else {})
        )
    return "".join(f"{json.dumps(line, ensure_ascii=False)}\n" for line in lines)


def _places(cue: Cue) -> Iterator[Place]:
    for number, word in enumerate(cue.literal.split()):
        for _ in word:
            yield Place(cue.index, number)
