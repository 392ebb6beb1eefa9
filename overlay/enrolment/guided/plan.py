"""The prompts of an enrolment."""

from dataclasses import dataclass
from typing import Any, Final

from overlay.core.errors import SigncapError
from overlay.enrolment.clip import WORDS
from overlay.enrolment.profile import check_name
from overlay.recognition.letter_model import LETTERS

ALPHABET: Final = "".join(LETTERS)
SECONDS_A_LETTER: Final = 1.2  # of a spelled word, at most; beginners are slow
SECONDS_BEFORE: Final = 2.0  # for the hand to come up and go down


@dataclass(frozen=True, slots=True)
class Plan:
    """What is asked for, and for how long.

    Attributes:
        name: of the profile; "" as long as none is chosen.
        words: the ten words are spelled, instead of single letters.
        letters: to be signed, in this order, each once.
        seconds: that each letter is held.
        countdown: seconds before each letter or word.

    Raises:
        SigncapError: a value is none that can be chosen; says which can.
    """

    name: str = ""
    words: bool = False
    letters: str = ALPHABET
    seconds: float = 2.0
    countdown: float = 2.0

    def __post_init__(self) -> None:
        if self.name:
            check_name(self.name)
        known = all(letter in ALPHABET for letter in self.letters)
        if not self.letters or not known or len(set(self.letters)) < len(self.letters):
            raise SigncapError(
                f"{self.letters[:40]!r} are no letters to enrol: give each once, A to Z, for example ABC."
            )
        if not 1 <= self.seconds <= 10:
            raise SigncapError(f"{self.seconds:g} seconds for a letter are not possible: choose 1 to 10.")
        if not 0 <= self.countdown <= 20:
            raise SigncapError(f"A countdown of {self.countdown:g} seconds is not possible: choose 0 to 20.")

    @property
    def prompts(self) -> tuple[str, ...]:
        """The letters or words, in order."""
        return WORDS if self.words else tuple(self.letters)

    def longest(self, prompt: str) -> float:
        """Seconds that a take of this prompt may last."""
        return self.seconds if len(prompt) == 1 else SECONDS_BEFORE + SECONDS_A_LETTER * len(prompt)

    @classmethod
    def parse(cls, given: dict[str, Any]) -> "Plan":
        """A plan of values that came from elsewhere; of another kind they are refused.

        Raises:
            SigncapError: a name or value is none that can be chosen.
        """
        for name, value in given.items():
            kind = _KINDS.get(name)
            if kind is None or not isinstance(value, kind) or isinstance(value, bool) != (name == "words"):
                raise SigncapError(f"{str(name)[:40]} cannot be chosen like that: choose {', '.join(_KINDS)}.")
        values = dict(given)
        if isinstance(values.get("letters"), str):
            values["letters"] = values["letters"].upper()
        return cls(**values)


_KINDS: dict[str, Any] = {
    "name": str,
    "words": bool,
    "letters": str,
    "seconds": (int, float),
    "countdown": (int, float),
}
