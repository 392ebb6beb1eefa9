"""Captions, and parts of them, that wait to be spoken: in order, each once, not too many or old. Clock-free."""

from collections import deque
from dataclasses import dataclass, replace
from typing import Final

MOST: Final = 20


@dataclass(frozen=True, slots=True)
class Waiting:
    """A caption that waits.

    Attributes:
        place: its place among the parts of captions, or None for a test.
        text: what will be said.
        at: when it was finished, in seconds.
        due: from when on it may be spoken.
    """

    place: tuple[int, int] | None
    text: str
    at: float
    due: float


class WaitingCaptions:
    """Not for several threads at a time.

    Attributes:
        skipped: how many were given up, as they had become too old or too many waited.
    """

    def __init__(self) -> None:
        self.skipped = 0
        self._captions: deque[Waiting] = deque()
        self._newest = (-1, -1)  # place of the newest part that came

    def __len__(self) -> int:
        return len(self._captions)

    def put(self, caption: Waiting) -> None:
        """A caption, or a part of one, or one that waits with another text; what has gone before is left alone."""
        for number, other in enumerate(self._captions):
            if caption.place is not None and other.place == caption.place:
                if caption.text:
                    self._captions[number] = replace(other, text=caption.text)
                else:
                    del self._captions[number]
                return
        if caption.place is not None:
            if caption.place <= self._newest:
                return
            self._newest = caption.place
        if not caption.text:
            return
        if len(self._captions) >= MOST:
            self._captions.popleft()
            self.skipped += 1
        self._captions.append(caption)

    def take(self, now: float, oldest: float) -> Waiting | None:
        """The next one that is due; those that were finished more than `oldest` seconds ago are given up."""
        while self._captions and now - self._captions[0].at > oldest:
            self._captions.popleft()
            self.skipped += 1
        return self._captions.popleft() if self._captions and self._captions[0].due <= now else None

    def rest(self, now: float) -> float:
        """Seconds until the next one is due; without one, for ever."""
        return max(0.0, self._captions[0].due - now) if self._captions else float("inf")

    def note(self, place: tuple[int, int]) -> None:
        """That part came while nothing was to be spoken: nor will it be later."""
        self._newest = max(self._newest, place)

    def clear(self) -> None:
        """Give all of them up, as the user wants."""
        self._captions.clear()
