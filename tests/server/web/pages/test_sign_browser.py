"""Signing practice in a real browser: letters turn green as they are read."""

from collections.abc import Callable
from typing import Any

import pytest

pytestmark = pytest.mark.e2e

LETTERS = (
    "[...document.querySelectorAll('.sign-letter')].map((one) => one.textContent + one.dataset.state[0]).join(' ')"
)


def test_letters_turn_green_a_mistake_is_told_and_the_next_word_comes(
    transcribing: Any, enter: Callable[..., Any]
) -> None:
    server, reader = transcribing
    reader.spell("BEFORE.")
    page = enter(server, "/practise/sign")
    page.until(lambda: page.plays and page.page.locator(".sign-letter").count())
    page.page.fill("#own-words", "cat, dog")
    page.page.keyboard.press("Enter")
    page.until(lambda: page.look(LETTERS) == "Co Ao To")
    reader.spell("C")
    page.until(lambda: page.look(LETTERS) == "Cr Ao To")
    reader.spell("K")
    page.until(lambda: page.text("#said").startswith("Signcap read K."))
    assert page.look(LETTERS) == "Cr Ao To"
    assert page.look("document.querySelector('#hint').src").endswith("/letter/A.jpg")
    reader.spell("AT")
    page.until(lambda: page.look(LETTERS) == "Cr Ar Tr")
    assert page.text("#done") == "1"
    page.until(lambda: page.look(LETTERS) == "Do Oo Go")
    reader.spell("DG")
    page.until(lambda: page.look(LETTERS) == "Dr Os Gr")
    assert "O was not read" in page.text("#said")
    page.page.keyboard.press("r")
    page.until(lambda: page.look(LETTERS) == "Do Oo Go")
    page.page.reload()
    assert page.page.locator("#own-words").input_value() == "CAT, DOG"
    page.check_legible((380, 1280))
    assert page.unnamed() == []
    assert page.complaints == []
