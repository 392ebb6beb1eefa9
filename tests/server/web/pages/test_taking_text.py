"""Text taken from the caption page, in a real browser: copied, saved, and linked to for OBS."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from overlay.captions.state import CaptionState, Cue

pytestmark = pytest.mark.e2e

CLIPBOARD = ["clipboard-read", "clipboard-write"]


def cues(*texts: str) -> tuple[Cue, ...]:
    return tuple(Cue(index, text, index * 10.0, index * 10.0 + 5) for index, text in enumerate(texts))


# All that the page has told in passing: it takes its notes away after six seconds.
KEEP_NOTES = """() => {
    window.notes = [];
    const note = document.getElementById("note");
    new MutationObserver(() => notes.push(note.textContent)).observe(note, {childList: true, subtree: true});
}"""


def wait_for_note(page: Any, words: str) -> None:
    """Wait until a page that keeps its notes has told something with these words."""
    page.until(lambda: any(words in note for note in page.look("notes")))


def test_all_text_is_copied(running: Any, tab: Callable[..., Any]) -> None:
    page = tab(running.url + running.access.viewer_path(), permissions=CLIPBOARD)
    page.look(KEEP_NOTES)
    page.page.get_by_role("button", name="Copy", exact=True).click()
    wait_for_note(page, "nothing to copy")
    running.say(CaptionState(1, cues("ONE", "TWO"), "THRE", "E"))
    page.until(lambda: page.text("#committed") == "THRE")
    page.page.get_by_role("button", name="Copy", exact=True).press("Enter")
    wait_for_note(page, "in the clipboard")
    assert page.look("navigator.clipboard.readText()") == "ONE\nTWO\nTHRE"


FILES = {"Text .txt": b"ONE\n", "WebVTT": b"WEBVTT\n\n1\n", "SubRip": b"1\n00:"}


def test_a_viewer_saves_files_and_copies_where_the_browser_has_no_clipboard_for_pages(
    running: Any, lend: Callable[..., Any], tmp_path: Path
) -> None:
    page = lend("Object.defineProperty(navigator, 'clipboard', {value: undefined});")
    page.open(running.url + running.access.viewer_path())
    running.say(CaptionState(1, cues("ONE", "TWO")))
    page.until(lambda: page.lines() == ["ONE", "TWO"])
    page.look(KEEP_NOTES)
    page.look("document.addEventListener('copy', () => { window.copied = String(document.activeElement.value); })")
    page.page.get_by_role("button", name="Copy", exact=True).click()
    wait_for_note(page, "in the clipboard")
    assert page.look("window.copied") == "ONE\nTWO"
    assert page.look("document.activeElement.id") == "copy"

    for button, begins in FILES.items():
        page.look("notes.length = 0")
        page.page.get_by_role("button", name="Save").press("Enter")
        with page.page.expect_download() as saving:
            page.page.get_by_role("button", name=button).press("Enter")
        saving.value.save_as(tmp_path / button)
        assert saving.value.suggested_filename.startswith("captions-20")
        assert (tmp_path / button).read_bytes().startswith(begins)
        wait_for_note(page, f"Saved as {saving.value.suggested_filename}")
        page.page.keyboard.press("Escape")
        assert not page.page.locator("#save-panel").is_visible()
        assert page.look("document.activeElement.id") == "save"
    assert page.complaints == []
    page.page.get_by_role("button", name="Save").click()
    assert page.page.get_by_role("button", name="Copy the link for OBS").count() == 0
    assert "from Signcap's start page" in page.text("#save-panel")  # where the owner finds it


def test_the_owner_copies_the_link_for_obs(running: Any, tab: Callable[..., Any]) -> None:
    page = tab("about:blank", permissions=CLIPBOARD)
    name, _, value = running.owner_cookie().partition("=")
    page.context.add_cookies([{"name": name, "value": value, "url": running.url}])
    page.open(running.url + "/captions")
    page.look(KEEP_NOTES)
    page.page.get_by_role("button", name="Save").click()
    page.page.get_by_role("button", name="Copy the link for OBS").click()
    wait_for_note(page, "in the clipboard")
    assert page.look("navigator.clipboard.readText()") == running.url + running.access.overlay_path()
    assert running.access.viewer_token not in page.page.content()
