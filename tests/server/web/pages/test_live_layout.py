"""Live as people have it before them: what a call needs is in sight, and nothing moves while they reach for it."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from overlay.captions.state import CaptionState, Cue
from overlay.pipeline.live_captioner import LiveCaptioner
from server.session import source_control as sources
from server.session.notices import VirtualCameraStatus
from tests.server.conftest import HeldLetter, MovingPattern, ScriptedCaptioner

pytestmark = pytest.mark.e2e

# Where each control is that can be seen: by its id, or by what it does.
PLACES = """() => Object.fromEntries(
    [...document.querySelectorAll(":is(header, main) :is(a, button, select, input, textarea)")]
        .filter((one) => one.checkVisibility())
        .map((one) => {
            const {x, y} = one.getBoundingClientRect();
            return [one.id || one.dataset.edit || one.getAttribute("href") || one.textContent.trim(), [x, y]];
        }))"""
MOST = 4.0  # pixels that a control may move


def moved(before: dict[str, list[float]], after: dict[str, list[float]]) -> dict[str, tuple[float, float]]:
    """What is elsewhere now, with how far it has gone across and down."""
    ways = {name: (after[name][0] - x, after[name][1] - y) for name, (x, y) in before.items() if name in after}
    return {name: way for name, way in ways.items() if max(map(abs, way)) > MOST}


def test_nothing_moves_when_the_state_changes(running: Any, enter: Callable[..., Any]) -> None:
    page = enter(running, "/", picture=False)
    page.until(lambda: page.page.is_enabled("#outline") and page.page.is_visible("#call-link"))
    page.until(lambda: page.page.locator("#phrase-list button").count())
    ends: list[Callable[[], None]] = []
    states: dict[str, tuple[Callable[[], Any], Callable[[], Any]]] = {
        "paused": (lambda: running.pipeline.pause(True), lambda: "captions paused" in page.text("#camera-text")),
        "a notice": (
            lambda: running.notices.notice("test", "A sentence that people should read. " * 4),
            lambda: "A sentence" in page.text("#notices"),
        ),
        "a transcript": (lambda: setattr(running.notices, "transcript", True), lambda: page.page.is_visible("#kept")),
        "a virtual camera": (
            lambda: setattr(running.notices, "virtual_camera", VirtualCameraStatus(True, "Signcap: choose it.")),
            lambda: not page.page.is_visible("#check-computer"),
        ),
        "not paused": (lambda: running.pipeline.pause(False), lambda: "paused" not in page.text("#camera-text")),
        "captions": (
            lambda: running.say(CaptionState(1, (Cue(0, "HELLO " * 30, 0.0, 1.0),), "NICE TO MEET YOU " * 3, "T")),
            lambda: page.text("#committed"),
        ),
        "in call": (
            lambda: ends.append(running.stream.watch(lambda _picture: None, in_call=True)),
            lambda: "In call" in page.text("#camera-text") and page.text("#call-step-state").startswith("In call"),
        ),
    }
    places: dict[int, Any] = {}
    widths = (1280, 1366, 1536, 1920)
    for width in widths:
        page.page.set_viewport_size({"width": width, "height": 720})
        places[width] = page.look(PLACES)
        assert len(places[width]) > 20
    for state, (begin, shown) in states.items():
        begin()
        page.until(shown)
        for width in widths:
            page.page.set_viewport_size({"width": width, "height": 720})
            assert moved(places[width], page.look(PLACES)) == {}, (state, width)
    ends.pop()()
    page.until(lambda: "In call" not in page.text("#camera-text"))


@pytest.fixture
def switchable(serve: Any, folders: Any) -> Iterator[Any]:
    """A server whose source can be chosen."""
    with serve(MovingPattern(), ScriptedCaptioner, folders, open_one=lambda _spec, _text: MovingPattern()) as server:
        yield server


def test_source_virtual_camera_and_call_captions_are_in_sight_and_a_few_keys_away(
    switchable: Any, enter: Callable[..., Any]
) -> None:
    page = enter(switchable, "/")
    page.until(lambda: page.plays and page.page.is_visible("#call-link") and page.page.is_enabled("#source"))
    for control in ("source", "call-setup-open", "pause", "output", "call-link", "type-text"):
        box = page.page.locator(f"#{control}").bounding_box()
        assert box["y"] >= 0, control
        assert box["y"] + box["height"] <= 720, control
    stops = []
    page.page.locator("body").focus()
    for _ in range(24):
        page.page.keyboard.press("Tab")
        stops.append(page.look("document.activeElement.id || document.activeElement.className"))
    assert stops[0] == "skip"
    assert stops.index("source") < 12
    assert stops.index("call-link") < 24
    page.page.locator(".skip").focus()
    page.page.keyboard.press("Enter")
    page.page.keyboard.press("Tab")
    assert page.look("document.activeElement.id") == "source"

    # One key to type, another for the sheet of keys; neither where something is typed.
    page.page.locator(".brand").focus()
    page.page.keyboard.press("/")
    assert page.look("document.activeElement.id") == "type-text"
    page.page.keyboard.type("a/b?")
    assert page.page.locator("#type-text").input_value() == "a/b?"
    assert not page.page.is_visible("#keys-sheet")
    page.page.locator(".brand").focus()
    page.page.keyboard.press("?")
    assert page.page.is_visible("#keys-sheet")
    page.page.keyboard.press("Escape")
    assert not page.page.is_visible("#keys-sheet")
    assert page.complaints == []


def test_each_program_has_its_own_list_of_what_is_missing(
    running: Any, enter: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sources, "pipewire_is_there", lambda: False)
    monkeypatch.setattr(sources.v4l2, "video_devices", list)
    running.notices.virtual_camera = VirtualCameraStatus(False, "There is no virtual camera: get one.")
    page = enter(running, "/", picture=False)
    page.page.get_by_role("button", name="Set up", exact=True).click()
    window = page.page.locator("#call-setup")
    driver, extension = window.get_by_text("This computer has no virtual camera"), window.get_by_text("Press Pair")
    page.until(driver.is_visible)
    assert window.get_by_text("modules-load.d").first.is_visible()  # still there after a restart
    window.get_by_label("Meet").check()
    assert extension.is_visible()
    assert not driver.is_visible()
    window.get_by_label("Zoom").check()
    monkeypatch.setattr(sources, "pipewire_is_there", lambda: True)
    page.page.keyboard.press("Escape")
    page.page.get_by_role("button", name="Set up", exact=True).click()
    page.until(window.get_by_text("This computer has one: choose it").is_visible)
    assert not driver.is_visible()
    running.notices.virtual_camera = VirtualCameraStatus(True, "Signcap Camera: choose it.")
    page.until(window.get_by_text("Settings, Video, Camera: choose Signcap Camera.", exact=True).is_visible)
    page.page.reload()
    assert page.page.locator("input[name=app][value=zoom]").is_checked()
    assert page.complaints == []


@pytest.mark.slow
def test_two_letters_are_judged_as_they_are_signed(serve: Any, folders: Any, enter: Callable[..., Any]) -> None:
    """B is held before the camera and read; the other letter is not, and light and size are no reason for it."""
    with serve(HeldLetter(rate=10, size=(480, 270)), LiveCaptioner, folders) as server:
        page = enter(server, "/", before="Math.random = () => 0;")
        page.until(lambda: page.plays and page.text("#best li:first-child .letter") == "B", 90)
        page.page.get_by_role("button", name="Try", exact=True).click()
        page.page.get_by_role("button", name="Start", exact=True).click()
        page.until(lambda: page.text("#asked-glyph") == "L")  # after B, which is held already
        page.until(lambda: "L was not read." in page.text("#judged"))
        assert "The light is good." in page.text("#judged")
        assert "Your hand is large enough." in page.text("#judged")
        assert page.page.get_by_role("link", name="Enrol your hand").is_visible()
        assert page.page.locator("#step-test").get_attribute("data-state") == "trouble"
        assert page.complaints == []
