"""The demo: a camera for a machine that has none, in front of which the synthetic signer spells."""

import threading

from overlay.core.clock import REAL, Clock
from overlay.core.errors import SourceError
from overlay.media.frame import Frame
from overlay.synthesis.signer import SyntheticSigner

TEXT = "HELLO  I AM SIGNCAP"
RATE = 30.0
START = 0.1  # seconds with the hand down before it comes up
RISE = 0.35  # seconds in which it does
REST = 3.0  # seconds with the hand down before the text is spelled again: long enough for its caption to end


class DemoSource:
    """Frames of the synthetic signer.

    In real time it spells its text over and over. Where its frames are asked for late it spells slower, and none is
    left out: a recogniser that waits for no camera can take its time for what a newcomer sees first. Otherwise it
    spells it once, every frame of it, as fast as they are asked for, and time counts from 0.

    Args:
        text: A to Z and spaces; a text of the demo's own when None.
        realtime: frames come at their own pace.
        letters_per_second: speed within words.
        size: width and height of the pictures.
        ready: in real time, nothing is spelled before this is set, so that no letter is missed by a recogniser
            that is still loading.

    Raises:
        SourceError: the text cannot be fingerspelled.
    """

    name = "demo"
    notice: str | None = None
    rate = RATE

    def __init__(
        self,
        text: str | None = None,
        *,
        realtime: bool = True,
        letters_per_second: float = 3.0,
        size: tuple[int, int] = (1280, 720),
        ready: threading.Event | None = None,
        clock: Clock = REAL,
    ) -> None:
        text = TEXT if text is None else text
        if not text.strip():
            raise SourceError('There is nothing to spell: give a text, for example --text "HELLO WORLD".')
        self._signer = SyntheticSigner(text, letters_per_second=letters_per_second, size=size, lead=RISE)
        self.live = realtime
        self._ready = ready
        self._clock = clock
        self._closed = threading.Event()
        self._index = 0
        self._tick = 0  # of the next frame, in frames since the start
        self._start: float | None = None  # when its first frame was due
        self._behind = 0.0  # seconds by which it has been asked late, in all
        self._first = 0  # tick of the first loop's beginning

    @property
    def patient(self) -> bool:
        """Whether it spells slower where it is read slower."""
        return self.live

    @property
    def duration(self) -> float:
        """Seconds that the text takes."""
        return self._signer.duration

    def read(self) -> Frame | None:
        """The next frame; None after `close`, or at the end when not in real time."""
        if self._closed.is_set():
            return None
        if not self.live:
            at = self._tick / RATE
            if at > self._signer.duration:
                return None
            shown = at
        else:
            now = self._clock.monotonic()
            if self._start is None:
                self._start = now
            at = self._start + self._tick / RATE + self._behind
            if now > at:
                self._behind += now - at
                at = now
            elif self._clock.wait(self._closed, at - now):
                return None
            if self._ready is not None and not self._ready.is_set():
                self._first = self._tick
            elapsed = max(0.0, (self._tick - self._first) / RATE - START)
            shown = min(elapsed % (self._signer.duration + REST), self._signer.duration)
        self._tick += 1
        self._index += 1
        return Frame(self._signer.render(shown), self._index - 1, at, behind=self._behind)

    def close(self) -> None:
        """End it; a `read` that waits returns None."""
        self._closed.set()
