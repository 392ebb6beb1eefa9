"""Ten phrases from the first prompt to the result. Knows no clock: time comes with the frames."""

import threading
from collections import deque
from collections.abc import Callable, Sequence
from typing import Final

import numpy as np

from overlay.core.errors import SigncapError
from overlay.core.settings import Settings
from overlay.enrolment.clip import EnrolmentClip
from overlay.media.frame import Frame
from overlay.pipeline.result import CaptionResult
from overlay.prompted.phrase import Assist, PhraseReading, ShownFrame, SpelledPhrase, read_phrase
from overlay.prompted.plan import ShownPlan
from overlay.prompted.score import spelling_score
from overlay.prompted.state import Mark, Phase, ShownState
from overlay.recognition.features import FeatureExtractor
from overlay.recognition.landmark_track import in_fractions
from overlay.recognition.letter_stream import DecoderStep

BUSY: Final = 0.05  # seconds that a frame waits for what a person does to be carried out
RAISED: Final = 0.15  # seconds that a hand is in view before a phrase begins: one frame may be a mistake
LOWERED: Final = 2.0  # seconds without a hand that end a phrase
BEFORE, AFTER = 0.5, 0.5  # seconds without a hand that are kept around a phrase
SHORTEST: Final = 0.3  # seconds with a hand, below which nothing was spelled
LONGEST: Final = 120.0  # seconds; a phrase ends then, whatever the hand does
NO_HAND: Final = 20.0  # seconds without any hand after which a phrase that was begun with a key ends
ANSWER: Final = 1.0  # seconds after the end of a phrase in which the network's answers have come
MISREAD: Final = 0.5  # error rate above which a phrase is not learnt from: who knows what was spelled
FEWEST: Final = 4  # phrases to learn from: every second is held out
TRIES: Final = 3  # of a phrase without a hand, after which it is skipped
ACTIVE: Final = (Phase.COUNTDOWN, Phase.WAITING, Phase.SPELLING, Phase.READING)

Start = Callable[[Callable[[], None]], None]


def in_thread(work: Callable[[], None]) -> None:
    """Do work in a thread of its own."""
    threading.Thread(target=work, name="read phrase", daemon=True).start()


class ShownSession:
    """Shows one phrase after the other, and reads what was spelled when it is done.

    Any thread may call it. Pictures are not kept. What is kept of each frame, landmarks and features, is in memory
    until the next start or `forget`.

    Args:
        settings: gives those in use.
        make_extractor: makes what is learnt from; nothing is by default, or where it cannot be made.
        assist: reads a word with a language; none by default.
        start_work: begins what takes longer than a frame may wait.
    """

    def __init__(
        self,
        settings: Callable[[], Settings],
        make_extractor: Callable[[], FeatureExtractor] | None = None,
        *,
        assist: Assist | None = None,
        start_work: Start = in_thread,
    ) -> None:
        self._settings, self._make_extractor = settings, make_extractor
        self._assist, self._start_work = assist, start_work
        self._lock = threading.RLock()
        self._phase = Phase.IDLE
        self._plan = ShownPlan()
        self._phrases: tuple[str, ...] = ()
        self._place = 0
        self._round = 0  # of starts: what is read late belongs to a round and a place
        self._spelled: dict[int, SpelledPhrase | None] = {}  # by place; None: skipped
        self._read: dict[int, PhraseReading] = {}
        self._tries = 0
        self._extractor: FeatureExtractor | None = None
        self._frames: deque[ShownFrame] = deque()
        self._moments: list[DecoderStep] = []
        self._aspect = 1.0
        self._began = 0.0
        self._end: float | None = None  # of the phrase that is being read
        self._hand_since: float | None = None
        self._last_hand: float | None = None
        self._counting_since: float | None = None
        self._at: float | None = None  # of the newest frame
        self._hand: bool | None = None
        self._said, self._failed = "", False
        self._learning: float | None = None
        self._kept = ""

    # What a person does.

    def start(self, plan: ShownPlan) -> None:
        """Begin with the first of new phrases; what was spelled before and not kept is forgotten.

        Raises:
            SigncapError: phrases are being spelled, or a profile is being fitted.
        """
        with self._lock:
            if self._phase in ACTIVE:
                raise SigncapError("Phrases are being spelled: stop first.")
            if self._learning is not None:
                raise SigncapError("The profile is being fitted: wait until it is done.")
            self._extractor = self._new_extractor()
            self._plan, self._phrases, self._place = plan, plan.phrases(), 0
            self._round += 1
            self._spelled, self._read, self._kept = {}, {}, ""
            self._say("")
            self._ask()

    def go_on(self) -> None:
        """Do what comes next: begin the phrase, end it, or go on after a stop."""
        with self._lock:
            if self._phase in (Phase.COUNTDOWN, Phase.WAITING):
                self._begin(self._at if self._at is not None else 0.0)
            elif self._phase is Phase.SPELLING:
                self._end_at(self._at if self._at is not None else self._began)
            elif self._end is not None:
                self._take()
            elif self._phase is Phase.PAUSED and self._prompt:
                self._ask()

    def skip(self) -> None:
        """Leave this phrase out."""
        with self._lock:
            if self._phase in (*ACTIVE, Phase.PAUSED) and self._prompt:
                self._spelled[self._place] = None
                self._read.pop(self._place, None)
                self._next()

    def again(self) -> None:
        """Spell this phrase again; before it has begun, the one before it."""
        with self._lock:
            if self._phase not in (*ACTIVE, Phase.PAUSED) or not self._prompt:
                return
            if self._phase in (Phase.COUNTDOWN, Phase.WAITING, Phase.PAUSED) and self._place:
                self._place -= 1
            self._spelled.pop(self._place, None)
            self._read.pop(self._place, None)
            self._say("")
            self._ask()

    def stop(self) -> None:
        """Hold on: what was spelled stays, and one may go on or look at the result."""
        with self._lock:
            if self._phase in ACTIVE and self._prompt:
                self._phase = Phase.PAUSED
                self._clear()
                self._say("Stopped. What you have spelled so far is still here.")

    def finish(self) -> None:
        """Show the result of what was spelled so far.

        Raises:
            SigncapError: nothing was spelled.
        """
        with self._lock:
            if self._phase is Phase.DONE:
                return
            if not self._kept_phrases():
                raise SigncapError("Nothing was spelled yet: start with the first phrase.")
            self._phase = Phase.PAUSED
            self._clear()
            self._place = len(self._phrases)
            self._show_result()

    def forget(self) -> None:
        """Let go of what was spelled. The result stays."""
        with self._lock:
            for place, phrase in self._spelled.items():
                if phrase is not None:
                    self._spelled[place] = SpelledPhrase(phrase.text, (), (), phrase.aspect)

    def phrases(self) -> list[SpelledPhrase]:
        """Return what was spelled and is not forgotten, when all is read.

        Raises:
            SigncapError: there is nothing.
        """
        with self._lock:
            if not self._may_keep():
                raise SigncapError("There is nothing to keep: spell the phrases first.")
            return self._kept_phrases()

    def takes(self) -> list[EnrolmentClip]:
        """Return what can be learnt from: phrases of which at least half was read right, so that they were spelled.

        Raises:
            SigncapError: these are too few.
        """
        with self._lock:
            phrases = self.phrases() if self._extractor is not None else []
            read = {reading.text: reading.literal for reading in self._read.values()}
            takes = [
                phrase.take()
                for phrase in phrases
                if spelling_score([(phrase.text, read[phrase.text])]).error_rate <= MISREAD
            ]
        if len(takes) < FEWEST:
            raise SigncapError(
                f"Too little was read right to learn from: at least {FEWEST} phrases must be read at least by half."
            )
        return takes

    @property
    def signer(self) -> str:
        """Return who spells; "" where nobody says."""
        with self._lock:
            return self._plan.signer

    def tell(
        self, said: str, *, failed: bool = False, kept: str | None = None, learning: float | None = None
    ) -> None:
        """Say what became of what was spelled.

        Args:
            said: for the person.
            failed: it is why something went wrong.
            kept: name of the file that it was kept in.
            learning: how far a fit is; None: none is going on.
        """
        with self._lock:
            self._say(said, failed=failed)
            self._learning = learning
            if kept is not None:
                self._kept = kept

    # What the camera does.

    def accept(self, frame: Frame, reading: CaptionResult) -> None:
        """Take the next frame and what is read in it; a few milliseconds at most.

        Args:
            frame: its time must not go back.
            reading: the hand in it, in its pixels, and the moments that came with it.
        """
        if not self._lock.acquire(timeout=BUSY):
            return
        try:
            self._follow(frame, reading)
        finally:
            self._lock.release()

    @property
    def state(self) -> ShownState:
        """Return all there is to show."""
        with self._lock:
            marks = {True: Mark.SPELLED, False: Mark.SKIPPED}
            places = range(len(self._phrases))
            return ShownState(
                phase=self._phase,
                phrases=self._phrases,
                marks=tuple(
                    marks[self._spelled[place] is not None] if place in self._spelled else Mark.OPEN
                    for place in places
                ),
                readings=tuple(self._read.get(place) for place in places),
                place=self._place,
                countdown=self._left_of_countdown(),
                hand=self._hand,
                may_finish=bool(self._kept_phrases()) and self._phase is Phase.PAUSED and bool(self._prompt),
                said=self._said,
                failed=self._failed,
                may_keep=self._may_keep(),
                may_learn=self._may_keep() and self._extractor is not None and self._learning is None,
                learning=self._learning,
                kept=self._kept,
            )

    # All below is called with the lock held, but for `_read_phrase`.

    def _new_extractor(self) -> FeatureExtractor | None:
        try:
            return None if self._make_extractor is None else self._make_extractor()
        except SigncapError:  # a model that cannot be enrolled can be tried all the same
            return None

    @property
    def _prompt(self) -> str:
        return self._phrases[self._place] if self._place < len(self._phrases) else ""

    def _kept_phrases(self) -> list[SpelledPhrase]:
        return [phrase for _, phrase in sorted(self._spelled.items()) if phrase is not None]

    def _may_keep(self) -> bool:
        phrases = self._kept_phrases()
        return self._phase is Phase.DONE and bool(phrases) and all(phrase.frames for phrase in phrases)

    def _ask(self) -> None:
        """Count down to the phrase that it is at."""
        self._phase, self._counting_since, self._tries = Phase.COUNTDOWN, None, 0
        self._clear()

    def _clear(self) -> None:
        self._frames.clear()
        self._moments.clear()
        self._end = self._hand_since = self._last_hand = None

    def _follow(self, frame: Frame, reading: CaptionResult) -> None:
        at, hand = frame.at, reading.hand
        self._at, self._hand = at, hand is not None
        if self._phase not in ACTIVE:
            return
        self._counting_since = at if self._counting_since is None else self._counting_since
        if self._phase is Phase.COUNTDOWN and at - self._counting_since >= self._plan.countdown:
            self._phase = Phase.WAITING
        width, height = frame.size
        self._aspect = width / height
        left = None if hand is None else hand.score if hand.handedness == "left" else 1 - hand.score
        sample = None if hand is None or self._extractor is None else self._extractor.sample(frame, hand)
        self._frames.append(ShownFrame(at, in_fractions(hand, frame.size), left, sample))
        self._moments += reading.moments
        if hand is None:
            self._hand_since = None
        else:
            self._hand_since = at if self._hand_since is None else self._hand_since
            self._last_hand = at
        if self._phase is Phase.WAITING and self._hand_since is not None and at - self._hand_since >= RAISED:
            self._begin(self._hand_since)
        if self._phase in (Phase.COUNTDOWN, Phase.WAITING):
            self._let_go_before(at - BEFORE - RAISED)
        elif self._phase is Phase.SPELLING:
            self._look_for_end(at)
        elif self._end is not None:
            self._look_for_answers(at)

    def _begin(self, at: float) -> None:
        self._phase, self._began = Phase.SPELLING, at
        self._let_go_before(at - BEFORE)
        if self._hand_since is None:
            self._last_hand = None

    def _let_go_before(self, at: float) -> None:
        while self._frames and self._frames[0].at < at:
            self._frames.popleft()
        self._moments = [moment for moment in self._moments if moment.at >= at]

    def _look_for_end(self, at: float) -> None:
        away = at - (self._began if self._last_hand is None else self._last_hand)
        if self._last_hand is not None and away >= LOWERED:
            self._end_at(self._last_hand + AFTER)
        elif away >= NO_HAND or at - self._began >= LONGEST:
            self._end_at(at)

    def _end_at(self, at: float) -> None:
        self._phase, self._end = Phase.READING, at
        if self._at is not None:
            self._look_for_answers(self._at)

    def _look_for_answers(self, at: float) -> None:
        """The network answers about a moment ago: let it see the end of the last letter."""
        assert self._end is not None
        if (self._moments and self._moments[-1].at >= self._end) or at - self._end >= ANSWER:
            self._take()

    def _take(self) -> None:
        assert self._end is not None
        frames = tuple(frame for frame in self._frames if frame.at <= self._end)
        moments = tuple(moment for moment in self._moments if moment.at <= self._end)
        if _seconds_with_hand(frames) < SHORTEST:
            self._ask_again()
            return
        phrase = SpelledPhrase(self._prompt, frames, moments, self._aspect)
        self._spelled[self._place] = phrase
        self._say("")
        self._read.pop(self._place, None)
        place, number = self._place, self._round
        self._next()
        self._start_work(lambda: self._read_phrase(number, place, phrase))

    def _ask_again(self) -> None:
        tries = self._tries + 1
        if tries >= TRIES:
            self._say(f"No hand was seen, so {self._prompt} is skipped.")
            self._spelled[self._place] = None
            self._next()
        else:
            self._say(f"No hand was seen for long enough: {self._prompt} once more.")
            self._ask()
            self._tries = tries

    def _next(self) -> None:
        self._place += 1
        if self._prompt:
            self._ask()
            return
        self._phase = Phase.READING
        self._clear()
        self._show_result()

    def _show_result(self) -> None:
        """Be done, once all that was spelled is read."""
        spelled = [place for place, phrase in self._spelled.items() if phrase is not None]
        if not spelled:
            self._phase, self._place = Phase.IDLE, 0
            self._say("Nothing was spelled: start again with the hand in view.", failed=True)
        elif all(place in self._read for place in spelled):
            self._phase = Phase.DONE
        else:
            self._phase = Phase.READING

    def _read_phrase(self, number: int, place: int, phrase: SpelledPhrase) -> None:
        reading: PhraseReading | None = None
        try:
            reading = read_phrase(phrase, self._settings(), self._assist)
        finally:
            with self._lock:
                self._note_reading(number, place, phrase, reading)

    def _note_reading(self, number: int, place: int, phrase: SpelledPhrase, reading: PhraseReading | None) -> None:
        if number != self._round or self._spelled.get(place) is not phrase:
            return  # it was skipped or is spelled again
        if reading is None:
            self._spelled[place] = None
            self._say("A phrase could not be read: the terminal says why.", failed=True)
        else:
            self._read[place] = reading
        if self._phase is Phase.READING and not self._prompt:
            self._show_result()

    def _left_of_countdown(self) -> float | None:
        if self._phase is not Phase.COUNTDOWN:
            return None
        if self._counting_since is None or self._at is None:
            return self._plan.countdown
        return max(0.0, self._plan.countdown - (self._at - self._counting_since))

    def _say(self, sentence: str, *, failed: bool = False) -> None:
        self._said, self._failed = sentence, failed


def _seconds_with_hand(frames: Sequence[ShownFrame]) -> float:
    """Return how long a hand was in view, each frame counting until the next one."""
    times = np.array([frame.at for frame in frames])
    seen = [frame.leftness is not None for frame in frames[:-1]]
    return float(np.diff(times)[seen].sum()) if len(frames) > 1 else 0.0
