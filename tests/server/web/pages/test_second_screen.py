"""The caption page in a real browser: going on in the next run, and speaking."""

import contextlib
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from overlay.captions.state import CaptionState, Cue
from server.web.auth.viewer_links import ViewerSecrets
from tests.server.web.pages.test_taking_text import KEEP_NOTES, wait_for_note

pytestmark = pytest.mark.e2e

# What a browser with voices has: two of this machine's own, one that speaks elsewhere.
VOICES = """
const voice = (name, lang, localService, isDefault) =>
    ({name, lang, localService, default: isDefault, voiceURI: `urn:${name}`});
const voices = [voice("Elsewhere", "en-US", false, true), voice("Anna", "de-DE", true, false),
                voice("Sam", "en-US", true, false), voice("Dan", "en-GB", true, false)];
window.spoken = [];
const synthesis = new EventTarget();
synthesis.getVoices = () => voices;
synthesis.speak = (one) => {
    spoken.push([one.text, one.voice.name, one.rate]);
    setTimeout(() => one.dispatchEvent(new Event("end")));
};
synthesis.cancel = () => spoken.push("cancelled");
window.SpeechSynthesisUtterance = class extends EventTarget {
    constructor(text) { super(); this.text = text; }
};
Object.defineProperty(window, "speechSynthesis", {value: synthesis});
"""
NO_VOICES = VOICES.replace("() => voices", "() => voices.slice(0, 1)")
NO_SPEECH = "Object.defineProperty(window, 'speechSynthesis', {value: undefined});"
# A page that was opened with speaking on, and that nobody has used yet.
UNUSED = """
try { localStorage.setItem("signcap.captions.speak", "on"); } catch {}
const activation = {hasBeenActive: false};
Object.defineProperty(navigator, "userActivation", {value: activation});
addEventListener("pointerdown", () => { activation.hasBeenActive = true; });
"""
# Pauses of seconds until the page asks again are short: those before it connects once it was refused, too.
SOON = """{
    const later = window.setTimeout;
    window.setTimeout = (work, ms, ...more) => later(work, [2000, 5000].includes(ms) ? 200 : ms, ...more);
}"""

FARTHEST_RIGHT = """() => Math.max(...[...document.querySelectorAll("button, .panel")]
    .map((one) => one.getBoundingClientRect().right))"""


def cues(*texts: str) -> tuple[Cue, ...]:
    return tuple(Cue(index, text, index * 10.0, index * 10.0 + 5) for index, text in enumerate(texts))


@pytest.fixture
def open_page(lend: Callable[..., Any]) -> Callable[..., Any]:
    """Opens the second screen of a server, with a script of the browser's own before it."""

    def open_page(server: Any, script: str | None = None) -> Any:
        page = lend(script)
        page.open(server.url + server.access.viewer_path())
        return page

    return open_page


@pytest.fixture
def start_run(serve: Callable[..., Any]) -> Iterator[Callable[..., Any]]:
    """Starts runs of Signcap one after the other, as `signcap` would: only the viewers' secrets stay."""
    with contextlib.ExitStack() as stack:
        secrets = ViewerSecrets.new()

        def start(port: int = 0, viewer: ViewerSecrets = secrets) -> Any:
            stack.close()  # the run before ends
            return stack.enter_context(serve(viewer=viewer, port=port))

        yield start


@pytest.fixture
def serve(serve: Callable[..., Any], running: Any) -> Callable[..., Any]:
    """Servers over readers that say what a test wants."""
    source, reader = type(running.pipeline.source), type(running.reader)

    @contextlib.contextmanager
    def serve_scripted(**options: Any) -> Iterator[Any]:
        scripted = reader()
        with serve(source(), lambda: scripted, **options) as server:
            server.reader = scripted
            yield server

    return serve_scripted


def test_it_goes_on_through_a_restart(start_run: Callable[..., Any], open_page: Callable[..., Any]) -> None:
    first = start_run()
    first.say(CaptionState(1, cues("ONE", "TWO"), "THREE ", "F"))
    page = open_page(first)
    page.until(lambda: page.text("#committed").strip() == "THREE" and page.lines() == ["ONE", "TWO"])

    second = start_run(first.port)
    second.say(CaptionState(1, cues("ONE AGAIN"), "TW"))
    page.until(lambda: len(page.lines()) == 4)
    assert page.lines() == ["ONE", "TWO", "THREE", "ONE AGAIN"]
    assert (page.text("#committed"), page.text("#partial"), page.text("#link-state")) == ("TW", "", "")
    second.say(CaptionState(2, cues("ONE AGAIN", "TWO AGAIN")))
    page.until(lambda: len(page.lines()) == 5)
    assert page.lines()[3:] == ["ONE AGAIN", "TWO AGAIN"]
    assert page.look("[...document.querySelectorAll('#finished .new-run')].map((one) => one.innerText)") == [
        "ONE AGAIN"
    ]
    second.cut_all_connections()
    second.say(CaptionState(3, cues("ONE AGAIN", "TWO AGAIN", "LAST")))
    page.until(lambda: "LAST" in page.lines())
    assert page.lines() == ["ONE", "TWO", "THREE", "ONE AGAIN", "TWO AGAIN", "LAST"]
    page.page.reload()
    page.until(lambda: page.lines() == ["ONE AGAIN", "TWO AGAIN", "LAST"])


def test_a_link_that_was_revoked_says_so(start_run: Callable[..., Any], open_page: Callable[..., Any]) -> None:
    first = start_run()
    first.say(CaptionState(1, cues("ONE")))
    page = open_page(first, SOON)
    page.until(lambda: page.lines() == ["ONE"])
    second = start_run(first.port, ViewerSecrets.new())
    second.say(CaptionState(1, cues("SECRET")))
    page.until(lambda: "expired" in page.text("#link-state"))
    assert "start page" in page.text("#link-state")
    assert page.lines() == ["ONE"]
    page.look(KEEP_NOTES)
    page.page.get_by_role("button", name="Save").click()
    page.page.get_by_role("button", name="Text .txt").click()
    wait_for_note(page, "expired")
    other = page.context.new_page()  # somebody opens a new link in another tab
    other.goto(second.url + second.access.viewer_path())
    page.until(lambda: page.lines() == ["ONE", "SECRET"] and page.text("#link-state") == "")


def speak(page: Any) -> None:
    page.page.get_by_role("button", name="Speak aloud").click()
    page.page.get_by_role("switch").check()
    page.page.keyboard.press("Escape")


def test_new_captions_are_spoken_once(running: Any, open_page: Callable[..., Any]) -> None:
    running.say(CaptionState(1, cues("BEFORE")))
    page = open_page(running, VOICES)
    page.until(lambda: page.lines() == ["BEFORE"])
    running.say(CaptionState(2, cues("BEFORE", "STILL OFF")))
    page.until(lambda: len(page.lines()) == 2)
    assert page.look("spoken") == []
    speak(page)
    running.say(CaptionState(3, cues("BEFORE", "STILL OFF"), "NOT"))
    page.until(lambda: page.text("#committed") == "NOT")
    assert page.look("spoken") == []
    running.say(CaptionState(4, cues("BEFORE", "STILL OFF", "ONE")))
    page.until(lambda: page.look("spoken") == [["one", "Sam", 1]])
    running.say(CaptionState(5, cues("BEFORE", "STILL OFF", "ONE CORRECTED")))
    page.until(lambda: "ONE CORRECTED" in page.lines())
    running.cut_all_connections()
    running.say(CaptionState(6, cues("BEFORE", "STILL OFF", "ONE CORRECTED", "TWO")))
    page.until(lambda: "TWO" in page.lines())
    page.until(lambda: [text for text, _, _ in page.look("spoken")] == ["one", "two"])
    page.page.get_by_role("button", name="Speak aloud").click()
    page.page.get_by_role("switch").uncheck()
    running.say(CaptionState(7, cues("BEFORE", "STILL OFF", "ONE CORRECTED", "TWO", "THREE")))
    page.until(lambda: "THREE" in page.lines())
    assert page.look("spoken.slice(2)") == ["cancelled"]


def test_words_are_spoken_though_their_caption_goes_on_and_the_rest_when_it_is_finished(
    running: Any, open_page: Callable[..., Any]
) -> None:
    page = open_page(running, VOICES)
    speak(page)
    running.say(CaptionState(1, (), "MY TRAIN IS"))
    page.until(lambda: page.look("spoken") == [["my train", "Sam", 1]])
    running.say(CaptionState(2, (), "MY TRAIN IS LATE"))
    running.say(CaptionState(3, cues("MY TRAIN IS LATE")))
    page.until(lambda: len(page.look("spoken")) > 1)
    assert page.look("spoken.slice(1)") == [["is late", "Sam", 1]]


def test_the_last_caption_of_a_run_still_comes_and_nothing_is_spoken_twice(
    start_run: Callable[..., Any], open_page: Callable[..., Any]
) -> None:
    """What was finished when Signcap was ended is not lost, and what it finished meanwhile is there once."""
    first = start_run()
    page = open_page(first, VOICES)
    speak(page)
    first.say(CaptionState(1, cues("ONE"), "TWO"))
    page.until(lambda: page.lines() == ["ONE"] and page.text("#committed") == "TWO")
    first.say(CaptionState(2, cues("ONE", "TWO")))
    page.until(lambda: page.lines() == ["ONE", "TWO"])
    second = start_run(first.port)
    second.say(CaptionState(1, cues("ONE", "THREE")))
    page.until(lambda: len(page.lines()) > 3)
    assert page.lines() == ["ONE", "TWO", "ONE", "THREE"]
    page.until(lambda: [text for text, _, _ in page.look("spoken")] == ["one", "two", "one", "three"])


def test_voice_and_speed_are_the_users_and_are_remembered(running: Any, open_page: Callable[..., Any]) -> None:
    page = open_page(running, VOICES)
    speak(page)
    page.page.get_by_role("button", name="Speak aloud: on").press("Enter")
    assert page.page.locator("#voice option").all_inner_texts() == ["Sam (en-US)", "Dan (en-GB)", "Anna (de-DE)"]
    page.page.get_by_label("Voice").select_option(label="Dan (en-GB)")
    page.page.get_by_label("Speed").press("ArrowRight")
    page.page.get_by_role("button", name="Hear it").click()
    assert page.look("spoken") == [["This is how captions sound.", "Dan", 1.1]]
    page.page.reload()
    assert page.page.get_by_role("button", name="Speak aloud: on").count() == 1
    assert page.page.locator("#voice").input_value() == "urn:Dan"


def test_it_speaks_as_soon_as_the_browser_lets_it(running: Any, open_page: Callable[..., Any]) -> None:
    """Browsers let a page speak only after somebody has used it."""
    page = open_page(running, VOICES + UNUSED)
    page.until(lambda: page.text("#empty"))
    running.say(CaptionState(1, cues("ONE")))
    page.until(lambda: page.lines() == ["ONE"])
    assert page.look("spoken") == []
    assert "click once" in page.page.locator("#speech-note").text_content()
    page.page.locator("#scroll").click()
    page.until(lambda: page.look("spoken") == [["one", "Sam", 1]])
    assert page.page.locator("#speech-note").text_content() == ""


@pytest.mark.parametrize(
    ("script", "sentence"), [(NO_SPEECH, "cannot speak"), (NO_VOICES, "no voice on this computer")]
)
def test_a_browser_that_cannot_speak_says_so(
    running: Any, open_page: Callable[..., Any], script: str, sentence: str
) -> None:
    page = open_page(running, script)
    page.page.get_by_role("button", name="Speak aloud").click()
    assert sentence in page.text("#speech-panel")
    assert not page.page.get_by_role("switch").is_visible()
    assert page.complaints == []


def test_all_of_it_can_be_read_at_any_width(running: Any, open_page: Callable[..., Any]) -> None:
    running.say(CaptionState(1, cues("HELLO"), "NICE TO MEE", "T"))
    page = open_page(running, VOICES)
    page.until(lambda: page.lines() == ["HELLO"])
    speak(page)
    for panel in ("#save", "#speak", "#copy"):
        page.page.locator(panel).click()
        for width in (380, 800, 1280):
            page.page.set_viewport_size({"width": width, "height": 760})
            assert page.look(FARTHEST_RIGHT) <= width
        page.check_legible((380, 800, 1280))
        page.page.keyboard.press("Escape")


def test_the_keyboard_reaches_everything(running: Any, open_page: Callable[..., Any]) -> None:
    page = open_page(running, VOICES)
    reached = []
    for _ in range(8):
        page.page.keyboard.press("Tab")
        reached.append(page.look("document.activeElement.id"))
        outline = "getComputedStyle(document.activeElement).outlineStyle"
        assert page.look(outline) == "solid"
    assert reached == ["smaller", "larger", "theme", "fullscreen", "copy", "save", "speak", "scroll"]
    page.page.locator("#speak").press("Enter")
    page.page.keyboard.press("Tab")
    page.page.keyboard.press("Space")
    assert page.look("document.activeElement.id") == "speak-on"
    assert page.look("localStorage.getItem('signcap.captions.speak')") == "on"
