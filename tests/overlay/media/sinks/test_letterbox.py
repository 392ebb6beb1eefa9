"""Scaling pictures into a device of another size."""

import cv2
import numpy as np
import pytest

from overlay.media.sinks.letterbox import letterbox

pytestmark = pytest.mark.unit

RED = (40, 40, 220)  # blue, green, red


def i420(width: int, height: int) -> np.ndarray:
    return cv2.cvtColor(np.full((height, width, 3), RED, np.uint8), cv2.COLOR_BGR2YUV_I420)


def test_same_size_is_passed_on() -> None:
    picture = i420(64, 48)
    assert letterbox(picture, (64, 48)) is picture


def test_a_view_becomes_contiguous() -> None:
    wide = np.zeros((72, 128), np.uint8)
    assert letterbox(wide[:, :64], (64, 48)).flags.c_contiguous


@pytest.mark.parametrize(
    ("source", "target", "left", "top"),
    [
        ((640, 480), (1280, 720), 160, 0),
        ((1280, 720), (640, 480), 0, 60),
        ((720, 1280), (1280, 720), 438, 0),
        ((1280, 720), (1920, 1080), 0, 0),
        ((640, 360), (642, 362), 0, 0),
    ],
)
def test_shape_is_kept_between_black_bars(
    source: tuple[int, int], target: tuple[int, int], left: int, top: int
) -> None:
    fitted = letterbox(i420(*source), target)
    assert fitted.shape == (target[1] * 3 // 2, target[0])
    assert fitted.flags.c_contiguous
    picture = cv2.cvtColor(fitted, cv2.COLOR_YUV2BGR_I420).astype(int)
    inside = picture[top + 4 : target[1] - top - 4, left + 4 : target[0] - left - 4]
    assert np.abs(inside - RED).max() < 12
    if left:
        assert picture[:, : left - 4].max() < 12
        assert picture[:, target[0] - left + 4 :].max() < 12
    if top:
        assert picture[: top - 4].max() < 12
        assert picture[target[1] - top + 4 :].max() < 12
