"""Looking back at the posteriors of a word."""

import numpy as np
import pytest

from overlay.captions.language.recent_posteriors import KEPT, RecentPosteriors
from overlay.captions.language.scoring import CLASSES

pytestmark = pytest.mark.unit


def filled(steps: int) -> RecentPosteriors:
    """Step k is about second k, and holds k."""
    recent = RecentPosteriors()
    for k in range(steps):
        recent.add(float(k), np.full(CLASSES, k, np.float32))
    return recent


def test_the_steps_of_a_word() -> None:
    assert filled(10).between(2.5, 5.0)[:, 0].tolist() == [3, 4, 5]
    assert filled(10).between(-1.0, 0.5).shape == (1, CLASSES)


def test_nothing_where_there_is_nothing() -> None:
    assert filled(0).between(0.0, 1.0).shape == (0, CLASSES)


def test_a_word_whose_beginning_is_forgotten_has_none() -> None:
    recent = filled(KEPT + 5)
    assert len(recent.between(5.0, 8.0)) == 4
    assert len(recent.between(4.0, 8.0)) == 0
