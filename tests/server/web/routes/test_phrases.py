"""Quick phrases: kept in the settings, read by the extension, put out by the page."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from overlay.core.settings import Settings
from tests.server.slow_links import FIRST_CHANGE_IS_SLOW, NEWS_IS_LATE

pytestmark = pytest.mark.integration

Open = Callable[..., Any]


def patch(server: Any, texts: list[Any]) -> Any:
    return server.get(
        "/api/v1/settings",
        method="PATCH",
        body=json.dumps({"phrases": {"texts": texts}}).encode(),
        Cookie=server.owner_cookie(),
        Content_Type="application/json",
        X_Signcap="1",
    )


def listed(server: Any) -> list[str]:
    answer = server.get("/api/v1/phrases", Cookie=server.owner_cookie())
    assert answer.status == 200
    phrases: list[str] = json.loads(answer.body)["phrases"]
    return phrases


def test_a_paired_browser_reads_them_in_their_order(running: Any) -> None:
    assert listed(running) == list(Settings().phrases.texts)
    assert patch(running, ["Zwei", "Eins \U0001f600"]).status == 200
    token = running.access.paired.add("browser-1", "Chromium")
    answer = running.get("/api/v1/phrases", Authorization=f"Bearer {token}")
    assert json.loads(answer.body) == {"phrases": ["Zwei", "Eins \U0001f600"]}


def test_what_is_no_phrase_is_refused_and_nothing_changes(running: Any) -> None:
    refused: list[list[Any]] = [["x"] * 31, ["x" * 201], [""], ["  "], ["two\nlines"], [1]]
    for texts in refused:
        answer = patch(running, texts)
        assert answer.status == 422, texts
        assert "phrases" in json.loads(answer.body)["error"]
        assert listed(running) == list(Settings().phrases.texts)


def test_as_many_and_as_long_as_they_may_be(running: Any) -> None:
    assert patch(running, ["x" * 200] * 30).status == 200
    assert patch(running, []).status == 200
    assert listed(running) == []


def test_settings_put_back_keep_phrases_and_the_voice(running: Any) -> None:
    running.store.change({"phrases": {"texts": ["Mine"]}, "voice": {"speed": 1.5}, "caption": {"lines": 3}})
    running.store.reset()
    current = running.store.current
    assert (current.phrases.texts, current.voice.speed, current.caption.lines) == (("Mine",), 1.5, 2)


@pytest.mark.e2e
def test_a_click_or_a_key_puts_one_out_as_a_caption_of_its_own(transcribing: Any, enter: Open) -> None:
    server, reader = transcribing
    page = enter(server, "/", picture=False)
    reader.spell("HEL")
    page.until(lambda: page.text("#committed") == "HEL")
    page.page.get_by_role("button", name="Can you repeat that?").click()
    page.until(lambda: page.lines() == ["HEL", "Can you repeat that?"])
    page.page.keyboard.press("Alt+Digit5")
    page.until(lambda: page.lines()[2:] == ["Thank you."])
    page.page.locator("#type-text").fill("draft")
    page.page.locator("#type-text").press("Alt+Digit1")
    page.until(lambda: page.lines()[3:] == ["One moment, please."])
    page.page.locator("#type-text").press("5")
    assert page.page.locator("#type-text").input_value() == "draft5"
    assert len(page.lines()) == 4
    assert page.complaints == []


@pytest.mark.e2e
def test_they_are_changed_on_the_page(transcribing: Any, enter: Open) -> None:
    server, _ = transcribing
    server.store.change({"phrases": {"texts": ["One", "Two"]}})
    page = enter(server, "/", picture=False)
    page.until(lambda: page.page.locator("#phrase-list button > span").all_inner_texts() == ["One", "Two"])
    page.page.get_by_role("button", name="Change the quick phrases").click()
    page.page.get_by_label("A new phrase").fill("Three")
    page.page.get_by_label("A new phrase").press("Enter")
    page.until(lambda: listed(server) == ["One", "Two", "Three"])
    page.page.get_by_label("Phrase 1", exact=True).fill("Uno")
    page.page.get_by_label("Phrase 1", exact=True).press("Enter")
    page.until(lambda: listed(server) == ["Uno", "Two", "Three"])
    down = page.page.get_by_role("button", name="Move phrase 1 down")
    down.focus()
    down.press("Enter")
    page.until(lambda: listed(server) == ["Two", "Uno", "Three"])
    page.until(lambda: page.look("document.activeElement.ariaLabel") == "Move phrase 2 down")  # it went along
    page.page.get_by_role("button", name="Remove phrase 3").click()
    page.until(lambda: page.page.locator("#phrase-list button > span").all_inner_texts() == ["Two", "Uno"])
    page.until(lambda: listed(server) == ["Two", "Uno"])  # later: the page shows it before the server knows
    server.store.change({"phrases": {"texts": [str(number) for number in range(30)]}})
    page.until(lambda: page.page.locator("#phrase-list button").count() == 30)
    page.page.get_by_label("A new phrase").fill("too many")
    page.page.get_by_label("A new phrase").press("Enter")
    page.until(lambda: "30" in page.text("#phrase-note"))


@pytest.mark.e2e
@pytest.mark.parametrize("trouble", [FIRST_CHANGE_IS_SLOW, NEWS_IS_LATE], ids=["slow change", "late news"])
def test_no_change_undoes_another_however_quickly_they_follow(transcribing: Any, enter: Open, trouble: str) -> None:
    """Not even one that is made before the page knows the phrases that there are."""
    server, _ = transcribing
    server.store.change({"phrases": {"texts": ["One", "Two", "Three"]}})
    page = enter(server, "/", trouble, picture=False)
    page.page.get_by_role("button", name="Change the quick phrases").click()
    page.page.get_by_label("A new phrase").fill("Four")  # waits until it can be written into
    page.page.get_by_label("A new phrase").press("Enter")
    for place in (1, 2, 3):
        page.page.get_by_role("button", name=f"Move phrase {place} down").press("Enter")
    page.page.get_by_role("button", name="Remove phrase 1").click()
    page.until(lambda: listed(server) == ["Three", "Four", "One"])
    page.page.wait_for_timeout(1000)
    assert page.page.locator("#phrase-list button > span").all_inner_texts() == ["Three", "Four", "One"]
    assert listed(server) == ["Three", "Four", "One"]
    assert page.complaints == []


@pytest.mark.e2e
def test_they_fit_any_width_and_can_be_read(transcribing: Any, enter: Open) -> None:
    server, _ = transcribing
    server.store.change({"phrases": {"texts": ["x" * 200, "One moment, please.", *map(str, range(9))]}})
    page = enter(server, "/", picture=False)
    page.until(lambda: page.page.locator("#phrase-list button").count() == 11)
    page.check_legible((360, 1280), 800)
    page.page.get_by_role("button", name="Change the quick phrases").click()
    page.check_legible((360, 800, 1280), 800)
    for width in (1280, 360):
        page.page.set_viewport_size({"width": width, "height": 800})
        right = page.page.locator("#phrases-panel").bounding_box()
        rows = page.page.get_by_role("button", name="Remove phrase").all()
        assert right is not None
        assert all(row.bounding_box()["x"] + 44 <= right["x"] + right["width"] for row in rows), width
