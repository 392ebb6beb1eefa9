"""Landmarks from the times of a camera to a constant rate."""

import numpy as np
import pytest
from numpy.typing import NDArray

from overlay.recognition.hands.hand_detector import Hand
from overlay.recognition.landmark_track import in_fractions, resampled

pytestmark = pytest.mark.unit


def hands(values: list[float]) -> NDArray[np.float32]:
    """Hands whose numbers are all the same; NaN for none."""
    return np.array([np.full((21, 3), value) for value in values], np.float32)


def numbers(landmarks: NDArray[np.float32]) -> list[float]:
    return [round(float(one), 3) for one in landmarks[:, 0, 0]]


def test_what_a_slow_camera_saw_is_interpolated() -> None:
    found = resampled([10.0, 10.1, 10.2], hands([0, 3, 6]))
    assert numbers(found) == [0, 1, 2, 3, 4, 5, 6]
    assert found.dtype == np.float32


def test_of_a_fast_camera_the_moments_between_are_left_out() -> None:
    times = [place / 60 for place in range(7)]
    assert numbers(resampled(times, hands([0, 1, 2, 3, 4, 5, 6]))) == [0, 2, 4, 6]


def test_uneven_times_keep_the_speed_of_the_hand() -> None:
    times = np.array([0.0, 0.02, 0.05, 0.11, 0.13, 0.2])
    found = resampled(list(times), hands(list(times * 30)))
    assert numbers(found) == [0, 1, 2, 3, 4, 5, 6]


def test_a_hand_that_comes_and_goes_is_not_interpolated() -> None:
    nan = float("nan")
    found = resampled([0.0, 0.1, 0.2, 0.3], hands([nan, 3, 6, nan]))
    assert np.isnan(found[:2]).all()
    assert numbers(found[2:8]) == [3, 3, 4, 5, 6, 6]
    assert np.isnan(found[8:]).all()
    assert len(found) == 10


def test_where_no_frame_came_for_long_there_is_no_hand() -> None:
    found = resampled([0.0, 1.0], hands([1, 2]))
    assert len(found) == 31
    assert numbers(found[:4]) == [1] * 4
    assert np.isnan(found[4:27]).all()
    assert numbers(found[27:]) == [2] * 4


def test_one_frame_is_a_frame() -> None:
    assert numbers(resampled([5.0], hands([1]))) == [1]


def test_fractions_are_of_width_and_height_and_depth_is_scaled_like_x() -> None:
    hand = Hand(np.full((21, 3), [320, 240, 64], np.float32), "right", 0.9)
    assert in_fractions(hand, (640, 480))[7] == pytest.approx([0.5, 0.5, 0.1])
    assert np.isnan(in_fractions(None, (640, 480))).all()
