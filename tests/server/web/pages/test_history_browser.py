"""The page of history in a real browser: over sessions as a run writes them, and one that goes on."""

import json
import shutil
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from overlay.transcripts.session import KeptCue
from overlay.transcripts.session_files import SessionFiles

pytestmark = pytest.mark.e2e

DAY = 86_400.0
TALKS = [
    (0.5, ["GOOD MORNING", "I AM JOSÉ", "NICE TO MEET YOU"]),
    (2.0, ["WHERE ARE THE KEYS", "IN THE GARDEN HOUSE"]),
    (40.0, ["OLD WORDS"]),
]

# The page looks every two seconds whether there is something new.
SOON = """{
    const every = window.setInterval;
    window.setInterval = (work, ms, ...more) => every(work, ms === 2000 ? 250 : ms, ...more);
}"""


class History:
    """The page, and the folder that it is about."""

    def __init__(self, server: Any, enter: Callable[..., Any], query: str = "", before: str | None = None) -> None:
        self.folder = Path(server.store.current.transcript.folder)
        self.tab = enter(server, f"/history{query}", before)
        self.page = self.tab.page
        self.server = server

    def sessions(self) -> list[str]:
        return [str(words) for words in self.page.locator(".session-words").all_text_contents()]

    def marked(self, where: str) -> list[str]:
        return [str(text) for text in self.page.locator(f"{where} mark").all_text_contents()]

    def sees(self, condition: Callable[[], Any]) -> None:
        self.tab.until(condition)

    def open(self, words: str) -> None:
        self.page.locator(".session", has_text=words).click()
        self.sees(lambda: self.page.locator("#cues li").count() > 0)

    def focused(self) -> str:
        """Identifier of what the keyboard is at."""
        return str(self.tab.look("document.activeElement.id"))

    def cues(self) -> list[str]:
        return [str(text) for text in self.page.locator("#cues li p").all_text_contents()]


def write(server: Any, talks: list[tuple[float, list[str]]]) -> None:
    """Sessions of some days ago, one caption every ten seconds."""
    for days, captions in talks:
        began = time.time() - days * DAY
        files = SessionFiles(Path(server.store.current.transcript.folder), began, times=False)
        for index, text in enumerate(captions):
            files.add(KeptCue(index, text, began + index * 10, began + index * 10 + 5, edited=index == 1), 0.0)
        files.end(0.0)


def say(server: Any, text: str) -> None:
    body = json.dumps({"edit": "type", "text": text, "end": True}).encode()
    headers = {"Content_Type": "application/json", "X_Signcap": "1"}
    cookie = server.owner_cookie()
    assert server.get("/api/v1/captions/edits", method="POST", body=body, Cookie=cookie, **headers).status == 200


@pytest.fixture
def history(transcribing: Any, enter: Callable[..., Any]) -> History:
    server, _ = transcribing
    write(server, TALKS)
    one = History(server, enter)
    one.sees(lambda: len(one.sessions()) == 3)
    return one


def test_it_says_that_nothing_is_kept_and_keeps_from_then_on(transcribing: Any, enter: Callable[..., Any]) -> None:
    server, _ = transcribing
    one = History(server, enter, before=SOON)
    one.sees(lambda: one.tab.text("#nothing-title") == "Transcripts are off")
    assert not one.page.locator("#keep").is_checked()
    assert not one.page.locator("#sessions-panel").is_visible()
    one.page.get_by_role("button", name="Start saving").click()
    one.sees(lambda: one.tab.text("#nothing-title") == "Nothing captioned yet")
    assert one.page.locator("#keep").is_checked()
    assert str(one.folder) in one.tab.text("#kept-where")
    say(server, "hello there")
    one.sees(lambda: one.sessions() == ["hello there"])
    assert one.page.locator(".now-kept").count() == 1
    one.open("hello there")
    say(server, "and more")
    one.sees(lambda: one.cues() == ["hello there", "and more"])
    one.page.locator("#keep").uncheck()
    one.sees(lambda: one.page.locator(".now-kept").count() == 0)
    assert server.store.current.transcript.keep is False
    assert one.tab.complaints == []


def test_live_says_that_a_transcript_is_kept(transcribing: Any, enter: Callable[..., Any]) -> None:
    server, _ = transcribing
    one = enter(server, "/", picture=False)
    link = one.page.get_by_role("link", name="Transcript is being kept")
    one.until(lambda: "on" in one.text("#camera-text"))
    assert not link.is_visible()
    server.store.change({"transcript": {"keep": True}})
    one.until(link.is_visible)
    link.click()
    one.page.wait_for_url("**/history")


FILES = {".txt": "GOOD MORNING", ".vtt": "WEBVTT", ".srt": "1\n00:00:00,000", ".json": '{\n "version"'}


def test_sessions_stand_by_day_and_can_be_read_and_saved(history: History, tmp_path: Path) -> None:
    titles = history.page.locator(".day-title").all_inner_texts()
    assert titles[0] in ("Today", "Yesterday")
    assert len(titles) == 3
    assert history.sessions()[0] == "GOOD MORNING I AM JOSÉ NICE TO MEET YOU"
    assert "25 s · 9 words" in history.tab.text(".session-when >> nth=0")
    history.open("GOOD MORNING")
    assert history.cues() == TALKS[0][1]
    first, second = (history.page.locator("#cues time").all_inner_texts())[:2]
    assert [len(first), first[2], first[5]] == [8, ":", ":"]
    assert first != second
    assert history.page.locator("#cues .mark").all_inner_texts() == ["edited"]
    assert history.page.locator(".session[aria-current=true]").count() == 1
    history.sees(lambda: history.focused() == "reading-title")
    for kind, start in FILES.items():
        history.page.get_by_role("button", name="Save …").click()
        with history.page.expect_download() as download:
            history.page.locator("#save-menu button", has_text=kind).click()
        saved = tmp_path / f"saved{kind}"
        download.value.save_as(saved)
        name = download.value.suggested_filename
        assert name.endswith(kind)
        assert saved.read_text("utf-8").startswith(start)
        history.sees(lambda name=name: f"Saved as {name}." == history.tab.text("#said"))
    assert history.tab.complaints == []


def test_a_search_marks_what_it_finds_as_one_types_and_the_address_leads_back(history: History) -> None:
    history.page.get_by_label("Search all sessions").press_sequentially("jose")
    history.sees(lambda: history.tab.text("#found") == "1 caption in 1 session")
    assert history.marked("#list") == ["JOSÉ"]
    history.page.locator(".hit").click()
    history.sees(lambda: history.marked("#cues") == ["JOSÉ"])
    assert history.tab.text("#cues .sought p") == "I AM JOSÉ"
    history.page.locator("#search").fill("THE")
    history.sees(lambda: history.tab.text("#found") == "2 captions in 1 session")
    assert history.marked("#list") == ["THE", "THE"]
    history.page.locator("#search").fill("<b>x</b>")
    history.sees(lambda: history.tab.text("#found") == "Nothing holds “<b>x</b>”.")
    history.page.locator("#search").fill("")
    history.sees(lambda: len(history.sessions()) == 3)
    assert history.tab.text("#found") == ""
    history.page.locator("#search").fill("garden")
    history.sees(lambda: history.tab.text("#found") == "1 caption in 1 session")
    history.page.locator(".session").click()
    history.sees(lambda: history.marked("#cues") == ["GARDEN"])
    history.page.reload()
    history.sees(lambda: history.marked("#cues") == ["GARDEN"])
    assert history.page.locator("#search").input_value() == "garden"
    assert history.tab.complaints == []


def test_one_and_all_are_deleted_after_a_question(history: History) -> None:
    history.open("WHERE ARE THE KEYS")
    history.page.get_by_role("button", name="Delete …").click()
    history.page.get_by_role("button", name="Keep", exact=True).click()
    history.page.get_by_role("button", name="Delete …").click()
    history.page.keyboard.press("Escape")
    assert len(list(history.folder.iterdir())) == 6
    history.page.get_by_role("button", name="Delete …").click()
    history.page.locator("#ask-yes").click()
    history.sees(lambda: len(history.sessions()) == 2)
    assert len(list(history.folder.iterdir())) == 4
    assert history.tab.text("#choose") == "Choose a session to read it."
    history.page.get_by_role("button", name="Delete all …").click()
    assert history.tab.text("#ask-title") == "Delete all 2 sessions?"
    history.page.locator("#ask-yes").click()
    history.sees(lambda: history.page.locator("#nothing").is_visible())
    assert list(history.folder.iterdir()) == []


def test_days_ask_before_they_delete(history: History) -> None:
    history.page.locator("#days").select_option("30")
    history.sees(lambda: history.tab.text("#ask-title") == "Delete 1 session now?")
    history.page.locator("#ask-no").click()
    history.sees(lambda: history.page.locator("#days").input_value() == "0")
    assert history.server.store.current.transcript.days == 0
    history.page.locator("#days").select_option("30")
    history.page.locator("#ask-yes").click()
    history.sees(lambda: history.server.store.current.transcript.days == 30)
    history.page.locator("#days").select_option("90")
    history.sees(lambda: history.server.store.current.transcript.days == 90)


def test_the_keyboard_reaches_everything(history: History) -> None:
    history.page.keyboard.press("/")
    assert history.focused() == "search"
    history.page.keyboard.press("ArrowDown")
    history.page.keyboard.press("End")
    history.page.keyboard.press("Enter")
    history.sees(lambda: history.cues() == ["OLD WORDS"])
    history.sees(lambda: history.focused() == "reading-title")
    history.page.keyboard.press("Tab")
    assert history.focused() == "copy"


def test_damaged_sessions_can_be_seen_and_deleted_and_a_full_disk_is_told(
    transcribing: Any, enter: Callable[..., Any]
) -> None:
    server, _ = transcribing
    write(server, TALKS[:1])
    folder = Path(server.store.current.transcript.folder)
    (folder / "2026-01-01-120000-0a1b2c.jsonl").write_bytes(b"\x00\xff")
    one = History(server, enter, before=SOON)
    one.sees(lambda: len(one.sessions()) == 2)
    assert one.sessions()[1] == "Signcap cannot read it, because its file is damaged."
    one.page.locator(".session").nth(1).click()
    one.sees(lambda: "Signcap cannot read it" in one.tab.text("#reading-facts"))
    one.page.get_by_role("button", name="Delete …").click()
    one.page.locator("#ask-yes").click()
    one.sees(lambda: len(one.sessions()) == 1)

    shutil.rmtree(folder)
    folder.write_text("in the way")
    server.store.change({"transcript": {"keep": True}})
    one.page.reload()
    say(server, "HELLO")
    one.sees(lambda: "cannot be written" in one.tab.text("#trouble"))
    folder.unlink()
    one.sees(lambda: one.sessions() == ["HELLO"])
    one.sees(lambda: one.tab.text("#trouble") == "")


def test_the_page_can_be_read_at_any_width(transcribing: Any, enter: Callable[..., Any]) -> None:
    server, _ = transcribing
    write(server, [*TALKS, (3.0, ["X" * 300, "WORD " * 90])])
    one = History(server, enter, "?q=x")
    one.sees(lambda: one.page.locator(".hit").count() > 0)
    one.page.locator(".session").first.click()
    one.sees(lambda: one.page.locator("#cues li").count() > 1)
    one.tab.check_legible((360, 800, 1280, 2560))
    one.page.set_viewport_size({"width": 360, "height": 760})
    assert not one.page.locator("#search").is_visible()
    one.page.get_by_role("button", name="Back to all sessions").click()
    assert one.page.locator("#search").is_visible()
    assert not one.page.locator("#cues").is_visible()
    one.page.get_by_role("button", name="Delete all …").click()
    one.tab.check_legible((360,))
