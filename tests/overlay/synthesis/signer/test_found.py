"""The synthetic hand is taken for a hand: the ground on which every end-to-end test stands."""

import string
from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from overlay.recognition.hands.detector_choice import open_detector
from overlay.synthesis.signer import SignerLook, SyntheticSigner

pytestmark = pytest.mark.integration

RATE = 15.0
SPEED = 3.0  # letters a second
SIZE = (426, 240)


class Tally:
    """What was made of the frames in which the hand is up."""

    def __init__(self) -> None:
        self.up = self.found = 0
        self.errors: list[float] = []
        self.hands: Counter[str] = Counter()

    def add(self, model: Path, look: SignerLook, text: str) -> None:
        signer = SyntheticSigner(text, letters_per_second=SPEED, look=look, size=SIZE, lead=0.4, tail=0.3)
        palm = 0.165 * SIZE[1] * look.hand_scale
        with open_detector(model) as finder:
            for t in np.arange(0, signer.duration, 1 / RATE):
                hand = finder.find(signer.render(float(t)), float(t))
                truth = signer.landmarks(float(t))
                if truth is None:
                    continue
                self.up += 1
                if hand is None:
                    continue
                self.found += 1
                self.hands[hand.handedness] += 1
                self.errors.append(float(np.linalg.norm((hand.landmarks - truth)[:, :2], axis=1).mean()) / palm)


@pytest.fixture(scope="module", params=["right", "left"])
def alphabet(request: pytest.FixtureRequest, hand_model: Path) -> tuple[str, Tally]:
    tally = Tally()
    letters = string.ascii_uppercase if request.param == "right" else string.ascii_uppercase[::2]
    tally.add(hand_model, SignerLook(handedness=request.param), letters)
    return request.param, tally


@pytest.mark.slow
def test_the_hand_is_found_in_nearly_every_frame(alphabet: tuple[str, Tally]) -> None:
    _, tally = alphabet
    assert tally.up > 40
    assert tally.found / tally.up >= 0.95


@pytest.mark.slow
def test_landmarks_are_where_the_signer_says(alphabet: tuple[str, Tally]) -> None:
    _, tally = alphabet
    assert np.median(tally.errors) < 0.09  # of a palm
    assert np.percentile(tally.errors, 95) < 0.25


@pytest.mark.slow
def test_an_unmirrored_hand_keeps_its_side(alphabet: tuple[str, Tally]) -> None:
    side, tally = alphabet
    assert tally.hands[side] / tally.found > 0.9


@pytest.mark.slow
def test_random_signers_are_found_too(hand_model: Path) -> None:
    tally = Tally()
    for seed in range(3):
        tally.add(hand_model, SignerLook.random(seed), "HAVE")
    assert tally.found / tally.up >= 0.95
    assert np.median(tally.errors) < 0.12
