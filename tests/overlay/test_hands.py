"""MediaPipe on the synthetic signer."""

import gc
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from overlay.errors import SigncapError
from overlay.hands import CONNECTIONS, Hand, HandFinder
from overlay.signer import SignerLook, SyntheticSigner


def found(hand_model: Path, handedness: str, *, mirrored: bool = False, video: bool = True) -> list[Hand]:
    """The hands found while a signer with this hand spells, the picture mirrored as a selfie or not."""
    look = SignerLook(handedness=handedness)  # type: ignore[arg-type]
    signer = SyntheticSigner("ABLOW", look=look, size=(640, 480))
    hands = []
    with HandFinder(hand_model, video=video) as finder:
        for _, start, end in signer.letters:
            for at in np.linspace(start, end, 4):
                pixels = signer.render(float(at))
                hand = finder.find(np.ascontiguousarray(pixels[:, ::-1]) if mirrored else pixels, float(at))
                if hand is not None:
                    hands.append(hand)
    assert len(hands) >= 15
    return hands


@pytest.mark.parametrize("handedness", ["right", "left"])
def test_an_unmirrored_picture_gives_the_hand_that_the_signer_uses(handedness: str, hand_model: Path) -> None:
    """The sense of MediaPipe's label has changed between its versions: this pins it."""
    labels = [hand.handedness for hand in found(hand_model, handedness)]
    assert labels.count(handedness) >= 0.9 * len(labels)  # type: ignore[arg-type]


def test_a_mirrored_picture_turns_the_label_round(hand_model: Path) -> None:
    labels = [hand.handedness for hand in found(hand_model, "right", mirrored=True)]
    assert labels.count("left") >= 0.9 * len(labels)


@pytest.mark.parametrize("video", [True, False])
def test_landmarks_come_in_pixels_scores_as_probabilities(video: bool, hand_model: Path) -> None:
    for hand in found(hand_model, "right", video=video):
        assert hand.landmarks.shape == (21, 3)
        assert hand.landmarks.dtype == np.float32
        assert 10 < np.ptp(hand.landmarks[:, 1]) < 480
        assert 0.4 < hand.score <= 1


def test_time_that_stands_still_is_no_error(hand_model: Path) -> None:
    pixels = SyntheticSigner("L", size=(320, 240)).render(1.2)
    with HandFinder(hand_model) as finder:
        for _ in range(3):
            finder.find(pixels, 1.0)


def test_a_file_that_is_no_hand_model_is_one_sentence(tmp_path: Path) -> None:
    bad = tmp_path / "hand.task"
    bad.write_bytes(b"nothing")
    with pytest.raises(SigncapError):
        HandFinder(bad)


def test_connections_reach_every_landmark() -> None:
    assert {end for pair in CONNECTIONS for end in pair} == set(range(21))


def test_an_image_whose_making_was_interrupted_goes_quietly(
    hand_model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from mediapipe import Image

    HandFinder(hand_model).close()
    complaints: list[Any] = []
    monkeypatch.setattr(sys, "unraisablehook", complaints.append)
    unmade = Image.__new__(Image)
    del unmade
    gc.collect()
    assert not complaints
