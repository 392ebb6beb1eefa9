"""Captions on their way, and what became of them."""

from collections import deque
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

LOSSES_KEPT: Final = 20


@dataclass(frozen=True, slots=True)
class Caption:
    """A finished caption that is to be sent.

    Attributes:
        number: in this run, from 1; None for a test caption.
        text: one line.
        at: when it was finished, in seconds that only grow.
    """

    number: int | None
    text: str = field(repr=False)  # text never stands in a log
    at: float = 0.0


@dataclass(frozen=True, slots=True)
class Loss:
    """A caption that did not reach the call, or may not have.

    Attributes:
        caption: it.
        why: for people.
        perhaps: it may have been shown all the same.
    """

    caption: Caption
    why: str
    perhaps: bool = False


@dataclass(slots=True)
class Tally:
    """The counts of what became of the captions of one link.

    Attributes:
        sent: taken by the service.
        lost: given up; certainly not shown.
        perhaps: given up; may have been shown.
        last_at: when the newest one was taken.
        losses: the newest that were given up.
    """

    sent: int = 0
    lost: int = 0
    perhaps: int = 0
    last_at: datetime | None = None
    losses: deque[Loss] = field(default_factory=lambda: deque(maxlen=LOSSES_KEPT))

    def add_sent(self, at: datetime) -> None:
        """One was taken."""
        self.sent += 1
        self.last_at = at

    def add_loss(self, caption: Caption, why: str, *, perhaps: bool = False) -> None:
        """One was given up."""
        if perhaps:
            self.perhaps += 1
        else:
            self.lost += 1
        self.losses.append(Loss(caption, why, perhaps))

    def take_back(self, number: int) -> Caption | None:
        """The caption of that number is to be sent again, and no longer given up; None where it is not among them."""
        for loss in reversed(self.losses):
            if loss.caption.number == number:
                self.losses.remove(loss)
                if loss.perhaps:
                    self.perhaps -= 1
                else:
                    self.lost -= 1
                return loss.caption
        return None
