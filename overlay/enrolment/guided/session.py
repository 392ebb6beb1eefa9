"""One enrolment from the first prompt to the result. Knows no clock: time comes with the frames."""

import threading
from collections.abc import Callable
from typing import Final

from overlay.core.errors import SigncapError
from overlay.enrolment.clip import EnrolmentClip
from overlay.enrolment.enroller import Enroller
from overlay.enrolment.guided.plan import Plan
from overlay.enrolment.guided.state import Phase, State
from overlay.enrolment.profile import Profile
from overlay.media.frame import Frame
from overlay.recognition.feature_window import Sample
from overlay.recognition.features import FeatureExtractor
from overlay.recognition.hands.hand_detector import Hand

BUSY: Final = 0.05  # seconds that a frame waits for what a person does to be carried out
SEEN_SHARE: Final = 0.5  # of a take's frames that need a hand
TRIES: Final = 3  # of a prompt without a hand, after which it is skipped
SPELLED: Final = 1.0  # seconds that a word takes at least
LOWERED: Final = 0.7  # seconds without a hand that end a word
ACTIVE: Final = (Phase.COUNTDOWN, Phase.TAKING)


class Session:
    """Asks for each letter or word, keeps what its frames say, and fits a profile in a thread of its own.

    Any thread may call it. Pictures are not kept: a frame is encoded at once and let go.

    Args:
        make_enroller: loads the model; called when the first enrolment begins.
        fitted: told of each new profile, in the fitting thread.
    """

    def __init__(
        self, make_enroller: Callable[[], Enroller], fitted: Callable[[Profile], None] = lambda _profile: None
    ) -> None:
        self._make_enroller, self._fitted = make_enroller, fitted
        self._lock = threading.RLock()
        self._enroller: Enroller | None = None
        self._phase = Phase.IDLE
        self._plan = Plan()
        self._place = 0
        self._takes: dict[int, EnrolmentClip | None] = {}  # by place; None: skipped
        self._tries = 0
        self._extractor: FeatureExtractor | None = None
        self._frames: list[tuple[float, Sample | None]] = []  # of the take under way
        self._counting_since: float | None = None
        self._at: float | None = None  # of the newest frame
        self._hand: bool | None = None
        self._part = 0.0
        self._said, self._failed = "", False
        self._result: Profile | None = None
        self._thread: threading.Thread | None = None

    # What a person does.

    def start(self, plan: Plan) -> None:
        """Begin anew with the first prompt.

        Raises:
            SigncapError: no name is chosen, one is under way, or the model cannot be enrolled.
        """
        if not plan.name:
            raise SigncapError("Name the profile first, for example ann.")
        with self._lock:
            self._refuse_while((*ACTIVE, Phase.FITTING), "An enrolment is under way: stop it first.")
            if self._enroller is None:
                self._enroller = self._make_enroller()
            self._plan, self._place, self._takes, self._result = plan, 0, {}, None
            self._say("")
            self._ask()

    def resume(self) -> None:
        """Go on after a stop."""
        with self._lock:
            if self._phase is Phase.PAUSED and self._place < len(self._plan.prompts):
                self._ask()

    def stop(self) -> None:
        """Hold on: what was taken stays, and one may go on or fit what there is."""
        with self._lock:
            if self._phase in ACTIVE:
                self._phase, self._part = Phase.PAUSED, 0.0
                self._say("Stopped: what was taken is kept.")

    def skip(self) -> None:
        """Leave this prompt out; ends a word that is being spelled as it is."""
        with self._lock:
            if self._phase is Phase.TAKING and len(self._prompt) > 1:
                self._end_take()
            elif self._phase in (*ACTIVE, Phase.PAUSED) and self._prompt:
                self._takes[self._place] = None
                self._go_on()

    def redo(self) -> None:
        """Take this prompt anew; before its take has begun, the one before it."""
        with self._lock:
            if self._phase not in (*ACTIVE, Phase.PAUSED):
                return
            if self._phase is not Phase.TAKING and self._place:
                self._place -= 1
                self._takes.pop(self._place, None)
            self._say("")
            self._ask()

    def fit(self) -> None:
        """Fit what was taken so far.

        Raises:
            SigncapError: nothing was taken, or something is under way.
        """
        with self._lock:
            self._refuse_while((*ACTIVE, Phase.FITTING), "An enrolment is under way: stop it first.")
            if not self._kept:
                raise SigncapError("Nothing was taken yet: start with the first letter.")
            self._begin_fit()

    def settle(self) -> None:
        """Wait until what is being fitted is done."""
        thread = self._thread
        if thread is not None:
            thread.join()

    # What the camera does.

    def accept(self, frame: Frame, hand: Hand | None) -> None:
        """Take the next frame or leave it; a few milliseconds.

        Args:
            frame: its time must not go back.
            hand: the hand in it, in pixels of the frame.
        """
        if not self._lock.acquire(timeout=BUSY):
            return
        try:
            self._at, self._hand = frame.at, hand is not None
            if self._phase is Phase.COUNTDOWN:
                self._counting_since = frame.at if self._counting_since is None else self._counting_since
                if frame.at - self._counting_since >= self._plan.countdown:
                    self._phase, self._frames = Phase.TAKING, []
            if self._phase is Phase.TAKING:
                self._take_frame(frame, hand)
        finally:
            self._lock.release()

    @property
    def state(self) -> State:
        """All there is to show."""
        with self._lock:
            marks = {True: "taken", False: "skipped"}
            return State(
                phase=self._phase,
                plan=self._plan,
                marks=tuple(
                    marks[self._takes[place] is not None] if place in self._takes else "open"
                    for place in range(len(self._plan.prompts))
                ),
                place=self._place,
                countdown=self._left_of_countdown(),
                part=self._part,
                hand=self._hand,
                may_fit=bool(self._kept) and self._phase in (Phase.IDLE, Phase.PAUSED),
                said=self._said,
                failed=self._failed,
                result=self._result,
            )

    # All below is called with the lock held, but for `_run_fit`.

    @property
    def _prompt(self) -> str:
        prompts = self._plan.prompts
        return prompts[self._place] if self._place < len(prompts) else ""

    @property
    def _kept(self) -> list[EnrolmentClip]:
        return [take for take in self._takes.values() if take is not None]

    def _ask(self) -> None:
        """Count down to the prompt that it is at."""
        self._phase, self._counting_since, self._part, self._tries = Phase.COUNTDOWN, None, 0.0, 0

    def _take_frame(self, frame: Frame, hand: Hand | None) -> None:
        assert self._enroller is not None
        if not self._frames or self._extractor is None:
            self._extractor = FeatureExtractor(self._enroller.letter_model)
        self._frames.append((frame.at, None if hand is None else self._extractor.sample(frame, hand)))
        spent = frame.at - self._frames[0][0]
        longest = self._plan.longest(self._prompt)
        self._part = min(spent / longest, 1.0)
        lowered = len(self._prompt) > 1 and spent > SPELLED and self._lowered(frame.at)
        if spent >= longest or lowered:
            self._end_take()

    def _lowered(self, at: float) -> bool:
        """A word has been spelled: a hand was there, and has been away for a while."""
        seen = [moment for moment, sample in self._frames if sample is not None]
        return bool(seen) and seen[-1] - seen[0] > SPELLED / 2 and at - seen[-1] > LOWERED

    def _end_take(self) -> None:
        take, self._frames = EnrolmentClip(self._prompt, tuple(self._frames)), []
        # A word begins before the hand is up and ends after it was lowered.
        needed = SEEN_SHARE * (1 if len(take.text) == 1 else 0.5)
        if len(take.samples) >= max(needed * len(take.frames), 1):
            self._takes[self._place] = take
            self._say("")
            self._go_on()
            return
        tries = self._tries + 1
        if tries >= TRIES:
            self._say(f"No hand was seen: {take.text} is skipped.")
            self._takes[self._place] = None
            self._go_on()
        else:
            self._say(f"No hand was seen for long enough: {take.text} once more.")
            self._ask()
            self._tries = tries

    def _go_on(self) -> None:
        self._place += 1
        if self._prompt:
            self._ask()
        elif self._kept:
            self._begin_fit()
        else:
            self._phase, self._place = Phase.IDLE, 0
            self._say(
                "Nothing was taken, so there is nothing to fit: start again with the hand in view.", failed=True
            )

    def _begin_fit(self) -> None:
        assert self._enroller is not None
        self._phase, self._part = Phase.FITTING, 0.0
        self._say("")
        work = (self._enroller, self._plan.name, self._kept)
        self._thread = threading.Thread(target=self._run_fit, args=work, name="fit profile", daemon=True)
        self._thread.start()

    def _run_fit(self, enroller: Enroller, name: str, takes: list[EnrolmentClip]) -> None:
        def progress(part: float) -> None:
            self._part = part

        try:
            profile = enroller.fit(name, takes, progress)
            self._fitted(profile)
        except SigncapError as error:
            self._fail(str(error))
        except Exception:
            self._fail("The profile could not be fitted: the terminal says why.")
            raise
        else:
            with self._lock:
                self._result, self._phase = profile, Phase.DONE
                self._say(profile.verdict)

    def _fail(self, sentence: str) -> None:
        """The takes stay: one may go on, or try the fit again."""
        with self._lock:
            self._phase, self._part = Phase.PAUSED, 0.0
            self._say(sentence, failed=True)

    def _left_of_countdown(self) -> float | None:
        if self._phase is not Phase.COUNTDOWN:
            return None
        if self._counting_since is None or self._at is None:
            return self._plan.countdown
        return max(0.0, self._plan.countdown - (self._at - self._counting_since))

    def _refuse_while(self, phases: tuple[Phase, ...], sentence: str) -> None:
        if self._phase in phases:
            raise SigncapError(sentence)

    def _say(self, sentence: str, *, failed: bool = False) -> None:
        self._said, self._failed = sentence, failed
