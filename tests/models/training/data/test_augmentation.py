"""What is changed at random, and that picture and landmarks are changed together."""

from dataclasses import replace

import cv2
import numpy as np
import pytest

from models.training.data.batches.augmentation import Augmentation, Landmarks, mirror, resize, turn
from overlay.media.frame import Pixels
from overlay.recognition.crop import crop_hand, normalise_landmarks
from overlay.recognition.hands.hand_detector import Hand
from overlay.synthesis.signer import SyntheticSigner

pytestmark = pytest.mark.unit

SIDE = 96
TURN_ONLY = replace(Augmentation.none(), rotation=15.0)


@pytest.fixture(scope="module")
def hand() -> tuple[Pixels, Landmarks]:
    """A crop of an L, and its landmarks."""
    signer = SyntheticSigner("L", size=(320, 240))
    _, start, end = signer.letters[0]
    at = (start + end) / 2
    points = signer.landmarks(at)
    assert points is not None
    crop = crop_hand(signer.render(at), Hand(points.astype(np.float32), "right", 1.0), size=SIDE)
    return crop.pixels, crop.landmarks


def ring() -> tuple[Pixels, Landmarks]:
    """Landmarks on a circle around the middle, the first of them to the right, with a bright spot on it."""
    angles = np.linspace(0, 2 * np.pi, 21, endpoint=False)
    points = np.zeros((21, 3), np.float32)
    points[:, :2] = 0.7 * np.stack([np.cos(angles), np.sin(angles)], 1)
    picture = np.zeros((SIDE, SIDE, 3), np.uint8)
    cv2.circle(picture, (round((0.7 + 1) * SIDE / 2), SIDE // 2), 4, (255, 255, 255), -1)
    return picture, points


def angle_of_spot(picture: Pixels) -> float:
    """Degrees clockwise from the right, about the picture's middle."""
    bright = picture.mean(2).astype(float)
    y, x = (np.indices(bright.shape) * bright).reshape(2, -1).sum(1) / bright.sum()
    return float(np.degrees(np.arctan2(y - (SIDE - 1) / 2, x - (SIDE - 1) / 2)))


def test_picture_and_landmarks_turn_together_and_no_further_than_asked_for() -> None:
    picture, points = ring()
    seen, felt = [], []
    for seed in range(60):
        turned, landmarks = TURN_ONLY.apply(picture, points, SIDE, np.random.default_rng(seed))
        assert landmarks is not None
        seen.append(angle_of_spot(turned))
        across = landmarks[0, :2] - landmarks[10, :2]  # of nearly opposite points: fitting anew moves the middle
        felt.append(float(np.degrees(np.arctan2(across[1], across[0]))))
    assert 11 < max(seen) < 16
    assert -16 < min(seen) < -11
    offset = np.array(felt) - np.array(seen)
    assert np.abs(offset - np.median(offset)).max() < 6  # turning out of the picture, and jitter
    assert np.corrcoef(seen, felt)[0, 1] > 0.97


def test_a_turn_goes_against_the_clock() -> None:
    _, points = ring()
    turned = turn(points, 90, np.random.default_rng(0), most=0)
    assert turned[0, 1] < -0.5  # what was to the right is above
    assert abs(turned[0, 0]) < 0.2


def test_landmarks_are_put_into_the_crop_as_the_live_path_does(hand: tuple[Pixels, Landmarks]) -> None:
    for seed in range(20):
        _, landmarks = Augmentation().apply(*hand, SIDE, np.random.default_rng(seed))
        assert landmarks is not None
        assert landmarks.dtype == np.float32
        np.testing.assert_allclose(landmarks, normalise_landmarks(landmarks, mirror=False), atol=1e-5)


def test_the_same_chance_gives_the_same_and_another_another(hand: tuple[Pixels, Landmarks]) -> None:
    some = [Augmentation(flip=True).apply(*hand, 48, np.random.default_rng(seed)) for seed in (1, 1, 2)]
    np.testing.assert_array_equal(some[0][0], some[1][0])
    np.testing.assert_array_equal(some[0][1], some[1][1])
    assert (some[0][0] != some[2][0]).any()


def test_no_change_changes_nothing_but_the_size(hand: tuple[Pixels, Landmarks]) -> None:
    for size in (SIDE, 48):
        picture, landmarks = Augmentation.none().apply(*hand, size, np.random.default_rng(0))
        np.testing.assert_array_equal(picture, resize(hand[0], size))
        np.testing.assert_array_equal(landmarks, hand[1])


def test_hands_are_mirrored_only_when_asked_for(hand: tuple[Pixels, Landmarks]) -> None:
    def share(augmentation: Augmentation) -> float:
        mirrored = 0
        for seed in range(80):
            picture, landmarks = augmentation.apply(*hand, SIDE, np.random.default_rng(seed))
            assert landmarks is not None
            now = bool((landmarks[4, 0] < landmarks[20, 0]) != (hand[1][4, 0] < hand[1][20, 0]))
            if augmentation == replace(Augmentation.none(), flip=True):
                assert np.array_equal(picture, hand[0][:, ::-1] if now else hand[0])
            mirrored += now
        return mirrored / 80

    assert share(Augmentation()) == 0
    assert 0.35 < share(replace(Augmentation.none(), flip=True)) < 0.65


def test_mirroring_twice_is_as_before(hand: tuple[Pixels, Landmarks]) -> None:
    once = mirror(*hand)
    assert (once[0] != hand[0]).any()
    picture, landmarks = mirror(*once)
    np.testing.assert_array_equal(picture, hand[0])
    np.testing.assert_array_equal(landmarks, hand[1])


def test_another_background_leaves_the_hand(hand: tuple[Pixels, Landmarks]) -> None:
    picture, points = hand
    only = replace(Augmentation.none(), background=True)
    spots = np.round((points[:, :2] + 1) * SIDE / 2).astype(int)
    away = np.ones((SIDE, SIDE), bool)
    for x, y in spots:
        away[max(y - 30, 0) : y + 30, max(x - 30, 0) : x + 30] = False
    assert away.sum() > 50
    changed = 0
    for seed in range(40):
        result, landmarks = only.apply(picture, points, SIDE, np.random.default_rng(seed))
        np.testing.assert_array_equal(landmarks, points)
        difference = np.abs(result.astype(int) - picture).max(2)
        assert max(difference[y, x] for x, y in spots) <= 2
        changed += bool((difference[away] > 8).mean() > 0.5)
    assert 5 < changed < 20  # three of ten


def test_a_picture_without_landmarks_keeps_its_background_and_is_turned_all_the_same() -> None:
    picture, _ = ring()
    same, none = replace(Augmentation.none(), background=True).apply(picture, None, SIDE, np.random.default_rng(0))
    assert none is None
    np.testing.assert_array_equal(same, picture)
    turned, none = TURN_ONLY.apply(picture, None, SIDE, np.random.default_rng(0))
    assert none is None
    assert abs(angle_of_spot(turned)) > 1


@pytest.mark.parametrize("which", ["colour", "blur"])
def test_light_and_sharpness_change(which: str, hand: tuple[Pixels, Landmarks]) -> None:
    only = replace(Augmentation.none(), **{which: True})
    results = [only.apply(*hand, SIDE, np.random.default_rng(seed)) for seed in range(30)]
    assert all(np.array_equal(landmarks, hand[1]) for _, landmarks in results)  # type: ignore[arg-type]
    changed = [picture for picture, _ in results if (picture != hand[0]).any()]
    assert len(changed) > 3
    if which == "blur":
        edges = float(np.abs(np.diff(hand[0].astype(int), axis=1)).mean())
        assert all(np.abs(np.diff(picture.astype(int), axis=1)).mean() < edges for picture in changed)
