"""Suggested words on the pages, in a real browser."""

from collections.abc import Callable
from typing import Any

import pytest

pytestmark = pytest.mark.e2e

FOCUSED = "document.activeElement.getAttribute('aria-label') ?? document.activeElement.textContent"


def offered(tab: Any) -> list[str]:
    """What the start page offers, a line a word."""
    return [" ".join(line.split()) for line in tab.page.locator("#suggestions li").all_inner_texts()]


def test_words_are_chosen_with_the_mouse_and_with_the_keyboard(spelling: Any, enter: Callable[..., Any]) -> None:
    server, reader = spelling
    start = enter(server, "/", picture=False)
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

    # In the finished caption.
    reader.spell(".YES ")
    start.until(lambda: start.text("#committed") == "YES ")
    start.page.locator("#scroll").focus()
    start.page.keyboard.press("Tab")
    assert start.look(FOCUSED) == "Replace HELO by HELLO"
    start.page.keyboard.press("Enter")
    start.until(lambda: start.lines() == ["HELLO NY"])
    start.until(lambda: start.look(FOCUSED) == "Undo")
    start.page.keyboard.press("Enter")
    start.until(lambda: start.lines() == ["HELO NY"])
    start.until(lambda: start.look(FOCUSED) == "Replace HELO by HELLO")
    assert start.complaints == []


def test_a_button_stays_under_the_pointer_and_says_what_went_wrong(spelling: Any, enter: Callable[..., Any]) -> None:
    server, reader = spelling
    start = enter(server, "/", picture=False)
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
    start.page.route("**/api/v1/captions/edits", lambda route: route.abort())
    start.page.get_by_role("button", name="Replace HELO by HELLO").click()
    start.until(lambda: "try again" in start.text("#edit-note"))
    start.page.unroute("**/api/v1/captions/edits")
    start.page.get_by_role("button", name="Replace HELO by HELLO").click()
    start.until(lambda: start.text("#committed") == "HELLO AND THAMK YOU")
    start.until(lambda: start.text("#edit-note") == "")


def test_viewers_see_what_may_be_meant_and_all_can_read_it(
    spelling: Any, tab: Callable[..., Any], enter: Callable[..., Any]
) -> None:
    server, reader = spelling
    captions = tab(server.url + server.access.viewer_path())
    start = enter(server, "/", picture=False)
    reader.spell("HELO THAMK INTERNTIONALY PLASE ")
    start.until(lambda: len(offered(start)) == 4)
    captions.until(lambda: "PLEASE?" in captions.text("#suggested"))
    assert captions.text("#suggested").split()[:6] == "HELO → HELLO? THAMK → THANK?".split()
    assert captions.page.locator("main button").count() == 0  # nothing to press
    assert captions.text("#committed") == "HELO THAMK INTERNTIONALY PLASE "
    start.page.get_by_role("button", name="Replace HELO by HELLO").click()
    start.until(start.page.locator("#undo").is_visible)
    for one in (start, captions):
        one.check_legible()


def test_words_read_with_a_language_are_marked_and_what_was_spelled_is_one_press_away(
    assisting: Any, enter: Callable[..., Any]
) -> None:
    server, reader = assisting
    start = enter(server, "/", picture=False)
    captions = start.context.new_page()
    captions.goto(f"{server.url}/captions")
    reader.spell("HELLOWORLD HRTE AB")
    start.until(lambda: start.text("#committed").endswith("AB"))
    marked = start.page.locator("#committed .assisted")
    assert marked.all_text_contents() == ["HELLO WORLD (spelled HELLOWORLD)", "HORSE (spelled HRTE)"]
    assert marked.nth(1).get_attribute("title") == "Spelled HRTE"
    assert offered(start) == ["HELLO WORLD → HELLOWORLD", "HORSE → HRTE"]
    start.until(lambda: captions.locator("#committed").inner_text() == "HELLO WORLD HORSE AB")
    assert captions.locator("#suggested").inner_text() == ""

    start.page.get_by_role("button", name="Put back HRTE, as it was spelled").click()
    start.until(lambda: marked.count() == 1)
    assert start.page.locator("#committed").text_content() == "HELLO WORLD (spelled HELLOWORLD) HRTE AB"
    start.page.get_by_role("button", name="Undo").click()
    start.until(lambda: marked.count() == 2)
    reader.spell(".")
    line = start.page.locator("#finished li .assisted")
    start.until(lambda: line.count() == 2)
    start.page.get_by_role("button", name="Put back HELLOWORLD, as it was spelled").click()
    start.until(lambda: line.all_text_contents() == ["HORSE (spelled HRTE)"])
    start.until(lambda: captions.locator("#finished li").all_inner_texts() == ["HELLOWORLD HORSE AB"])
    captions.close()
    assert start.complaints == []
