"""Writing a take in a thread of its own, so that a slow disk never holds up the camera."""

import threading
from collections import deque
from typing import Final

import cv2
import numpy as np

from overlay.media.frame import Pixels
from overlay.recognition.hands.hand_detector import Hand
from server.collection.take import Take, why_not_written

QUALITY: Final = 95
WAITING: Final = 24  # frames that may wait for the disk; further ones are dropped
SAVE_EVERY: Final = 0.5  # seconds of the take, after which its record is written anew
END_LIMIT: Final = 10.0  # seconds to wait for a disk that does not answer

_Waiting = tuple[Pixels, float, Hand | None]


class Recording:
    """A take that is under way.

    Args:
        take: where its frames go.
        waiting: how many frames may wait to be written.
    """

    def __init__(self, take: Take, waiting: int = WAITING) -> None:
        self.take = take
        self.error: str | None = None  # one sentence: why no more can be written
        self.told = False  # somebody has read it
        self.accepted = 0  # frames that were written or wait to be
        self.written = 0
        self.dropped = 0
        self.without_hand = 0  # of those accepted
        self._most = waiting
        self._waiting: deque[_Waiting] = deque()
        self._changed = threading.Condition()
        self._save_asked = False
        self._ending = False
        self._discarded = False
        self._saved_at = float("-inf")
        self._thread = threading.Thread(target=self._run, name="write take", daemon=True)
        self._thread.start()

    @property
    def ending(self) -> bool:
        """No more frames are taken."""
        return self._ending or self.error is not None

    def add(self, pixels: Pixels, at: float, hand: Hand | None) -> bool:
        """Hand over a frame; never waits.

        Args:
            pixels: BGR uint8 (H, W, 3), not to be changed any more.
            at: seconds since the take began.
            hand: the hand in it, or None.

        Returns:
            False when it was dropped, because too many wait for the disk or writing has failed.
        """
        with self._changed:
            if self._ending or self.error is not None:
                return False
            if len(self._waiting) >= self._most:
                self.dropped += 1
                return False
            self._waiting.append((pixels, at, hand))
            self.accepted += 1
            self.without_hand += hand is None
            self._changed.notify()
            return True

    def save(self) -> None:
        """Let the record be written once the frames that wait are."""
        with self._changed:
            self._save_asked = True
            self._changed.notify()

    def finish(self) -> None:
        """No more frames: what waits is written, then the record. Does not wait for it; see `wait`."""
        with self._changed:
            self._ending = True
            self._changed.notify()

    def discard(self) -> None:
        """Take back all that was written, and wait for it."""
        with self._changed:
            self._waiting.clear()
            self._ending = self._discarded = True
            self._changed.notify()
        self.wait()

    def wait(self, limit: float = END_LIMIT) -> None:
        """Wait until all is written."""
        self._thread.join(limit)

    def _run(self) -> None:
        try:
            while (waiting := self._next()) is not None:
                for pixels, at, hand in waiting:
                    self._write(pixels, at, hand)
        except (OSError, cv2.error) as error:
            self._fail(error)
        try:
            if self._discarded:
                self.take.remove()
                self.written = self.accepted = 0
            else:
                self.take.save()
        except OSError as error:  # the record before this one is still there
            self._fail(error)

    def _fail(self, error: Exception) -> None:
        with self._changed:
            self._waiting.clear()
            self.accepted = self.written
            if self.error is None and isinstance(error, OSError):
                self.error = why_not_written(error, self.take.letter_folder)
            elif self.error is None:
                self.error = f"A picture of {self.take.letter_folder} cannot be encoded: start again."

    def _next(self) -> list[_Waiting] | None:
        """The next frame to write, none when only the record is, None at the end."""
        with self._changed:
            self._changed.wait_for(lambda: self._waiting or self._save_asked or self._ending)
            if self._discarded:
                return None
            if self._waiting:
                return [self._waiting.popleft()]
            if self._ending:
                return None
            self._save_asked = False
        self.take.save()
        return []

    def _write(self, pixels: Pixels, at: float, hand: Hand | None) -> None:
        height, width = pixels.shape[:2]
        if self.take.info.flipped:
            pixels = np.asarray(cv2.flip(pixels, 1), np.uint8)
        _, jpeg = cv2.imencode(".jpg", pixels, [cv2.IMWRITE_JPEG_QUALITY, QUALITY])
        self.take.write(jpeg.tobytes(), (width, height), at, hand)
        with self._changed:
            self.written += 1
        if at - self._saved_at >= SAVE_EVERY:
            self._saved_at = at
            self.take.save()
