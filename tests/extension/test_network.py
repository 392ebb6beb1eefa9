"""The extension asks nobody but Signcap on this machine: what else its browser asks for is recorded."""

from collections.abc import Callable
from typing import Any

import pytest

from server.web.auth.paired_browsers import PairedBrowsers
from tests.extension.test_box import Box

pytestmark = pytest.mark.e2e


def test_paired_in_a_call_with_camera_and_box_it_asks_this_machine_alone(
    browser: Any, start_run: Any, recorder: Any, until: Callable[..., Any]
) -> None:
    """The whole way: a run as people start it, what its recogniser reads, its picture in a call, captions over it."""
    asked: list[str] = []
    browser.context.on("request", lambda request: asked.append(request.url))
    browser.set_permission("https://meet.google.com", "camera", "granted")
    browser.allow_site("https://meet.google.com")
    browser.ask("box", shown=True)
    run = start_run()
    browser.pair(run)
    browser.switch_on()
    paired = [one["browser"] for one in run.owner("GET", "/api/v1/pairings")["paired"]]
    assert len(paired) == 2
    assert "Of the run before" in paired
    assert len(PairedBrowsers(run.paired_path).all()) == 2  # for the next run
    box = Box(browser)
    until(lambda: box.page.evaluate("async () => Boolean(await find('Signcap'))"))
    box.page.evaluate("async () => { window.stream = await open1(); }")
    # What the demo spells: a slow machine sees too little of some letters.
    until(lambda: any(part in box.text for part in ("HEL", "ELL", "LLO")), 180)
    until(lambda: box.page.evaluate("() => magenta(stream.getVideoTracks()[0])") > 100)
    box.page.evaluate("() => stream.getTracks().forEach((track) => track.stop())")
    box.page.close()
    # It looks for Signcap at some ports of this machine until it is told which one is right.
    own = ("chrome-extension://", "chrome://", "data:", "blob:", "https://meet.google.com/", "http://127.0.0.1:")
    assert [url for url in asked if not url.startswith(own)] == []
    assert recorder.asked == []
