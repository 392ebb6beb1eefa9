"""Collecting in a real browser: a letter is held before a camera; once it is found by the real hand model."""

import json
import re
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from models.training.data.tree import read_tree
from overlay.pipeline.live_captioner import LiveCaptioner
from server.collection.state import Phase
from server.session.folders import Folders
from tests.server.conftest import HandReader, HeldLetter

pytestmark = pytest.mark.e2e

SIZE = (480, 270)
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
def holding(serve: Callable[..., Any], folders: Folders) -> Iterator[Any]:
    """A server over a camera before which a letter is held; its hand is not looked for in the picture."""
    source = HeldLetter(rate=10, size=SIZE)
    with serve(source, lambda: HandReader(source), folders) as server:
        yield server


@pytest.fixture
def desk(holding: Any, enter: Callable[..., Any]) -> Any:
    """The page, with its picture."""
    return open_desk(holding, enter)


def open_desk(server: Any, enter: Callable[..., Any]) -> Any:
    opened = enter(server, "/collect")
    opened.until(lambda: opened.plays)
    opened.until(lambda: opened.look(PHASE) == "idle" and not opened.page.locator("#hand-note").is_visible())
    return opened


def set_up(desk: Any, name: str = "ann", count: int = 12, countdown: float = 1) -> None:
    """Name the signer and choose how pictures are taken, as a person does."""
    desk.page.fill("#signer", name)
    desk.page.keyboard.press("Enter")
    desk.until(lambda: desk.text("#total").startswith(name))
    desk.page.locator("#options summary").click()
    for field, value in (("takes", 1), ("count", count), ("countdown", countdown)):
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


def written(server: Any) -> int:
    """Pictures of the take; -1 while some of them are on their way to the disk."""
    state = server.session.collecting.collector.state
    return state.taken if state.counts[state.choice.letter] == state.taken else -1


def cell(desk: Any, letter: str) -> str:
    return str(desk.page.locator(f".cell[data-letter={letter}] .cell-count").inner_text())


def record(folder: Path) -> Any:
    return json.loads((folder / "take.json").read_text())


@pytest.mark.slow
def test_a_letter_is_collected_with_the_keyboard(
    serve: Callable[..., Any], folders: Folders, enter: Callable[..., Any]
) -> None:
    source = HeldLetter(rate=10, size=SIZE)
    with serve(source, LiveCaptioner, folders) as signing:
        desk = open_desk(signing, enter)
        set_up(desk, count=6)
        assert not folders.data.exists()
        desk.look(NOTE)
        desk.page.keyboard.press("s")
        desk.until(lambda: desk.look(PHASE) == "done")
        desk.until(lambda: (have(desk), cell(desk, "A")) == (6, "6"))
        assert "1" in desk.look("noted.big")
        assert any(0 < int(shown) < 6 for shown in desk.look("noted.have"))
        assert "A is complete" in desk.text("#said")
        assert desk.text("#next-text") == "Next: B"
        assert desk.text("#where") == str(folders.data / "ann/A")

        take = folders.data / "ann/A/001"
        desk.until(lambda: len(record(take)["frames"]) == 6)
        said = record(take)
        assert (said["signer"], said["letter"], said["take"], said["flipped"], said["burst"]) == (
            "ann",
            "A",
            "001",
            False,
            None,
        )
        assert (said["rate"], said["source"], said["size"], len(said["frames"])) == (10, "camera 7", [*SIZE], 6)
        assert all(
            frame["hand"]["handedness"] == "right" and frame["hand"]["score"] > 0.5 for frame in said["frames"]
        )
        assert len(read_tree(folders.data)) == 6
        for frame in said["frames"]:
            picture = cv2.imread(str(take / frame["file"]))
            assert picture is not None
            # The camera's picture itself: no outline, no captions, not mirrored.
            assert np.abs(picture.astype(int) - source.with_hand).max() < 40

        desk.page.keyboard.press("n")
        desk.until(lambda: desk.text("#glyph") == "B")
        assert desk.complaints == []
        assert all(request.startswith(signing.url) for request in desk.requests)


@pytest.mark.slow
def test_pause_undo_and_reload_and_closing_the_page_pauses(holding: Any, desk: Any, folders: Folders) -> None:
    set_up(desk, count=4, countdown=0.3)
    press(desk, "s", "done")
    desk.until(lambda: have(desk) == 4)
    assert desk.text("#undo-text") == "Undo take 001 of A (4)"

    press(desk, "Shift+C", "idle")
    desk.page.fill("#count", "500")
    desk.page.keyboard.press("Enter")
    desk.until(lambda: desk.text("#want") == "500")
    desk.look("document.activeElement.blur()")
    press(desk, "s", "taking")
    desk.until(lambda: have(desk) > 2)
    press(desk, "Space", "paused")
    desk.until(lambda: written(holding) == have(desk))
    paused_at = have(desk)
    desk.page.reload()
    desk.until(lambda: desk.look(PHASE) == "paused")
    assert (desk.page.input_value("#signer"), have(desk), cell(desk, "A")) == ("ann", paused_at, "4")
    press(desk, "p", "taking")
    desk.until(lambda: have(desk) > paused_at + 2)

    desk.page.goto("about:blank")
    desk.until(lambda: holding.session.collecting.collector.state.phase is Phase.PAUSED and written(holding) > 2)
    count = len(list((folders.data / "ann/C").rglob("*.jpg")))
    assert count == written(holding)
    desk.page.goto(f"{holding.url}/collect")
    desk.until(lambda: desk.look(PHASE) == "paused")
    assert have(desk) == count

    press(desk, "p", "taking")
    desk.page.keyboard.press("u")
    desk.until(lambda: desk.look(PHASE) == "idle" and cell(desk, "C") == "0")
    assert "undone" in desk.text("#said")
    assert not (folders.data / "ann/C").exists()
    assert len(read_tree(folders.data)) == 4
    desk.page.keyboard.press("u")
    desk.until(lambda: cell(desk, "A") == "0")
    assert desk.page.locator("#undo").is_disabled()
    assert desk.complaints == []


@pytest.mark.slow
def test_flipped_pictures_are_stored_flipped_and_pictures_without_a_hand_are_left_out(
    holding: Any, desk: Any, folders: Folders
) -> None:
    source = holding.pipeline.source
    set_up(desk, count=3, countdown=0)
    with chosen(desk):
        desk.page.locator("#flip").check()
    desk.until(lambda: desk.look("document.activeElement.id") == "flip")
    desk.look("document.activeElement.blur()")
    desk.page.locator("summary", has_text="Keys").click()
    press(desk, "s", "done")
    desk.until(lambda: have(desk) == 3)
    take = folders.data / "ann/A/001"
    desk.until(lambda: len(record(take)["frames"]) == 3)
    assert record(take)["flipped"] is True
    picture = cv2.imread(str(take / "0003.jpg"))
    assert picture is not None
    assert np.abs(picture.astype(int) - cv2.flip(source.with_hand, 1)).max() < 40
    desk.check_legible()
    assert desk.unnamed() == []

    press(desk, "Shift+B", "idle")
    desk.page.fill("#count", "500")
    with chosen(desk):
        desk.page.keyboard.press("Enter")
    desk.until(lambda: desk.text("#want") == "500")
    desk.look("document.activeElement.blur()")
    source.hand_up = False
    desk.until(lambda: desk.page.locator("#hand-note").is_visible())
    press(desk, "s", "taking")
    without = re.compile(r"(\d+) without a hand")
    desk.until(lambda: (found := without.search(desk.text("#take-line"))) and int(found[1]) >= 3)
    press(desk, "Escape", "idle")
    assert not (folders.data / "ann/B").exists()


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
    desk.look("document.activeElement.blur()")

    # Letters that move show their motion.
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
