"""Enrolment in a real browser: a signer of odd proportions shows whatever letter the page asks for."""

import json
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from overlay.captioner import Captioner
from overlay.frame import Frame, Pixels
from overlay.profile import InUse
from overlay.signer import SignerLook, SyntheticSigner
from server.enrol_pages import ENROLLING
from server.folders import Folders

pytestmark = pytest.mark.e2e

PHASE = "document.querySelector('#screen').dataset.phase"
LETTERS = "AIOX"


class Obliging:
    """A source: holds the letter that is asked for before a camera."""

    name = "camera 7"
    live = True
    rate = 30.0
    notice: str | None = None

    def __init__(self, look: SignerLook) -> None:
        self.asked: Callable[[], str] = lambda: "A"
        self.hand_up = True
        self.stalled = False  # no frame comes: the time of an enrolment, which comes with them, stands still
        self._shown = {letter: _held(letter, look) for letter in LETTERS}
        self._away = SyntheticSigner("A", look=look, size=(640, 360)).render(0.0)
        self._closed = threading.Event()
        self._count = 0

    def read(self) -> Frame | None:
        while not self._closed.wait(1 / 30) and self.stalled:
            pass
        if self._closed.is_set():
            return None
        self._count += 1
        shown = self._shown.get(self.asked(), self._shown["A"]) if self.hand_up else self._away
        return Frame(shown, self._count - 1, time.monotonic())

    def close(self) -> None:
        self._closed.set()


def _held(letter: str, look: SignerLook) -> Pixels:
    signer = SyntheticSigner(letter, letters_per_second=1.0, look=look, size=(640, 360))
    return signer.render(signer.letters[0].start + 0.3)


@pytest.fixture
def obliging(folders: Folders, odd_look: SignerLook, serve: Callable[..., Any]) -> Iterator[Any]:
    source = Obliging(odd_look)
    in_use = InUse()
    with serve(source, lambda: Captioner(in_use=in_use), folders, in_use) as server:
        session = server.app[ENROLLING].session
        source.asked = lambda: session.state.prompt
        for name in server.app[ENROLLING].profiles.names():
            server.app[ENROLLING].profiles.remove(name)
        yield server


@pytest.fixture
def desk(obliging: Any, tab: Callable[..., Any]) -> Any:
    return open_desk(obliging, tab)


def open_desk(server: Any, tab: Callable[..., Any], **options: Any) -> Any:
    """The page; what it asks for is shortened to a few letters, and quick."""
    opened = tab(server.access.launch_url(), **options)

    def shorten(route: Any) -> None:
        body = json.loads(route.request.post_data)
        if body["words"]:
            route.continue_()
        else:
            route.continue_(post_data=json.dumps(body | {"letters": LETTERS, "seconds": 1.5, "countdown": 0.7}))

    opened.page.route("**/api/v1/enrol/start", shorten)
    opened.page.goto(f"{server.url}/enrol")
    opened.until(lambda: opened.plays)
    return opened


def start(desk: Any, name: str = "ann") -> None:
    desk.page.fill("#name", name)
    desk.page.keyboard.press("Enter")
    desk.page.keyboard.press("s")


@pytest.mark.slow
def test_a_signer_is_enrolled_with_the_keyboard_and_the_profile_switched(obliging: Any, desk: Any) -> None:
    source = obliging.pipeline.source
    source.stalled = True
    start(desk)
    desk.until(lambda: desk.look(PHASE) == "countdown")
    assert desk.text("#call") == "A"
    source.stalled = False
    desk.until(lambda: int(desk.text("#done")) >= 2)
    desk.until(lambda: desk.look(PHASE) == "done", 90)
    desk.until(lambda: desk.page.locator("#result").is_visible())
    assert desk.text("#result-title") == "ann"
    in_use = obliging.app[ENROLLING].in_use
    result = obliging.app[ENROLLING].session.state.result
    assert desk.text("#verdict") == result.verdict == desk.text("#said")
    assert result.on
    rows = desk.page.locator("#bar-rows tr").all_inner_texts()
    assert [int(number) for number in rows[-1].split()[1:]] == [result.enrolled.before, result.enrolled.after]
    assert in_use.profile.name == "ann"
    switch = desk.page.get_by_role("switch", name="Use the profile ann")
    desk.until(lambda: switch.get_attribute("aria-checked") == "true")
    switch.focus()
    desk.page.keyboard.press("Space")
    desk.until(lambda: switch.get_attribute("aria-checked") == "false")
    assert in_use.profile is None
    desk.page.keyboard.press("Space")
    desk.until(lambda: in_use.profile is not None)
    desk.page.on("dialog", lambda dialog: dialog.accept())
    desk.page.get_by_role("button", name="Remove the profile ann").click()
    desk.until(lambda: desk.page.locator("#no-profiles").is_visible())
    assert in_use.profile is None
    assert desk.complaints == []
    assert all(request.startswith(obliging.url) for request in desk.requests)


@pytest.mark.slow
def test_skip_stop_words_and_a_missing_hand(obliging: Any, desk: Any) -> None:
    desk.page.locator("#go").click()
    desk.until(lambda: "name" in desk.text("#who-note"))
    start(desk, "a b")
    desk.until(lambda: "profile's name" in desk.text("#who-note"))
    source = obliging.pipeline.source
    source.stalled = True
    start(desk)
    desk.until(lambda: desk.look(PHASE) == "countdown")
    desk.page.keyboard.press("n")
    desk.until(lambda: desk.text("#call") == "I")
    desk.page.keyboard.press("Escape")
    desk.until(lambda: desk.look(PHASE) == "paused")
    assert desk.text("#go-text") == "Go on"
    source.hand_up = False
    source.stalled = False
    desk.until(lambda: desk.page.locator("#hand-note").is_visible())
    desk.page.keyboard.press("s")
    desk.until(lambda: "I once more" in desk.text("#said"))
    desk.page.reload()
    desk.until(lambda: desk.page.locator("#prompts li").count() == len(LETTERS))
    refused = [one for one in desk.complaints if "400 (Bad Request)" in one]
    assert desk.complaints == refused[:1], "the browser notes the name that was refused, and nothing else"


@pytest.mark.slow
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_page_can_be_read_at_any_width(obliging: Any, tab: Callable[..., Any], scheme: str) -> None:
    desk = open_desk(obliging, tab, color_scheme=scheme)
    start(desk)
    desk.until(lambda: desk.page.locator("#result").is_visible(), 90)
    for width in (380, 800, 1280, 2560):
        desk.page.set_viewport_size({"width": width, "height": 760})
        assert desk.look("document.documentElement.scrollWidth <= innerWidth"), width
        assert desk.faint_text() == []
    unnamed = """[...document.querySelectorAll('button, input, img, [role=progressbar]')].filter((one) =>
        one.checkVisibility() && !one.labels?.length && !one.ariaLabel && !one.hasAttribute("alt")
        && !one.innerText?.trim()).map((one) => one.outerHTML)"""
    assert desk.look(unnamed) == []
