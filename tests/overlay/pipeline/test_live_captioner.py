"""Rendered signing through all that the live path runs: MediaPipe, the shipped network, decoder, transcript."""

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pytest

from overlay.captions.transcript import plain_text
from overlay.media.frame import Frame
from overlay.pipeline.live_captioner import LiveCaptioner
from overlay.pipeline.result import CaptionResult
from overlay.synthesis.signer import SignerLook, SyntheticSigner

pytestmark = [pytest.mark.integration, pytest.mark.slow]

PANGRAM = "CWM FJORD BANK GLYPHS VEXT QUIZ"  # each letter once
SIZE = (320, 240)


@dataclass(frozen=True)
class Read:
    """What was read of a performance: frame by frame, and at its end."""

    signer: SyntheticSigner
    readings: list[CaptionResult]
    final: CaptionResult

    @property
    def text(self) -> str:
        return plain_text(self.final.state)


def read(
    text: str,
    hand_model: Path,
    *,
    fps: float = 15,
    speed: float = 3.0,
    look: SignerLook | None = None,
    tail: float = 0.5,
) -> Read:
    """What is read when a synthetic signer spells `text` before a camera of `fps` frames a second."""
    signer = SyntheticSigner(text, letters_per_second=speed, look=look, size=SIZE, lead=0.4, tail=tail)
    captioner = LiveCaptioner(hand_model=hand_model)
    readings = [
        captioner.accept(Frame(signer.render(index / fps), index, index / fps))
        for index in range(int(signer.duration * fps))
    ]
    final = captioner.finish()
    captioner.close()
    return Read(signer, readings, final)


@pytest.fixture(scope="module")
def pangram(hand_model: Path) -> Read:
    return read(PANGRAM, hand_model, speed=2.5, tail=1.0)


def test_every_letter_is_read(pangram: Read) -> None:
    assert pangram.text == PANGRAM


@pytest.mark.parametrize(("fps", "text"), [(24, "JAZZ"), (60, "JELL")])
def test_the_frame_rate_makes_no_difference(fps: float, text: str, hand_model: Path) -> None:
    """A stroke and a double; all other tests read 15 frames a second."""
    assert read(text, hand_model, fps=fps).text == text


@pytest.mark.parametrize(("text", "speed"), [("FEE", 1.5), ("COFFEE", 4.5)])
def test_slow_and_quick_spelling(text: str, speed: float, hand_model: Path) -> None:
    assert read(text, hand_model, speed=speed).text == text


@pytest.mark.parametrize("speed", [3.0, 4.0])
def test_words_that_end_like_the_beginning_of_a_stroke_stay_apart(speed: float, hand_model: Path) -> None:
    assert read("I AND I", hand_model, speed=speed).text == "I AND I"


def test_what_plays_slower_is_read_as_at_its_own_pace(hand_model: Path) -> None:
    """As a busy machine plays the demo: unevenly, at half its pace and slower. Read in the time of the clock, the
    hand rests too long and each word is a caption."""
    text, rng = "I AM SIGNCAP", np.random.default_rng(5)
    signer = SyntheticSigner(text, size=SIZE, lead=0.35)
    captioner, at = LiveCaptioner(hand_model=hand_model), 50.0
    for index in range(int(signer.duration * 30) + 1):
        at += float(rng.uniform(1, 6)) / 30
        result = captioner.accept(Frame(signer.render(index / 30), index, at, behind=at - index / 30))
    assert (result.at, plain_text(captioner.finish().state)) == (at, text)
    captioner.close()


def test_a_left_hander_is_read_as_well(hand_model: Path) -> None:
    assert read("ALL JUMP", hand_model, look=SignerLook(handedness="left")).text == "ALL JUMP"


def test_text_is_never_taken_back_while_it_comes(pangram: Read) -> None:
    shown, letters = "", ""
    for reading in pangram.readings:
        letters += "".join(letter.text for letter in reading.letters)
        now = reading.state.committed + reading.state.partial
        assert now.startswith(shown.rstrip())  # what was shown, tentative or not, stays
        shown = now
    letters += "".join(letter.text for letter in pangram.final.letters)
    assert shown.strip() == PANGRAM
    assert letters == PANGRAM.replace(" ", "")


def test_an_empty_room_gives_nothing(hand_model: Path) -> None:
    captioner = LiveCaptioner(hand_model=hand_model)
    rng = np.random.default_rng(0)
    for index in range(30):
        room = np.clip(rng.normal(120, 8, (240, 320, 3)), 0, 255).astype(np.uint8)
        captioner.accept(Frame(room, index, index / 15))
    assert plain_text(captioner.finish().state) == ""
    assert captioner.frames_with_hand == 0
    captioner.close()


def test_a_reading_tells_the_hand_the_posteriors_and_the_time_of_each_stage(pangram: Read) -> None:
    span = next(span for span in pangram.signer.letters if span.letter == "L")
    middle = (span.start + span.end) / 2
    reading = min(pangram.readings, key=lambda reading: abs(reading.at - middle))
    assert reading.hand is not None
    assert reading.hand.handedness == "right"
    truth = pangram.signer.landmarks(reading.at)
    assert truth is not None
    palm = np.linalg.norm(truth[9] - truth[0])
    assert np.linalg.norm(reading.hand.landmarks[:, :2] - truth[:, :2], axis=1).mean() < 0.2 * palm
    assert reading.posteriors is not None
    assert set(reading.stages) == {"hands", "encode", "window"}
    assert min(reading.stages.values()) >= 0


@pytest.mark.parametrize("way", ["signcap", "mediapipe"])
@pytest.mark.parametrize("signer_is_left", [True, False])
def test_a_second_person_who_raises_a_hand_is_not_read(
    signer_is_left: bool, way: str, hand_model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Beside somebody who spells two words, while the hand is down between them, and for longer."""
    monkeypatch.setenv("SIGNCAP_HANDS", way)
    text, size, fps = "NICE TOE", (320, 360), 15
    look = replace(SignerLook.random(4), hand_scale=1.0, handedness="right", place=(0.3, 0.5))
    signer = SyntheticSigner(text, size=size, lead=0.35)
    other = SyntheticSigner("B", letters_per_second=0.2, size=size, lead=0.35, look=look)
    up = signer.letters[3].end + 0.2
    captioner = LiveCaptioner(hand_model=hand_model)
    for index in range(int(signer.duration * fps)):
        at = index / fps
        pair = [signer.render(at), other.render(min(max(0.0, at - up), other.letters[0].end - 0.1))]
        captioner.accept(Frame(np.hstack(pair if signer_is_left else pair[::-1]), index, at))
    final = captioner.finish()
    captioner.close()
    assert plain_text(final.state) == text
