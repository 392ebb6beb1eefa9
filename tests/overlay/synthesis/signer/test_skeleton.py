import numpy as np
import pytest

from overlay.synthesis.signer.hand.letters import LETTERS
from overlay.synthesis.signer.hand.skeleton import (
    FINGER_LENGTHS,
    THUMB_LENGTHS,
    Proportions,
    joints,
    rotation_matrix,
    rotation_vector,
)

pytestmark = pytest.mark.unit


def _bones(points: np.ndarray, first: int) -> np.ndarray:
    return np.linalg.norm(np.diff(points[first : first + 4], axis=0), axis=1)


@pytest.mark.parametrize("letter", sorted(LETTERS))
def test_bones_keep_their_lengths_in_every_letter(letter: str) -> None:
    points = joints(LETTERS[letter].angles, Proportions(finger_length=1.1, thumb_length=0.9))
    np.testing.assert_allclose(_bones(points, 1), THUMB_LENGTHS * 0.9)
    for finger in range(4):
        np.testing.assert_allclose(_bones(points, 5 + 4 * finger), FINGER_LENGTHS[finger] * 1.1)


def test_a_flat_hand_is_flat_and_a_bent_finger_comes_out_of_the_palm() -> None:
    flat = joints(np.zeros(21))
    assert np.ptp(flat[5:9, 2]) == pytest.approx(0)
    assert flat[12, 1] > flat[10, 1] > flat[9, 1]
    bent = np.zeros(21)
    bent[0] = 90.0  # index finger, knuckle
    assert joints(bent)[8, 2] == pytest.approx(FINGER_LENGTHS[0].sum())


@pytest.mark.parametrize("degrees", [0.0, 1e-9, 30.0, 179.0, 179.99, 180.0])
def test_rotations_survive_the_way_there_and_back(degrees: float) -> None:
    axis = np.array([0.36, -0.48, 0.8])
    matrix = rotation_matrix(axis * np.radians(degrees))
    np.testing.assert_allclose(rotation_matrix(rotation_vector(matrix)), matrix, atol=1e-5)
    np.testing.assert_allclose(matrix @ matrix.T, np.eye(3), atol=1e-12)


def test_no_two_letters_look_alike() -> None:
    """Shapes as a camera sees them, J and Z left out: they are told apart by their motion."""
    shapes = {}
    for letter, pose in LETTERS.items():
        if letter in "JZ":
            continue
        seen = (joints(pose.angles) @ rotation_matrix(pose.turn).T)[:, :2]
        shapes[letter] = (seen - seen.mean(axis=0)) / np.ptp(seen, axis=0).max()
    for a, one in shapes.items():
        for b, other in shapes.items():
            if a < b:
                assert np.linalg.norm(one - other, axis=1).mean() > 0.02, (a, b)
