"""Other thresholds on what was seen: the same decoder, window and transcript as live."""

import numpy as np
import pytest
from numpy.typing import NDArray

from overlay.core.settings import Decoding, Endpointing, Settings, merged
from overlay.pipeline.live_captioner import LiveCaptioner
from overlay.pipeline.replay import History, decode, posteriors_again, replay
from overlay.recognition.letter_model import BLANK, CLASSES, LETTERS, LetterModel
from overlay.recognition.letter_stream import DecoderStep
from overlay.synthesis.demo_source import DemoSource
from overlay.tuning.calibration import Try, balanced, curve
from overlay.tuning.presets import PRESETS

pytestmark = pytest.mark.unit

STEP = 1 / 30


def row(hand: bool = True) -> NDArray[np.float32]:
    return np.array([0.0] * 7 + [float(hand)], np.float32)


def moments_of(*pieces: tuple[str, float, int]) -> tuple[DecoderStep, ...]:
    """Pieces of (letter or "", confidence, steps)."""
    made = []
    for letter, confidence, steps in pieces:
        for _ in range(steps):
            posteriors = np.zeros(CLASSES, np.float32)
            posteriors[LETTERS.index(letter) if letter else BLANK] = confidence
            posteriors[BLANK] += 1 - confidence
            at = len(made) * STEP
            made.append(DecoderStep(at, at + 4 * STEP, row(), posteriors, (0.0, 0.0)))
    return tuple(made)


def posteriors_of(moments: tuple[DecoderStep, ...]) -> tuple[NDArray[np.float32], ...]:
    return tuple(moment.posteriors for moment in moments)


def text_of(moments: tuple[DecoderStep, ...], rules: Decoding) -> str:
    return "".join(letter.text for letter in decode(moments, posteriors_of(moments), rules))


def test_a_higher_threshold_lets_doubtful_letters_go() -> None:
    seen = moments_of(("A", 0.95, 8), ("", 1, 6), ("B", 0.65, 8), ("", 1, 20))
    assert text_of(seen, Decoding()) == "AB"
    assert text_of(seen, Decoding(letter_confidence=0.8)) == "A"
    own = merged(Settings(), {"decoding": {"letters": {"B": {"letter_confidence": 0.8}}}}).decoding
    assert text_of(seen, own) == "A"


def test_smoothing_lets_short_flickers_go() -> None:
    seen = moments_of(("A", 1, 10), ("B", 1, 3), ("A", 1, 10), ("", 1, 20))
    assert "B" in text_of(seen, Decoding())
    assert text_of(seen, Decoding(smoothing=0.15)) == "A"


def test_a_letter_of_its_own_hold_is_left_out_when_shorter() -> None:
    seen = moments_of(("A", 1, 5), ("", 1, 6), ("B", 1, 5), ("", 1, 20))
    own = merged(Settings(), {"decoding": {"letters": {"A": {"least_hold": 0.5}}}}).decoding
    assert text_of(seen, own) == "B"


def test_a_slide_can_be_asked_for_between_two_of_a_kind() -> None:
    seen = moments_of(("L", 1, 8), ("", 1, 6), ("L", 1, 8), ("", 1, 20))
    assert text_of(seen, Decoding()) == "LL"
    assert text_of(seen, Decoding(double_slide=0.3)) == "L"
    slid = tuple(
        DecoderStep(moment.at, moment.newest, moment.row, moment.posteriors, (0.1 if 8 <= k < 14 else 0.0, 0.0))
        for k, moment in enumerate(seen)
    )
    assert text_of(slid, Decoding(double_slide=0.3)) == "LL"


def test_pauses_part_words_and_captions() -> None:
    seen = moments_of(("A", 1, 8), ("", 1, 30), ("B", 1, 8), ("", 1, 90), ("C", 1, 8), ("", 1, 9))
    answers = posteriors_of(seen)
    assert replay(seen, answers, Decoding(), Endpointing()).captions == ("A B", "C")
    longer = Endpointing(word_pause=2.0, caption_silence=5.0)
    assert replay(seen, answers, Decoding(), longer).captions == ("AB C",)


def test_what_is_old_goes() -> None:
    history = History(seconds=1.0)
    seen = moments_of(("A", 1, 300))
    for moment in seen:
        history.add([moment])
    assert history.moments()[-1] is seen[-1]
    assert len(history.moments()) < 80
    assert history.moments(since=seen[-2].newest) == [seen[-1]]


def test_the_balanced_threshold_misses_and_invents_least() -> None:
    sure, doubtful = moments_of(("A", 0.9, 8), ("", 1, 20)), moments_of(("B", 0.55, 8), ("", 1, 20))
    resting = moments_of(("C", 0.4, 8), ("", 1, 20))
    tries = [
        Try("A", sure, posteriors_of(sure)),
        Try("B", doubtful, posteriors_of(doubtful)),
        Try("", resting, posteriors_of(resting)),
    ]
    points = curve(tries, Decoding())
    best = balanced(points)
    assert (best.missed, best.false) == (0, 0)
    assert 0.4 < best.threshold <= 0.55
    low, high = points[0], points[-1]
    assert (low.missed, low.false) == (0, 1)
    assert (high.missed, high.false) == (2, 0)


@pytest.mark.integration
@pytest.mark.slow
def test_the_live_recogniser_gives_the_same_again_and_other_windows_are_tried() -> None:
    source, captioner, history = DemoSource("HI", realtime=False, size=(320, 240)), LiveCaptioner(), History()
    letters = []
    while (frame := source.read()) is not None:
        reading = captioner.accept(frame)
        history.add(reading.moments, reading.letters)
        letters += reading.letters
    last = captioner.finish()
    captioner.close()
    moments = history.moments()
    used = Decoding()
    again = replay(moments, [moment.posteriors for moment in moments], used, Endpointing())
    assert "".join(letter.text for letter in again.letters) == "".join(one.text for one in [*letters, *last.letters])
    assert again.captions == ("HI",)
    network = LetterModel()
    whole = posteriors_again(network, moments, used.model_copy(update={"window": 1.04}), used)
    for moment, answer in list(zip(moments, whole, strict=True))[40:]:
        assert np.allclose(moment.posteriors, answer, atol=0.05)
    short = posteriors_again(network, moments, used.model_copy(update={"window": 0.3}), used)
    assert any(not np.allclose(one, other, atol=0.05) for one, other in zip(whole, short, strict=True))


def test_presets_are_valid_and_differ() -> None:
    taken = {name: merged(Settings(), preset) for name, preset in PRESETS.items()}
    assert taken["normal"] == Settings()
    assert len({settings.model_dump_json() for settings in taken.values()}) == len(PRESETS)
