"""A text as a performance: who signs, and what is spelled when."""

import math
from itertools import pairwise

import numpy as np
import pytest

from overlay.core.errors import SigncapError
from overlay.synthesis.signed_text import RATE, SignedText, Signing, signer_look
from overlay.synthesis.signer import SyntheticSigner

pytestmark = pytest.mark.unit

SMALL = (128, 96)


@pytest.mark.integration
def test_the_usual_signer_signs_as_the_demo_does() -> None:
    signed, signer = SignedText("Hi, you", size=SMALL), SyntheticSigner("HI YOU", size=SMALL, pauses=(0.2, 0.0))
    assert [(one.letter, one.start, one.end) for one in signed.letters] == list(signer.letters)
    assert signed.duration == signer.duration
    frames = list(signed.frames())
    assert len(frames) == signed.count == int(signer.duration * RATE) + 1
    for number in (0, 25, signed.count - 1):
        assert (frames[number].index, frames[number].at) == (number, number / RATE)
        assert (frames[number].pixels == signer.render(number / RATE)).all()
    assert [frame.index for frame in signed.frames(50)] == list(range(50, signed.count))


def test_letters_come_when_they_are_formed() -> None:
    """Held letters when the hand has their shape, J and Z when their movement is over."""
    signed = SignedText("Jazz up! OK", size=SMALL)
    shown = "JAZZUPOK"
    for count, letter in enumerate(signed.letters):
        formed = letter.end if letter.letter in "JZ" else letter.start
        for at, letters in ((formed - 0.001, shown[:count]), (formed, shown[: count + 1])):
            state = signed.state(at)
            text = "".join(cue.text for cue in state.cues) + state.committed
            assert text.replace(" ", "") == letters
            assert state.partial == ""
    assert signed.state(0.0).committed == ""


def test_a_sentence_is_a_caption() -> None:
    signed = SignedText("Jazz up! OK", size=SMALL)
    letters = signed.letters
    assert [(cue.text, cue.start, cue.end) for cue in signed.cues] == [
        ("JAZZ UP", letters[0].end, letters[5].end),
        ("OK", letters[6].start, letters[7].end),
    ]
    growing = signed.state(letters[5].start)
    assert (growing.cues, growing.committed) == ((), "JAZZ UP")
    between = signed.state(letters[6].start - 0.01)
    assert ([cue.text for cue in between.cues], between.committed) == (["JAZZ UP"], "")
    assert signed.state(signed.duration).cues == signed.cues
    states = [signed.state(number / RATE) for number in range(signed.count)]
    assert [one.revision for one in states] == sorted(one.revision for one in states)
    assert len({one.revision for one in states}) == len("JAZZ UPOK") - 1 + 1  # the space comes with its letter


def test_the_hand_stays_down_longer_between_sentences_than_between_words() -> None:
    words, sentences = SignedText("hi you", size=SMALL), SignedText("hi. you", size=SMALL)

    def pause(signed: SignedText) -> float:
        return signed.letters[2].start - signed.letters[1].end

    assert pause(sentences) > pause(words) + 0.5
    assert sentences.letters[:2] == words.letters[:2]


def test_a_number_is_a_person() -> None:
    one, same, other = (SignedText("A", Signing(signer=number), size=SMALL).picture(0.7) for number in (7, 7, 8))
    assert (one == same).all()
    assert np.abs(one.astype(int) - other).mean() > 10


@pytest.mark.parametrize("number", range(20))
def test_whoever_signs_can_be_learnt_from(number: int) -> None:
    for left_handed in (False, True):
        look = signer_look(Signing(signer=number, left_handed=left_handed))
        assert look.handedness == ("left" if left_handed else "right")
        assert not look.mirrored_z
        assert look.pose_jitter <= 2
        assert look.place[0] <= 0.36


def test_speed_is_of_letters_within_words() -> None:
    slow, fast = (SignedText("ABCD", Signing(speed=speed), size=SMALL).letters for speed in (1, 4))
    assert slow[3].start - slow[0].start == pytest.approx(3.0)
    assert fast[3].start - fast[0].start == pytest.approx(0.75)


def test_letters_may_run_into_each_other() -> None:
    posed, fluent = (SignedText("Hi, you", Signing(coarticulation=amount), size=SMALL) for amount in (0.0, 1.0))
    assert [(one.letter, one.word) for one in fluent.letters] == [(one.letter, one.word) for one in posed.letters]
    assert all(before.end < after.start for before, after in pairwise(fluent.letters))
    assert fluent.letters != posed.letters
    assert (fluent.picture(1.0) != posed.picture(1.0)).any()
    with pytest.raises(SigncapError, match="choose 0, posed, to 1, fluent"):
        SignedText("Hi", Signing(coarticulation=2.0), size=SMALL)


@pytest.mark.parametrize("speed", [0.4, 8.1, math.nan, math.inf, -1])
def test_other_speeds_are_refused(speed: float) -> None:
    with pytest.raises(SigncapError, match=r"choose a speed from 0\.5 to 8"):
        SignedText("A", Signing(speed=speed), size=SMALL)


@pytest.mark.parametrize("number", [-1, 2**31])
def test_other_signers_are_refused(number: int) -> None:
    with pytest.raises(SigncapError, match="numbers from 0 to"):
        SignedText("A", Signing(signer=number), size=SMALL)


@pytest.mark.parametrize("size", [(94, 200), (200, 94), (4000, 1000), (321, 240), (320, 241)])
def test_other_sizes_are_refused(size: tuple[int, int]) -> None:
    with pytest.raises(SigncapError, match="choose even sides"):
        SignedText("A", size=size)


def test_too_much_text_is_refused() -> None:
    with pytest.raises(SigncapError, match="at most 2000"):
        SignedText("a" * 2001, size=SMALL)
