"""Collecting in a real browser: a letter is held before a camera, and found by the real hand model."""

import json
import re
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from models.data.tree import read_tree
from server.collect_pages import COLLECTING
from server.collecting.state import Phase
from server.folders import Folders

pytestmark = pytest.mark.e2e

PHASE = "document.querySelector('#screen').dataset.phase"
# Notes all that is shown from now on of the countdown and of the count: some of it only for moments.
NOTE = """() => {
    window.noted = {big: [], have: []};
    for (const [id, shown] of Object.entries(noted)) {
        const place = document.getElementById(id);
        const note = () => place.checkVisibility() && shown.push(place.textContent);
        const all = {attributes: true, characterData: true, childList: true, subtree: true};
        new MutationObserver(note).observe(place, all);
    }
}"""


@pytest.fixture
def desk(signing: Any, tab: Callable[..., Any]) -> Any:
    """The page, with its picture."""
    return open_desk(signing, tab)


def open_desk(signing: Any, tab: Callable[..., Any], **options: Any) -> Any:
    opened = tab(signing.access.launch_url(), **options)
    opened.page.goto(f"{signing.url}/collect")
    opened.until(lambda: opened.plays)
    opened.until(lambda: opened.look(PHASE) == "idle" and not opened.page.locator("#hand-note").is_visible())
    return opened


def set_up(desk: Any, name: str = "ann", count: int = 12, countdown: float = 1) -> None:
    """Name the signer and choose how pictures are taken, as a person does."""
    desk.page.fill("#signer", name)
    desk.page.keyboard.press("Enter")
    desk.until(lambda: desk.text("#total").startswith(name))
    desk.page.locator("#options summary").click()
    for field, value in (("count", count), ("countdown", countdown)):
        desk.page.fill(f"#{field}", str(value))
        with chosen(desk):
            desk.page.keyboard.press("Enter")
    desk.until(lambda: desk.text("#want") == str(count))
    desk.look("document.activeElement.blur()")


def chosen(desk: Any) -> AbstractContextManager[Any]:
    """What is done within it has come to the server at its end: no key overtakes it."""
    coming: AbstractContextManager[Any] = desk.page.expect_response("**/api/v1/collect/choose", timeout=90_000)
    return coming


def press(desk: Any, key: str, phase: str) -> None:
    desk.page.keyboard.press(key)
    desk.until(lambda: desk.look(PHASE) == phase)


def have(desk: Any) -> int:
    return int(desk.text("#have"))


def written(signing: Any) -> int:
    """Pictures of the take; -1 while some of them are on their way to the disk."""
    state = signing.app[COLLECTING].collector.state
    return state.taken if state.counts[state.choice.letter] == state.taken else -1


def cell(desk: Any, letter: str) -> str:
    return str(desk.page.locator(f".cell[data-letter={letter}] .cell-count").inner_text())


def record(folder: Path) -> Any:
    return json.loads((folder / "take.json").read_text())


@pytest.mark.slow
def test_a_letter_is_collected_with_the_keyboard(
    signing: Any, desk: Any, folders: Folders, tab: Callable[..., Any]
) -> None:
    set_up(desk)
    assert not folders.data.exists()
    desk.look(NOTE)
    desk.page.keyboard.press("s")
    desk.until(lambda: desk.look(PHASE) == "done")
    desk.until(lambda: (have(desk), cell(desk, "A")) == (12, "12"))
    assert "1" in desk.look("noted.big")
    assert any(0 < int(shown) < 12 for shown in desk.look("noted.have"))
    assert "A is complete" in desk.text("#said")
    assert desk.text("#next-text") == "Next: B"
    assert desk.text("#where") == str(folders.data / "ann/A")

    take = folders.data / "ann/A/001"
    desk.until(lambda: len(record(take)["frames"]) == 12)
    said = record(take)
    assert (said["signer"], said["letter"], said["take"], said["flipped"], said["burst"]) == (
        "ann",
        "A",
        "001",
        False,
        None,
    )
    assert (said["rate"], said["source"], said["size"], len(said["frames"])) == (10, "camera 7", [960, 540], 12)
    assert all(frame["hand"]["handedness"] == "right" and frame["hand"]["score"] > 0.5 for frame in said["frames"])
    assert len(read_tree(folders.data)) == 12
    for frame in said["frames"]:
        picture = cv2.imread(str(take / frame["file"]))
        assert picture is not None
        # The camera's picture itself: no outline, no captions, not mirrored.
        assert np.abs(picture.astype(int) - signing.pipeline.source.with_hand).max() < 40

    desk.page.keyboard.press("n")
    desk.until(lambda: desk.text("#glyph") == "B")
    assert desk.complaints == []
    assert all(request.startswith(signing.url) for request in desk.requests)


@pytest.mark.slow
def test_flipped_pictures_are_stored_flipped(signing: Any, desk: Any, folders: Folders) -> None:
    set_up(desk, count=3, countdown=0)
    with chosen(desk):
        desk.page.locator("#flip").check()
    desk.until(lambda: desk.look("document.activeElement.id") == "flip")
    desk.look("document.activeElement.blur()")
    desk.page.keyboard.press("s")
    desk.until(lambda: have(desk) == 3)
    take = folders.data / "ann/A/001"
    desk.until(lambda: len(record(take)["frames"]) == 3)
    assert record(take)["flipped"] is True
    picture = cv2.imread(str(take / "0003.jpg"))
    assert picture is not None
    flipped = cv2.flip(signing.pipeline.source.with_hand, 1)
    assert np.abs(picture.astype(int) - flipped).max() < 40


@pytest.mark.slow
def test_pause_undo_and_reload(signing: Any, desk: Any, folders: Folders) -> None:
    set_up(desk, count=8, countdown=0.3)
    press(desk, "s", "done")
    desk.until(lambda: have(desk) == 8)
    assert desk.text("#undo-text") == "Undo take 001 of A (8)"

    press(desk, "Shift+C", "idle")
    desk.page.fill("#count", "500")
    desk.page.keyboard.press("Enter")
    desk.until(lambda: desk.text("#want") == "500")
    desk.look("document.activeElement.blur()")
    press(desk, "s", "taking")
    desk.until(lambda: have(desk) > 4)
    press(desk, "Space", "paused")
    desk.until(lambda: written(signing) == have(desk))
    paused_at = have(desk)
    desk.page.reload()
    desk.until(lambda: desk.look(PHASE) == "paused")
    assert (desk.page.input_value("#signer"), have(desk), cell(desk, "A")) == ("ann", paused_at, "8")
    press(desk, "p", "taking")
    desk.until(lambda: have(desk) > paused_at + 2)
    desk.page.keyboard.press("u")
    desk.until(lambda: desk.look(PHASE) == "idle" and cell(desk, "C") == "0")
    assert "undone" in desk.text("#said")
    assert not (folders.data / "ann/C").exists()
    assert len(read_tree(folders.data)) == 8
    desk.page.keyboard.press("u")
    desk.until(lambda: cell(desk, "A") == "0")
    assert desk.page.locator("#undo").is_disabled()
    assert desk.complaints == []


@pytest.mark.slow
def test_closing_the_page_pauses(signing: Any, desk: Any, folders: Folders) -> None:
    set_up(desk, count=500, countdown=0)
    press(desk, "s", "taking")
    desk.until(lambda: have(desk) > 2)
    desk.page.goto("about:blank")
    desk.until(lambda: signing.app[COLLECTING].collector.state.phase is Phase.PAUSED and written(signing) > 2)
    count = len(list(folders.data.rglob("*.jpg")))
    assert count == written(signing)
    desk.page.goto(f"{signing.url}/collect")
    desk.until(lambda: desk.look(PHASE) == "paused")
    assert have(desk) == count


@pytest.mark.slow
def test_a_hand_that_is_away_is_said_loudly_and_counted(signing: Any, desk: Any, folders: Folders) -> None:
    set_up(desk, count=500, countdown=0)
    signing.pipeline.source.hand_up = False
    desk.until(lambda: desk.page.locator("#hand-note").is_visible())
    press(desk, "s", "taking")
    without = re.compile(r"(\d+) without a hand")
    desk.until(lambda: (found := without.search(desk.text("#take-line"))) and int(found[1]) >= 3)
    press(desk, "Escape", "idle")
    desk.until(lambda: [frame["hand"] for frame in record(folders.data / "ann/A/001")["frames"]].count(None) >= 3)


@pytest.mark.slow
def test_letters_of_a_name_are_no_keys_and_bad_names_are_explained(desk: Any, folders: Folders) -> None:
    desk.page.fill("#signer", "")
    desk.page.locator("#signer").press_sequentially("s p u")
    desk.page.keyboard.press("Enter")
    desk.until(lambda: "name has letters" in desk.text("#who-note"))
    assert desk.look(PHASE) == "idle"
    desk.page.fill("#signer", "x")
    desk.page.keyboard.press("Enter")
    desk.until(lambda: "cannot be called x" in desk.text("#who-note"))
    desk.page.fill("#signer", "xu")
    desk.page.keyboard.press("Enter")
    desk.until(lambda: desk.text("#total").startswith("xu") and desk.text("#who-note") == "")
    assert not folders.data.exists()


@pytest.mark.slow
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_page_can_be_read_at_any_width(signing: Any, tab: Callable[..., Any], scheme: str) -> None:
    desk = open_desk(signing, tab, color_scheme=scheme)
    set_up(desk, count=3, countdown=0)
    desk.page.locator("summary", has_text="Keys").click()
    press(desk, "s", "done")
    desk.until(lambda: have(desk) == 3)
    for width in (380, 800, 1280, 2560):
        desk.page.set_viewport_size({"width": width, "height": 760})
        assert desk.look("document.documentElement.scrollWidth <= innerWidth"), width
        assert desk.faint_text() == []
    unnamed = """[...document.querySelectorAll('button, input, img, [role=progressbar]')].filter((one) =>
        one.checkVisibility() && !one.labels?.length && !one.ariaLabel && !one.hasAttribute("alt")
        && !one.innerText?.trim()).map((one) => one.outerHTML)"""
    assert desk.look(unnamed) == []


@pytest.mark.slow
def test_letters_that_move_show_their_motion(desk: Any) -> None:
    for letter, shown in (("J", 4), ("A", 1)):
        desk.page.keyboard.press(f"Shift+{letter}")
        desk.until(lambda letter=letter: desk.text("#glyph") == letter)
        shape = (
            "(({naturalWidth, naturalHeight}) => naturalWidth / naturalHeight || 0)(document.querySelector('#hint'))"
        )
        desk.until(lambda shown=shown, shape=shape: round(desk.look(shape)) == shown)
    desk.page.keyboard.press("ArrowLeft")
    desk.until(lambda: desk.text("#glyph") == "Z")
    assert "bursts" in desk.text("#letter-note")
