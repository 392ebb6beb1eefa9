import numpy as np
import pytest

from overlay.enrolment.adaptation import Strength, fit_correction, spacing
from overlay.enrolment.prototypes import STATIC

pytestmark = pytest.mark.unit

MEANS = np.eye(26, 32) * 10.0
OWN = MEANS[0] * 0.6 + MEANS[4] * 0.4  # this signer's A looks half like an E


@pytest.fixture
def features() -> np.ndarray:
    noise = np.random.default_rng(0).normal(0, 0.1, (20, 32))
    return (OWN + noise).astype(np.float32)


def test_the_unit_is_the_distance_between_letters() -> None:
    assert spacing(MEANS) == pytest.approx(10 * np.sqrt(2))


def test_the_signers_letter_moves_to_where_it_is_expected(features: np.ndarray) -> None:
    labels = np.zeros(20, np.int64)
    correction = fit_correction(features, labels, MEANS, Strength(0.3, 0.01))
    moved = correction.apply(OWN.astype(np.float32))
    assert moved.dtype == np.float32
    assert np.linalg.norm(moved - MEANS[0]) < 0.3 * np.linalg.norm(OWN - MEANS[0])


def test_stiffness_holds_back_and_other_letters_stay(features: np.ndarray) -> None:
    labels = np.zeros(20, np.int64)
    ways = [
        np.linalg.norm(
            fit_correction(features, labels, MEANS, Strength(0.3, stiffness)).apply(features[0]) - features[0]
        )
        for stiffness in (0.01, 1.0, 100.0)
    ]
    assert ways[0] > ways[1] > ways[2]
    correction = fit_correction(features, labels, MEANS, Strength(0.3, 0.01))
    for label in STATIC[1:]:
        mean = MEANS[label].astype(np.float32)
        assert np.abs(correction.apply(mean) - mean).max() < 0.35
    far = np.full(32, 30.0, np.float32)
    assert np.array_equal(correction.apply(far), far)


def test_its_own_centres_can_be_learnt_again(features: np.ndarray) -> None:
    labels = np.repeat([0, 4], 10)
    correction = fit_correction(features, labels, MEANS, Strength(0.3, 0.01))
    own, own_labels = correction.examples("AE")
    assert own_labels.tolist() == [0, 0, 0, 4, 4, 4]
    assert np.abs(own - features.mean(0)).max() < 0.3
    few = fit_correction(features[:2], labels[:2], MEANS, Strength(0.3, 0.01))
    assert [len(part) for part in few.examples("A")] == [0, 0], "two frames are two centres: whose is not told"
