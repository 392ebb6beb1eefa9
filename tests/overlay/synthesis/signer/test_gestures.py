"""A person who gestures without spelling: never a letter, always somebody's hand."""

from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from overlay.core.errors import SigncapError
from overlay.recognition.hands.detector_choice import open_detector
from overlay.synthesis.signer import Gesturing, SignerLook, SyntheticSigner
from overlay.synthesis.signer.hand.letters import LETTERS
from overlay.synthesis.signer.hand.skeleton import joints, rotation_matrix

pytestmark = pytest.mark.unit

SMALL = (320, 240)
TINY = (128, 72)
PALM = 0.165 * 72
PLAIN = SignerLook(wobble=0.0)
HOLDING = (0, 3)  # who would hold letters for a second if nothing was done about it


@pytest.fixture(scope="module")
def people() -> list[Gesturing]:
    """Of usual proportions, with hands that do not tremble."""
    return [Gesturing(20, seed=seed, look=PLAIN, size=TINY) for seed in range(8)]


def test_the_same_seed_gives_the_same_pictures_in_any_order() -> None:
    one, again = (Gesturing(6, seed=4, look=SignerLook.random(2), size=SMALL) for _ in range(2))
    times = [0.0, 1.3, 2.9, 5.0]
    pictures = [one.render(t) for t in times]
    for t, picture in reversed(list(zip(times, pictures, strict=True))):
        assert np.array_equal(again.render(t), picture)
    other = Gesturing(6, seed=5, look=SignerLook.random(2), size=SMALL)
    assert not np.array_equal(other.render(2.9), pictures[2])


def test_nothing_is_ever_labelled() -> None:
    person = Gesturing(12, seed=1, size=SMALL)
    assert person.letters == ()
    assert person.duration == 12
    assert all(person.label(t) is None for t in np.arange(-1, 14, 0.05))


def test_pictures_and_landmarks_are_those_of_a_signer() -> None:
    person, signer = Gesturing(4, size=(321, 243)), SyntheticSigner("A", size=(321, 243))
    assert np.array_equal(person.render(0.0)[:120], signer.render(0.0)[:120])  # the same person in the same room
    landmarks = next(points for t in np.arange(0, 4, 0.1) if (points := person.landmarks(float(t))) is not None)
    assert landmarks.shape == (21, 3)
    assert landmarks.dtype == np.float32


def test_a_left_hander_is_the_mirror_image() -> None:
    right, left = (Gesturing(5, seed=3, look=SignerLook(handedness=side), size=SMALL) for side in ("right", "left"))
    for t in np.arange(0, 5, 0.2):
        a, b = right.landmarks(float(t)), left.landmarks(float(t))
        assert (a is None) == (b is None)
        if a is not None and b is not None:
            np.testing.assert_allclose(320 - b[:, 0], a[:, 0], atol=1e-2)


@pytest.mark.integration
def test_the_hand_is_in_the_picture_most_of_the_time_but_not_always() -> None:
    up, inside = [], []
    for seed in range(4):
        person = Gesturing(15, seed=seed, look=SignerLook.random(seed), size=(128, 72))
        for t in np.arange(0.7, 14.5, 0.2):
            landmarks = person.landmarks(float(t))
            up.append(landmarks is not None)
            if landmarks is not None:
                inside.append(((landmarks[:, :2] > 0) & (landmarks[:, :2] < (128, 72))).mean())
        assert person.landmarks(0.0) is None
        assert person.landmarks(15.0) is None
        assert person.landmarks(60.0) is None
    assert 0.7 < np.mean(up) < 0.98
    assert np.mean(inside) > 0.95


@pytest.mark.integration
def test_every_kind_of_gesture_comes_and_none_takes_long(people: list[Gesturing]) -> None:
    seen: dict[str, int] = {}
    for person in people:
        for name, start, end in person.gestures[:-1]:
            seen[name] = seen.get(name, 0) + 1
            assert 0.7 < end - start < 4.1
        for before, after in pairwise(person.gestures):
            assert before.end < after.start
            assert before.letter != after.letter
    assert len(seen) >= 19
    assert max(seen.values()) < 0.3 * sum(seen.values())


def _about_the_palm(points: np.ndarray) -> np.ndarray:
    out: np.ndarray = points - points[[0, 5, 9, 13, 17]].mean(axis=0)
    return out


@pytest.mark.integration
def test_many_different_poses_occur(people: list[Gesturing]) -> None:
    """Both sides of the hand, all ways up, and far more shapes than there are letters."""
    kinds = np.empty((0, 21, 3))
    sides = []
    for person in people:
        for t in np.arange(0.5, 19.5, 0.25):
            landmarks = person.landmarks(float(t))
            if landmarks is None:
                continue
            points = _about_the_palm(landmarks) / PALM
            across, along = points[5, :2] - points[17, :2], points[9, :2] - points[0, :2]
            sides.append(across[0] * along[1] - across[1] * along[0])
            if (np.linalg.norm(kinds - points, axis=2).mean(axis=1) > 0.26).all():
                kinds = np.append(kinds, points[None], axis=0)
    assert len(kinds) > 100
    assert 0.2 < np.mean(np.array(sides) < 0) < 0.8


@pytest.mark.integration
@pytest.mark.slow
def test_no_letter_is_held(people: list[Gesturing]) -> None:
    """Landmarks of a person with usual proportions against the letters, in palms."""
    letters = [_about_the_palm(joints(pose.angles) @ rotation_matrix(pose.turn).T) for pose in LETTERS.values()]
    known = np.array(letters) * (1, -1, -1)
    step = 1 / 30

    def longest(person: Gesturing | SyntheticSigner) -> float:
        most, run, before = 0.0, np.zeros(len(known)), None
        for t in np.arange(0, person.duration, step):
            landmarks = person.landmarks(float(t))
            if landmarks is None:
                run, before = run * 0, None
                continue
            places = landmarks / PALM
            still = before is not None and np.linalg.norm(places - before, axis=1).max() < 1.0 * step
            before = places
            apart = np.linalg.norm(known - _about_the_palm(places), axis=2)
            run = np.where((apart.mean(axis=1) < 0.24) & (apart.max(axis=1) < 0.63) & still, run + step, 0.0)
            most = max(most, float(run.max()))
        return most

    assert longest(SyntheticSigner("C", look=PLAIN, letters_per_second=1.0, size=TINY)) > 0.5  # it sees a held letter
    for seed in HOLDING:
        assert longest(people[seed]) <= 0.17, seed


@pytest.mark.integration
def test_motion_is_smooth() -> None:
    for seed in range(2):
        person = Gesturing(5, seed=seed, size=TINY)
        points = [person.landmarks(float(t)) for t in np.arange(0, 5, 0.005)]
        steps = [np.abs(b - a)[:, :2].max() for a, b in pairwise(points) if a is not None and b is not None]
        assert max(steps) < 6  # pixels in 5 ms at 72 lines


def test_unusable_lengths_and_sizes_are_refused() -> None:
    for seconds in (0.0, -3.0, float("nan"), float("inf")):
        with pytest.raises(SigncapError, match="ask for 1 to 600"):
            Gesturing(seconds)
    with pytest.raises(SigncapError, match="48x48 or more"):
        Gesturing(3, size=(20, 720))


@pytest.mark.integration
@pytest.mark.slow
def test_mediapipe_finds_the_hand(hand_model: Path) -> None:
    up = found = 0
    errors = []
    for seed in range(2):
        look = SignerLook.random(seed + 40)
        person = Gesturing(5, seed=seed, look=look, size=(426, 240))
        with open_detector(hand_model) as finder:
            for t in np.arange(0, 5, 1 / 15):
                hand = finder.find(person.render(float(t)), float(t))
                truth = person.landmarks(float(t))
                if truth is None:
                    continue
                up += 1
                if hand is not None:
                    found += 1
                    off = np.linalg.norm((hand.landmarks - truth)[:, :2], axis=1).mean()
                    errors.append(off / (0.165 * 240 * look.hand_scale))
    assert up > 100
    assert found / up >= 0.9
    assert np.median(errors) < 0.15  # of a palm
