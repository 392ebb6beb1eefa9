"""Captions on their way, and what became of them."""

from collections import deque
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

LOSSES_KEPT: Final = 20
TEXTS_KEPT: Final = 200


@dataclass(frozen=True, slots=True)
class Caption:
    """A caption that is to be sent, or a part of one.

    Attributes:
        number: in this run, from 1; None for a test caption.
        text: one line.
        at: when it was finished, in seconds that only grow.
        begins: nothing of the caption was sent before.
        ends: nothing more of it will come.
        goes_on: its last word goes on in the next part.
    """

    number: int | None
    text: str = field(repr=False)  # text never stands in a log
    at: float = 0.0
    begins: bool = True
    ends: bool = True
    goes_on: bool = False


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


@dataclass(frozen=True, slots=True)
class Change:
    """Words that the user has changed after they had been sent: the call has them as they were.

    Attributes:
        number: of their caption, from 1.
        sent: what was sent.
        now: what stands in its place; empty for nothing.
    """

    number: int
    sent: str = field(repr=False)
    now: str = field(repr=False)


@dataclass(slots=True)
class Tally:
    """The counts of what became of the captions of one link.

    Attributes:
        sent: taken by the service.
        lost: given up; certainly not shown.
        perhaps: given up; may have been shown.
        last_at: when the newest one was taken.
        losses: the newest that were given up.
        changes: what was changed too late, by the place of the part in its caption; the newest.
    """

    sent: int = 0
    lost: int = 0
    perhaps: int = 0
    last_at: datetime | None = None
    losses: deque[Loss] = field(default_factory=lambda: deque(maxlen=LOSSES_KEPT))
    changes: dict[tuple[int, int], Change] = field(default_factory=dict)
    _texts: dict[tuple[int, int], str] = field(default_factory=dict, repr=False)

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

    def note_text(self, place: tuple[int, int], text: str) -> None:
        """What goes out of the part at that place."""
        self._texts[place] = text
        while len(self._texts) > TEXTS_KEPT:
            del self._texts[next(iter(self._texts))]

    def note_change(self, place: tuple[int, int], now: str) -> None:
        """Another text stands in its place, or the one again that went out."""
        sent = self._texts.get(place)
        self.changes.pop(place, None)
        if sent is not None and sent != now:
            self.changes[place] = Change(place[0] + 1, sent, now)
            while len(self.changes) > LOSSES_KEPT:
                del self.changes[next(iter(self.changes))]

    def take_back(self, number: int) -> Caption | None:
        """The caption of that number is to be sent again, and no longer given up; None where it is not among them.

        All parts of it that were given up are sent together.
        """
        lost = [loss for loss in self.losses if loss.caption.number == number]
        if not lost:
            return None
        for loss in lost:
            self.losses.remove(loss)
            if loss.perhaps:
                self.perhaps -= 1
            else:
                self.lost -= 1
        text = "".join(loss.caption.text + ("" if loss.caption.goes_on else " ") for loss in lost).strip()
        return Caption(number, text, lost[-1].caption.at)
