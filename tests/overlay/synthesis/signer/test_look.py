import numpy as np
import pytest

from overlay.synthesis.signer import SignerLook

pytestmark = pytest.mark.unit


def test_a_random_look_is_the_same_for_a_seed() -> None:
    assert SignerLook.random(12) == SignerLook.random(12)
    assert SignerLook.random(12) != SignerLook.random(13)


def test_random_looks_cover_the_range_of_people() -> None:
    looks = [SignerLook.random(seed) for seed in range(200)]
    brightness = np.array([np.mean(look.skin) for look in looks])
    assert brightness.min() < 60
    assert brightness.max() > 200
    assert {look.handedness for look in looks} == {"left", "right"}
    scales = np.array([look.hand_scale for look in looks])
    assert scales.min() < 0.8
    assert scales.max() > 1.3
    assert np.std([look.yaw for look in looks]) > 4
    for look in looks:
        assert all(0 <= value <= 255 for value in (*look.skin, *look.hair, *look.shirt, *look.wall))
        assert 0.2 <= look.place[0] <= 0.6
