"""What rows of the time grid are put together with."""

import numpy as np
import pytest

from models.training.data.rotations import rotations
from models.training.data.rows import motion_of
from overlay.recognition.feature_window import motion_row

pytestmark = pytest.mark.unit


def test_motion_is_that_of_the_live_window() -> None:
    places = np.random.default_rng(0).normal(0, 0.5, (6, 3, 2)).astype(np.float32)
    rows = [motion_row(now, before, 1.0) for before, now in zip([None, *places[:-1]], places, strict=True)]
    np.testing.assert_array_equal(motion_of(places), rows)


@pytest.mark.parametrize(("axis", "low", "high"), [(0, 1, 2), (1, 0, 2), (2, 0, 1)])
def test_a_quarter_turn_leads_from_the_lower_axis_to_the_higher(axis: int, low: int, high: int) -> None:
    none, quarter = rotations(axis, np.array([0, np.pi / 2]))
    np.testing.assert_array_equal(none, np.eye(3))
    np.testing.assert_allclose(quarter @ np.eye(3)[low], np.eye(3)[high], atol=1e-12)
    np.testing.assert_allclose(quarter @ np.eye(3)[axis], np.eye(3)[axis])
