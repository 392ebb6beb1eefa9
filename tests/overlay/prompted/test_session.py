"""Phrases from the first prompt to the result; time comes with the frames."""

from collections.abc import Callable
from typing import Any, cast

import numpy as np
import pytest
from numpy.typing import NDArray
from pydantic import ValidationError

from overlay.core.errors import SigncapError
from overlay.core.settings import Settings
from overlay.media.frame import Frame
from overlay.prompted import session as sessions
from overlay.prompted.phrase import Assist
from overlay.prompted.plan import ShownPlan
from overlay.prompted.session import ShownSession
from overlay.prompted.state import Mark, Phase
from overlay.prompted.words import shown_words
from overlay.recognition.feature_window import Sample
from overlay.recognition.features import FeatureExtractor
from overlay.recognition.hands.hand_detector import Hand
from tests.overlay.prompted.signer import RATE, Signer

pytestmark = pytest.mark.unit

PLAN = ShownPlan(countdown=0.5, count=3, seed=0, signer="ann")
PHRASES = shown_words(0)[:3]


def at_once(work: Callable[[], None]) -> None:
    work()


def make(assist: Assist | None = None, **more: Any) -> tuple[ShownSession, Signer]:
    session = ShownSession(Settings, assist=assist, start_work=at_once)
    return session, Signer(session, **more)


def spell_next(session: ShownSession, signer: Signer, text: str | None = None) -> None:
    """Wait for the countdown, spell, and end with the key."""
    signer.until(lambda: session.state.phase is Phase.WAITING)
    signer.spell(session.state.prompt if text is None else text)
    session.go_on()
    signer.rest(0.5)


def spell_all(session: ShownSession, signer: Signer) -> None:
    session.start(PLAN)
    while session.state.phase is not Phase.DONE:
        spell_next(session, signer)


def test_each_phrase_is_counted_down_to_begins_with_the_hand_and_ends_with_the_key() -> None:
    session, signer = make()
    session.start(PLAN)
    assert (session.state.phase, session.state.prompt, session.state.countdown) == (Phase.COUNTDOWN, PHRASES[0], 0.5)
    signer.rest(0.3)
    assert session.state.countdown == pytest.approx(0.5 - 0.3 + 1 / RATE)
    signer.rest(0.3)
    assert (session.state.phase, session.state.countdown) == (Phase.WAITING, None)
    signer.rest(5)
    assert session.state.phase is Phase.WAITING
    signer.hold(0.1)
    assert session.state.phase is Phase.WAITING, "a hand in some frames may be a mistake"
    signer.hold(0.1)
    assert session.state.phase is Phase.SPELLING
    signer.spell(PHRASES[0])
    session.go_on()
    assert session.state.phase is Phase.READING
    signer.rest(0.3)
    state = session.state
    assert (state.phase, state.place, state.marks) == (Phase.COUNTDOWN, 1, (Mark.SPELLED, Mark.OPEN, Mark.OPEN))
    assert state.readings[0] is not None
    assert (state.readings[0].literal, state.readings[0].assisted) == (PHRASES[0], None)


def test_a_phrase_ends_when_the_hand_has_been_lowered_for_two_seconds() -> None:
    session, signer = make()
    session.start(PLAN)
    signer.until(lambda: session.state.phase is Phase.WAITING)
    signer.spell(PHRASES[0])
    signer.rest(1.9)
    assert session.state.phase is Phase.SPELLING
    signer.spell("X")
    signer.rest(1.9)
    assert session.state.phase is Phase.SPELLING
    signer.rest(0.2)
    assert session.state.place == 1
    reading = session.state.readings[0]
    assert reading is not None
    assert reading.literal.replace(" ", "") == PHRASES[0] + "X"
    phrase = session._spelled[0]
    assert phrase is not None
    away = phrase.frames[-1].at - max(frame.at for frame in phrase.frames if frame.leftness is not None)
    assert away == pytest.approx(0.5, abs=1.5 / RATE), "the wait is not part of the phrase"


def test_the_key_begins_a_phrase_without_a_hand_and_before_the_countdown_is_over() -> None:
    session, signer = make()
    session.start(PLAN)
    signer.rest(0.2)
    session.go_on()
    assert session.state.phase is Phase.SPELLING
    signer.rest(3)
    assert session.state.phase is Phase.SPELLING, "no hand was raised yet, so none was lowered"
    signer.spell(PHRASES[0])
    signer.rest(2.2)
    assert session.state.place == 1


def test_the_result_compares_what_was_shown_with_what_was_read() -> None:
    def assist(word: str, posteriors: NDArray[np.float32]) -> str | None:
        assert posteriors.shape[1] == 27
        assert len(posteriors) == pytest.approx((0.45 * len(word) + 0.3) * RATE, abs=4)
        return wanted if word == wanted[:-1] else None

    session, signer = make(assist)
    session.start(PLAN)
    wanted = PHRASES[0]
    spell_next(session, signer, wanted[:-1])
    spell_next(session, signer)
    assert session.state.view()["literal"] is None, "not before the end"
    spell_next(session, signer, "")  # no hand: it is asked for again
    assert (session.state.place, session.state.marks[2]) == (2, Mark.OPEN)
    spell_next(session, signer)
    view = session.state.view()
    letters = sum(len(phrase.replace(" ", "")) for phrase in PHRASES)
    assert view["phase"] == "done"
    assert view["literal"] == {
        "shown": letters,
        "right": letters - 1,
        "errors": 1,
        "error_rate": round(1 / letters, 4),
        "missed": [[wanted[-1], 1, "".join(PHRASES).count(wanted[-1])]],
    }
    assert view["assisted"]["errors"] == 0
    assert [(one["literal"], one["assisted"]) for one in view["phrases"]] == [
        (wanted[:-1], wanted),
        (PHRASES[1], PHRASES[1]),
        (PHRASES[2], PHRASES[2]),
    ]
    assert view["phrases"][0]["pairs"][-1] == (wanted[-1], "")


def test_without_a_reader_with_a_language_there_is_no_assisted_line() -> None:
    session, signer = make()
    spell_all(session, signer)
    view = session.state.view()
    assert (view["literal"]["errors"], view["assisted"]) == (0, None)


def test_skip_again_stop_and_going_on() -> None:
    session, signer = make()
    session.start(PLAN)
    session.skip()
    assert (session.state.place, session.state.marks[0]) == (1, Mark.SKIPPED)
    spell_next(session, signer)
    assert session.state.marks[1] is Mark.SPELLED
    session.again()  # the one before, as this one has not begun
    assert (session.state.place, session.state.marks[1], session.state.readings[1]) == (1, Mark.OPEN, None)
    signer.until(lambda: session.state.phase is Phase.WAITING)
    signer.spell("AB")
    session.again()  # this one
    assert (session.state.place, session.state.phase) == (1, Phase.COUNTDOWN)
    spell_next(session, signer)
    session.stop()
    assert (session.state.phase, session.state.may_finish) == (Phase.PAUSED, True)
    signer.spell("ABC")
    assert session.state.place == 2
    with_result = session.state.readings[1]
    assert with_result is not None
    assert with_result.literal == PHRASES[1]
    session.go_on()
    assert session.state.phase is Phase.COUNTDOWN
    session.stop()
    session.finish()
    state = session.state
    assert (state.phase, state.marks) == (Phase.DONE, (Mark.SKIPPED, Mark.SPELLED, Mark.OPEN))
    assert state.view()["literal"]["shown"] == len(PHRASES[1].replace(" ", ""))


def test_without_a_hand_a_phrase_is_asked_for_again_and_then_skipped() -> None:
    session, signer = make()
    session.start(PLAN)
    for said in ("once more", "once more", "is skipped"):
        session.go_on()
        signer.rest(1)
        session.go_on()
        signer.rest(1.1)
        assert said in session.state.said
    assert session.state.marks[0] is Mark.SKIPPED
    session.skip()
    session.skip()
    assert (session.state.phase, session.state.failed) == (Phase.IDLE, True)
    assert "Nothing was spelled" in session.state.said
    with pytest.raises(SigncapError, match="Nothing was spelled"):
        session.finish()


def test_a_phrase_that_is_begun_with_the_key_and_never_signed_ends() -> None:
    session, signer = make()
    session.start(PLAN)
    session.go_on()
    signer.rest(sessions.NO_HAND + 1.5)
    assert "once more" in session.state.said


def test_a_hand_that_is_never_lowered_ends_all_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sessions, "LONGEST", 5.0)
    session, signer = make()
    session.start(PLAN)
    signer.until(lambda: session.state.phase is Phase.WAITING)
    signer.hold(5.5)
    assert session.state.place == 1


def test_what_was_spelled_becomes_takes_of_thirty_frames_a_second() -> None:
    session, signer = make()
    spell_all(session, signer)
    takes = [phrase.running_take(session.signer) for phrase in session.phrases()]
    assert [(take.text, take.signer, take.rate) for take in takes] == [(text, "ann", 30.0) for text in PHRASES]
    for take in takes:
        assert take.aspect == pytest.approx(64 / 48)
        seen = ~np.isnan(take.landmarks[:, 0, 0])
        assert not seen[0]
        assert seen.sum() / RATE == pytest.approx(0.45 * len(take.text.replace(" ", "")) + 0.15, abs=0.6)
        assert take.landmarks[seen][0, 0] == pytest.approx([take.landmarks[seen][0, 0, 0], 0.5, 0.1])
    right = takes[0].landmarks[:, 0, 0]

    session, signer = make(hand="left")
    spell_all(session, signer)
    left = session.phrases()[0].running_take("").landmarks[:, 0, 0]
    assert np.nan_to_num(left) == pytest.approx(np.nan_to_num(1 - right), abs=1e-5), "a left hand is mirrored"


def test_what_is_forgotten_cannot_be_kept_and_the_result_stays() -> None:
    session, signer = make()
    spell_all(session, signer)
    assert session.state.may_keep
    session.forget()
    assert not session.state.may_keep
    assert session.state.view()["literal"]["errors"] == 0
    with pytest.raises(SigncapError, match="nothing to keep"):
        session.phrases()
    session.start(PLAN)
    with pytest.raises(SigncapError, match="nothing to keep"):
        session.phrases()
    with pytest.raises(SigncapError, match="stop first"):
        session.start(PLAN)


def test_what_is_read_late_belongs_to_the_phrase_that_it_is_of() -> None:
    waiting: list[Callable[[], None]] = []
    session = ShownSession(Settings, start_work=waiting.append)
    signer = Signer(session)
    session.start(PLAN)
    spell_next(session, signer, "AB")
    session.again()
    spell_next(session, signer, "CD")
    for work in waiting:
        work()
    reading = session.state.readings[0]
    assert reading is not None
    assert reading.literal == "CD"
    for _ in range(2):
        spell_next(session, signer)
    assert session.state.phase is Phase.READING
    session.stop()  # too late: all is spelled
    session.again()
    assert session.state.phase is Phase.READING
    signer.rest(1)
    for work in waiting[2:]:
        work()
    assert session.state.phase is Phase.DONE


def test_a_phrase_that_cannot_be_read_is_left_out() -> None:
    def fail(_word: str, _posteriors: NDArray[np.float32]) -> str | None:
        raise RuntimeError("a mistake")

    waiting: list[Callable[[], None]] = []
    session = ShownSession(Settings, assist=fail, start_work=waiting.append)
    signer = Signer(session)
    session.start(PLAN)
    spell_next(session, signer)
    with pytest.raises(RuntimeError):
        waiting[0]()
    assert session.state.marks[0] is Mark.SKIPPED
    assert session.state.failed


class FeatureOfTime:
    """In the place of a feature extractor."""

    def sample(self, frame: Frame, _hand: Hand) -> Sample:
        return Sample(frame.at, np.zeros(8, np.float32), np.zeros((3, 2), np.float32), 1.0)


def test_a_profile_can_learn_from_what_was_read_at_least_by_half() -> None:
    session = ShownSession(Settings, lambda: cast(FeatureExtractor, FeatureOfTime()), start_work=at_once)
    signer = Signer(session)
    session.start(PLAN.model_copy(update={"count": 6}))
    while session.state.phase is not Phase.DONE:
        spell_next(session, signer, "XXX" if session.state.place == 1 else None)
    assert session.state.may_learn
    takes = session.takes()
    phrases = [phrase for place, phrase in enumerate(shown_words(0)[:6]) if place != 1]
    assert [take.text for take in takes] == [phrase.replace(" ", "") for phrase in phrases]
    assert all(0.3 < len(take.samples) / len(take.frames) < 1 for take in takes)
    session.forget()
    with pytest.raises(SigncapError, match="nothing to keep"):
        session.takes()


def test_where_too_little_was_read_right_nothing_is_learnt() -> None:
    session = ShownSession(Settings, lambda: cast(FeatureExtractor, FeatureOfTime()), start_work=at_once)
    signer = Signer(session)
    spell_all(session, signer)
    with pytest.raises(SigncapError, match="at least 4 phrases"):
        session.takes()


def test_a_model_that_cannot_be_enrolled_can_be_tried_all_the_same() -> None:
    def no_extractor() -> FeatureExtractor:
        raise SigncapError("The model cannot be enrolled.")

    session = ShownSession(Settings, no_extractor, start_work=at_once)
    spell_all(session, Signer(session))
    assert (session.state.may_keep, session.state.may_learn) == (True, False)
    with pytest.raises(SigncapError, match="Too little"):
        session.takes()


def test_while_a_profile_learns_no_new_phrases_are_shown() -> None:
    session, signer = make()
    spell_all(session, signer)
    session.tell("", learning=0.3)
    assert session.state.view()["learning"] == 0.3
    with pytest.raises(SigncapError, match="being fitted"):
        session.start(PLAN)
    session.tell("Done.")
    assert (session.state.learning, session.state.said) == (None, "Done.")


@pytest.mark.parametrize(
    "given",
    [
        {"signer": "a/b"},
        {"signer": "a" * 41},
        {"countdown": 21},
        {"countdown": float("nan")},
        {"count": 0},
        {"count": 11},
        {"count": True},
        {"seed": -1},
        {"colour": "red"},
    ],
)
def test_plans_that_are_none(given: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        ShownPlan.model_validate(given)


def test_without_a_seed_the_phrases_are_others_each_time() -> None:
    assert len({ShownPlan().phrases() for _ in range(5)}) == 5
