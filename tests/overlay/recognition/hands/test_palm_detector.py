"""What is made of the palm detector's answers, and the detector itself."""

import math
from pathlib import Path

import numpy as np
import pytest

from overlay.recognition.hands.palm_detector import SIDE, PalmDetector, _anchors, _palms, _square
from overlay.recognition.hands.square import square_of_landmarks
from overlay.recognition.hands.tracker import shipped_networks
from overlay.synthesis.signer import SyntheticSigner

pytestmark = pytest.mark.unit

ANCHORS = _anchors()


def answers(*palms: tuple[int, float, tuple[float, float, float]]) -> tuple[np.ndarray, np.ndarray]:
    """What a network gives that sees palms: anchor's number, logit, middle and side of the box in its picture."""
    boxes, logits = np.zeros((2016, 18), np.float32), np.full(2016, -20, np.float32)
    for number, logit, (x, y, side) in palms:
        logits[number] = logit
        boxes[number, :2] = (x, y) - ANCHORS[number] * SIDE
        boxes[number, 2:4] = side
        boxes[number, 4:] = np.tile((x, y) - ANCHORS[number] * SIDE, 7)
    return boxes, logits


def test_anchors_are_the_middles_of_the_cells() -> None:
    assert len(ANCHORS) == 24 * 24 * 2 + 12 * 12 * 6
    np.testing.assert_allclose(ANCHORS[[0, 1, 2]], [[0.5 / 24, 0.5 / 24]] * 2 + [[1.5 / 24, 0.5 / 24]])
    np.testing.assert_allclose(ANCHORS[-1], [11.5 / 12, 11.5 / 12])


def test_the_surest_palms_come_first_and_boxes_of_one_palm_are_averaged() -> None:
    boxes, logits = answers((700, 1.0, (50, 50, 20)), (701, 1.0, (52, 50, 20)), (90, 3.0, (150, 40, 30)))
    found = _palms(boxes, logits, ANCHORS, 0.2, 2)
    assert [score for _, score in found] == pytest.approx([1 / (1 + math.exp(-3)), 1 / (1 + math.exp(-1))])
    np.testing.assert_allclose(found[0][0][:2], [[135, 25], [165, 55]], atol=1e-3)
    np.testing.assert_allclose(found[1][0][:2], [[41, 40], [61, 60]], atol=1e-3)


def test_what_is_not_sure_enough_is_no_palm_and_no_more_come_than_are_wanted() -> None:
    boxes, logits = answers(*((100 + 50 * k, 2.0 - k, (20 + 30 * k, 60, 10)) for k in range(5)))
    assert len(_palms(boxes, logits, ANCHORS, 0.5, 9)) == 2
    assert len(_palms(boxes, logits, ANCHORS, 0.01, 3)) == 3
    assert _palms(boxes, logits, ANCHORS, 0.99, 3) == []


def test_a_box_without_a_size_is_no_error() -> None:
    boxes, logits = answers((100, 2.0, (50, 50, -4.0)))
    ((points, _),) = _palms(boxes, logits, ANCHORS, 0.5, 2)
    assert _square(points).side > 0


def test_the_hand_is_above_its_palm_where_the_fingers_point() -> None:
    points = np.zeros((9, 2))
    points[:2] = (100, 100), (140, 140)  # the palm's box
    points[2], points[4] = (140, 120), (100, 120)  # wrist on the right, middle knuckle on the left
    square = _square(points)
    assert (square.x, square.y) == pytest.approx((100, 120))
    assert square.side == pytest.approx(104)
    assert square.turn == pytest.approx(-math.pi / 2)


@pytest.mark.integration
@pytest.mark.parametrize("size", [(640, 360), (360, 640)])
def test_the_square_of_a_palm_holds_the_hand(hand_model: Path, size: tuple[int, int]) -> None:
    signer = SyntheticSigner("L", size=size)
    at = (signer.letters[0].start + signer.letters[0].end) / 2
    points = signer.landmarks(at)
    assert points is not None
    palms = PalmDetector(hand_model, shipped_networks()).find(signer.render(at), 0.5)
    assert palms
    wanted, found = square_of_landmarks(points), palms[0].square
    assert math.hypot(found.x - wanted.x, found.y - wanted.y) < 0.2 * wanted.side
    assert 0.6 < found.side / wanted.side < 1.6
    assert math.cos(found.turn - wanted.turn) > 0.8


@pytest.mark.integration
@pytest.mark.parametrize("size", [(16, 16), (1, 200), (7680, 4320)])
def test_a_picture_of_any_size_without_a_palm_shows_none(hand_model: Path, size: tuple[int, int]) -> None:
    detector = PalmDetector(hand_model, shipped_networks())
    assert detector.find(np.full((size[1], size[0], 3), 110, np.uint8), 0.5) == []
