"""The owner's pages in a real browser: tuning, style, cameras, typing; by mouse and by keyboard alone."""

import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import expect

from overlay.captions.state import CaptionState
from overlay.core.settings import CaptionStyle, Settings
from overlay.media.frame import Frame
from overlay.media.source import Source
from overlay.media.sources.webcam import CameraInfo
from overlay.pipeline.live_captioner import LiveCaptioner
from overlay.synthesis.signer import SyntheticSigner
from overlay.tuning.presets import PRESETS
from server.session import source_control as sources
from tests.server.conftest import HeldLetter, MovingPattern, ScriptedCaptioner, SpelledReader
from tests.server.slow_links import FIRST_CHANGE_IS_SLOW, NEWS_IS_LATE

pytestmark = pytest.mark.e2e

Open = Callable[..., Any]


@pytest.fixture
def switchable(serve: Any, folders: Any, monkeypatch: Any) -> Iterator[Any]:
    """A server on a machine with one camera, which has been let go of for the demo."""

    def open_one(spec: str, text: str | None) -> Source:
        source = MovingPattern()
        source.name = "demo" if spec == "demo" else f"camera {spec}"
        return source

    monkeypatch.setattr(sources, "list_cameras", lambda: [CameraInfo("0", "Front camera")])
    reader = ScriptedCaptioner()
    with serve(MovingPattern(), lambda: reader, folders, open_one=open_one) as server:
        server.reader = reader
        yield server


class Repeating:
    """A source: the synthetic signer spells HI again and again, with as few pictures as that can be read from."""

    name = "demo"
    live = True
    rate = 10.0
    notice: str | None = None

    def __init__(self) -> None:
        signer = SyntheticSigner("HI", letters_per_second=2.0, size=(320, 240))
        rest = 2.0  # seconds: with the way down and up, longer than the silence that ends a caption
        self._pictures = [signer.render(at) for at in np.arange(0, signer.duration, 1 / self.rate)]
        self._pictures += [signer.render(0.0)] * int(rest * self.rate)
        self._closed = threading.Event()
        self._count = self._place = 0
        self.times = 0  # how often it was spelled to the end

    def begin(self) -> None:
        """Spell it from the beginning."""
        self._place = self.times = 0

    def read(self) -> Frame | None:
        if self._closed.wait(1 / self.rate):
            return None
        frame = Frame(self._pictures[self._place], self._count, time.monotonic())
        self._count += 1
        self._place = (self._place + 1) % len(self._pictures)
        self.times += self._place == 0
        return frame

    def close(self) -> None:
        self._closed.set()


def slide(page: Any, name: str, key: str, times: int) -> None:
    if page.locator("#advanced").count():
        page.locator("#advanced").evaluate("(details) => (details.open = true)")
    slider = page.get_by_label(name, exact=True)
    expect(slider).to_be_enabled(timeout=60_000)
    slider.focus()
    for _ in range(times):
        page.keyboard.press(key)


@pytest.mark.slow
def test_a_threshold_is_tuned_and_the_demo_is_read_otherwise(serve: Any, folders: Any, enter: Open) -> None:
    """The whole way: the demo spells HI, least hold goes up, and nothing more comes out; then back."""
    source = Repeating()
    with serve(source, LiveCaptioner, folders) as server:
        page = enter(server, "/tune")
        page.until(lambda: "HI" in page.text("#came"), 90)
        page.until(lambda: "HI" in page.text("#would"))
        slide(page.page, "Least hold", "End", 1)
        page.until(lambda: server.pipeline.settings.decoding.least_hold == 1.5)
        page.until(lambda: page.text("#would") == "nothing")
        seen = len(server.session.viewers.captions.state.cues)
        source.begin()
        page.until(lambda: source.times, 90)
        assert len(server.session.viewers.captions.state.cues) <= seen + 1  # one may have been under way
        page.page.get_by_role("button", name="Back to the defaults").click()
        page.until(lambda: "HI" in page.text("#would"))
        count = len(server.session.viewers.captions.state.cues)
        source.begin()
        page.until(lambda: "HI" in [cue.text for cue in server.session.viewers.captions.state.cues[count:]], 90)
        assert page.complaints == []


def test_a_slider_of_one_letter_and_presets_act_in_every_open_page(running: Any, enter: Open) -> None:
    first = enter(running, "/tune")
    second = first.context.new_page()
    second.goto(f"{running.url}/tune")
    first.page.locator("#advanced summary").click()
    first.page.locator("#letter").select_option("S")
    first.until(lambda: not first.page.get_by_label("Word pause", exact=True).is_visible())
    slide(first.page, "Letter confidence", "ArrowRight", 5)
    first.until(lambda: running.pipeline.settings.decoding.confidence_of("S") == pytest.approx(0.65))
    assert running.pipeline.settings.decoding.letter_confidence == 0.6
    first.until(lambda: second.locator("#letter option", has_text="S (its own)").count() == 1)
    first.page.get_by_role("button", name="As for all letters").click()
    first.until(lambda: running.pipeline.settings.decoding.letters == {})
    second.get_by_role("button", name="Beginner").click()
    first.until(lambda: first.page.get_by_role("button", name="Beginner").get_attribute("aria-pressed") == "true")
    first.page.locator("#letter").select_option("")
    first.until(lambda: first.page.get_by_label("Letter confidence", exact=True).input_value() == "0.7")
    second.close()
    assert first.complaints == []


def test_two_sliders_set_what_most_need_and_a_poor_threshold_is_not_offered(running: Any, enter: Open) -> None:
    poor = {"taking": None, "threshold": 0.6, "tries": [{"text": "ABC", "read": "", "seconds": 3.0}], "letters": 9}
    poor |= {"curve": [[0.5, 8, 0], [0.98, 8, 0]], "best": [0.98, 8, 0]}
    lent = enter(running, "/settings/computer")
    lent.page.route("**/api/v1/tuning/tries", lambda route: route.fulfill(json=poor))
    lent.page.goto(f"{running.url}/captions/tune")
    lent.until(lambda: lent.text("#best-text").startswith("No threshold works well: the best one misses 8 of 9"))
    assert not lent.page.is_visible("#use-best")
    poor["best"] = [0.5, 3, 0]
    lent.page.reload()
    lent.until(lambda: lent.page.is_visible("#use-best"))

    assert not lent.page.get_by_label("Least hold", exact=True).is_visible()
    for slider, end in (("speed", "Home"), ("pause", "End")):
        lent.until(lambda slider=slider: lent.page.is_enabled(f"#{slider}"))
        lent.page.locator(f"#{slider}").press(end)
    lent.until(lambda: running.pipeline.settings.decoding.least_hold == PRESETS["beginner"]["decoding"]["least_hold"])
    lent.until(lambda: running.pipeline.settings.endpointing.word_pause == 3)
    assert running.pipeline.settings.endpointing.caption_silence > 3
    lent.page.get_by_role("button", name="Fast").click()
    lent.until(lambda: lent.page.locator("#speed").input_value() == "100")
    assert lent.text("#speed-out") == "fast"
    assert lent.complaints == []


def test_names_to_expect_are_kept_and_reading_is_chosen(running: Any, enter: Open) -> None:
    first = enter(running, "/captions/words")
    first.until(lambda: first.page.get_by_label("Suggest words").is_checked())
    field = first.page.get_by_label("Names and words, separated by commas")
    field.fill("anna, José")
    first.page.get_by_role("button", name="Save").click()
    first.until(lambda: running.pipeline.settings.suggesting.hot_words == ("ANNA", "JOSÉ"))
    first.until(lambda: field.input_value() == "ANNA, JOSÉ")
    field.fill("R2D2")
    first.page.get_by_role("button", name="Save").click()
    first.until(lambda: "R2D2" in first.text("#words-note"))
    assert running.pipeline.settings.suggesting.hot_words == ("ANNA", "JOSÉ")
    first.page.get_by_label("Suggest words").uncheck()
    first.until(lambda: not running.pipeline.settings.suggesting.enabled)
    first.page.get_by_label("Reading", exact=True).select_option("assisted")
    first.until(lambda: running.pipeline.settings.suggesting.reading == "assisted")


def test_the_camera_is_told_when_to_rest_and_the_voice_is_there(running: Any, enter: Open) -> None:
    page = enter(running, "/settings/devices")
    rest = page.page.get_by_label("Turn the camera off when no one is watching")
    page.until(rest.is_enabled)
    assert rest.is_checked()
    rest.uncheck()
    page.until(lambda: not running.store.current.camera.rest_unwatched)
    page.until(page.page.get_by_label("Speak each finished caption into the call").is_enabled)
    page.check_legible((380, 1280))
    assert page.look("document.querySelector('#voice-panel').getBoundingClientRect().width > 200")
    assert page.complaints == []


@pytest.mark.parametrize("trouble", [FIRST_CHANGE_IS_SLOW, NEWS_IS_LATE], ids=["slow change", "late news"])
def test_a_slider_ends_where_the_last_key_put_it(running: Any, enter: Open, trouble: str) -> None:
    """However slowly changes get to the server, and however late the page hears of those before."""
    page = enter(running, "/tune", before=trouble)
    for _ in range(5):
        slide(page.page, "Least hold", "ArrowRight", 1)
        page.page.wait_for_timeout(200)
    start = Settings().decoding.least_hold
    page.until(lambda: running.pipeline.settings.decoding.least_hold == pytest.approx(start + 0.05))
    page.page.wait_for_timeout(1000)
    assert page.page.get_by_label("Least hold", exact=True).input_value() == f"{start + 0.05:.2f}"
    assert running.pipeline.settings.decoding.least_hold == pytest.approx(start + 0.05)
    assert page.complaints == []


# How many pixels of the style page's picture are bright, and how many are red.
COLOURS = """() => {
    const copy = new OffscreenCanvas(preview.width, preview.height).getContext("2d", {willReadFrequently: true});
    copy.drawImage(preview, 0, 0);
    const {data} = copy.getImageData(0, 0, preview.width, preview.height);
    let [bright, red] = [0, 0];
    for (let place = 0; place < data.length; place += 4) {
        bright += Math.max(data[place], data[place + 1], data[place + 2]) > 200 ? 1 : 0;
        red += data[place] - data[place + 1] > 120 ? 1 : 0;
    }
    return [bright, red];
}"""


def test_a_style_is_chosen_and_is_in_the_picture(running: Any, enter: Open) -> None:
    page = enter(running, "/style")
    page.until(lambda: page.look(COLOURS)[0])
    assert page.look(COLOURS)[1] < 50
    page.page.locator("#colour").fill("#ff2020")
    page.until(lambda: running.pipeline.settings.caption.colour == "#ff2020")
    page.until(lambda: page.look(COLOURS)[1] > 300)
    page.until(lambda: page.page.locator("#warnings li").count() == 1)  # red on a dark box over a light room
    slide(page.page, "Box opacity", "Home", 1)
    page.until(lambda: page.page.locator("#warnings li").count() == 2)
    page.page.get_by_label("Place").select_option("top")
    page.until(lambda: running.pipeline.settings.caption.place == "top")
    page.page.get_by_role("button", name="Back to the defaults").click()
    page.until(lambda: running.pipeline.settings.caption.colour == "#ffffff")
    page.until(lambda: page.page.locator("#warnings li").count() == 0)
    assert page.complaints == []


@pytest.fixture
def spelled(serve: Any, folders: Any) -> Iterator[tuple[Any, SpelledReader]]:
    """A server and what it reads, without suggestions, whose dictionary takes a second to be loaded."""
    reader = SpelledReader()
    with serve(MovingPattern(), lambda: reader, folders) as server:
        yield server, reader


def test_how_captions_are_asked_for_is_chosen_by_keyboard_and_kept(running: Any, enter: Open) -> None:
    page = enter(running, "/style")
    page.until(lambda: page.page.locator("#fieldset").is_enabled())
    settings = running.session.settings
    for field, value in (("align", "away from hand"), ("case", "sentence")):
        page.page.locator(f"#{field}").select_option(value)
        page.until(lambda field=field, value=value: getattr(settings.current.caption, field) == value)
    page.page.locator("#settled_only").press("Space")
    page.until(lambda: settings.current.caption.settled_only)
    page.page.locator("#shown_after").press("ArrowRight")
    page.until(lambda: settings.current.endpointing.shown_after == 7.0)
    assert page.text("#shown_after-out") == "7 s"
    settings.change({"caption": {"font": "No Such Font At All"}})
    page.until(lambda: page.page.locator("#font").input_value() == "No Such Font At All")
    page.until(lambda: "No Such Font At All" in page.text("#warnings"))
    page.page.locator("#reset").click()
    page.until(lambda: settings.current.caption == CaptionStyle())
    assert settings.current.endpointing.shown_after == 6.0


def test_text_is_typed_and_edited_by_keyboard_alone(spelled: Any, enter: Open) -> None:
    server, reader = spelled
    page = enter(server, "/", picture=False)
    reader.spell("HI YOU")
    page.until(lambda: page.text("#committed") == "HI YOU")
    keyboard = page.page.keyboard

    def reach(condition: str) -> None:
        for _ in range(60):
            keyboard.press("Tab")
            if page.look(condition):
                return
        raise AssertionError(f"The keyboard does not reach {condition}")

    page.page.locator("body").focus()
    reach("document.activeElement.dataset.edit === 'backspace'")
    keyboard.press("Enter")
    page.until(lambda: page.text("#committed") == "HI YO")
    reach("document.activeElement.dataset.edit === 'end'")
    keyboard.press("Space")
    page.until(lambda: page.lines() == ["HI YO"])
    reach("document.activeElement.id === 'type-text'")
    keyboard.type("see you at 3 pm!")
    keyboard.press("Enter")
    page.until(lambda: page.lines() == ["HI YO", "see you at 3 pm!"])
    assert page.look("document.querySelector('#type-text').value") == ""
    assert page.complaints == []


def test_the_camera_is_chosen_and_switched_off_captions_are_paused_and_the_view_is_mirrored(
    switchable: Any, enter: Open
) -> None:
    page = enter(switchable, "/", picture=False)
    source = page.page.get_by_label("Source", exact=True)
    page.until(lambda: source.locator("option").all_text_contents() == ["Front camera", "Demo, a drawn signer"])
    page.until(lambda: page.text("#camera-text").startswith("Video on"))
    source.select_option("0")
    page.until(lambda: page.text("#camera-text").startswith("Camera on"))
    page.page.get_by_role("button", name="Camera on").click()
    page.until(lambda: page.text("#camera-text").startswith("Camera off"))
    assert page.page.get_by_role("button", name="Camera off").get_attribute("aria-pressed") == "false"
    page.page.get_by_role("button", name="Camera off").click()
    page.until(lambda: page.text("#camera-text").startswith("Camera on"))
    page.page.get_by_role("button", name="Captions on").click()
    page.until(lambda: switchable.pipeline.paused)
    page.page.get_by_role("button", name="Captions paused").click()
    page.until(lambda: not switchable.pipeline.paused)
    page.page.get_by_role("button", name="Hand outline").click()
    page.until(lambda: switchable.pipeline.settings.caption.hand_outline)

    # The view is mirrored, with captions that can be read; what others see is not.
    mirror, view = page.page.get_by_role("button", name="Mirror my view"), page.page.locator("#mirror-view")
    assert not view.is_visible()
    mirror.click()
    page.until(lambda: page.look("document.querySelector('#mirror-view').naturalWidth") > 2)
    assert page.complaints == []
    page.page.reload()
    page.until(view.is_visible)
    assert mirror.get_attribute("aria-pressed") == "true"
    switchable.say(CaptionState(1, (), "READ M", "E"))
    page.until(lambda: page.text("#mirror-captions") == "READ ME")
    flipped = "[...document.querySelectorAll('#mirror-captions, #mirror-captions p')].map(it => getComputedStyle(it))"
    assert page.look(f"{flipped}.map(({{transform, scale, rotate}}) => [transform, scale, rotate].join())") == [
        "none,none,none",
        "none,none,none",
    ]


@pytest.mark.slow
def test_the_five_best_letters_are_shown_against_the_threshold(serve: Any, folders: Any, enter: Open) -> None:
    with serve(HeldLetter(rate=10, size=(480, 270)), LiveCaptioner, folders) as signing:
        page = enter(signing, "/", picture=False)
        page.until(lambda: page.page.locator("#best li.above .letter").all_inner_texts() == ["B"], 90)
        assert len(page.page.locator("#best li").all()) == 5
        changed = signing.get(
            "/api/v1/settings",
            method="PATCH",
            body=b'{"decoding": {"letter_confidence": 0.99}}',
            Cookie=signing.owner_cookie(),
            Content_Type="application/json",
            X_Signcap="1",
        )
        assert changed.status == 200
        shown = "document.querySelector('#best .threshold').style.getPropertyValue('--share')"
        page.until(lambda: page.look(shown) == "0.99", 90)
        page.page.goto(f"{signing.url}/settings/computer")
        page.until(lambda: "Recognise" in page.text("#figures"))


# What is too small to be hit.
SMALL_TARGETS = """() =>
    [...document.querySelectorAll("main button, main select, main input:not([type=range])")].filter((one) => {
        const {width, height} = one.getBoundingClientRect();
        return one.checkVisibility({visibilityProperty: true}) && width && height && Math.min(width, height) < 24;
    }).map((one) => one.outerHTML)"""


FIXED = """() =>
    [...document.querySelectorAll("body *")].filter((one) =>
        one.checkVisibility() && ["fixed", "sticky"].includes(getComputedStyle(one).position)
    ).map((one) => one.outerHTML.slice(0, 100))"""


def test_pages_fit_and_can_be_read(running: Any, enter: Open) -> None:
    page = enter(running, "/")
    ready = {
        "/": lambda: page.plays,
        "/tune": lambda: page.page.get_by_label("Least hold", exact=True).is_enabled(),
        "/style": lambda: page.look(COLOURS)[0],
    }
    for path, is_ready in ready.items():
        page.page.goto(f"{running.url}{path}")
        page.until(is_ready)
        for width in (1280, 380):
            page.check_legible((width,), height=800)
            assert page.look(SMALL_TARGETS) == []
        assert page.look(FIXED) == []  # on a phone nothing lies over what is to be pressed
    assert {request.split("/")[2] for request in page.requests} == {f"127.0.0.1:{running.port}"}
