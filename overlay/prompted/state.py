"""The state of spelling shown phrases, for the page."""

from dataclasses import dataclass
from enum import Enum
from typing import Any

from overlay.prompted.phrase import PhraseReading
from overlay.prompted.score import SpellingScore, letter_pairs, spelling_score


class Phase(Enum):
    """The phase of spelling."""

    IDLE = "idle"  # nothing has begun
    COUNTDOWN = "countdown"
    WAITING = "waiting"  # for the hand to come up
    SPELLING = "spelling"
    READING = "reading"  # what was spelled is being read
    PAUSED = "paused"
    DONE = "done"  # there is a result


class Mark(Enum):
    """The outcome of a phrase."""

    OPEN = "open"
    SPELLED = "spelled"
    SKIPPED = "skipped"


@dataclass(frozen=True, slots=True)
class ShownState:
    """All there is to show.

    Attributes:
        phase: what goes on.
        phrases: in order.
        marks: of each phrase.
        readings: of each phrase; None where it is not read (yet).
        place: which phrase it is at.
        countdown: seconds left of it; None outside of one.
        hand: a hand is seen in the newest frame; None before the first.
        may_finish: phrases were spelled, and none is being spelled.
        said: the newest thing to tell; "" for nothing.
        failed: `said` is why something went wrong.
        may_keep: what was spelled can still be kept.
        may_learn: and a profile can learn from it.
        learning: how far that is, 0 to 1; None while nothing is learnt.
        kept: name of the file in which it was kept; "" for none.
    """

    phase: Phase
    phrases: tuple[str, ...]
    marks: tuple[Mark, ...]
    readings: tuple[PhraseReading | None, ...]
    place: int
    countdown: float | None
    hand: bool | None
    may_finish: bool
    said: str
    failed: bool
    may_keep: bool
    may_learn: bool
    learning: float | None
    kept: str

    @property
    def prompt(self) -> str:
        """Return the phrase that is asked for; "" after the last."""
        return self.phrases[self.place] if self.place < len(self.phrases) else ""

    def view(self) -> dict[str, Any]:
        """Return it as plain values."""
        read = [reading for reading in self.readings if reading is not None]
        assisted = [(reading.text, reading.assisted) for reading in read if reading.assisted is not None]
        done = self.phase is Phase.DONE
        return {
            "phase": self.phase.value,
            "phrases": [
                {"text": text, "mark": mark.value} | _reading_view(reading)
                for text, mark, reading in zip(self.phrases, self.marks, self.readings, strict=True)
            ],
            "place": self.place,
            "prompt": self.prompt,
            "countdown": self.countdown,
            "hand": self.hand,
            "may_finish": self.may_finish,
            "said": self.said,
            "failed": self.failed,
            "literal": _score_view([(reading.text, reading.literal) for reading in read]) if done else None,
            "assisted": _score_view(assisted) if done and assisted else None,
            "may_keep": self.may_keep,
            "may_learn": self.may_learn,
            "learning": self.learning,
            "kept": self.kept,
        }


def _reading_view(reading: PhraseReading | None) -> dict[str, Any]:
    if reading is None:
        return {"literal": None, "pairs": [], "assisted": None, "assisted_pairs": []}
    return {
        "literal": reading.literal,
        "pairs": letter_pairs(reading.text, reading.literal),
        "assisted": reading.assisted,
        "assisted_pairs": [] if reading.assisted is None else letter_pairs(reading.text, reading.assisted),
    }


def _score_view(phrases: list[tuple[str, str]]) -> dict[str, Any]:
    score: SpellingScore = spelling_score(phrases)
    return {
        "shown": score.shown,
        "right": score.right,
        "errors": score.errors,
        "error_rate": round(score.error_rate, 4),
        "missed": [[one.letter, one.missed, one.shown] for one in score.missed],
    }
