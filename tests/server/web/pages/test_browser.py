"""The pages in a real browser."""

import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from overlay.captions.state import CaptionState, Cue
from overlay.pipeline.live_captioner import LiveCaptioner
from tests.server.conftest import CalmDemo

pytestmark = pytest.mark.e2e

# The picture of the page's video or image, as (bright pixels with dark ones close by on both sides) in its
# lower half: white letters on a dark box.
LETTER_PIXELS = """() => {
    const picture = [...document.querySelectorAll("#preview, #stills")].find((one) => !one.hidden);
    const canvas = document.createElement("canvas");
    canvas.width = picture.videoWidth || picture.naturalWidth;
    canvas.height = picture.videoHeight || picture.naturalHeight;
    const context = canvas.getContext("2d");
    context.drawImage(picture, 0, 0);
    const {data, width, height} = context.getImageData(0, 0, canvas.width, canvas.height);
    const light = (x, y) => data[4 * (y * width + x)] + data[4 * (y * width + x) + 1] + data[4 * (y * width + x) + 2];
    const dark = (from, y, step) => [1, 2, 3, 4, 5, 6, 7, 8].some((away) => light(from + step * away, y) < 220);
    let found = 0;
    for (let y = height >> 1; y < height; y++) {
        for (let x = 8; x < width - 8; x++) {
            found += light(x, y) > 660 && dark(x, y, 1) && dark(x, y, -1) ? 1 : 0;
        }
    }
    return found;
}"""

VIDEO_SIZE = "(({videoWidth, videoHeight}) => [videoWidth, videoHeight])(document.querySelector('video'))"

FRAMES = """(count) => new Promise((resolve) => {
    const video = document.querySelector("video");
    const times = [];
    const take = (_, frame) => {
        times.push(frame.mediaTime);
        times.length < count ? video.requestVideoFrameCallback(take) : resolve(times);
    };
    video.requestVideoFrameCallback(take);
})"""


# What the element has said, also where it has said something else since.
HEARD = """(selector) => {
    const said = document.querySelector(selector);
    window.heard = [];
    new MutationObserver(() => heard.push(said.textContent)).observe(said, {childList: true, subtree: true});
}"""


def cue(index: int, text: str) -> Cue:
    return Cue(index, text, index * 10.0, index * 10.0 + 5)


def said(tab: Any) -> str:
    """All captions, the current one the last."""
    return " ".join([*tab.lines(), tab.text("#committed")])


def open_start(lend: Callable[..., Any], server: Any) -> Any:
    """The start page, which takes images in the place of WebRTC only after a minute, not after six seconds."""
    start = lend()

    def wait_longer(route: Any) -> None:
        answer = route.fetch()
        script = answer.text()
        assert "CONNECT_MS = 6000;" in script
        route.fulfill(response=answer, body=script.replace("CONNECT_MS = 6000;", "CONNECT_MS = 60_000;"))

    start.page.route("**/static/js/start/preview.js", wait_longer)
    start.open(server.access.launch_url())
    return start


@pytest.fixture
def open_captions(lend: Callable[..., Any]) -> Callable[[Any], Any]:
    """Opens the second screen of a server by its link."""

    def open_captions(server: Any) -> Any:
        captions = lend()
        captions.open(server.url + server.access.viewer_path())
        return captions

    return open_captions


@pytest.fixture
def spelling_demo(serve: Any, folders: Any, suggester: Any) -> Iterator[Any]:
    """The demo and the real recogniser, which misses no letter: a choice is kept only until the next caption ends."""
    loaded = threading.Event()

    def make_captioner() -> LiveCaptioner:
        reader = LiveCaptioner(suggest=suggester.suggest)
        loaded.set()
        return reader

    with serve(CalmDemo("HELO NICE", ready=loaded), make_captioner, folders) as server:
        yield server


@pytest.mark.slow
def test_the_demo_is_seen_and_read_and_a_word_of_it_replaced(
    spelling_demo: Any, lend: Callable[..., Any], tab: Callable[..., Any]
) -> None:
    """The whole live path: drawn hand, MediaPipe, network, captions in the picture and on both pages.

    The drawn hand spells HELO, the person presses HELLO, then Undo.
    """
    start = open_start(lend, spelling_demo)
    start.page.wait_for_url(spelling_demo.url + "/")
    start.until(lambda: start.plays)
    assert start.look(VIDEO_SIZE) == [640, 360]
    times = start.look(FRAMES, 12)
    assert times == sorted(set(times))
    second_screen = start.page.locator("#second-screen").get_attribute("href")
    captions = tab(spelling_demo.url + second_screen)
    captions.page.wait_for_url(spelling_demo.url + "/captions")
    hello = start.page.get_by_role("button", name="Replace HELO by HELLO")
    start.until(lambda: hello.count(), 90)
    start.until(lambda: "HELO" in said(start) and start.look(LETTER_PIXELS) > 130)
    hello.last.click()
    start.until(lambda: "HELLO" in said(start) and "HELLO" in said(captions))
    start.page.locator("#undo").click()
    for one in (start, captions):
        one.until(lambda one=one: "HELO" in said(one) and "HELLO" not in said(one))
        one.until(lambda one=one: any("HELO" in line for line in one.lines()), 90)
    for one in (start, captions):
        assert one.complaints == []
        assert all(request.startswith(spelling_demo.url) for request in one.requests)


def test_captions_are_burned_into_the_video_until_the_page_is_closed(running: Any, lend: Callable[..., Any]) -> None:
    start = open_start(lend, running)
    start.until(lambda: start.plays)
    assert start.look(VIDEO_SIZE) == [640, 360]
    assert start.look(LETTER_PIXELS) == 0
    running.say(CaptionState(1, (), "NICE TO MEE", "T"))
    start.until(lambda: start.look(LETTER_PIXELS) > 100)
    start.until(lambda: (start.text("#committed"), start.text("#partial")) == ("NICE TO MEE", "T"))
    start.until(lambda: start.text("#camera-text") == "Video on · 1 viewer")
    assert start.complaints == []
    assert running.stream.viewers == 1
    start.page.goto("about:blank")
    start.until(lambda: running.stream.viewers == 0)  # which stops the encoder


def test_a_browser_without_webrtc_gets_images(running: Any, lend: Callable[..., Any]) -> None:
    start = lend("delete window.RTCPeerConnection")
    start.open(running.access.launch_url())
    start.until(lambda: start.plays)
    assert start.look("document.querySelector('#stills').naturalWidth") == 640
    running.say(CaptionState(1, (), "HELLO", ""))
    start.until(lambda: start.look(LETTER_PIXELS) > 100)
    start.until(lambda: start.text("#camera-text") == "Video on · 1 viewer")
    start.page.goto("about:blank")
    start.until(lambda: running.stills.viewers == 0)
    assert start.complaints == []


def test_the_caption_page_loses_and_repeats_no_line(running: Any, open_captions: Callable[..., Any]) -> None:
    running.say(CaptionState(1, (cue(0, "ONE"), cue(1, "TWO")), "THR"))
    captions = open_captions(running)
    captions.until(lambda: captions.lines() == ["ONE", "TWO"])
    captions.look(HEARD, "#link-state")
    running.cut_all_connections()
    running.say(CaptionState(2, (cue(0, "ONE"), cue(1, "TWO"), cue(2, "THREE"))))
    captions.until(lambda: any(captions.look("heard")))
    captions.until(lambda: captions.lines() == ["ONE", "TWO", "THREE"])
    captions.until(lambda: captions.text("#link-state") == "")
    assert captions.text("#committed") == ""
    running.say(CaptionState(3, (cue(0, "ONE"), cue(1, "TWO"), cue(2, "THREE"), cue(3, "FOUR"))))
    captions.until(lambda: len(captions.lines()) > 3)
    assert captions.lines() == ["ONE", "TWO", "THREE", "FOUR"]
    # It keeps lines that the server has no longer.
    running.say(CaptionState(4, (cue(3, "FOUR"), cue(4, "FIVE"))))
    captions.until(lambda: len(captions.lines()) > 4)
    assert captions.lines() == ["ONE", "TWO", "THREE", "FOUR", "FIVE"]


def test_the_second_screen_needs_no_other_secret_and_keeps_how_it_looks(
    running: Any, open_captions: Callable[..., Any]
) -> None:
    captions = open_captions(running)
    captions.page.emulate_media(color_scheme="light")
    captions.page.wait_for_url(running.url + "/captions")
    captions.until(lambda: captions.text("#empty") == "Captions appear here.")
    size = "parseFloat(getComputedStyle(document.querySelector('.page')).fontSize)"
    paper = "getComputedStyle(document.body).backgroundColor"
    old_size, old_paper = captions.look(size), captions.look(paper)
    captions.page.get_by_role("button", name="Larger text").click()
    captions.page.get_by_role("button", name="Colours").click()
    captions.page.reload()
    assert captions.look(size) > old_size
    assert captions.look(paper) != old_paper
    for _ in range(10):
        if captions.page.locator("#smaller").is_enabled():
            captions.page.locator("#smaller").click()
    assert captions.look(size) < old_size
    captions.page.goto(running.url + "/")
    assert "terminal" in captions.text("main")


def test_the_newest_line_stays_in_view_unless_the_reader_scrolls_up(
    running: Any, open_captions: Callable[..., Any]
) -> None:
    captions = open_captions(running)
    cues = tuple(cue(index, f"CAPTION NUMBER {index}") for index in range(40))
    running.say(CaptionState(1, cues))
    captions.until(lambda: len(captions.lines()) == 40)
    below = "(({scrollHeight, scrollTop, clientHeight}) => scrollHeight - scrollTop - clientHeight)(scroll)"
    below = below.replace("(scroll)", "(document.getElementById('scroll'))")
    captions.until(lambda: captions.look(below) < 2)
    assert not captions.page.locator("#newest").is_visible()
    captions.look("document.getElementById('scroll').scrollTo(0, 0)")
    captions.until(lambda: captions.page.locator("#newest").is_visible())
    running.say(CaptionState(2, (*cues, cue(40, "ONE MORE"))))
    captions.until(lambda: len(captions.lines()) == 41)
    assert captions.look("document.getElementById('scroll').scrollTop") == 0
    captions.page.locator("#newest").click()
    captions.until(lambda: captions.look(below) < 2)
    captions.until(lambda: not captions.page.locator("#newest").is_visible())


def test_pages_can_be_read_at_any_width_and_read_out(
    running: Any, enter: Callable[..., Any], tab: Callable[..., Any]
) -> None:
    running.notices.notice("test", "A sentence that people should read.")
    start = enter(running, "/")
    captions = tab(running.url + running.access.viewer_path())  # in the tab that is lent its caret stands still
    # Only final text is read out.
    live = "[...document.querySelectorAll('[aria-live]')].map((one) => [one.id, one.ariaLive])"
    assert captions.look(live) == [["finished", "polite"]]
    running.say(CaptionState(1, (cue(0, "HELLO"), cue(1, "A" * 60)), "NICE TO MEE", "T"))
    for one in (start, captions):
        one.until(lambda one=one: len(one.lines()) == 2)
        one.check_legible()
    assert captions.page.locator("[aria-live] #committed, [aria-live] #partial").count() == 0
    start.until(lambda: "A sentence that people should read." in start.text("#notices"))
    animation = "getComputedStyle(document.querySelector('.caret')).animationName"
    for motion, name in (("no-preference", "breathe"), ("reduce", "none")):
        captions.page.emulate_media(reduced_motion=motion)
        assert captions.look(animation) == name


def test_the_start_page_says_that_signcap_has_ended(running: Any, enter: Callable[..., Any]) -> None:
    start = enter(running, "/")
    start.until(lambda: start.text("#camera-text").startswith("Video on"))
    running.pipeline.stop()
    start.until(lambda: start.text("#camera-text").startswith("Video ended"))
    running.call(running.runner.cleanup())
    start.until(lambda: start.text("#camera-text") == "Not connected")
    assert "terminal" in start.text("#notices")
