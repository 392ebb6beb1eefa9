"""What is typed on the start page becomes captions as people expect it to."""

from collections.abc import Callable
from typing import Any

import pytest

pytestmark = pytest.mark.e2e

Open = Callable[..., Any]


@pytest.fixture
def page(transcribing: Any, enter: Open) -> Any:
    server, _ = transcribing
    page = enter(server, "/", picture=False)
    page.field = page.page.locator("#type-text")
    return page


def test_enter_sends_once_and_what_was_sent_can_be_brought_back(page: Any) -> None:
    field = page.field
    field.type("first")
    field.press("Enter")
    field.press("Enter")  # before the answer came
    field.type("second \U0001f600")
    field.press("Enter")
    page.until(lambda: page.lines() == ["first", "second \U0001f600"])
    field.type("draft")
    field.press("Home")  # in the middle of a text the arrow moves the caret
    for key, text in (
        ("ArrowUp", "second \U0001f600"),
        ("ArrowUp", "first"),
        ("ArrowUp", "first"),
        ("ArrowDown", "second \U0001f600"),
        ("ArrowDown", "draft"),
    ):
        field.press(key)
        assert field.input_value() == text
    assert page.lines() == ["first", "second \U0001f600"]
    field.fill("")

    # No letter is a hot key, and Shift and Enter a new line.
    field.type("r1 Record rR")
    field.press("Shift+Enter")
    field.type("x")
    assert len(page.lines()) == 2
    assert page.page.locator("#record").get_attribute("aria-pressed") == "false"
    page.page.get_by_role("button", name="Send", exact=True).click()
    page.until(lambda: page.lines()[2:] == ["r1 Record rR x"])

    # What could not be sent stays.
    page.page.route("**/api/v1/captions/edits", lambda route: route.abort())
    field.type("keep me")
    field.press("Enter")
    page.until(lambda: page.text("#edit-note"))
    assert field.input_value() == "keep me"
    page.page.unroute("**/api/v1/captions/edits")
    field.press("Enter")
    page.until(lambda: page.lines()[3:] == ["keep me"])


def test_what_is_pasted_or_composed_is_a_caption_and_no_part_of_what_is_spelled(transcribing: Any, page: Any) -> None:
    _, reader = transcribing
    reader.spell("HEL")
    page.until(lambda: page.text("#committed") == "HEL")
    page.field.type("hello")
    page.field.press("Enter")
    page.until(lambda: page.lines() == ["HEL", "hello"])

    page.field.fill("two\r\n\tlines\u2028and\x07 a third")
    page.field.press("Enter")
    page.until(lambda: page.lines()[2:] == ["two lines and a third"])
    text = " ".join(f"word{number:03}" for number in range(90)) + " " + "\U0001f600" * 501
    page.field.fill(text)
    page.field.press("Enter")
    page.until(lambda: len(page.lines()) == 7)
    lines = page.lines()[3:]
    assert all(len(line) <= 500 for line in lines)
    assert " ".join(lines[:3]) + lines[3] == text  # cut between words where there are any

    # Enter belongs to an input method while it composes.
    session = page.context.new_cdp_session(page.page)
    page.field.focus()
    session.send("Input.imeSetComposition", {"text": "にほん", "selectionStart": 3, "selectionEnd": 3})
    session.send(
        "Input.dispatchKeyEvent",
        {"type": "rawKeyDown", "key": "Process", "code": "Enter", "windowsVirtualKeyCode": 229},
    )
    session.send("Input.insertText", {"text": "日本"})
    assert page.field.input_value() == "日本"
    assert len(page.lines()) == 7
    page.field.press("Enter")
    page.until(lambda: page.lines()[7:] == ["日本"])


def test_what_no_font_can_draw_is_said_while_it_is_typed(page: Any) -> None:
    page.field.fill("Hi \U000f1234")
    page.until(lambda: "\U000f1234" in page.text("#type-missing"))
    page.field.fill("Hi שלום")
    page.until(lambda: page.text("#type-missing") == "")
    page.field.fill("Bye \U000f1234")
    page.field.press("Enter")  # before anything could be said of it
    page.until(lambda: "\U000f1234" in page.text("#type-missing"))
    page.field.type("A")
    page.until(lambda: page.text("#type-missing") == "")
