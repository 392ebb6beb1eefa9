"""Text of any script in the pixels: its order, its joined letters, and what no font here has."""

import re
from pathlib import Path

import numpy as np
import pytest

from overlay.captions import typesetting
from overlay.captions.layout import is_rtl
from overlay.captions.typesetting import Piece, Typesetter, find_font
from overlay.media.frame import Pixels

pytestmark = pytest.mark.unit

SIZE = 40
RED, GREEN = (0, 0, 255), (0, 255, 0)
TO_THE_END = "שלום"  # of Hebrew, which is read from the right


@pytest.fixture
def alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """A computer without any font."""
    monkeypatch.setattr(typesetting, "_fallback", lambda _character: None)


def drawn(*pieces: Piece, rtl: bool = False) -> Pixels:
    layer = np.zeros((80, 600, 4), np.uint8)
    Typesetter().draw(layer, pieces, SIZE, 20, 50, rtl)
    return layer


def columns(layer: Pixels, colour: tuple[int, int, int]) -> tuple[int, int]:
    """First and last column of what is drawn in a colour."""
    found = np.nonzero((layer[..., :3] == colour).all(axis=2).any(axis=0))[0]
    return int(found[0]), int(found[-1])


def test_what_is_read_first_is_on_the_side_where_reading_begins() -> None:
    left_to_right = drawn(Piece("AB", RED), Piece("C", GREEN))
    assert columns(left_to_right, RED)[1] < columns(left_to_right, GREEN)[0]
    for text, last in (("של", "ם"), ("مرح", "ب")):
        layer = drawn(Piece(text, RED), Piece(last, GREEN), rtl=True)
        assert columns(layer, GREEN)[1] < columns(layer, RED)[0]


def test_words_of_another_script_stand_in_the_order_of_their_line() -> None:
    from_right = drawn(Piece("שלום", RED), Piece(" OK", GREEN), rtl=True)
    assert columns(from_right, GREEN)[1] < columns(from_right, RED)[0]
    from_left = drawn(Piece("OK", RED), Piece(" שלום", GREEN))
    assert columns(from_left, RED)[1] < columns(from_left, GREEN)[0]


def test_arabic_letters_are_joined() -> None:
    setter = Typesetter()
    apart = setter.width("ب\u200cب\u200cب", SIZE)  # the sign between them keeps them apart
    assert setter.width("ببب", SIZE) < 0.75 * apart


def test_an_accent_of_its_own_stands_on_its_letter() -> None:
    assert (drawn(Piece("CAFE\u0301S", RED)) == drawn(Piece("CAFÉS", RED))).all()


def test_the_line_below_is_where_the_text_is() -> None:
    layer = drawn(Piece("של", RED), Piece("ם", GREEN, underlined=True), rtl=True)
    below = (layer[52:60, :, :3] == GREEN).all(axis=2).any(axis=0)
    ruled = np.nonzero(below)[0]
    assert ruled[-1] < columns(layer, RED)[0]
    assert ruled[-1] - ruled[0] + 1 == below.sum()


def test_nothing_is_drawn_for_nothing() -> None:
    assert not drawn(Piece("", RED), Piece("  ", GREEN, underlined=True)).any()


@pytest.mark.usefixtures("alone")
def test_characters_that_no_font_has_are_named_once_each() -> None:
    setter = Typesetter()
    assert setter.missing("Hello שלום مرحبا Привет Łódź \u200f–\ufe0f\t") == ()
    assert setter.missing("日本 日 😀!") == ("日", "本", "😀")


def test_a_font_of_this_computer_stands_in() -> None:
    """Whatever it has beside Signcap's own is taken; the test needs a Greek letter, which any system font has."""
    if typesetting._fallback("Ω") is None:
        pytest.skip("there is no font on this machine")
    setter = Typesetter()
    assert setter.missing("Ω") == ()
    assert setter.width("ΩΩ", SIZE) > 1.5 * setter.width("Ω", SIZE) > 0


def test_a_font_that_is_not_there_is_signcaps_own() -> None:
    assert find_font("No Such Font At All") is None
    assert find_font("") is None
    assert Typesetter("No Such Font At All").width("HELLO", SIZE) == Typesetter().width("HELLO", SIZE)


@pytest.mark.parametrize(
    ("text", "rtl"),
    [(TO_THE_END, True), ("12 " + TO_THE_END, True), ("مرحبا OK", True), ("OK " + TO_THE_END, False), ("12", False)],
)
def test_the_first_letter_says_from_where_a_text_is_read(text: str, rtl: bool) -> None:
    assert is_rtl(text) is rtl


@pytest.mark.usefixtures("alone")
def test_what_the_page_does_not_ask_about_is_in_signcaps_own_font() -> None:
    """static/js/start/typing.js warns of characters that no font has, and takes these for granted."""
    source = (Path(__file__).parents[3] / "static/js/start/typing.js").read_text("utf-8")
    (taken,) = re.findall(r"IN_OWN_FONT = /\^\[(.*?)\]", source)
    ranges = re.findall(r"\\u(\w{4})(?:-\\u(\w{4}))?", taken)
    characters = [chr(code) for low, high in ranges for code in range(int(low, 16), int(high or low, 16) + 1)]
    assert len(characters) > 300
    assert Typesetter().missing("".join(characters)) == ()


def test_what_is_no_unicode_stops_nothing() -> None:
    broken = "A\ud800B"
    assert drawn(Piece(broken, RED)).any()
    assert Typesetter().width(broken, SIZE) > Typesetter().width("AB", SIZE)
    assert Typesetter().missing(broken) == ()


@pytest.mark.parametrize(("x", "baseline"), [(20, 50), (-15, 10), (590, 78), (700, 200)])
def test_text_in_a_picture_stays_within_it(x: int, baseline: int) -> None:
    picture = np.full((80, 600, 3), 200, np.uint8)
    Typesetter().draw_over(picture, Piece("שלום HELLO", (0, 0, 0)), SIZE, x, baseline)
    assert (picture.min() < 50) == (x < 600)
