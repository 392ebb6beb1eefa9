"""Captions in the pixels: readable on anything, in their place, and nothing else touched."""

from itertools import groupby

import numpy as np
import pytest

from overlay.captions.renderer import CaptionRenderer
from overlay.captions.state import READING_SPEED, CaptionState, Cue
from overlay.captions.typesetting import find_font
from overlay.core.settings import CaptionStyle, Settings
from overlay.media.frame import Pixels
from overlay.recognition.hands.hand_detector import Hand

pytestmark = pytest.mark.unit

SIZES = [(1280, 720), (640, 480), (320, 240), (720, 1280), (641, 361)]
HELLO = CaptionState(1, (), "HELLO WORLD", "")


def background(kind: str, width: int, height: int) -> Pixels:
    if kind == "noise":
        return np.random.default_rng(7).integers(0, 256, (height, width, 3), dtype=np.uint8)
    return np.full((height, width, 3), {"white": 255, "grey": 128, "black": 0}[kind], np.uint8)


def paint(state: CaptionState, pixels: Pixels, at: float = 0.0, **style: object) -> Pixels:
    settings = Settings(caption=CaptionStyle.model_validate(style))
    return CaptionRenderer().paint(pixels, state, at, settings)


def luminance(pixels: Pixels) -> np.ndarray:
    """Relative luminance as in WCAG 2.2, of BGR."""
    value = pixels[..., ::-1].astype(float) / 255
    linear = np.where(value <= 0.04045, value / 12.92, ((value + 0.055) / 1.055) ** 2.4)
    return np.asarray(linear @ np.array([0.2126, 0.7152, 0.0722]))


def contrast(one: float, other: float) -> float:
    return (max(one, other) + 0.05) / (min(one, other) + 0.05)


def changed(before: Pixels, after: Pixels) -> tuple[int, int, int, int]:
    """Bounds of what was painted: left, top, right, bottom."""
    rows, columns = np.nonzero((before != after).any(axis=2))
    return int(columns.min()), int(rows.min()), int(columns.max()) + 1, int(rows.max()) + 1


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("kind", ["white", "grey", "black", "noise"])
@pytest.mark.parametrize("partial", [False, True])
def test_contrast_of_text_and_box(size: tuple[int, int], kind: str, partial: bool) -> None:
    before = background(kind, *size)
    state = CaptionState(1, (), "", "MOON") if partial else CaptionState(1, (), "MOON", "")
    after = paint(state, before)
    white = background("white", *size)
    left, top, right, bottom = changed(white, paint(state, white))
    box = luminance(after[top:bottom, left:right])
    corner = 1 + (bottom - top) // 6
    inside = box[corner:-corner, 2:-2]
    text = np.quantile(inside, 0.985)  # the strokes, not their soft edges
    behind = np.quantile(box[2:-2, corner:-corner][:3], 0.99)  # the brightest that shines through, above the text
    assert contrast(text, behind) >= 4.5


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("place", ["top", "bottom"])
def test_box_is_in_its_place_and_the_rest_is_untouched(size: tuple[int, int], place: str) -> None:
    width, height = size
    before = background("grey", width, height)
    copy = before.copy()
    after = paint(HELLO, before, place=place)
    assert (before == copy).all()
    assert after is not before
    assert after.shape == before.shape
    assert after.dtype == np.uint8
    left, top, right, bottom = changed(before, after)
    assert left > 0
    assert right < width
    assert (bottom <= height // 2) if place == "top" else (top >= height // 2)
    assert top > 0
    assert bottom < height


def test_nothing_to_say_nothing_drawn() -> None:
    before = background("noise", 640, 360)
    assert (paint(CaptionState(), before) == before).all()


def test_text_is_not_mirrored() -> None:
    """A line of I and L: the last letter's foot points to the right."""
    after = paint(CaptionState(1, (), "IIIIIL", ""), background("black", 640, 360), box_opacity=0.0)
    left, top, right, bottom = changed(background("black", 640, 360), after)
    text = after[top:bottom, left:right, 0] > 128
    foot = np.nonzero(text[-2])[0].max()
    assert text[: text.shape[0] // 2, foot - 3 :].sum() == 0
    assert text[-2, foot - 3 : foot + 1].all()


def test_partial_text_differs_by_colour_and_by_a_line_below() -> None:
    black = background("black", 1280, 720)
    final = paint(CaptionState(1, (), "TATA", ""), black, box_opacity=0.0, partial_colour="#ffffff")
    partial = paint(CaptionState(1, (), "", "TATA"), black, box_opacity=0.0, partial_colour="#ffffff")
    left, top, right, bottom = changed(black, final)
    _, _, _, bottom_partial = changed(black, partial)
    assert (final[top:bottom, left:right] == partial[top:bottom, left:right]).mean() > 0.95
    assert bottom_partial > bottom
    assert (partial[bottom_partial - 1, left + 2 : right - 2] == 255).all()

    coloured = paint(CaptionState(1, (), "", "TATA"), black, box_opacity=0.0, partial_colour="#ffd75e")
    assert (coloured.reshape(-1, 3).max(axis=0) == [0x5E, 0xD7, 0xFF]).all()


def test_first_line_stays_while_the_caption_grows() -> None:
    renderer, before = CaptionRenderer(), background("black", 1280, 720)
    text = "THE QUICK BROWN FOX JUMPS OVER THE LAZY DOG"
    previous = before
    for length in range(1, len(text) + 1):
        state = CaptionState(length, (), text[:length], "")
        after = renderer.paint(before, state, 0.0, Settings(caption=CaptionStyle(box_opacity=0.0)))
        if text[:length].endswith(" ") or "LAZY" in text[:length]:
            lit = previous[..., 0] > 200  # what was lit before is lit still
            assert (after[..., 0][lit] > 150).all()
            previous = after


def test_finished_caption_goes_after_its_time() -> None:
    before = background("grey", 640, 360)
    state = CaptionState(1, (Cue(0, "HELLO", 0.0, 2.0),), "", "")
    renderer = CaptionRenderer()
    assert (renderer.paint(before, state, 7.9, Settings()) != before).any()
    assert (renderer.paint(before, state, 8.1, Settings()) == before).all()


def test_settings_change_the_look_at_once() -> None:
    renderer, before = CaptionRenderer(), background("grey", 1280, 720)
    small = renderer.paint(before, HELLO, 0.0, Settings(caption=CaptionStyle(size=0.04)))
    large = renderer.paint(before, HELLO, 0.0, Settings(caption=CaptionStyle(size=0.1)))
    red = renderer.paint(before, HELLO, 0.0, Settings(caption=CaptionStyle(colour="#ff0000", box_opacity=1.0)))
    heights = [changed(before, picture)[3] - changed(before, picture)[1] for picture in (small, large)]
    assert heights[1] > 2 * heights[0]
    assert (red == [0, 0, 255]).all(axis=2).any()
    assert (red == [0, 0, 0]).all(axis=2).any()


@pytest.mark.parametrize("size", [(2, 2), (17, 9), (64, 48), (31, 400), (1281, 721), (3840, 2160)])
def test_any_size(size: tuple[int, int]) -> None:
    before = background("grey", *size)
    state = CaptionState(1, (Cue(0, "WWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWW", 0, 1),), "M" * 80, "Q")
    after = CaptionRenderer().paint(before, state, 1.0, Settings(), hand=a_hand(*size), notice="Trying again")
    assert after.shape == before.shape


@pytest.mark.parametrize("size", SIZES)
def test_widest_letters_stay_in_the_picture(size: tuple[int, int]) -> None:
    before = background("grey", *size)
    left, _, right, _ = changed(before, paint(CaptionState(1, (), "W" * 100, "W"), before))
    assert left > 0
    assert right < size[0]


def test_part_of_a_larger_picture() -> None:
    """The pipeline hands over a view when a side is odd."""
    whole = background("grey", 641, 361)
    after = paint(HELLO, whole[:360, :640])
    assert after.flags.c_contiguous
    assert after.shape == (360, 640, 3)


def a_hand(width: int, height: int) -> Hand:
    turn = np.linspace(0, 6, 21)
    points = np.stack([width * (0.5 + 0.8 * np.cos(turn)), height * (0.3 + 0.6 * np.sin(turn)), turn], axis=1)
    return Hand(points.astype(np.float32), "right", 0.9)


def test_hand_outline_is_drawn_on_the_hand_and_thin() -> None:
    before = background("black", 640, 360)
    points = np.zeros((21, 3), np.float32)
    points[:, 0] = np.linspace(300, 400, 21)
    points[:, 1] = np.linspace(80, 160, 21)
    after = CaptionRenderer().paint(before, CaptionState(), 0.0, Settings(), hand=Hand(points, "left", 0.8))
    left, top, right, bottom = changed(before, after)
    assert left >= 290
    assert right <= 410
    assert top >= 70
    assert bottom <= 170
    assert all((after[int(y), int(x)] > 0).any() for x, y, _ in points)
    assert (after != before).any(axis=2).sum() < 0.25 * (right - left) * (bottom - top)


def test_notice_stands_where_the_captions_do_not() -> None:
    before = background("grey", 1280, 720)
    for place in ("top", "bottom"):
        settings = Settings(caption=CaptionStyle(place=place))
        renderer = CaptionRenderer()
        captioned = renderer.paint(before, HELLO, 0.0, settings)
        both = renderer.paint(before, HELLO, 0.0, settings, notice="Camera unplugged: trying again")
        _, top, _, bottom = changed(captioned, both)
        assert (top > 600) if place == "top" else (bottom < 120)
        assert (renderer.paint(before, HELLO, 0.0, settings) == captioned).all()


def test_long_notice_is_wrapped() -> None:
    before = background("grey", 320, 240)
    notice = "Camera 0 is in use by another program: close it there, and it comes back here by itself"
    after = CaptionRenderer().paint(before, CaptionState(), 0.0, Settings(), notice=notice)
    left, top, right, bottom = changed(before, after)
    assert (left, right) > (0, 0)
    assert right < 320
    assert bottom - top > 30  # two lines


def test_hebrew_grows_to_the_left_and_what_was_read_stays() -> None:
    """The letters that may still change are at the left; the first of all never moves."""
    renderer, black = CaptionRenderer(), background("black", 1280, 720)
    settings = Settings(caption=CaptionStyle(box_opacity=0.0))
    edges = []
    for committed, partial in (("ש", "ל"), ("של", "ו"), ("שלו", "ם")):
        after = renderer.paint(black, CaptionState(1, (), committed, partial), 0.0, settings)
        final = np.nonzero((after == 255).all(axis=2).any(axis=0))[0]
        open_end = np.nonzero((after == [0x5E, 0xD7, 0xFF]).all(axis=2).any(axis=0))[0]
        assert open_end.max() < final.min()
        edges.append(final.max())
    assert len(set(edges)) == 1
    assert edges[0] > 640


def test_lines_of_hebrew_come_in_the_order_in_which_they_are_read() -> None:
    """The first word of three stands in the first line, at its right end."""
    style = {"columns": 16, "box_opacity": 0.0}
    black = background("black", 1280, 720)
    both = paint(CaptionState(1, (), "ללללללללל ששששששששש", ""), black, **style)
    first = paint(CaptionState(1, (), "ללללללללל", ""), black, **style)
    second = both.copy()
    second[first > 0] = 0
    _, top, right, bottom = changed(black, first)
    assert (both[top:bottom] == first[top:bottom]).mean() > 0.999
    assert changed(black, both)[3] > bottom
    assert abs(changed(black, both)[2] - right) <= 6


def test_lines_from_both_sides_begin_at_both_sides() -> None:
    black = background("black", 1280, 720)
    state = CaptionState(1, (Cue(0, "HELLO", 0.0, 1.0),), "שלום", "")
    after = paint(state, black, 1.0, box_opacity=0.0)
    middle = 720 - 36 - 14 - 47
    english, hebrew = after[:middle], after[middle:]
    assert np.nonzero(english.any(axis=(0, 2)))[0].max() < 640 < np.nonzero(hebrew.any(axis=(0, 2)))[0].min()


def row_of(after: Pixels, before: Pixels) -> int:
    """The lowest row of what is drawn."""
    return changed(before, after)[3]


def test_the_line_being_spelled_stays_when_the_one_above_goes() -> None:
    renderer, black = CaptionRenderer(), background("black", 1280, 720)
    settings = Settings(caption=CaptionStyle(box_opacity=0.0))
    first = (Cue(0, "HELLO", 0.0, 1.0),)

    def painted(state: CaptionState, at: float) -> Pixels:
        return renderer.paint(black, state, at, settings)

    with_both = painted(CaptionState(1, first, "HOW", ""), 2.0)
    alone = painted(CaptionState(1, first, "HOW", ""), 8.0)
    assert row_of(alone, black) == row_of(with_both, black)
    assert changed(black, alone)[1] > changed(black, with_both)[1] + 30  # and the one above is gone
    # Nor does it jump while it grows, or when it is finished.
    longer = painted(CaptionState(2, first, "HOW ARE YOU", ""), 9.0)
    assert row_of(longer, black) == row_of(alone, black)
    both = (*first, Cue(1, "HOW ARE YOU", 7.0, 9.0))
    finished = painted(CaptionState(3, both), 10.0)
    assert (finished == longer).all()
    # The next one needs its row: it moves up by one.
    rolled = painted(CaptionState(4, both, "FINE", ""), 11.0)
    assert row_of(rolled, black) == row_of(with_both, black)
    assert changed(black, rolled)[1] < changed(black, finished)[1] - 30
    # When nothing is there, all begins at the first line.
    assert (painted(CaptionState(4, both), 30.0) == black).all()
    again = painted(CaptionState(5, both, "FINE", ""), 31.0)
    assert row_of(again, black) < row_of(rolled, black) - 30


def test_a_second_line_takes_the_room_that_the_earlier_caption_left() -> None:
    renderer, black = CaptionRenderer(), background("black", 1280, 720)
    settings = Settings(caption=CaptionStyle(box_opacity=0.0, columns=16))
    first = (Cue(0, "HELLO", 0.0, 1.0),)
    for text, at in (("HOW ARE", 2.0), ("HOW ARE", 8.0)):
        one_line = renderer.paint(black, CaptionState(1, first, text, ""), at, settings)
    two_lines = renderer.paint(black, CaptionState(1, first, "HOW ARE YOU TODAY", ""), 9.0, settings)
    assert row_of(two_lines, black) == pytest.approx(row_of(one_line, black), abs=2)
    assert changed(black, two_lines)[1] < changed(black, one_line)[1] - 30


@pytest.mark.parametrize("text", ["HI", "שלום"])
def test_captions_stand_at_the_side_that_was_chosen(text: str) -> None:
    before = background("grey", 1280, 720)
    edges = {}
    for align in ("left", "centre", "right"):
        left, _, right, _ = changed(before, paint(CaptionState(1, (), text, ""), before, align=align, columns=16))
        edges[align] = (left, right)
    assert edges["left"][0] < edges["centre"][0] < edges["right"][0]
    assert edges["left"][0] >= 36
    assert edges["right"][1] <= 1280 - 36


def test_sentence_case_and_settled_only_are_seen_in_the_picture() -> None:
    black = background("black", 1280, 720)
    spelled = CaptionState(1, (), "HELLO THER", "E")
    written = paint(CaptionState(1, (), "Hello ther", ""), black)
    assert (paint(spelled, black, case="sentence", settled_only=True) == written).all()
    assert (paint(spelled, black, case="sentence") != written).any()


def test_another_font_is_another_picture_and_one_that_is_missing_is_signcaps_own() -> None:
    black = background("black", 1280, 720)
    own = paint(HELLO, black)
    assert (paint(HELLO, black, font="No Such Font At All") == own).all()
    if find_font("serif") is not None:
        assert (paint(HELLO, black, font="serif") != own).any()


def test_a_long_text_that_comes_at_once_rolls_through_the_picture_at_reading_speed() -> None:
    renderer, pixels = CaptionRenderer(), background("grey", 640, 480)
    words = [f"WORD{number:02}" for number in range(25)]
    text = " ".join(words)

    def alone(some: list[str]) -> bytes:
        """The picture in which these words stand and no others."""
        state = CaptionState(1, (Cue(0, " ".join(some), 100.0, 100.0),))
        return renderer.paint(pixels, state, 100.0, Settings()).tobytes()

    state = CaptionState(1, (Cue(0, text, 100.0, 100.0),), read_by=100.0 + len(text) / READING_SPEED)
    shown = [renderer.paint(pixels, state, 100.0 + tenth / 10, Settings()).tobytes() for tenth in range(150)]
    runs = [(picture, len(list(group))) for picture, group in groupby(shown)]
    assert runs[0][0] in [alone(words[:count]) for count in range(6, 14)]
    assert runs[-2][0] in [alone(words[-count:]) for count in range(6, 14)]
    assert runs[-1][0] == pixels.tobytes()
    assert len(runs) >= 4
    assert all(tenths >= 14 for _, tenths in runs)  # as long as a short line takes to read
