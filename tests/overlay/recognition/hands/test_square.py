"""The square in which a hand is looked for: where it lies, what is cut out, and the way back."""

import math

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from overlay.recognition.hands.square import DEPTH, HandSquare, square_of_landmarks
from overlay.synthesis.signer import SignerLook, SyntheticSigner

pytestmark = pytest.mark.unit


def hand(text: str = "L", **look: float) -> np.ndarray:
    """Landmarks of a hand that spells a letter."""
    signer = SyntheticSigner(text, look=SignerLook(**look), size=(640, 480))  # type: ignore[arg-type]
    points = signer.landmarks((signer.letters[0].start + signer.letters[0].end) / 2)
    assert points is not None
    return points


def turned(points: np.ndarray, degrees: float, scale: float = 1.0, shift: tuple[float, float] = (0, 0)) -> np.ndarray:
    """The same hand elsewhere; degrees clockwise, about the origin."""
    angle = math.radians(degrees)
    rotation = np.array([[math.cos(angle), -math.sin(angle)], [math.sin(angle), math.cos(angle)]]) * scale
    result = points.copy()
    result[:, :2] = points[:, :2] @ rotation.T + shift
    result[:, 2] *= scale
    return result


@given(
    degrees=st.floats(-179, 179), scale=st.floats(0.1, 8), across=st.floats(-2000, 2000), down=st.floats(-2000, 2000)
)
def test_it_goes_with_the_hand(degrees: float, scale: float, across: float, down: float) -> None:
    at_first = square_of_landmarks(hand())
    moved = square_of_landmarks(turned(hand(), degrees, scale, (across, down)))
    assert moved.side == pytest.approx(at_first.side * scale, rel=1e-3)
    gone = moved.turn - at_first.turn - math.radians(degrees)
    assert math.cos(gone) == pytest.approx(1, abs=1e-4)
    angle = math.radians(degrees)
    x = (at_first.x * math.cos(angle) - at_first.y * math.sin(angle)) * scale + across
    y = (at_first.x * math.sin(angle) + at_first.y * math.cos(angle)) * scale + down
    assert (moved.x, moved.y) == pytest.approx((x, y), abs=0.01 * moved.side)


@pytest.mark.parametrize("letter", "AGLPV")
def test_the_whole_hand_is_in_it_with_the_wrist_below(letter: str) -> None:
    points = hand(letter)
    square = square_of_landmarks(points)
    back = cv2.invertAffineTransform(square.to_frame(100))
    inside = points[:, :2] @ back[:, :2].T + back[:, 2]
    assert inside.min() > 2
    assert inside.max() < 97
    assert inside[0, 1] > inside[[5, 9, 13, 17], 1].max()


def test_landmarks_of_a_crop_return_to_the_frame() -> None:
    points = hand()
    square = square_of_landmarks(points)
    back = cv2.invertAffineTransform(square.to_frame(144))
    seen = np.empty((21, 3), np.float32)
    seen[:, :2] = (points[:, :2] @ back[:, :2].T + back[:, 2] + 0.5) / 144
    seen[:, 2] = points[:, 2] / (DEPTH * square.side)
    np.testing.assert_allclose(square.project(seen), points, atol=0.02)


def dots(size: tuple[int, int], spots: list[list[int]], radius: int) -> np.ndarray:
    """A dark picture with bright discs."""
    picture = np.zeros((size[1], size[0], 3), np.uint8)
    for spot in spots:
        cv2.circle(picture, spot, radius, (255, 255, 255), -1)
    return picture


@pytest.mark.parametrize(("width", "height", "side"), [(640, 360, 150), (1280, 720, 500), (7680, 4320, 3100)])
@pytest.mark.parametrize("turn", [0.0, 0.7, -2.0])
def test_what_is_cut_out_is_where_it_says(width: int, height: int, side: int, turn: float) -> None:
    """In large pictures too, of which several pixels become one."""
    square = HandSquare(width * 0.5, height * 0.5, side, turn)
    matrix = square.to_frame(144)
    spots = [np.rint(matrix[:, :2] @ spot + matrix[:, 2]).astype(int).tolist() for spot in ((40, 50), (100, 90))]
    picture = dots((width, height), spots, max(side // 40, 2))
    cut = square.cut(picture, 144)[..., 0].astype(float)
    assert cut.shape == (144, 144)
    for x, y in ((40, 50), (100, 90)):
        part = cut[y - 12 : y + 13, x - 12 : x + 13]
        rows, columns = np.indices(part.shape)
        middle = (part * columns).sum() / part.sum() - 12, (part * rows).sum() / part.sum() - 12
        assert middle == pytest.approx((0, 0), abs=0.6)


@pytest.mark.parametrize("size", [(1, 1), (16, 16), (3, 400), (7680, 40)])
@pytest.mark.parametrize("place", [(0.0, 0.0), (0.5, 0.5), (3.0, -2.0)])
@pytest.mark.parametrize("side", [2.0, 500.0, 20000.0])
def test_beyond_the_frame_its_edge_is_repeated(
    size: tuple[int, int], place: tuple[float, float], side: float
) -> None:
    picture = np.full((size[1], size[0], 3), 70, np.uint8)
    cut = HandSquare(place[0] * size[0], place[1] * size[1], side, 0.4).cut(picture, 96)
    assert cut.shape == (96, 96, 3)
    assert (cut == 70).all()


def test_a_square_found_in_a_view_is_the_same_in_the_frame() -> None:
    view = cv2.getRotationMatrix2D((300.0, 200.0), 30, 0.5)
    points = hand()
    in_view = points.copy()
    in_view[:, :2] = points[:, :2] @ view[:, :2].T + view[:, 2]
    found = square_of_landmarks(in_view).moved(np.asarray(cv2.invertAffineTransform(view)))
    wanted = square_of_landmarks(points)
    assert (found.x, found.y, found.side) == pytest.approx((wanted.x, wanted.y, wanted.side), rel=1e-3)
    assert math.cos(found.turn - wanted.turn) == pytest.approx(1, abs=1e-5)
