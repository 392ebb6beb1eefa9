"""Enrolment in a real browser: a signer of odd proportions shows whatever letter the page asks for."""

import contextlib
import json
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from overlay.enrolment import fit as enrolment
from overlay.enrolment.guided.state import Phase
from overlay.enrolment.profile import InUse
from overlay.media.frame import Frame, Pixels
from overlay.pipeline.live_captioner import LiveCaptioner
from overlay.pipeline.result import Captioner
from overlay.synthesis.signer import SignerLook, SyntheticSigner
from server.session.folders import Folders
from tests.server.conftest import HandReader

pytestmark = pytest.mark.e2e

PHASE = "document.querySelector('#screen').dataset.phase"
LETTERS = "AIOX"
SIZE = (480, 360)


class Obliging:
    """A source: holds the letter that is asked for before a camera."""

    name = "camera 7"
    live = True
    rate = 10.0
    notice: str | None = None

    def __init__(self, look: SignerLook) -> None:
        self.asked: Callable[[], str] = lambda: "A"
        self.hand_up = True
        self.stalled = False  # no frame comes: the time of an enrolment, which comes with them, stands still
        self._shown = {letter: _held(letter, look) for letter in LETTERS}
        self._away = SyntheticSigner("A", look=look, size=SIZE).render(0.0)
        self._closed = threading.Event()
        self._count = 0

    def read(self) -> Frame | None:
        while not self._closed.wait(1 / self.rate) and self.stalled:
            pass
        if self._closed.is_set():
            return None
        self._count += 1
        shown = self._shown.get(self.asked(), self._shown["A"]) if self.hand_up else self._away
        return Frame(shown, self._count - 1, time.monotonic())

    def close(self) -> None:
        self._closed.set()


def _held(letter: str, look: SignerLook) -> Pixels:
    signer = SyntheticSigner(letter, letters_per_second=1.0, look=look, size=SIZE)
    return signer.render(signer.letters[0].start + 0.3)


@pytest.fixture
def oblige(folders: Folders, odd_look: SignerLook, serve: Callable[..., Any]) -> Callable[..., Any]:
    """Servers over a camera before which the letter that is asked for is held."""

    @contextlib.contextmanager
    def oblige(make_captioner: Callable[[Obliging, InUse], Captioner]) -> Iterator[Any]:
        source, in_use = Obliging(odd_look), InUse()
        with serve(source, lambda: make_captioner(source, in_use), folders, in_use) as server:
            session, profiles = server.session.enrolling.session, server.session.enrolling.profiles
            source.asked = lambda: session.state.prompt
            for name in profiles.names():
                profiles.remove(name)
            yield server

    return oblige


def open_desk(server: Any, enter: Callable[..., Any]) -> Any:
    """The page; what it asks for is shortened to a few letters, and quick."""
    desk = enter(server, "/enrol")

    def shorten(route: Any) -> None:
        body = json.loads(route.request.post_data)
        if body["words"]:
            route.continue_()
        else:
            route.continue_(post_data=json.dumps(body | {"letters": LETTERS, "seconds": 1.2, "countdown": 0.4}))

    desk.page.route("**/api/v1/enrol/start", shorten)
    desk.until(lambda: desk.plays)
    return desk


def start(desk: Any, name: str = "ann") -> None:
    desk.page.fill("#name", name)
    desk.page.keyboard.press("Enter")


@pytest.mark.slow
def test_a_signer_is_enrolled_with_the_keyboard_and_the_profile_switched(
    oblige: Callable[..., Any], enter: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(enrolment, "STATIC", enrolment.STATIC[:4])  # how good it is for other letters is not asked
    with oblige(lambda _source, in_use: LiveCaptioner(in_use=in_use)) as server:
        desk = open_desk(server, enter)
        source = server.pipeline.source
        source.stalled = True
        start(desk)
        desk.until(lambda: desk.look(PHASE) == "countdown")
        assert desk.text("#call") == "A"
        source.stalled = False
        desk.until(lambda: int(desk.text("#done")) >= 2)
        session = server.session.enrolling.session
        desk.until(lambda: session.state.phase not in (Phase.COUNTDOWN, Phase.TAKING))
        source.stalled = True  # nothing is to be read any longer
        desk.until(lambda: desk.look(PHASE) == "done", 90)
        desk.until(lambda: desk.page.locator("#result").is_visible())
        assert desk.text("#result-title") == "ann"
        in_use = server.session.enrolling.in_use
        result = session.state.result
        assert desk.text("#verdict") == result.verdict == desk.text("#said")
        assert result.on
        rows = desk.page.locator("#bar-rows tr").all_inner_texts()
        assert [int(number) for number in rows[-1].split()[1:]] == [result.enrolled.before, result.enrolled.after]
        assert in_use.profile.name == "ann"
        desk.check_legible()
        assert desk.unnamed() == []
        switch = desk.page.get_by_role("switch", name="Use the profile ann")
        desk.until(lambda: switch.get_attribute("aria-checked") == "true")
        switch.focus()
        desk.page.keyboard.press("Space")
        desk.until(lambda: switch.get_attribute("aria-checked") == "false")
        assert in_use.profile is None
        desk.page.keyboard.press("Space")
        desk.until(lambda: in_use.profile is not None)
        desk.page.once("dialog", lambda dialog: dialog.accept())
        desk.page.get_by_role("button", name="Remove the profile ann").click()
        desk.until(lambda: desk.page.locator("#no-profiles").is_visible())
        assert in_use.profile is None
        assert desk.complaints == []
        assert all(request.startswith(server.url) for request in desk.requests)


# A list with a switch, which is shown again, as it was or with something changed, between press and release.
ROWS = """async () => {
    const {Rows} = await import("/static/js/shared/rows.js");
    const list = document.body.appendChild(document.createElement("ul"));
    window.pressed = [];
    const rows = new Rows(list, (item) => {
        const button = document.createElement("button");
        button.dataset.key = item.name;
        button.addEventListener("click", () => window.pressed.push(`${item.name} ${item.on}`));
        return button;
    });
    window.show = (...on) => rows.show(on.map((one, place) => ({name: "abc"[place], on: one})));
    window.show(0, 0);
    list.lastChild.focus();
}"""
FOCUSED = "document.activeElement.dataset.key"


def test_a_press_is_not_lost_where_the_list_is_drawn_anew_in_the_middle_of_it(
    oblige: Callable[..., Any], enter: Callable[..., Any]
) -> None:
    with oblige(lambda source, _in_use: HandReader(source)) as server:
        desk = open_desk(server, enter)
        keyboard = desk.page.keyboard
        desk.look(ROWS)
        keyboard.down("Space")
        desk.look("window.show(1, 0, 0)")  # other rows change and come
        keyboard.up("Space")
        assert (desk.look("window.pressed"), desk.look(FOCUSED)) == (["b 0"], "b")
        desk.look("window.show(1, 1, 0)")  # its own: the focus goes along
        assert desk.look(FOCUSED) == "b"
        keyboard.press("Space")
        assert desk.look("window.pressed") == ["b 0", "b 1"]
        desk.look("window.show(1)")  # it is gone: the first
        assert desk.look(FOCUSED) == "a"


def test_skip_stop_words_and_a_missing_hand(oblige: Callable[..., Any], enter: Callable[..., Any]) -> None:
    with oblige(lambda source, _in_use: HandReader(source)) as server:
        desk = open_desk(server, enter)
        desk.page.locator("#go").click()
        desk.until(lambda: "name" in desk.text("#who-note"))
        start(desk, "a b")
        desk.until(lambda: "profile's name" in desk.text("#who-note"))
        source = server.pipeline.source
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
