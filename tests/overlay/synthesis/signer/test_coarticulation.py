"""Spelling as fluent people do it: what it leaves alone, what it does, and that the hand stays a hand."""

import string
from itertools import pairwise

import numpy as np
import pytest

from overlay.core.errors import SigncapError
from overlay.synthesis.signer import SignerLook, SyntheticSigner
from overlay.synthesis.signer.drawing.person import Person
from overlay.synthesis.signer.hand.letters import LETTERS
from overlay.synthesis.signer.hand.skeleton import joints
from overlay.synthesis.signer.movement.coarticulation import (
    LONGEST_HOLD,
    LOOSENED,
    SHORTEST_HOLD,
    WIDEST,
    FluentScore,
    Habits,
    compose_fluently,
)
from overlay.synthesis.signer.movement.motion import compose, words_of

pytestmark = pytest.mark.unit

SMALL = (320, 240)
PALM = 0.165 * 240
STILL = SignerLook(wobble=0.0)
PANGRAM = "THE QUICK BROWN FOX JUMPS OVER THE LAZY DOG"


def fluent(
    text: str, speed: float = 4.0, seed: int = 0, look: SignerLook = STILL, amount: float = 1.0
) -> SyntheticSigner:
    return SyntheticSigner(text, letters_per_second=speed, seed=seed, look=look, size=SMALL, coarticulation=amount)


def motion(text: str, speed: float = 4.0, seed: int = 0, style: int = 0, amount: float = 1.0) -> FluentScore:
    """What the hand of somebody does whose letters are the usual ones but for being coarticulated."""
    rng, habits = np.random.default_rng(seed), Habits.of(style)
    return compose_fluently(words_of(text), speed, 0.6, 1.2, LETTERS, rng, 0.0, habits, amount)


def test_without_it_each_letter_is_posed_to_the_byte() -> None:
    """As the posed performance gives it by itself, with nothing drawn from its numbers."""
    text, look = "JAZZ FOX", SignerLook(handedness="left")
    rng = np.random.default_rng((5, 3))
    score = compose(words_of(text), 4.0, 0.6, 1.2, LETTERS, rng, look.wobble, look.mirrored_z)
    person = Person(look, SMALL, rng)
    signer = fluent(text, seed=5, look=look, amount=0.0)
    usual = SyntheticSigner(text, letters_per_second=4.0, seed=5, look=look, size=SMALL)
    assert signer.letters == usual.letters == score.spans
    assert signer.duration == usual.duration == score.duration
    for t in np.arange(0, signer.duration, 0.05):
        wanted, one, other = person.landmarks(score.at(t), t), signer.landmarks(t), usual.landmarks(t)
        assert (one is None) == (other is None) == (wanted is None)
        if one is not None and other is not None and wanted is not None:
            assert one.tobytes() == other.tobytes()
            np.testing.assert_allclose(one, wanted, atol=1e-3)  # this person's letters are the usual ones


def test_frames_depend_on_nothing_but_what_is_asked_for() -> None:
    look = SignerLook.random(5)
    first, again = (fluent("CAB", seed=3, look=look) for _ in range(2))
    times = [0.0, 0.7, 1.0, 1.4]
    pictures = [first.render(t) for t in times]
    for t, picture in reversed(list(zip(times, pictures, strict=True))):
        assert np.array_equal(again.render(t), picture)
    for other in (fluent("CAB", seed=4, look=look), fluent("CAB", seed=3, look=look, amount=0.5)):
        assert not np.array_equal(other.render(0.7), pictures[1])


@pytest.mark.parametrize("speed", [0.5, 2.0, 4.0, 6.0, 12.0])
def test_every_letter_is_made_in_order_with_the_hand_up(speed: float) -> None:
    for seed in range(3):
        score = motion(PANGRAM, speed, seed, seed)
        assert "".join(span.letter for span in score.spans) == PANGRAM.replace(" ", "")
        end = 0.0
        for letter, start, stop in score.spans:
            assert end < start < stop
            middle = (start + stop) / 2
            assert score.label(middle) == letter
            assert score.label((end + start) / 2) is None
            assert score.at(middle)[3] > 0.9
            end = stop
        assert score.duration > end + 1.0


def test_words_are_still_parted_by_the_longest_pause() -> None:
    for seed in range(4):
        pauses = [b.start - a.end for a, b in pairwise(motion("BALL APPLE", 3.0, seed).spans)]
        assert 0.7 < pauses[3] < 1.0
        assert max(pauses[:3] + pauses[4:]) < 0.6 * pauses[3]


def test_text_of_nothing_is_nobody() -> None:
    signer = fluent("")
    assert signer.letters == ()
    assert signer.landmarks(0.0) is None
    assert signer.landmarks(signer.duration) is None


@pytest.mark.parametrize("handedness", ["right", "left"])
def test_landmarks_are_those_of_a_whole_hand_that_is_away_at_the_beginning_and_the_end(handedness: str) -> None:
    look = SignerLook(wobble=0.0, handedness="left" if handedness == "left" else "right")
    signer = fluent("JAB ZOO", 6.0, 2, look)
    assert signer.landmarks(0.0) is None
    assert signer.landmarks(signer.duration) is None
    seen = [points for t in np.arange(0, signer.duration, 0.04) if (points := signer.landmarks(t)) is not None]
    assert len(seen) > 20
    assert np.isfinite(seen).all()
    bones = np.linalg.norm(np.diff(np.array(seen)[:, 5:9], axis=1), axis=2)
    np.testing.assert_allclose(bones, np.broadcast_to(bones[0], bones.shape), atol=1e-2)


@pytest.mark.parametrize("speed", [2.0, 4.0, 8.0])
def test_nothing_jumps(speed: float) -> None:
    score = motion("JAZZ PULL", speed, seed=int(speed))
    moments = [score.at(float(t)) for t in np.arange(0, score.duration, 0.01)]
    for (bent, turn, shift, raised), (later, turned, shifted, up) in pairwise(moments):
        assert np.abs(later - bent).max() < 24  # degrees in 10 ms: a posed finger at 4 letters a second is no slower
        assert np.trace(turn.T @ turned) > 1 + 2 * np.cos(np.radians(24))
        assert np.hypot(shifted[0] - shift[0], shifted[1] - shift[1]) < 0.25
        assert abs(up - raised) < 0.1
        np.testing.assert_allclose(turn @ turn.T, np.eye(3), atol=1e-9)


def test_the_faster_the_less_a_letter_is_reached(monkeypatch: pytest.MonkeyPatch) -> None:
    """How far, in degrees at the middle joints, fists between open hands stay from being fists."""
    monkeypatch.setitem(LOOSENED, "S", (((0, 0, 0), (0, 0, 0, 0, 0)),))  # made properly, given the time

    def short_of(speed: float) -> float:
        short = []
        for seed in range(4):
            score = motion("BSBSBSB", speed, seed)
            for letter, start, end in score.spans:
                if letter == "S":
                    bent = max(score.at(t)[0][5] for t in np.linspace(start, end, 7))
                    short.append(LETTERS["S"].angles[5] - bent)
        return float(np.mean(short))

    slow, usual, fast = (short_of(speed) for speed in (1.5, 4.0, 6.0))
    assert abs(slow) < 1
    assert usual > slow + 2
    assert fast > usual + 3


def test_fingers_do_not_move_in_step() -> None:
    """How far apart in time the fingers of a hand that closes are half way."""

    def apart(amount: float, seed: int) -> float:
        score = motion("BS", 3.0, seed, seed, amount)
        first, second = score.spans
        times = np.arange(first.start, second.end, 0.004)
        bent = np.array([score.at(t)[0][1:16:4] for t in times])
        half = (bent[0] + bent[-1]) / 2
        return float(np.ptp(times[np.abs(bent - half).argmin(axis=0)]))

    assert max(apart(1e-6, seed) for seed in range(3)) < 0.005
    assert min(apart(1.0, seed) for seed in range(3)) > 0.01


def test_the_rhythm_is_uneven_and_holds_are_short() -> None:
    spans = [span for seed in range(8) for span in motion("BCDEFGBCDEFG", 4.0, seed, seed).spans]
    lasts = np.array([span.end - span.start for span in spans])
    assert 0.5 * SHORTEST_HOLD < lasts.min() < 2 * SHORTEST_HOLD
    assert 0.7 * LONGEST_HOLD < lasts.max() < 2 * LONGEST_HOLD
    assert np.median(lasts) < 0.6 / 4  # for which a posed letter is held
    beats = np.diff([span.start for span in motion(string.ascii_uppercase[:9]).spans])
    assert np.std(beats) > 0.02
    assert 0.7 / 4 < np.mean(beats) < 1.3 / 4


def test_the_palm_is_turned_a_little_and_wanders() -> None:
    turned = []
    for style in range(20):
        score, posed = (motion("BDBDBDBD", 1.0, 0, style, amount) for amount in (1.0, 1e-6))
        facing = posed.at(posed.spans[0].start)[1][:, 2]
        ways = [score.at(span.start)[1][:, 2] for span in score.spans if span.letter == "B"]
        turned.append([np.degrees(np.arccos(np.clip(facing @ way, -1, 1))) for way in ways])
    assert 5 < np.mean(turned) < WIDEST
    assert np.max(turned) < 1.5 * WIDEST
    assert np.mean(np.ptp(turned, axis=1)) > 2


def test_the_hand_comes_up_from_aside_and_in_half_of_the_words_with_its_letter_formed() -> None:
    formed, aside = [], []
    for seed in range(60):
        score = motion("S", 4.0, seed)
        times = np.arange(0, score.spans[0].start, 0.02)
        bent, _, shift, _ = next(moment for t in times if (moment := score.at(t))[3] > 0.05)
        rest, fist = motion("", 4.0).at(0.0)[0][5], LETTERS["S"].angles[5]
        formed.append((bent - rest)[5] / (fist - rest) > 0.6)
        aside.append(shift[0])
    assert 0.3 < np.mean(formed) < 0.7
    assert 0.2 < np.std(aside) < 1


def test_letters_that_are_often_made_loosely_differ_from_time_to_time() -> None:
    for letter in LOOSENED:
        made = [motion(letter, 1.0, seed) for seed in range(12)]
        bent = [score.at(score.spans[0].start + 0.1)[0] for score in made]
        assert np.std(bent, axis=0).max() > 2
    hands = np.array([joints(motion("D", 1.0, seed).at(0.9)[0]) for seed in range(3)])
    assert np.std(hands, axis=0).max() < 0.01  # another is made as ever where nothing else varies


@pytest.mark.parametrize("amount", [-0.1, 1.1, float("nan")])
def test_other_amounts_are_refused(amount: float) -> None:
    with pytest.raises(SigncapError, match="choose 0, posed, to 1, fluent"):
        fluent("A", amount=amount)
