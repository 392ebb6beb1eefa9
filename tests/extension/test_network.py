"""The extension asks nobody but Signcap on this machine: what else its browser asks for is recorded."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.network.recorder import recording

pytestmark = pytest.mark.e2e

SITES = ("meet.google.com", "meet.jit.si", "call.example.com", "app.zoom.us")


def test_paired_in_a_call_with_camera_and_box_it_asks_this_machine_alone(
    launch: Callable[..., Any],
    make_browser: Callable[[Any], Any],
    signcap: Any,
    until: Callable[..., Any],
    tmp_path: Path,
) -> None:
    with recording() as recorder:
        context = launch(tmp_path / "profile", *recorder.arguments(*SITES))
        asked: list[str] = []
        context.on("request", lambda request: asked.append(request.url))
        browser = make_browser(context)
        browser.pair(signcap)
        browser.set_permission("https://meet.google.com", "camera", "granted")
        browser.switch_on()
        call = browser.call()
        until(lambda: call.evaluate("async () => Boolean(await find('Signcap'))"))
        call.evaluate("async () => { window.stream = await open1(); }")
        until(lambda: call.evaluate("() => magenta(stream.getVideoTracks()[0])") > 100)
        browser.ask("box", shown=True)
        call.wait_for_timeout(1000)
        call.evaluate("() => stream.getTracks().forEach((track) => track.stop())")
        context.close()
    # It looks for Signcap at some ports of this machine until it is told which one is right.
    own = ("chrome-extension://", "chrome://", "data:", "blob:", "https://meet.google.com/", "http://127.0.0.1:")
    assert [url for url in asked if not url.startswith(own)] == []
    assert recorder.asked == []
