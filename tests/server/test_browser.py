"""The pages in a real browser."""

from collections.abc import Callable
from typing import Any

import pytest

from overlay.caption import CaptionState, Cue
from tests.waiting import until

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


def open_start(tab: Callable[..., Any], server: Any) -> Any:
    """The start page, which takes images in the place of WebRTC only after a minute, not after six seconds."""
    start = tab("about:blank")

    def wait_longer(route: Any) -> None:
        answer = route.fetch()
        script = answer.text()
        assert "CONNECT_MS = 6000;" in script
        route.fulfill(response=answer, body=script.replace("CONNECT_MS = 6000;", "CONNECT_MS = 60_000;"))

    start.page.route("**/static/js/preview.js", wait_longer)
    start.open(server.access.launch_url())
    return start


@pytest.mark.slow
def test_the_demo_is_seen_and_read(demo: Any, tab: Callable[..., Any]) -> None:
    """The whole live path: drawn hand, MediaPipe, network, captions in the picture and on both pages."""
    start = open_start(tab, demo)
    start.page.wait_for_url(demo.url + "/")
    until(lambda: start.plays)
    until(lambda: start.look(VIDEO_SIZE) == ([640, 360] if demo.pipeline.step.lean else [960, 540]))
    times = start.look(FRAMES, 12)
    assert times == sorted(set(times))
    second_screen = start.page.locator("#second-screen").get_attribute("href")
    captions = tab(demo.url + second_screen)
    captions.page.wait_for_url(demo.url + "/captions")
    until(lambda: "HELLO" in captions.lines(), 90)
    until(lambda: "HELLO" in start.lines())
    until(lambda: start.look(LETTER_PIXELS) > (130 if demo.pipeline.step.lean else 300))
    for one in (start, captions):
        assert one.complaints == []
        assert all(request.startswith(demo.url) for request in one.requests)


def test_captions_are_burned_into_the_video(running: Any, tab: Callable[..., Any]) -> None:
    start = open_start(tab, running)
    until(lambda: start.plays)
    assert start.look(VIDEO_SIZE) == [640, 360]
    assert start.look(LETTER_PIXELS) == 0
    running.say(CaptionState(1, (), "NICE TO MEE", "T"))
    until(lambda: start.look(LETTER_PIXELS) > 100)
    until(lambda: (start.text("#committed"), start.text("#partial")) == ("NICE TO MEE", "T"))
    until(lambda: start.text("#camera-text") == "Video on · 1 viewer")
    assert start.complaints == []


def test_a_browser_without_webrtc_gets_images(running: Any, tab: Callable[..., Any], browser: Any) -> None:
    start = tab("about:blank")
    start.page.add_init_script("delete window.RTCPeerConnection")
    start.open(running.access.launch_url())
    until(lambda: start.plays)
    assert start.look("document.querySelector('#stills').naturalWidth") == 640
    running.say(CaptionState(1, (), "HELLO", ""))
    until(lambda: start.look(LETTER_PIXELS) > 100)
    until(lambda: start.text("#camera-text") == "Video on · 1 viewer")
    start.page.goto("about:blank")
    until(lambda: running.stills.viewers == 0)
    assert start.complaints == []


def test_who_closes_the_page_stops_the_encoder(running: Any, tab: Callable[..., Any]) -> None:
    start = open_start(tab, running)
    until(lambda: start.plays)
    assert running.stream.viewers == 1
    start.page.goto("about:blank")
    until(lambda: running.stream.viewers == 0)


def test_the_caption_page_loses_and_repeats_no_line_when_it_is_cut_off(running: Any, tab: Callable[..., Any]) -> None:
    running.say(CaptionState(1, (cue(0, "ONE"), cue(1, "TWO")), "THR"))
    captions = tab(running.url + running.access.viewer_path())
    until(lambda: captions.lines() == ["ONE", "TWO"])
    captions.look(HEARD, "#link-state")
    running.cut_all_connections()
    running.say(CaptionState(2, (cue(0, "ONE"), cue(1, "TWO"), cue(2, "THREE"))))
    until(lambda: any(captions.look("heard")))
    until(lambda: captions.lines() == ["ONE", "TWO", "THREE"])
    until(lambda: captions.text("#link-state") == "")
    assert captions.text("#committed") == ""
    running.say(CaptionState(3, (cue(0, "ONE"), cue(1, "TWO"), cue(2, "THREE"), cue(3, "FOUR"))))
    until(lambda: len(captions.lines()) > 3)
    assert captions.lines() == ["ONE", "TWO", "THREE", "FOUR"]


def test_the_page_keeps_lines_that_the_server_no_longer_has(running: Any, tab: Callable[..., Any]) -> None:
    running.say(CaptionState(1, (cue(0, "ONE"), cue(1, "TWO"))))
    captions = tab(running.url + running.access.viewer_path())
    until(lambda: len(captions.lines()) == 2)
    running.say(CaptionState(2, (cue(1, "TWO"), cue(2, "THREE"))))
    until(lambda: len(captions.lines()) == 3)
    assert captions.lines() == ["ONE", "TWO", "THREE"]


def test_the_second_screen_needs_no_other_secret(running: Any, tab: Callable[..., Any]) -> None:
    captions = tab(running.url + running.access.viewer_path())
    captions.page.wait_for_url(running.url + "/captions")
    until(lambda: captions.text("#empty") == "Captions appear here.")
    captions.page.goto(running.url + "/")
    assert "terminal" in captions.text("main")


def test_only_final_text_is_read_out(running: Any, tab: Callable[..., Any]) -> None:
    captions = tab(running.url + running.access.viewer_path())
    live = "[...document.querySelectorAll('[aria-live]')].map((one) => [one.id, one.ariaLive])"
    assert captions.look(live) == [["finished", "polite"]]
    running.say(CaptionState(1, (cue(0, "DONE"),), "NOT YE", "T"))
    until(lambda: captions.lines() == ["DONE"])
    assert captions.page.locator("[aria-live] #committed, [aria-live] #partial").count() == 0


def test_text_size_and_colours_are_kept(running: Any, tab: Callable[..., Any]) -> None:
    captions = tab(running.url + running.access.viewer_path(), color_scheme="light")
    size = "parseFloat(getComputedStyle(document.querySelector('.page')).fontSize)"
    paper = "getComputedStyle(document.body).backgroundColor"
    old_size, old_paper = captions.look(size), captions.look(paper)
    captions.page.get_by_role("button", name="Larger text").click()
    captions.page.get_by_role("button", name="Dark or light").click()
    captions.page.reload()
    assert captions.look(size) > old_size
    assert captions.look(paper) != old_paper
    for _ in range(10):
        if captions.page.locator("#smaller").is_enabled():
            captions.page.locator("#smaller").click()
    assert captions.look(size) < old_size


def test_the_newest_line_stays_in_view_unless_the_reader_scrolls_up(running: Any, tab: Callable[..., Any]) -> None:
    captions = tab(running.url + running.access.viewer_path())
    cues = tuple(cue(index, f"CAPTION NUMBER {index}") for index in range(40))
    running.say(CaptionState(1, cues))
    until(lambda: len(captions.lines()) == 40)
    below = "(({scrollHeight, scrollTop, clientHeight}) => scrollHeight - scrollTop - clientHeight)(scroll)"
    below = below.replace("(scroll)", "(document.getElementById('scroll'))")
    until(lambda: captions.look(below) < 2)
    assert not captions.page.locator("#newest").is_visible()
    captions.look("document.getElementById('scroll').scrollTo(0, 0)")
    until(lambda: captions.page.locator("#newest").is_visible())
    running.say(CaptionState(2, (*cues, cue(40, "ONE MORE"))))
    until(lambda: len(captions.lines()) == 41)
    assert captions.look("document.getElementById('scroll').scrollTop") == 0
    captions.page.locator("#newest").click()
    until(lambda: captions.look(below) < 2)
    until(lambda: not captions.page.locator("#newest").is_visible())


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_pages_can_be_read_at_any_width(running: Any, tab: Callable[..., Any], scheme: str) -> None:
    running.situation.notice("test", "A sentence that people should read.")
    running.say(CaptionState(1, (cue(0, "HELLO"), cue(1, "A" * 60)), "NICE TO MEE", "T"))
    start = tab(running.access.launch_url(), color_scheme=scheme)
    captions = tab(running.url + running.access.viewer_path(), color_scheme=scheme)
    for one in (start, captions):
        until(lambda one=one: len(one.lines()) == 2)
        for width in (380, 800, 1280, 2560):
            one.page.set_viewport_size({"width": width, "height": 760})
            assert one.look("document.documentElement.scrollWidth <= innerWidth"), width
        assert one.faint_text() == []
    until(lambda: "A sentence that people should read." in start.text("#notices"))


def test_reduced_motion_is_respected(running: Any, tab: Callable[..., Any]) -> None:
    animation = "getComputedStyle(document.querySelector('.caret')).animationName"
    assert tab(running.url + running.access.viewer_path()).look(animation) == "breathe"
    still = tab(running.url + running.access.viewer_path(), reduced_motion="reduce")
    assert still.look(animation) == "none"


def test_the_start_page_says_that_signcap_has_ended(running: Any, tab: Callable[..., Any]) -> None:
    start = tab(running.access.launch_url())
    until(lambda: start.text("#camera-text").startswith("Video on"))
    running.pipeline.stop()
    until(lambda: start.text("#camera-text").startswith("Video off"))
    running.call(running.runner.cleanup())
    until(lambda: start.text("#camera-text") == "Not connected")
    assert "terminal" in start.text("#notices")
