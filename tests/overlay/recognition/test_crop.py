"""What the encoder sees of a hand."""

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from overlay.recognition.crop import CROP_SIZE, crop_hand
from overlay.recognition.hands.hand_detector import Hand

pytestmark = pytest.mark.unit


def scene(width: int = 640, height: int = 480, scale: float = 1.0) -> tuple[NDArray[np.uint8], NDArray[np.float32]]:
    """A smooth picture, and 21 points on it like a hand's."""
    rng = np.random.default_rng(0)
    noise = cv2.resize(rng.uniform(0, 255, (12, 16, 3)).astype(np.uint8), (640, 480), interpolation=cv2.INTER_CUBIC)
    points = rng.uniform([200, 120, -30], [320, 300, 30], (21, 3)).astype(np.float32)
    points[:, 2] -= points[0, 2]
    if scale != 1.0:
        noise = cv2.resize(noise, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    return noise, points * np.float32(scale)


def hand(points: NDArray[np.float32], handedness: str = "right") -> Hand:
    return Hand(points, handedness, 0.9)  # type: ignore[arg-type]


def test_shape_and_kind() -> None:
    pixels, points = scene()
    crop = crop_hand(pixels, hand(points))
    assert crop.pixels.shape == (CROP_SIZE, CROP_SIZE, 3)
    assert crop.pixels.dtype == np.uint8
    assert crop.landmarks.shape == (21, 3)
    assert np.abs(crop.landmarks[:, :2]).max() < 1  # the whole hand is inside


def test_a_left_hand_is_the_mirror_image_of_a_right_one() -> None:
    pixels, points = scene()
    right = crop_hand(pixels, hand(points))
    mirrored = points.copy()
    mirrored[:, 0] = 639 - points[:, 0]
    left = crop_hand(np.ascontiguousarray(pixels[:, ::-1]), hand(mirrored, "left"))
    np.testing.assert_allclose(left.landmarks, right.landmarks, atol=1e-5)
    difference = np.abs(left.pixels.astype(int) - right.pixels)
    assert difference.mean() < 3
    # motion to one side is the mirror image as well
    step = np.array([10, 0, 0], np.float32)
    moved_right = crop_hand(pixels, hand(points + step)).traced - right.traced
    moved_left = crop_hand(pixels, hand(mirrored - step, "left")).traced - left.traced
    np.testing.assert_allclose(moved_left, moved_right, atol=1e-3)


def test_colours_come_as_rgb() -> None:
    blue = np.zeros((100, 100, 3), np.uint8)
    blue[..., 0] = 255
    points = np.random.default_rng(1).uniform(30, 70, (21, 3)).astype(np.float32)
    assert crop_hand(blue, hand(points)).pixels[0, 0].tolist() == [0, 0, 255]


def test_distance_makes_no_difference() -> None:
    near = crop_hand(*_as_hand(scene()))
    far = crop_hand(*_as_hand(scene(scale=0.5)))
    np.testing.assert_allclose(near.landmarks, far.landmarks, atol=1e-3)
    assert np.abs(near.pixels.astype(int) - far.pixels).mean() < 6
    assert near.palm == pytest.approx(2 * far.palm, rel=1e-3)


def test_orientation_is_kept() -> None:
    _, points = scene()
    upside_down = points * np.array([1, -1, 1], np.float32)
    pixels = scene()[0]
    first, second = crop_hand(pixels, hand(points)), crop_hand(pixels, hand(upside_down + np.float32(480)))
    np.testing.assert_allclose(first.landmarks[:, 1], -second.landmarks[:, 1], atol=1e-4)


@pytest.mark.parametrize("offset", [(-260, 0), (330, 0), (0, -200), (0, 260), (-5000, 9000)])
def test_a_hand_at_the_edge_or_beyond_is_filled_with_the_edge(offset: tuple[int, int]) -> None:
    pixels, points = scene()
    bright = np.maximum(pixels, 60)
    crop = crop_hand(bright, hand(points + np.array([*offset, 0], np.float32)))
    assert crop.pixels.shape == (CROP_SIZE, CROP_SIZE, 3)
    assert crop.pixels.min() >= 50  # no black border


def _as_hand(drawn: tuple[NDArray[np.uint8], NDArray[np.float32]]) -> tuple[NDArray[np.uint8], Hand]:
    return drawn[0], hand(drawn[1])


def test_an_upright_crop_is_the_same_whichever_way_the_hand_points() -> None:
    pixels, points = scene(scale=0.75)
    plain = crop_hand(pixels, hand(points), upright=True)
    assert plain.pixels is not None
    turned = np.ascontiguousarray(np.rot90(pixels, -1))  # clockwise
    x, y, z = points.T
    there = np.stack([pixels.shape[0] - 1 - y, x, z], 1).astype(np.float32)
    other = crop_hand(turned, hand(there), upright=True)
    assert other.pixels is not None
    inner = slice(CROP_SIZE // 6, -CROP_SIZE // 6)
    assert np.abs(plain.pixels.astype(int) - other.pixels)[inner, inner].mean() < 4
    assert np.abs(plain.landmarks - other.landmarks).max() > 0.3, "landmarks say where it points"


def test_an_upright_left_hand_is_the_mirror_image_of_a_right_one() -> None:
    pixels, points = scene()
    mirrored = points * np.array([-1, 1, 1], np.float32) + np.array([pixels.shape[1], 0, 0], np.float32)
    right = crop_hand(pixels, hand(points), upright=True)
    left = crop_hand(np.ascontiguousarray(pixels[:, ::-1]), hand(mirrored, "left"), upright=True)
    assert right.pixels is not None
    assert left.pixels is not None
    assert np.abs(right.pixels.astype(int) - left.pixels).mean() < 3
