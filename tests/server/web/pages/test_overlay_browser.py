"""The captions for OBS in a real browser: nothing but a box, styled by the address."""

import io
from collections.abc import Callable
from typing import Any

import av
import numpy as np
import pytest
from numpy.typing import NDArray

from overlay.captions.layout import layout, wrap
from overlay.captions.state import CaptionState, Cue

pytestmark = pytest.mark.e2e

# Notes that the page has heard what there was before it, which it does not show.
HEARD = """
  const listen = WebSocket.prototype.addEventListener;
  window.heard = 0;
  WebSocket.prototype.addEventListener = function (name, listener) {
    return listen.call(this, name, (event) => {
      listener(event);
      heard += name === "message" && event.data.includes('"event": "captions"') ? 1 : 0;
    });
  };
"""
LINES = "[...document.querySelectorAll('#box p')].map((one) => [...one.children].map((run) => run.textContent))"


def cues(*texts: str) -> tuple[Cue, ...]:
    return tuple(Cue(index, text, index * 10.0, index * 10.0 + 5) for index, text in enumerate(texts))


@pytest.fixture
def source(running: Any, lend: Callable[..., Any]) -> Callable[..., Any]:
    """A browser source of OBS: opens the link with a style and a size."""

    def open_source(style: str = "", width: int = 1280, page: Any = None) -> Any:
        page = page or lend(HEARD)
        page.page.set_viewport_size({"width": width, "height": 400})
        page.page.goto(f"{running.url}{running.access.overlay_path()}{style and '&' + style}")
        page.page.wait_for_url(lambda url: url.endswith("/overlay") or ("/overlay?" in url and "viewer=" not in url))
        wait_until_it_hears(page)
        return page

    return open_source


def wait_until_it_hears(page: Any) -> None:
    page.page.wait_for_selector("#stage[data-place]")
    page.until(lambda: page.look("window.heard > 0"))


def restyle(page: Any, style: str) -> None:
    """Open the page again with another style: the cookie is enough."""
    page.page.goto(f"{page.page.url.partition('?')[0]}?{style}")
    wait_until_it_hears(page)


def pixels(page: Any) -> NDArray[np.uint8]:
    """The picture of the page as OBS gets it: red, green, blue, alpha."""
    with av.open(io.BytesIO(page.page.screenshot(omit_background=True))) as container:
        return next(container.decode(video=0)).to_ndarray(format="rgba")


def css(page: Any, name: str, selector: str = "#box") -> str:
    return str(page.look("([one, name]) => getComputedStyle(document.querySelector(one))[name]", [selector, name]))


def box(page: Any) -> dict[str, float]:
    return dict(page.look("document.querySelector('#box').getBoundingClientRect().toJSON()"))


def test_all_but_the_box_is_transparent(running: Any, source: Callable[..., Any]) -> None:
    page = source("opacity=0.5&box=000&size=60&hide=60")
    page.page.emulate_media(color_scheme="dark")
    assert not pixels(page).any()
    running.say(CaptionState(1, (), "HELLO", "W"))
    page.until(lambda: page.look(LINES) == [["HELLO", "W"]])
    page.page.wait_for_timeout(100)
    shown = pixels(page)
    where = box(page)
    rows, columns = np.nonzero(shown[..., 3])
    assert (columns.min(), rows.min()) == (pytest.approx(where["left"], abs=1), pytest.approx(where["top"], abs=1))
    assert columns.max() < where["right"]
    assert rows.max() < where["bottom"]
    edge = shown[round(where["top"]) + 4, round(where["left"]) + 60]
    assert edge[3] == pytest.approx(128, abs=2)
    assert (shown[shown[..., 3] == 255][:, :3] == 255).all(axis=1).any()
    assert page.complaints == []
    assert all(request.startswith((running.url, "about:")) for request in page.requests)


STYLE = (
    "size=64&font=DejaVu+Serif&weight=400&colour=lime&partial=f0f&box=%23203040&opacity=0.25"
    "&place=top&align=left&margin=10&lines=3&hide=60"
)


def test_the_token_leaves_the_address_and_it_looks_as_the_rest_says(running: Any, source: Callable[..., Any]) -> None:
    page = source(f"{STYLE}&nonsense=1")
    assert page.page.url == f"{running.url}/overlay?{STYLE}"
    page.page.reload()  # the cookie is enough
    wait_until_it_hears(page)
    running.say(CaptionState(1, (), "A", "B"))
    page.until(lambda: page.look(LINES) == [["A", "B"]])
    assert (css(page, "fontSize"), css(page, "fontWeight")) == ("64px", "400")
    assert css(page, "fontFamily").startswith('"DejaVu Serif"')
    assert css(page, "color", ".final") == "rgb(0, 255, 0)"
    assert css(page, "color", ".partial") == "rgb(255, 0, 255)"
    assert css(page, "backgroundColor") == "rgba(32, 48, 64, 0.25)"
    assert (box(page)["left"], box(page)["top"]) == (10, 10)


def test_it_stands_where_the_address_says_with_a_sample_until_somebody_signs(
    running: Any, source: Callable[..., Any]
) -> None:
    middle = {"top": "top", "bottom": "bottom", "left": "left", "right": "right"}
    ends = {"top": 32, "bottom": 400 - 32, "left": 32, "right": 1280 - 32}
    page = source()
    for place, align in (("top", "left"), ("middle", "center"), ("bottom", "right")):
        restyle(page, f"place={place}&align={align}&columns=16&size=30&sample=1&hide=60")
        where = page.look("document.querySelector('.place').getBoundingClientRect().toJSON()")
        for wanted in (place, align):
            if wanted in middle:
                assert where[wanted] == pytest.approx(ends[wanted], abs=1), (place, align)
        if place == "middle":
            assert (where["top"] + where["bottom"]) / 2 == pytest.approx(200, abs=1)
        if align == "center":
            assert (where["left"] + where["right"]) / 2 == pytest.approx(640, abs=1)
    assert "CAPTION" in page.text("#box")
    running.say(CaptionState(1, (), "HELLO"))
    page.until(lambda: page.look(LINES) == [["HELLO", ""]])


USUAL = {
    "fontSize": "48px",
    "fontWeight": "600",
    "color": "rgb(255, 255, 255)",
    "backgroundColor": "rgba(0, 0, 0, 0.72)",
}
# More of them: tests/js/overlay_style.test.js.
WRONG = [
    "size=big&weight=bold&colour=nonsense&box=12345&opacity=x&lines=two&place=moon&align=5&hide=never",
    "size=4%2B8&colour=inherit&box=transparent&opacity=0x1&weight=--1",
]
OUT_OF_BOUNDS = [
    (
        "size=5&weight=5000&opacity=-3",
        {"fontSize": "12px", "fontWeight": "900", "backgroundColor": "rgba(0, 0, 0, 0)"},
    ),
    ("size=9999&opacity=7", {"fontSize": "300px", "backgroundColor": "rgb(0, 0, 0)"}),
]


def test_a_wrong_value_is_left_aside_and_a_number_out_of_bounds_brought_within(
    running: Any, source: Callable[..., Any]
) -> None:
    page = source()
    expected = [(style, USUAL) for style in WRONG]
    expected += [(f"{style}&hide=60", looks) for style, looks in OUT_OF_BOUNDS]
    for number, (style, looks) in enumerate(expected, 1):
        restyle(page, style)
        running.say(CaptionState(number, (), f"A{number}", "B"))
        page.until(lambda number=number: page.look(LINES) == [[f"A{number}", "B"]])
        assert {name: css(page, name) for name in looks} == looks, style
    assert page.complaints == []


def test_lines_break_as_in_the_picture(running: Any, source: Callable[..., Any]) -> None:
    """Monospaced, so that the number of letters alone decides, here and there."""
    page = source("font=monospace&columns=20&size=30&lines=2&hide=60", width=1900)
    running.pipeline.source.rate = 50.0  # a text a picture, and no picture is looked at
    text = "THE QUICK BROWN FOX JUMPS OVER ABCDEFGHIJKLMNOPQRSTUVWXYZ AND SO ON"
    for number in range(1, len(text) + 1):
        committed, partial = text[: number - 1], text[number - 1].strip()
        running.say(CaptionState(number, (), committed, partial))
        expected = [
            ["".join(run.text for run in line if run.final == final) for final in (True, False)]
            for line in layout((), committed, partial, 20, 2)
        ]
        page.until(lambda expected=expected: page.look(LINES) == expected)


def test_captions_roll_up_and_committed_text_stays_where_it_is(running: Any, source: Callable[..., Any]) -> None:
    page = source("columns=20&size=30&hide=60")
    running.say(CaptionState(1, (), "ONE", "T"))
    page.until(lambda: page.look(LINES) == [["ONE", "T"]])
    first = box(page)
    running.say(CaptionState(2, cues("ONE"), "TW"))
    page.until(lambda: page.look(LINES) == [["ONE", ""], ["TW", ""]])
    assert (box(page)["left"], box(page)["top"]) == (first["left"], first["top"])
    running.say(CaptionState(3, cues("ONE", "TWO"), ""))
    page.until(lambda: page.look(LINES) == [["ONE", ""], ["TWO", ""]])
    running.say(CaptionState(4, cues("ONE", "TWO"), "T"))
    page.until(lambda: page.look(LINES) == [["TWO", ""], ["T", ""]])
    assert page.text("#spoken") == "TWO"
    assert page.look("document.querySelectorAll('[aria-live]').length") == 1
    running.cut_all_connections()  # and it connects again by itself
    running.say(CaptionState(5, cues("ONE", "TWO", "THREE"), "FOUR"))
    page.until(lambda: page.look(LINES) == [["THREE", ""], ["FOUR", ""]])


SEE = """
  window.seen = [];
  new MutationObserver(() => {
    const lines = [...document.querySelectorAll('#box p')].map((line) => line.textContent.trim());
    seen.push(...lines.filter((line) => line && !seen.includes(line)));
  }).observe(document.querySelector('#box'), { childList: true, subtree: true, characterData: true });
"""


def test_a_long_text_that_comes_at_once_rolls_up_and_is_seen_whole(running: Any, source: Callable[..., Any]) -> None:
    page = source("font=monospace&columns=20&size=30&hide=1", width=1900)
    page.look(SEE)
    text = " ".join(f"WORD{number:02}" for number in range(15))
    running.say(CaptionState(1, cues(text)))
    page.until(lambda: len(page.look(LINES)) == 2)
    assert [line[0] for line in page.look(LINES)] == wrap(text, 20)[:2]
    page.until(lambda: page.look("seen.length") == 3)
    running.say(CaptionState(2, cues(text), "LI", "V"))  # which does not wait
    page.until(lambda: page.look(LINES)[-1] == ["LI", "V"])
    page.until(lambda: set(wrap(text, 20)) <= set(page.look("seen")))
    assert [line for line in page.look("seen") if "WORD" in line] == wrap(text, 20)
    page.until(lambda: page.look("document.getElementById('box').hidden"))


def test_it_fits_a_narrow_source(running: Any, source: Callable[..., Any]) -> None:
    page = source("size=60&columns=60&hide=60", width=380)
    running.say(CaptionState(1, (), "NICE TO MEET YOU", "W"))
    page.until(lambda: len(page.look(LINES)) == 2)
    assert 0 <= box(page)["left"] < box(page)["right"] <= 380
    page.page.set_viewport_size({"width": 1900, "height": 400})
    page.until(lambda: len(page.look(LINES)) == 1)


def test_it_clears_after_silence_and_old_captions_do_not_come_back(
    running: Any, source: Callable[..., Any], tab: Callable[..., Any]
) -> None:
    running.say(CaptionState(1, cues("LONG AGO")))
    page = tab("about:blank")  # one of its own: its clock is never the real one again
    page.page.add_init_script(HEARD)
    source("hide=60", page=page)
    page.page.clock.install()
    running.say(CaptionState(2, cues("LONG AGO"), "HELLO"))
    page.until(lambda: page.look(LINES) == [["HELLO", ""]])
    running.say(CaptionState(3, cues("LONG AGO", "HELLO")))
    page.until(lambda: page.text("#spoken") == "HELLO")
    page.page.clock.fast_forward(20_000)
    assert page.look(LINES) == [["HELLO", ""]]
    page.page.clock.fast_forward(60_000)
    page.until(lambda: page.look("document.getElementById('box').hidden"))
    assert not pixels(page).any()
    running.say(CaptionState(4, cues("LONG AGO", "HELLO"), "A"))
    page.until(lambda: page.look(LINES) == [["A", ""]])


def test_it_looks_as_the_settings_say_at_once_unless_the_address_says_otherwise(
    running: Any, source: Callable[..., Any]
) -> None:
    page = source("colour=gold")
    running.say(CaptionState(1, cues("HELLO ANNA"), "HOW A", "R"))
    page.until(lambda: page.look(LINES) == [["HELLO ANNA", ""], ["HOW A", "R"]])
    low = box(page)["top"]
    change = {"place": "top", "align": "left", "colour": "#ff0000", "case": "sentence", "settled_only": True}
    running.session.settings.change({"caption": change})
    page.until(lambda: page.look(LINES) == [["Hello anna", ""], ["How a", ""]])
    assert box(page)["top"] < low
    assert box(page)["left"] == 32
    assert css(page, "color") == "rgb(255, 215, 0)"


def test_hebrew_is_read_from_the_right(running: Any, source: Callable[..., Any]) -> None:
    page = source("hide=60")
    running.say(CaptionState(1, (), "שלו", "ם"))
    page.until(lambda: page.look(LINES) == [["שלו", "ם"]])
    edges = "[...document.querySelectorAll('#box span')].map((one) => one.getBoundingClientRect().left)"
    final, tail = page.look(edges)
    assert tail < final
    right = box(page)["right"]
    running.say(CaptionState(2, (), "שלום לכולם", ""))
    page.until(lambda: page.look(LINES) == [["שלום לכולם", ""]])
    assert box(page)["right"] == right
