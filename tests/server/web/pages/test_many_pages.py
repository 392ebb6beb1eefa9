"""Many pages of Signcap in one browser, which opens six connections to a server: all pages are live all the same.

Chromium does without a network here, so the pictures of all tabs come as images.
"""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.waiting import until

pytestmark = pytest.mark.e2e

TABS = ("/", "/", "/captions", "/tune", "/style", "/collect", "/enrol", "/enrol/shown")
OVERLAYS = 8
COMMITTED = "document.querySelector('#committed').textContent"
BOX = "document.querySelector('#box').textContent"
PLAYS = "document.querySelector('.screen').dataset.state === 'playing'"


@pytest.fixture
def profile(browser: Any) -> Iterator[Any]:
    """One browser profile."""
    context = browser.new_context()
    context.set_default_timeout(60_000)
    context.add_init_script("delete window.RTCPeerConnection;")
    yield context
    context.close()


def test_eight_tabs_and_eight_overlays_are_all_live(transcribing: tuple[Any, Any], profile: Any) -> None:
    running, reader = transcribing
    enter = profile.new_page()
    enter.goto(running.access.launch_url())
    enter.wait_for_url(lambda url: "launch" not in url)
    enter.close()
    tabs = []
    for path in TABS:
        tabs.append(profile.new_page())
        tabs[-1].goto(f"{running.url}{path}")
    overlays = []
    for _ in range(OVERLAYS):
        overlays.append(profile.new_page())
        overlays[-1].goto(f"{running.url}{running.access.overlay_path()}&hide=60")
        overlays[-1].wait_for_url(lambda url: "viewer=" not in url)
    feed = running.session.viewers.captions
    until(lambda: feed.streams == 3 + OVERLAYS)

    reader.spell("HELLO.WORLD")
    for page in tabs[:3]:
        until(lambda page=page: page.evaluate(COMMITTED) == "WORLD")
        assert page.locator("#finished li").all_inner_texts() == ["HELLO"]
    for page in overlays:
        until(lambda page=page: "WORLD" in page.evaluate(BOX))
    for page in (*tabs[:2], *tabs[5:]):
        until(lambda page=page: page.evaluate(PLAYS))
    one, other = tabs[:2]
    one.click("#pause")
    until(lambda: running.pipeline.paused)
    until(lambda: other.get_attribute("#pause", "aria-pressed") == "false")
    other.click("#pause")
    until(lambda: not running.pipeline.paused)
    before = running.store.revision
    tabs[3].click("[data-preset=fast]")
    until(lambda: running.store.revision != before)
