"""What the owner sees when a browser asks, in a real browser."""

import json
from typing import Any

import pytest

from server.web.auth.security import EXTENSION_ORIGIN

pytestmark = [pytest.mark.e2e, pytest.mark.slow]


# The page asks who is paired every five seconds.
SOON = """{
    const every = window.setInterval;
    window.setInterval = (work, ms, ...more) => every(work, ms === 5000 ? 250 : ms, ...more);
}"""


def ask(running: Any) -> dict[str, str]:
    answer = running.get(
        "/api/v1/pairings",
        method="POST",
        body=b'{"browser": "Chromium on Linux"}',
        Content_Type="application/json",
        X_Signcap="1",
        Origin=EXTENSION_ORIGIN,
    )
    assert answer.status == 201
    question: dict[str, str] = json.loads(answer.body)
    return question


def state(running: Any, question: dict[str, str]) -> str:
    answer = running.get(f"/api/v1/pairings/{question['name']}", Authorization=f"Bearer {question['secret']}")
    return str(json.loads(answer.body)["state"])


def test_live_shows_the_number_and_takes_the_answer(running: Any, enter: Any) -> None:
    page = enter(running, "/", picture=False)
    for key, becomes in (("Allow", "paired"), ("Refuse", "refused")):
        question = ask(running)
        page.until(lambda question=question: question["code"] in page.text("#asking"))
        assert "Chromium on Linux" in page.text("#asking")
        page.page.get_by_role("button", name=key).click()
        page.until(lambda: page.look("document.querySelector('#asking').hidden"))
        assert state(running, question) == becomes


def test_several_ask_and_who_is_paired_is_listed_and_can_be_removed(running: Any, enter: Any) -> None:
    page = enter(running, "/calls", SOON)
    page.until(lambda: "No browser is paired" in page.text("main"))
    token = running.access.paired.add("browser-1", "Chromium on Linux")
    page.until(lambda: "Chromium on Linux" in page.text("#paired"))
    page.page.get_by_role("button", name="Remove Chromium on Linux").click()
    page.until(lambda: page.text("#paired") == "")
    assert running.access.paired.of(token) is None

    # Each has its own number.
    first, second = ask(running), ask(running)
    page.until(lambda: second["code"] in page.text("#asking"))
    cards = page.page.locator(".ask")
    assert cards.count() == 2
    cards.filter(has_text=second["code"]).get_by_role("button", name="Refuse").click()
    page.until(lambda: cards.count() == 1)
    assert state(running, second) == "refused"
    assert state(running, first) == "waiting"
