"""What is typed on the start page becomes captions as people expect it to."""

from collections.abc import Callable
from typing import Any

import pytest

pytestmark = pytest.mark.e2e

Open = Callable[..., Any]


@pytest.fixture
def page(spelling: Any, tab: Open) -> Any:
    server, _ = spelling
    page = tab(server.access.launch_url())
    page.field = page.page.locator("#type-text")
    return page


def test_enter_sends_once_and_arrows_bring_back_what_was_sent(page: Any) -> None:
    field = page.field
    field.type("first")
    field.press("Enter")
    field.press("Enter")  # before the answer came
    field.type("second \U0001f600")
    field.press("Enter")
    page.until(lambda: page.lines() == ["first", "second \U0001f600"])
    field.type("draft")
    for key, text in (
        ("ArrowUp", "draft"),  # in the middle of a text the arrow moves the caret
        ("ArrowUp", "second \U0001f600"),
        ("ArrowUp", "first"),
        ("ArrowUp", "first"),
        ("ArrowDown", "second \U0001f600"),
        ("ArrowDown", "draft"),
    ):
        if (key, text) == ("ArrowUp", "draft"):
            field.press("Home")
            continue
        field.press(key)
        assert field.input_value() == text
    assert page.lines() == ["first", "second \U0001f600"]


def test_pasted_lines_and_long_text_are_captions(page: Any) -> None:
    page.field.fill("two\r\n\tlines\u2028and\x07 a third")
    page.field.press("Enter")
    page.until(lambda: page.lines() == ["two lines and a third"])
    text = " ".join(f"word{number:03}" for number in range(90)) + " " + "\U0001f600" * 501
    page.field.fill(text)
    page.field.press("Enter")
    page.until(lambda: len(page.lines()) == 5)
    assert all(len(line) <= 500 for line in page.lines())
    assert " ".join(page.lines()[1:4]) + page.lines()[4] == text  # cut between words where there are any


def test_enter_belongs_to_an_input_method_while_it_composes(page: Any) -> None:
    session = page.context.new_cdp_session(page.page)
    page.field.focus()
    session.send("Input.imeSetComposition", {"text": "にほん", "selectionStart": 3, "selectionEnd": 3})
    session.send(
        "Input.dispatchKeyEvent",
        {"type": "rawKeyDown", "key": "Process", "code": "Enter", "windowsVirtualKeyCode": 229},
    )
    session.send("Input.insertText", {"text": "日本"})
    assert page.field.input_value() == "日本"
    assert page.lines() == []
    page.field.press("Enter")
    page.until(lambda: page.lines() == ["日本"])


def test_no_letter_is_a_hot_key_and_shift_enter_is_a_new_line(page: Any) -> None:
    page.field.type("r1 Record rR")
    page.field.press("Shift+Enter")
    page.field.type("x")
    assert page.lines() == []
    assert page.page.locator("#record").get_attribute("aria-pressed") == "false"
    page.page.get_by_role("button", name="Send", exact=True).click()
    page.until(lambda: page.lines() == ["r1 Record rR x"])


def test_what_could_not_be_sent_stays(page: Any) -> None:
    page.page.route("**/api/v1/captions/edits", lambda route: route.abort())
    page.field.type("keep me")
    page.field.press("Enter")
    page.until(lambda: page.text("#edit-note"))
    assert page.field.input_value() == "keep me"
    page.page.unroute("**/api/v1/captions/edits")
    page.field.press("Enter")
    page.until(lambda: page.lines() == ["keep me"])


def test_typed_text_is_no_part_of_what_is_being_spelled(spelling: Any, page: Any) -> None:
    _, reader = spelling
    reader.spell("HEL")
    page.until(lambda: page.text("#committed") == "HEL")
    page.field.type("hello")
    page.field.press("Enter")
    page.until(lambda: page.lines() == ["HEL", "hello"])
