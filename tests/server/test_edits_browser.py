"""Suggested words on the pages, in a real browser."""

import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from overlay.captioner import Captioner
from overlay.demo import DemoSource

pytestmark = pytest.mark.e2e

FOCUSED = "document.activeElement.getAttribute('aria-label') ?? document.activeElement.textContent"


def offered(tab: Any) -> list[str]:
    """What the start page offers, a line a word."""
    return [" ".join(line.split()) for line in tab.page.locator("#suggestions li").all_inner_texts()]


def said(tab: Any) -> str:
    """All captions, the current one the last."""
    return " ".join([*tab.lines(), tab.text("#committed")])


@pytest.fixture
def talkative_demo(serve: Any, folders: Any, suggester: Any) -> Iterator[Any]:
    """The real demo with long captions, and the real recogniser: a choice is kept only until the next one ends."""
    loaded = threading.Event()

    def make_reader() -> Captioner:
        reader = Captioner(suggest=suggester.suggest)
        loaded.set()
        return reader

    with serve(DemoSource("HELO NICE TO MEET YOU", ready=loaded), make_reader, folders) as server:
        yield server


@pytest.mark.slow
def test_a_word_of_the_demo_is_replaced_and_brought_back(talkative_demo: Any, tab: Callable[..., Any]) -> None:
    """The whole way: the drawn hand spells HELO, the person presses HELLO, then Undo."""
    start = tab(talkative_demo.access.launch_url())
    hello = start.page.get_by_role("button", name="Replace HELO by HELLO")
    start.until(lambda: hello.count(), 90)
    start.until(lambda: "HELO" in said(start))
    hello.last.click()
    start.until(lambda: "HELLO" in said(start))
    start.page.locator("#undo").click()
    start.until(lambda: "HELO" in said(start) and "HELLO" not in said(start))
    assert start.complaints == []


def test_a_word_is_chosen_with_the_mouse(spelling: Any, tab: Callable[..., Any]) -> None:
    server, reader = spelling
    start = tab(server.access.launch_url())
    hint = start.page.locator("#no-suggestions")
    start.until(hint.is_visible)
    reader.spell("HELO NY")
    start.until(lambda: offered(start))
    assert not hint.is_visible()
    assert offered(start)[0].startswith("HELO → HELLO")
    assert start.text("#committed") in ("HELO ", "HELO N", "HELO NY")
    assert not start.page.locator("#undo").is_visible()
    start.page.get_by_role("button", name="Replace HELO by HELLO").click()
    start.until(lambda: start.text("#committed") == "HELLO NY")
    assert offered(start) == []
    start.page.get_by_role("button", name="Undo").click()
    start.until(lambda: start.text("#committed") == "HELO NY")
    assert offered(start)[0].startswith("HELO → HELLO")
    assert start.complaints == []


def test_a_word_of_the_finished_caption_is_chosen_with_the_keyboard(spelling: Any, tab: Callable[..., Any]) -> None:
    server, reader = spelling
    start = tab(server.access.launch_url())
    reader.spell("MY HELO.YES ")
    start.until(lambda: start.text("#committed") == "YES ")
    start.page.locator("#scroll").focus()
    start.page.keyboard.press("Tab")
    assert start.look(FOCUSED) == "Replace HELO by HELLO"
    start.page.keyboard.press("Enter")
    start.until(lambda: start.lines() == ["MY HELLO"])
    start.until(lambda: start.look(FOCUSED) == "Undo")
    start.page.keyboard.press("Enter")
    start.until(lambda: start.lines() == ["MY HELO"])
    start.until(lambda: start.look(FOCUSED) == "Replace HELO by HELLO")
    assert start.complaints == []


def test_a_button_stays_under_the_pointer_while_letters_come(spelling: Any, tab: Callable[..., Any]) -> None:
    server, reader = spelling
    start = tab(server.access.launch_url())
    reader.spell("HELO ")
    start.until(lambda: offered(start))
    start.look("window.button = document.querySelector('#suggestions button')")
    place = "document.querySelector('#suggestions button').getBoundingClientRect().toJSON()"
    before = start.look(place)
    reader.spell("AND THAMK YOU")
    start.until(lambda: len(offered(start)) == 2)
    start.until(lambda: start.text("#committed") == "HELO AND THAMK YOU")
    assert start.look("window.button === document.querySelector('#suggestions button')")
    assert start.look(place) == before


def test_what_went_wrong_is_said(spelling: Any, tab: Callable[..., Any]) -> None:
    server, reader = spelling
    start = tab(server.access.launch_url())
    reader.spell("HELO ")
    start.until(lambda: offered(start))
    start.page.route("**/api/v1/captions/edits", lambda route: route.abort())
    start.page.get_by_role("button", name="Replace HELO by HELLO").click()
    start.until(lambda: "try again" in start.text("#edit-note"))
    start.page.unroute("**/api/v1/captions/edits")
    start.page.get_by_role("button", name="Replace HELO by HELLO").click()
    start.until(lambda: start.text("#committed") == "HELLO ")
    start.until(lambda: start.text("#edit-note") == "")


def test_viewers_see_what_may_be_meant_and_have_nothing_to_press(spelling: Any, tab: Callable[..., Any]) -> None:
    server, reader = spelling
    captions = tab(server.url + server.access.viewer_path())
    reader.spell("HELO THAMK ")
    captions.until(lambda: captions.text("#suggested").split() == "HELO → HELLO? THAMK → THANK?".split())
    assert captions.page.locator("main button").count() == 0
    assert captions.text("#committed") == "HELO THAMK "


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_suggestions_fit_any_width_and_can_be_read(spelling: Any, tab: Callable[..., Any], scheme: str) -> None:
    server, reader = spelling
    start = tab(server.access.launch_url(), color_scheme=scheme)
    captions = tab(server.url + server.access.viewer_path(), color_scheme=scheme)
    reader.spell("HELO THAMK INTERNTIONALY PLASE ")
    start.until(lambda: len(offered(start)) == 4)
    start.page.get_by_role("button", name="Replace HELO by HELLO").click()
    start.until(start.page.locator("#undo").is_visible)
    captions.until(lambda: "PLEASE?" in captions.text("#suggested"))
    for one in (start, captions):
        for width in (380, 800, 1280, 2560):
            one.page.set_viewport_size({"width": width, "height": 760})
            assert one.look("document.documentElement.scrollWidth <= innerWidth"), width
        assert one.faint_text() == []
