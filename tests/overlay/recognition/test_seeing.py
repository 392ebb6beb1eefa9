"""Whether the signing hand can be seen: light and size, and one sentence that does not come and go."""

import itertools

import numpy as np
import pytest

from overlay.media.frame import Frame
from overlay.recognition.hands.hand_detector import Hand
from overlay.recognition.seeing import (
    DARK,
    DARK_ROOM,
    GONE,
    LIGHT,
    SMALL,
    TOO_DARK,
    TOO_DARK_TO_FIND,
    TOO_SMALL,
    Seeing,
    light_on,
    size_of,
)

pytestmark = pytest.mark.unit

HEIGHT, WIDTH = 240, 320


def hand(side: float, x: float = 160, y: float = 120) -> Hand:
    """A hand whose longer side is that share of the picture's height."""
    points = np.zeros((21, 3), np.float32)
    points[:, :2] = x, y
    points[1, :2] += side * HEIGHT / 2
    points[2, :2] -= side * HEIGHT / 2
    return Hand(points, "right", 0.9)


class Film:
    """Frames, thirty a second."""

    def __init__(self) -> None:
        self.seeing = Seeing()
        self.at = 0.0

    def show(
        self, seconds: float, light: float, side: float | None = 0.3, notice: str | None = None
    ) -> set[str | None]:
        """All that is said meanwhile."""
        said = set()
        pixels = np.full((HEIGHT, WIDTH, 3), round(light), np.uint8)
        for _ in range(round(seconds * 30)):
            self.at += 1 / 30
            self.seeing.accept(Frame(pixels, 0, self.at, notice), None if side is None else hand(side))
            said.add(self.seeing.sentence)
        return said


@pytest.fixture
def film() -> Film:
    return Film()


def test_light_is_measured_on_the_hand() -> None:
    pixels = np.full((HEIGHT, WIDTH, 3), 200, np.uint8)
    pixels[60:180, 100:220] = 20
    assert light_on(pixels, hand(0.3)) == pytest.approx(20)
    assert light_on(pixels, hand(0.3, x=30)) == pytest.approx(200)
    assert light_on(pixels, hand(0.3, x=-400, y=900)) == pytest.approx(200)  # landmarks may be outside
    pixels[:, :] = (10, 20, 30)
    assert light_on(pixels, hand(0.3)) == pytest.approx(0.114 * 10 + 0.587 * 20 + 0.299 * 30)
    assert size_of(pixels, hand(0.3)) == pytest.approx(0.3)


def test_nothing_is_said_while_the_hand_is_seen_well(film: Film) -> None:
    assert film.show(20, 120) == {None}


def test_in_dim_light_it_is_said_and_not_before_it_lasts(film: Film) -> None:
    assert film.show(0.5, DARK - 5) == {None}
    film.show(5, DARK - 5)
    assert film.seeing.sentence == TOO_DARK
    film.show(5, 120)
    assert film.seeing.sentence is None


def test_dark_skin_in_a_light_room_is_not_told_of_as_dark(film: Film) -> None:
    pixels = np.full((HEIGHT, WIDTH, 3), 130, np.uint8)
    pixels[80:160, 120:200] = 30
    for index in range(600):
        film.seeing.accept(Frame(pixels, index, index / 30), hand(0.3))
        assert film.seeing.sentence is None
    assert film.seeing.mostly is None


def test_a_small_hand_is_told(film: Film) -> None:
    film.show(5, 120, SMALL - 0.01)
    assert film.seeing.sentence == TOO_SMALL
    film.show(5, DARK - 5, SMALL - 0.01)
    assert film.seeing.sentence == TOO_DARK  # one thing after the other


def test_it_does_not_come_and_go_at_the_limit(film: Film) -> None:
    rng = np.random.default_rng(1)
    said: list[str | None] = []
    for _ in range(120):
        film.show(0.5, float(rng.normal((DARK + LIGHT) / 2, 4.0)), 0.3)
        said.append(film.seeing.sentence)
    assert sum(one != other for one, other in itertools.pairwise(said)) <= 1


def test_a_word_is_not_interrupted_by_what_is_said(film: Film) -> None:
    film.show(5, DARK - 5)
    assert film.show(GONE - 0.5, DARK - 5, None) == {TOO_DARK}  # the hand is down between two sentences
    assert film.show(3, DARK - 5) == {TOO_DARK}


def test_a_dark_picture_without_a_hand(film: Film) -> None:
    film.show(GONE + 4, DARK_ROOM - 5, None)
    assert film.seeing.sentence == TOO_DARK_TO_FIND
    film.show(3, 120, None)
    assert film.seeing.sentence is None


def test_a_room_without_a_hand_is_nobodys_fault(film: Film) -> None:
    assert film.show(GONE + 10, 120, None) == {None}


def test_a_camera_that_is_off_says_nothing(film: Film) -> None:
    film.show(5, DARK - 5)
    assert film.show(GONE + 10, 24, None, "Camera off") == {None}


def test_what_was_true_of_most_of_a_video(film: Film) -> None:
    film.show(1, 120)
    film.show(10, DARK - 5)
    assert film.seeing.mostly == TOO_DARK
    film.show(5, DARK - 5, None)
    assert film.seeing.mostly == TOO_DARK
    film.show(30, 120)
    assert film.seeing.mostly is None
    film.show(90, 120, SMALL - 0.01)
    assert film.seeing.mostly == TOO_SMALL


def test_a_dark_video_in_which_a_hand_is_hardly_found(film: Film) -> None:
    film.show(4, DARK_ROOM - 5, None)
    film.show(0.1, DARK - 5)
    assert film.seeing.mostly == TOO_DARK_TO_FIND
    assert Seeing().mostly is None


def test_few_pixels_are_looked_at() -> None:
    """Four times a second, however many frames come."""
    looked = []

    class Counted(np.ndarray):
        def __getitem__(self, key: object) -> object:
            looked.append(key)
            return super().__getitem__(key)

    seeing, pixels = Seeing(), np.full((HEIGHT, WIDTH, 3), 100, np.uint8).view(Counted)
    for index in range(120):
        seeing.accept(Frame(pixels, index, index / 60), hand(0.3))
    assert len(looked) == 16  # the hand and the picture, each eight times
