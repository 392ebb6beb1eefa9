"""From posteriors to letters: a thresholded CTC collapse. Clock-free: time comes with the posteriors."""

import math
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from overlay.captions.state import Letter
from overlay.core.settings import Decoding
from overlay.recognition.feature_window import GRID_RATE
from overlay.recognition.letter_model import BLANK, LETTERS

STEP = 1 / GRID_RATE
STROKES = "JZ"  # the hand goes back to where the stroke begins, and that is up
BEGINS_AS = {"J": "I", "Z": "D"}  # the hand that draws a stroke looks like another letter before it moves
STROKE_SOON = 0.4  # seconds after that in which the stroke must come
REST_OF_STROKE = 0.12  # seconds: a shorter one of these letters soon after its stroke is the hand on its way back
STILL_FOR = 0.5  # seconds: a new letter takes the hand less to make
STILL = 0.2  # palms, farther than which palm or fingertips go to make one
CARRIED = 0.3  # palms up or down: the hand was raised or lowered, not slid for a double letter
RETURNED = 0.3  # palms up: the hand has gone back to where a stroke begins
RETURNED_FOR = (
    0.07  # seconds that this takes at least; nothing else can have happened, so `double_gap` does not count
)
STROKE_GAP = 0.12  # seconds between two strokes where it has not: while one is drawn, the network may doubt it
ASLANT = 0.6  # up or down over sideways: as steep as that, it was raised or lowered as well
AWAY = 0.25  # seconds without a hand: one that is seen then has just come
STEADY = 4  # steps in a row: what is found for fewer, again and again, is no hand but something on a face or a wall
COMING = 0.6  # seconds after it has come: a letter that begins sooner may be one of the way
# Palms that such a hand has moved: less, and it only was not found; more, and it has come all the way.
NEARBY = 0.15, 1.0
STAYS = 0.5  # seconds: such a letter counts if it is held for so long
SETTLED = 0.3  # seconds: it is none if the next is, as the hand has come to its place with that


@dataclass(slots=True, eq=False)
class _Run:
    """A letter that has been the best for some steps in a row."""

    label: int
    start: float
    end: float
    total: float
    steps: int = 1
    final: bool = False
    on_way: bool = False  # it began while the hand was still coming

    @property
    def held(self) -> float:
        return self.end - self.start + STEP

    def letter(self) -> Letter:
        return Letter(LETTERS[self.label], min(self.total / self.steps, 1.0), self.start, self.end)


class Decoder:
    """Collapses runs of one letter into one letter, as CTC's best-path decoding does (Graves et al., 2006,
    section 3.2), with thresholds: a run begins at `letter_confidence`, goes on down to `release_confidence`,
    counts from `least_hold`, and is final when it ends or has been held for `final_hold`.

    A letter comes twice only when the network saw the hand slide, bounce or open in between, that is when at
    least `double_gap` of something else lies between two runs, and the hand was not merely being raised or
    lowered, letter already formed, meanwhile.

    An I that was never final and turns into a J was none, and so with D and Z: such a letter waits for `STROKE_SOON`
    before it is final. An I that is just seen after a J is none either: the hand that has drawn still looks like it.
    Nor does a hand write anything that stays where the stroke has ended, however long: something must move first.

    What a hand looks like that is still on its way up is no letter either, even where it pauses: it passes a fist, or
    closed fingers, or has its letter formed already and swings aside with it. Nobody makes a letter within `COMING`
    of coming into view, unless the hand has come far in that time; so such a letter counts only when it stays, or
    when the next goes as quickly as it did: somebody spells fast.
    """

    def __init__(self, rules: Decoding | None = None) -> None:
        self.rules = rules or Decoding()
        self._run: _Run | None = None
        self._ended: _Run | None = None  # the run before, for as long as the same letter could go on
        self._way = (0.0, 0.0)  # of the palm since then
        self._average: NDArray[np.float32] | None = None
        self._waiting: Letter | None = None  # for a stroke that it may have been the beginning of
        self._last: Letter | None = None  # that was final
        self._drawn: float | None = None  # when a stroke ended, while nothing was read since and the hand was in view
        self._lately: deque[Sequence[float]] = deque(maxlen=round(STILL_FOR * GRID_RATE))  # how it moved
        self._left_over: int | None = None  # the letter that a hand looks like which stays where it has drawn
        self._came: float | None = None  # when the hand came into view that is there
        self._went: float | None = None  # when the last one was lost, while there is none
        self._travelled = 0.0  # palms that the hand has moved since it came
        self._stretch = STEADY  # steps in a row at which a hand was in view; nothing says that it was not before
        self._steady: float | None = None  # when it last was for long enough to be one
        self._passed: list[_Run] = []  # what it looked like on its way, while the letter after is to tell

    @property
    def signing(self) -> bool:
        """A letter is being signed, final already or not."""
        return self._run is not None and self._counts(self._run)

    @property
    def partial(self) -> Letter | None:
        """The letter that is being signed and not final yet, after one that waits for its stroke, if there is one."""
        run, waiting = self._run, self._waiting
        if run is None or not self.signing or run.final:
            return waiting
        letter = run.letter()
        if self._is_rest_of_stroke(letter):
            return waiting
        if waiting is None or BEGINS_AS.get(letter.text) == waiting.text:
            return letter
        return Letter(waiting.text + letter.text, letter.confidence, waiting.start, letter.end)

    @property
    def smoothed(self) -> NDArray[np.float32] | None:
        """The posteriors (classes,) that the last decision was made on."""
        return self._average

    def accept(self, posteriors: NDArray[np.float32], at: float, moved: Sequence[float] = (0.0, 0.0)) -> list[Letter]:
        """Take one step of the grid.

        Args:
            posteriors: float32 (classes,).
            at: the moment they are about, in seconds.
            moved: how far the palm moved in this step, right and down, in palms; and then, if that is known, each
                fingertip. NaN while there is no hand.

        Returns:
            The letters that became final.
        """
        self._follow(moved, at)
        final: list[Letter] = []
        posteriors = self._smoothed(posteriors)
        best = int(np.argmax(posteriors[:BLANK]))
        confident = float(posteriors[best]) >= self.rules.confidence_of(LETTERS[best])
        run = self._run
        if run is not None:
            own = float(posteriors[run.label])
            if own >= self.rules.release_of(LETTERS[run.label]) and not (confident and best != run.label):
                run.end, run.total, run.steps = at, run.total + own, run.steps + 1
                self._way = 0.0, 0.0
            else:
                final += self._close()
        if not confident or best != self._left_over:
            self._left_over = None
        if self._run is None and confident and not self._is_left_over(best, at):
            self._open(best, float(posteriors[best]), at)
        run = self._run
        if run is not None and run.held >= SETTLED - STEP / 2:
            self._passed.clear()
        if run is None and self._went is not None:
            final += self._gone()
        if run is not None and not run.final and self._counts(run) and run.held >= self._final_hold - STEP / 2:
            run.final = True
            final.append(run.letter())
        return self._after_strokes(final, at)

    def finish(self) -> list[Letter]:
        """No more posteriors: a run that is long enough becomes final."""
        return self._after_strokes(self._close() + self._gone(), float("inf"))

    @property
    def _final_hold(self) -> float:
        return max(self.rules.final_hold, SETTLED) if self._passed else self.rules.final_hold

    def _follow(self, moved: Sequence[float], at: float) -> None:
        if math.isnan(moved[0]):
            self._drawn, self._stretch = None, 0
            self._lately.clear()
            self._went = at if self._went is None else self._went
            return
        if self._went is not None and at - self._went >= AWAY - STEP / 2:
            self._came, self._travelled = at, 0.0
            self._passed.clear()
        self._went = None
        self._stretch += 1
        if self._stretch >= STEADY:
            self._steady = at
        self._travelled += math.hypot(moved[0], moved[1])
        self._way = self._way[0] + moved[0], self._way[1] + moved[1]
        self._lately.append(moved)

    def _is_coming(self, at: float) -> bool:
        """Whether the hand has come into view just now, and from nearby."""
        soon = self._came is not None and at - self._came < COMING - STEP / 2
        return soon and NEARBY[0] <= self._travelled < NEARBY[1]

    def _is_left_over(self, label: int, at: float) -> bool:
        """Whether the hand only looks like a letter where it has drawn a stroke, and has stayed since."""
        if self._lately and self._drawn is not None and at - self._drawn >= STILL_FOR:
            way = [sum(steps) for steps in zip(*self._lately, strict=True)]
            if max(map(math.hypot, way[::2], way[1::2])) < STILL:
                self._left_over = label
        return self._left_over == label

    def _smoothed(self, posteriors: NDArray[np.float32]) -> NDArray[np.float32]:
        """The average of the posteriors so far, the newer counting more."""
        if self.rules.smoothing <= 0 or self._average is None:
            self._average = posteriors
        else:
            share = np.float32(1 - math.exp(-STEP / self.rules.smoothing))
            self._average = self._average + share * (posteriors - self._average)
        return self._average

    def _after_strokes(self, final: list[Letter], at: float) -> list[Letter]:
        """Let letters that may turn into strokes wait, and those go that did."""
        result: list[Letter] = []
        for letter in final:
            if self._is_rest_of_stroke(letter):
                continue
            self._last = letter
            waiting, self._waiting = self._waiting, None
            if waiting is not None and BEGINS_AS.get(letter.text) != waiting.text:
                result.append(waiting)
            if (
                letter.text in BEGINS_AS.values()
                and letter.end - letter.start + STEP < self.rules.final_hold - STEP / 2
            ):
                self._waiting = letter
            else:
                result.append(letter)
        if self._waiting is not None and at - self._waiting.end > STROKE_SOON:
            result.append(self._waiting)
            self._waiting = None
        return result

    def _is_rest_of_stroke(self, letter: Letter) -> bool:
        """Whether it is only what the hand looks like that has just drawn."""
        last = self._last
        return (
            last is not None
            and BEGINS_AS.get(last.text) == letter.text
            and letter.start - last.end <= STROKE_SOON
            and letter.end - letter.start + STEP < REST_OF_STROKE
        )

    def _open(self, label: int, confidence: float, at: float) -> None:
        before = self._ended
        if before is not None and before.label == label and not self._is_double(label, at - before.end - STEP):
            # The run before goes on.
            before.end, before.total, before.steps = at, before.total + confidence, before.steps + 1
            self._run = before
            if before in self._passed:
                self._passed.remove(before)
        else:
            self._run = _Run(label, at, at, confidence, on_way=self._is_coming(at))
        self._ended, self._drawn = None, None

    def _is_double(self, label: int, gap: float) -> bool:
        """Whether the same letter, seen again after `gap` seconds, was signed twice."""
        right, down = self._way
        carried = abs(down) > max(ASLANT * abs(right), CARRIED) and LETTERS[label] not in STROKES
        slid = math.hypot(right, down) >= self.rules.double_slide
        least = self.rules.double_gap
        if LETTERS[label] in STROKES:
            least = min(least, RETURNED_FOR) if -down >= RETURNED else max(least, STROKE_GAP)
        return gap >= least - STEP / 2 and slid and not carried

    def _gone(self) -> list[Letter]:
        """The hand has gone before it came to rest: two letters were a short word, one was a hand that went by."""
        passed, self._passed = self._passed, []
        return [one.letter() for one in passed] if len(passed) > 1 else []

    def _counts(self, run: _Run) -> bool:
        return self._lasted(run) and (not run.on_way or run.held >= STAYS - STEP / 2)

    def _lasted(self, run: _Run) -> bool:
        steady = self._steady is not None and self._steady >= run.start - AWAY
        return steady and run.held >= self.rules.least_hold_of(LETTERS[run.label]) - STEP / 2

    def _close(self) -> list[Letter]:
        run, self._run = self._run, None
        self._ended = None
        if run is None or not self._lasted(run):
            return []
        self._ended = run
        if not self._counts(run):
            self._passed.append(run)
            return []
        if LETTERS[run.label] in STROKES:
            self._drawn = run.end
        if run.final:
            return []
        run.final = True
        passed, self._passed = self._passed, []
        return [one.letter() for one in (*passed, run)]
