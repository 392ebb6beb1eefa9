"""The owner's pages in a real browser: tuning, style, cameras, typing; by mouse and by keyboard alone."""

from collections.abc import Callable, Iterator
from typing import Any

import cv2
import numpy as np
import pytest
from playwright.sync_api import expect

from overlay.camera import CameraInfo
from overlay.captioner import Captioner
from overlay.demo import DemoSource
from overlay.settings import Settings
from overlay.source import Source
from server.events import FEED
from server.studio import sources
from tests.server.conftest import MovingPattern
from tests.server.slow_links import FIRST_CHANGE_IS_SLOW, NEWS_IS_LATE

pytestmark = pytest.mark.e2e

Open = Callable[..., Any]


@pytest.fixture
def switchable(spelling: Any, serve: Any, folders: Any, suggester: Any, monkeypatch: Any) -> Iterator[Any]:
    """A server on a machine with one camera, which has been let go of for the demo."""

    def open_one(spec: str, text: str | None) -> Source:
        source = MovingPattern()
        source.name = "demo" if spec == "demo" else f"camera {spec}"
        return source

    monkeypatch.setattr(sources, "list_cameras", lambda: [CameraInfo("0", "Front camera")])
    _, reader = spelling
    with serve(MovingPattern(), lambda: reader, folders, open_one=open_one) as server:
        yield server


def go(tab: Any, server: Any, path: str) -> None:
    tab.page.goto(f"{server.url}{path}")


def slide(page: Any, name: str, key: str, times: int) -> None:
    slider = page.get_by_label(name, exact=True)
    expect(slider).to_be_enabled(timeout=60_000)
    slider.focus()
    for _ in range(times):
        page.keyboard.press(key)


@pytest.mark.slow
def test_a_threshold_is_tuned_and_the_demo_is_read_otherwise(serve: Any, folders: Any, tab: Open) -> None:
    """The whole way: the demo spells HI, least hold goes up, and nothing more comes out; then back."""
    with serve(DemoSource("HI"), Captioner, folders) as server:
        page = tab(server.access.launch_url())
        go(page, server, "/tune")
        page.until(lambda: "HI" in page.text("#came"), 90)
        page.until(lambda: "HI" in page.text("#would"))
        slide(page.page, "Least hold", "End", 1)
        page.until(lambda: server.pipeline.settings.decoding.least_hold == 1.5)
        page.until(lambda: page.text("#would") == "nothing")
        seen = len(server.app[FEED].state.cues)
        newest = server.pipeline.reading.at
        page.until(lambda: server.pipeline.reading.at > newest + 9, 90)  # the demo has spelled it again meanwhile
        assert len(server.app[FEED].state.cues) <= seen + 1  # one may have been under way
        page.page.get_by_role("button", name="Back to the defaults").click()
        page.until(lambda: "HI" in page.text("#would"))
        count = len(server.app[FEED].state.cues)
        # The first may have been under way: perhaps only its I was read at these thresholds.
        page.until(lambda: "HI" in [cue.text for cue in server.app[FEED].state.cues[count:]], 90)
        assert page.complaints == []


def test_a_slider_of_one_letter_and_presets_act_in_every_open_page(running: Any, tab: Open) -> None:
    first = tab(running.access.launch_url())
    go(first, running, "/tune")
    second = first.context.new_page()
    second.goto(f"{running.url}/tune")
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
    assert first.complaints == []


@pytest.mark.parametrize("trouble", [FIRST_CHANGE_IS_SLOW, NEWS_IS_LATE], ids=["slow change", "late news"])
def test_a_slider_ends_where_the_last_key_put_it(running: Any, tab: Open, trouble: str) -> None:
    """However slowly changes get to the server, and however late the page hears of those before."""
    page = tab(running.access.launch_url())
    page.page.add_init_script(trouble)
    go(page, running, "/tune")
    for _ in range(5):
        slide(page.page, "Least hold", "ArrowRight", 1)
        page.page.wait_for_timeout(200)
    start = Settings().decoding.least_hold
    page.until(lambda: running.pipeline.settings.decoding.least_hold == pytest.approx(start + 0.05))
    page.page.wait_for_timeout(1000)
    assert page.page.get_by_label("Least hold", exact=True).input_value() == f"{start + 0.05:.2f}"
    assert running.pipeline.settings.decoding.least_hold == pytest.approx(start + 0.05)
    assert page.complaints == []


def test_names_to_expect_are_kept_and_mistakes_are_told(running: Any, tab: Open) -> None:
    page = tab(running.access.launch_url())
    go(page, running, "/tune")
    field = page.page.get_by_label("Names and words, parted by commas")
    field.fill("anna, José")
    page.page.get_by_role("button", name="Keep").click()
    page.until(lambda: running.pipeline.settings.suggesting.hot_words == ("ANNA", "JOSÉ"))
    page.until(lambda: field.input_value() == "ANNA, JOSÉ")
    field.fill("R2D2")
    page.page.get_by_role("button", name="Keep").click()
    page.until(lambda: "R2D2" in page.text("#words-note"))
    assert running.pipeline.settings.suggesting.hot_words == ("ANNA", "JOSÉ")
    page.page.get_by_label("Suggest words").uncheck()
    page.until(lambda: not running.pipeline.settings.suggesting.enabled)


def pixels(page: Any) -> Any:
    """The style page's picture."""
    image = page.page.locator("#preview").screenshot()
    return cv2.imdecode(np.frombuffer(image, np.uint8), cv2.IMREAD_COLOR)


def test_a_style_is_chosen_and_is_in_the_picture(running: Any, tab: Open) -> None:
    page = tab(running.access.launch_url())
    go(page, running, "/style")

    def reddish() -> int:
        image = pixels(page).astype(int)
        return int((image[..., 2] - image[..., 1] > 120).sum())

    page.until(lambda: (pixels(page) > 200).any())
    assert reddish() < 50
    page.page.locator("#colour").fill("#ff2020")
    page.until(lambda: running.pipeline.settings.caption.colour == "#ff2020")
    page.until(lambda: reddish() > 300)
    page.until(lambda: page.page.locator("#warnings li").count() == 1)  # red on a dark box over a light room
    slide(page.page, "Box opacity", "Home", 1)
    page.until(lambda: page.page.locator("#warnings li").count() == 2)
    page.page.get_by_label("Place").select_option("top")
    page.until(lambda: running.pipeline.settings.caption.place == "top")
    page.page.get_by_role("button", name="Back to the defaults").click()
    page.until(lambda: running.pipeline.settings.caption.colour == "#ffffff")
    page.until(lambda: page.page.locator("#warnings li").count() == 0)
    assert page.complaints == []


def test_text_is_typed_and_edited_by_keyboard_alone(spelling: Any, tab: Open) -> None:
    server, reader = spelling
    page = tab(server.access.launch_url())
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


def test_the_view_is_mirrored_and_what_others_see_is_not(running: Any, tab: Open) -> None:
    page = tab(running.access.launch_url())
    mirror = page.page.get_by_role("button", name="Mirror my view")
    transform = "getComputedStyle(document.querySelector('#stills:not([hidden]), #preview:not([hidden])')).transform"
    assert page.look(transform) == "none"
    mirror.click()
    assert page.look(transform).startswith("matrix(-1")
    page.page.reload()
    page.until(lambda: page.look(transform).startswith("matrix(-1"))
    assert mirror.get_attribute("aria-pressed") == "true"


def test_the_camera_is_chosen_switched_off_and_captions_are_paused(switchable: Any, tab: Open) -> None:
    page = tab(switchable.access.launch_url())
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
    assert page.complaints == []


@pytest.mark.slow
def test_the_five_best_letters_are_shown_against_the_threshold(signing: Any, tab: Open) -> None:
    page = tab(signing.access.launch_url())
    page.until(lambda: page.page.locator("#best li.above .letter").all_inner_texts() == ["B"], 90)
    assert len(page.page.locator("#best li").all()) == 5
    page.page.locator(".figures summary").click()
    page.until(lambda: "Recognise" in page.text("#figures"))
    cookie = signing.owner_cookie()
    changed = signing.get(
        "/api/v1/settings",
        method="PATCH",
        body=b'{"decoding": {"letter_confidence": 0.99}}',
        Cookie=cookie,
        Content_Type="application/json",
        X_Signcap="1",
    )
    assert changed.status == 200
    page.until(
        lambda: page.look("document.querySelector('#best .threshold').style.getPropertyValue('--share')") == "0.99",
        90,
    )


@pytest.mark.parametrize("path", ["/", "/tune", "/style"])
@pytest.mark.parametrize("scheme", ["dark", "light"])
@pytest.mark.parametrize("width", [1280, 380])
def test_pages_fit_and_can_be_read(running: Any, tab: Open, path: str, scheme: str, width: int) -> None:
    page = tab(running.access.launch_url(), color_scheme=scheme, viewport={"width": width, "height": 800})
    go(page, running, path)
    page.page.wait_for_timeout(600)
    assert page.look("document.documentElement.scrollWidth") <= width
    assert page.faint_text() == []
    for target in page.page.locator("main button:visible, main select:visible, main input:visible").all():
        box = target.bounding_box()
        assert box is not None
        assert min(box["width"], box["height"]) >= 24 or target.get_attribute("type") == "range"
    assert {request.split("/")[2] for request in page.requests} == {f"127.0.0.1:{running.port}"}
