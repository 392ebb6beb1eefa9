"""The voice on the start page: what the user sees of it, and both places that can speak."""

import json
import shutil
from collections.abc import Callable
from typing import Any

import pytest

from tests.overlay.speech.conftest import SoundServer, sound_server  # noqa: F401
from tests.server.conftest import NO_PICTURE
from tests.server.web.pages.test_second_screen import VOICES
from tests.waiting import until

pytestmark = pytest.mark.e2e

Open = Callable[..., Any]


def ask(server: Any, what: str) -> tuple[int, Any]:
    answer = server.get(
        "/api/v1/voice",
        method="POST",
        body=json.dumps({"do": what}).encode(),
        Cookie=server.owner_cookie(),
        Content_Type="application/json",
        X_Signcap="1",
    )
    return answer.status, json.loads(answer.body)


def voice_of(server: Any) -> Any:
    return json.loads(server.get("/api/v1/voice", Cookie=server.owner_cookie()).body)


def test_nothing_is_spoken_unless_the_user_asks(running: Any) -> None:
    state = voice_of(running)
    assert (state["on"], state["ready"], state["speaking"]) == (False, False, None)
    status, body = ask(running, "test")
    assert status == 409
    assert "Switch the voice on" in body["error"]
    assert ask(running, "shout")[0] == 400


@pytest.mark.skipif(shutil.which("espeak-ng") is None, reason="eSpeak NG is not installed here")
@pytest.mark.slow
def test_the_page_shows_what_the_call_hears(
    sound_server: SoundServer,  # noqa: F811
    transcribing: Any,
    enter: Open,
) -> None:
    server, _ = transcribing
    page = enter(server, "/", picture=False)
    assert not page.page.locator("#voice-line").is_visible()
    page.page.get_by_role("button", name="Voice", exact=True).click()
    page.page.get_by_role("switch", name="into the call").check()
    page.until(lambda: page.page.locator("#voice-line").is_visible())
    assert page.text("#voice-doing") == "Voice on"
    assert "no program listens" in page.text("#voice-text")
    page.until(lambda: page.page.locator("#voice-name option").count() > 50)
    page.page.locator("#voice-name").select_option("de")
    page.until(lambda: server.store.current.voice.voice == "de")
    page.page.keyboard.press("Escape")
    # Long: it is being spoken until it is muted, however late that is.
    page.page.locator("#type-text").fill("one moment please I am still typing the rest of it " * 9)
    page.page.locator("#type-text").press("Enter")
    page.until(lambda: page.text("#voice-doing") == "Speaking")
    assert page.text("#voice-text").startswith("one moment please")
    page.until(lambda: page.page.locator("#voice-meter .lit").count() > 0)
    page.page.get_by_role("button", name="Mute").click()
    page.until(lambda: page.text("#voice-doing") == "Voice muted")
    page.until(lambda: voice_of(server)["speaking"] is None)
    assert page.page.locator("#voice-meter .lit").count() == 0
    page.page.get_by_role("button", name="Unmute").click()
    page.until(lambda: not voice_of(server)["muted"])
    assert ask(server, "test")[0] == 200
    assert page.complaints == []


def test_where_it_cannot_speak_the_page_says_what_to_do(
    running: Any, enter: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    page = enter(running, "/", picture=False)
    running.store.change({"voice": {"speak": True}})
    page.until(lambda: "sudo apt install espeak-ng" in page.text("#notices"))
    assert not page.page.locator("#voice-line").is_visible()
    running.store.change({"voice": {"speak": False}})
    page.until(lambda: "espeak-ng" not in page.text("#notices"))


# The page gives up a voice that does not end after some seconds, and a caption that has waited for some more.
PATIENCE = """
const [later, now] = [window.setTimeout, performance.now.bind(performance)];
window.setTimeout = (work, ms, ...more) => later(work, ms > 5000 ? ms * 20 : ms, ...more);
performance.now = () => now() / 20;
"""


def open_with_voices(enter: Open, server: Any, ended: str) -> Any:
    voices = VOICES.replace('setTimeout(() => one.dispatchEvent(new Event("end")));', ended)
    return enter(server, "/", f"{{{PATIENCE}}} {{{voices}}}", picture=False)


def test_the_browser_speaks_in_turn_and_is_silent_at_once(transcribing: Any, enter: Open) -> None:
    server, _ = transcribing
    page = open_with_voices(enter, server, "window.last = one;")
    page.page.get_by_role("button", name="Voice", exact=True).click()
    page.page.get_by_role("switch", name="here").check()
    assert "echo" in page.text("#voice-panel")
    page.page.keyboard.press("Escape")
    for number in range(8):
        page.page.locator("#type-text").fill(f"Caption {number}")
        page.page.locator("#type-text").press("Enter")
    page.until(lambda: len(page.lines()) == 8)
    page.until(lambda: page.text("#voice-text") == "Caption 0")
    end = "last.dispatchEvent(new Event('end'))"
    page.look(end)
    page.until(lambda: page.text("#voice-text") == "Caption 3")  # five wait at most: the oldest are left out
    page.page.get_by_role("button", name="Mute").click()
    page.until(lambda: page.text("#voice-doing") == "Voice muted")
    page.look(end)
    assert page.look("spoken") == [["Caption 0", "Sam", 1], ["Caption 3", "Sam", 1], "cancelled"]


def test_of_two_pages_one_speaks_and_the_other_takes_over(transcribing: Any, enter: Open) -> None:
    server, _ = transcribing
    first = open_with_voices(enter, server, "setTimeout(() => one.dispatchEvent(new Event('end')));")
    first.page.get_by_role("button", name="Voice", exact=True).click()
    first.page.get_by_role("switch", name="here").check()
    first.page.keyboard.press("Escape")
    second = first.context.new_page()
    second.add_init_script(NO_PICTURE + VOICES)
    second.goto(server.url)
    second.locator("#voice-button").click()
    first.until(lambda: "Another page" in second.locator("#speech-note").inner_text())
    first.page.locator("#type-text").fill("Once")
    first.page.locator("#type-text").press("Enter")
    first.until(lambda: second.locator("#finished li").all_inner_texts() == ["Once"])
    first.until(lambda: first.look("spoken") == [["Once", "Sam", 1]])
    assert second.evaluate("spoken") == []
    first.page.close()
    second.locator("#speech-note").wait_for(state="hidden")
    second.locator("#voice-button").click()
    second.locator("#type-text").fill("Again")
    second.locator("#type-text").press("Enter")
    until(lambda: second.evaluate("spoken") == [["Again", "Sam", 1]])
