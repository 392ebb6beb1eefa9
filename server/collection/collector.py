"""The timing of pictures: countdown, rate, pause, bursts and undo. Knows no clock: time comes with the frames."""

import threading
from collections.abc import Callable
from datetime import UTC, datetime
from importlib.metadata import version
from typing import Any, Final

from overlay.core.errors import SigncapError
from overlay.media.frame import Frame
from overlay.recognition.hands.hand_detector import Hand
from overlay.recognition.letter_model import LETTERS
from server.collection.counts import Ledger
from server.collection.options import Choice
from server.collection.state import Phase, State, Undo
from server.collection.store import Store
from server.collection.take import TakeInfo
from server.collection.take_writer import Recording

EARLY: Final = 0.15  # of an interval: a frame that comes so little before it is due is taken, cameras being uneven
BUSY: Final = 0.05  # seconds that a frame waits for what a person does to be carried out


class Collector:
    """Takes pictures of a signer's letters.

    Any thread may call it. The countdown and the rate go by the times of the frames that `accept` is given.

    Args:
        store: where takes go.
        source: name of the camera.
        choice: what is chosen at first.
        letters: the letters to collect, in order.
        now: the time of day, for the records.
    """

    def __init__(
        self,
        store: Store,
        source: str,
        choice: Choice | None = None,
        *,
        letters: str = "".join(LETTERS),
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self.store = store
        self.letters = letters
        self._source = source
        self._now = now
        self._lock = threading.RLock()
        self._choice = choice or Choice(letter=letters[0])
        self._phase = Phase.IDLE
        self._ledger = Ledger(store)
        self._take: Recording | None = None  # under way, or the last one
        self._open = False  # `_take` is under way
        self._share = 0  # pictures that it has at most
        self._unseen = 0  # that were due since it was started, and had no hand in them
        self._at: float | None = None  # of the newest frame
        self._counting_since: float | None = None
        self._began = 0.0
        self._due = 0.0
        self._hand: bool | None = None
        self._said, self._failed = "", False
        self._look()

    # What a person does.

    def choose(self, **changes: Any) -> None:
        """Change what is chosen, between takes; a paused take ends.

        Raises:
            SigncapError: not possible, or not now.
        """
        with self._lock:
            if self._phase in (Phase.COUNTDOWN, Phase.TAKING):
                raise SigncapError("Pictures are being taken: stop or pause first, then choose.")
            choice = self._choice.but(changes)
            self._end_take()
            self._say("")
            if (choice.signer, choice.letter) != (self._choice.signer, self._choice.letter):
                self._take = None
            self._choice = choice
            self._look()

    def start(self) -> None:
        """Begin the countdown of a take; go on when paused. Does nothing while one is under way.

        Raises:
            SigncapError: no signer is chosen, all is taken already, or nothing can be written.
        """
        with self._lock:
            if self._phase is Phase.PAUSED:
                self.resume()
            if self._phase in (Phase.COUNTDOWN, Phase.TAKING):
                return
            if not self._choice.signer:
                raise SigncapError("Name the signer first, for example ann.")
            self._look()
            if self._complete:
                raise SigncapError(
                    f"There are {self._count} pictures of {self._choice.letter} already: choose another letter, "
                    "or a larger count."
                )
            self.store.check_writable()
            self._take = None
            self._say("")
            self._begin_take()

    def pause(self) -> None:
        """Hold the take or its countdown.

        Raises:
            SigncapError: it is a burst, which is one movement.
        """
        with self._lock:
            if self._phase is Phase.TAKING and self._choice.in_bursts:
                raise SigncapError("A burst is one movement and cannot be paused: undo it if it went wrong.")
            if self._phase in (Phase.COUNTDOWN, Phase.TAKING):
                self._phase = Phase.PAUSED
                if self._take is not None and self._open:
                    self._take.save()

    def resume(self) -> None:
        """Go on after a pause, with a countdown."""
        with self._lock:
            if self._phase is Phase.PAUSED:
                self._count_down()

    def stop(self) -> None:
        """End the take or its countdown; what was taken stays."""
        with self._lock:
            if self._phase in (Phase.COUNTDOWN, Phase.TAKING, Phase.PAUSED):
                taken = self._take.accepted if self._take is not None and self._open else 0
                self._end_take()
                self._phase = Phase.DONE if self._complete else Phase.IDLE
                self._say(f"Stopped: {_pictures(taken)} of {self._choice.letter} kept." if taken else "Stopped.")

    def undo(self, *, older: bool = False) -> None:
        """Take back what the take under way has taken, or else the last take.

        Args:
            older: also a take that was collected before this program started, of the letter that is chosen.

        Raises:
            SigncapError: there is nothing to undo, or it cannot be deleted.
        """
        with self._lock:
            undo = self._ledger.undoable()
            if undo is None:
                raise SigncapError(f"There is no take of {self._choice.letter} to undo.")
            if undo.older and not older:
                raise SigncapError(
                    f"Take {undo.take} of {undo.letter} was collected before Signcap started: ask for an older take."
                )
            left = 0
            recording = self._ledger.last()
            if recording is not None and recording is self._take and self._open:
                recording.discard()
            else:
                if recording is not None:
                    recording.finish()
                    recording.wait()
                left = self.store.remove(self._choice.signer, undo.letter, undo.take or "").left
            if recording is not None:
                self._ledger.forget(recording)
            self._take, self._open = None, False
            self._choice = self._choice.but({"letter": undo.letter})
            self._look()
            if recording is not None and recording.error is not None and not recording.told:
                raise SigncapError(recording.error)
            self._say(_undone(undo, left))

    def close(self) -> None:
        """End what is under way and wait until all is written."""
        self.stop()
        self.settle()

    def settle(self) -> None:
        """Wait until the takes that have ended are written."""
        self._ledger.settle()

    def taken_now(self) -> tuple[int, int]:
        """Pictures that were taken since the program started and not undone, and how many of them have no hand."""
        return self._ledger.taken_now()

    # What the camera does.

    def accept(self, frame: Frame, hand: Hand | None) -> None:
        """Take the next frame or leave it. Quick.

        Args:
            frame: its pixels must not be changed any more; its time must not go back.
            hand: the hand in it, in pixels of the frame.
        """
        if not self._lock.acquire(timeout=BUSY):
            return
        try:
            self._at = frame.at
            self._hand = hand is not None
            self._notice_failure()
            if self._phase is Phase.COUNTDOWN:
                if self._counting_since is None:
                    self._counting_since = frame.at
                if frame.at - self._counting_since >= self._choice.countdown:
                    self._phase = Phase.TAKING
                    self._due = frame.at
            if self._phase is Phase.TAKING:
                self._take_frame(frame, hand)
        finally:
            self._lock.release()

    @property
    def state(self) -> State:
        """All there is to show."""
        with self._lock:
            self._notice_failure()
            take = self._take
            return State(
                phase=self._phase,
                choice=self._choice,
                counts=self._ledger.counts(),
                countdown=self._left_of_countdown(),
                taken=take.accepted if take is not None else 0,
                planned=self._planned(),
                without_hand=self._unseen + (take.without_hand if take is not None else 0),
                dropped=take.dropped if take is not None else 0,
                hand=self._hand,
                take=take.take.name if take is not None else None,
                next_letter=self._next_letter(),
                undo=self._ledger.undoable(),
                said=self._said,
                failed=self._failed,
            )

    # All below is called with the lock held.

    def _take_frame(self, frame: Frame, hand: Hand | None) -> None:
        interval = self._choice.interval
        if frame.at < self._due - EARLY * interval:
            return
        # Frames that come late do not let later ones come thick and fast.
        self._due = max(self._due + interval, frame.at + interval / 2)
        if hand is None and not (self._choice.in_bursts and self._open):
            self._unseen += 1  # no letter to be seen; but a motion that has begun is kept whole
            return
        if not self._open or self._take is None:
            self._take = Recording(self.store.new_take(self._info()))
            self._ledger.add(self._take)
            self._open = True
            self._began = frame.at
        self._take.add(frame.pixels, frame.at - self._began, hand)
        if self._choice.in_bursts:
            whole = self._take.accepted + self._take.dropped >= (self._choice.burst or 0)
        else:
            whole = self._complete or self._take.accepted >= self._share
        if whole:
            self._end_take()
            self._say(f"{self._choice.letter} is complete." if self._complete else "")
            if self._complete:
                self._phase = Phase.DONE
            else:
                self._begin_take()
                if not self._choice.in_bursts:
                    self._say(f"Lower your hand, then make {self._choice.letter} once more, for the next take.")

    def _begin_take(self) -> None:
        """Count down to a take of its share of the pictures."""
        left = self._choice.count - self._count
        self._share = min(left, -(-self._choice.count // self._choice.takes))
        self._unseen = 0
        self._count_down()

    def _info(self) -> TakeInfo:
        choice = self._choice
        return TakeInfo(
            signer=choice.signer,
            letter=choice.letter,
            began=self._now(),
            rate=1 / choice.interval,
            flipped=choice.flip,
            burst=choice.burst if choice.in_bursts else None,
            source=self._source,
            program=f"signcap {version('signcap')}",
        )

    def _count_down(self) -> None:
        self._phase = Phase.COUNTDOWN
        self._counting_since = None

    def _left_of_countdown(self) -> float | None:
        if self._phase is not Phase.COUNTDOWN:
            return None
        if self._counting_since is None or self._at is None:
            return self._choice.countdown
        return max(0.0, self._choice.countdown - (self._at - self._counting_since))

    def _end_take(self) -> None:
        if self._take is not None and self._open:
            self._take.finish()
            self._open = False

    def _notice_failure(self) -> None:
        error = self._ledger.new_error()
        if error is not None:
            self._end_take()
            self._phase = Phase.IDLE
            self._say(error, failed=True)

    def _look(self) -> None:
        """See what is on disk."""
        self._ledger.look(self._choice.signer, self._choice.letter)
        self._phase = Phase.DONE if self._complete else Phase.IDLE

    def _say(self, sentence: str, *, failed: bool = False) -> None:
        self._said, self._failed = sentence, failed

    @property
    def _count(self) -> int:
        return self._ledger.count(self._choice.letter)

    @property
    def _complete(self) -> bool:
        return bool(self._choice.signer) and self._count >= self._choice.count

    def _planned(self) -> int:
        if self._choice.in_bursts:
            return self._choice.burst or 0
        taken = self._take.accepted if self._take is not None and self._open else 0
        left = max(0, self._choice.count - self._count)
        share = self._share if self._open else min(left, -(-self._choice.count // self._choice.takes))
        return min(taken + left, share)

    def _next_letter(self) -> str | None:
        """The next letter, in order and from the start again, that lacks pictures."""
        letters = self.letters
        place = letters.find(self._choice.letter) + 1
        lacking = [letter for letter in letters[place:] + letters[:place] if letter != self._choice.letter]
        return next((letter for letter in lacking if self._ledger.count(letter) < self._choice.count), None)


def _pictures(count: int) -> str:
    return f"{count} picture{'' if count == 1 else 's'}"


def _undone(undo: Undo, left: int) -> str:
    what = f"Take {undo.take} of {undo.letter}" if undo.take else f"The take of {undo.letter}"
    kept = f"; {left} other files in its folder stay" if left else ""
    return f"{what} is undone: {_pictures(undo.count)} deleted{kept}."
