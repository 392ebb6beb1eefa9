"""Options that a person chooses before collecting."""

from dataclasses import dataclass, replace
from typing import Any, Final

from overlay.core.errors import SigncapError
from overlay.recognition.letter_model import LETTERS
from server.collection.store import check_signer

MOVING: Final = frozenset("JZ")  # the letters that are a motion
FASTEST: Final = 30.0  # frames a second


@dataclass(frozen=True, slots=True)
class Choice:
    """All that can be chosen.

    Attributes:
        signer: name of the signer; "" as long as none is chosen.
        letter: A to Z.
        count: pictures to take of each letter, over all takes.
        takes: how many takes the pictures of a letter are divided into, where nothing stops one; two at least let
            `signcap split` keep one for the test. Bursts are takes already.
        rate: frames a second, at most 30.
        flip: store the pictures flipped horizontally.
        burst: frames in one burst of a moving letter, at up to 30 a second; None takes J and Z as any letter.
        countdown: seconds before a take.

    Raises:
        SigncapError: a value is none that can be chosen; says which can.
    """

    signer: str = ""
    letter: str = "A"
    count: int = 150
    rate: float = 10.0
    flip: bool = False
    burst: int | None = 45
    countdown: float = 3.0
    takes: int = 2

    def __post_init__(self) -> None:
        if self.signer:
            check_signer(self.signer)
        if self.letter not in LETTERS:
            raise SigncapError(f"{self.letter[:20]!r} is no letter: choose one of A to Z.")
        _check(1 <= self.count <= 100_000, f"{self.count} pictures of a letter are not possible: choose 1 to 100000.")
        _check(0.2 <= self.rate <= FASTEST, f"{self.rate:g} frames a second are not possible: choose 0.2 to 30.")
        _check(
            0 <= self.countdown <= 60, f"A countdown of {self.countdown:g} seconds is not possible: choose 0 to 60."
        )
        _check(1 <= self.takes <= 20, f"{self.takes} takes of a letter are not possible: choose 1 to 20.")
        if self.burst is not None:
            _check(
                2 <= self.burst <= 300, f"Bursts of {self.burst} frames are not possible: choose 2 to 300, or none."
            )

    @property
    def in_bursts(self) -> bool:
        """Whether this letter is taken in bursts."""
        return self.burst is not None and self.letter in MOVING

    @property
    def interval(self) -> float:
        """Seconds between two frames."""
        return 1 / (FASTEST if self.in_bursts else self.rate)

    def but(self, changes: dict[str, Any]) -> "Choice":
        """The same with changes; values of another kind are refused.

        Raises:
            SigncapError: a name or value is none that can be chosen.
        """
        for name, value in changes.items():
            if (
                name not in _KINDS
                or not isinstance(value, _KINDS[name])
                or isinstance(value, bool) != (name == "flip")
            ):
                raise SigncapError(f"{str(name)[:40]} cannot be chosen like that: choose {', '.join(_KINDS)}.")
        return replace(self, **changes)


_KINDS: dict[str, Any] = {
    "signer": str,
    "letter": str,
    "count": int,
    "takes": int,
    "rate": (int, float),
    "flip": bool,
    "burst": (int, type(None)),
    "countdown": (int, float),
}


def _check(good: bool, sentence: str) -> None:
    if not good:
        raise SigncapError(sentence)
