"""No page asks for anything that is not Signcap's own: what a browser asks others for is recorded."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.network.recorder import Recorder, recording
from tests.server.browsers import chromium
from tests.server.test_accessibility import page_paths

pytestmark = [pytest.mark.e2e, pytest.mark.slow]


@pytest.fixture
def recorder() -> Iterator[Recorder]:
    with recording() as recorder:
        yield recorder


@pytest.fixture
def watched(recorder: Recorder) -> Iterator[Any]:
    """Chromium that reaches nothing but this machine."""
    with chromium("--no-first-run", "--disable-component-update", *recorder.arguments()) as browser:
        yield browser


def test_all_pages_with_the_real_recogniser_ask_this_machine_alone(
    demo: Any, watched: Any, recorder: Recorder
) -> None:
    context = watched.new_context()
    asked: list[str] = []
    context.on("request", lambda request: asked.append(request.url))
    page = context.new_page()
    page.on("websocket", lambda socket: asked.append(socket.url))
    page.goto(demo.access.launch_url())
    page.wait_for_url(demo.url + "/")
    page.wait_for_selector(".screen[data-state=playing]")
    for path in page_paths(demo.app):
        page.goto(demo.url + path)
        page.wait_for_timeout(800)  # until what the page asks for by itself has been asked for
    context.close()
    assert len(asked) > 50
    assert [url for url in asked if not url.startswith((f"{demo.url}/", f"blob:{demo.url}/"))] == []
    assert recorder.asked == []


def test_the_recorder_sees_what_others_are_asked_for(watched: Any, recorder: Recorder) -> None:
    page = watched.new_page()
    for url in ("https://signcap.test/", "http://localhost.test/"):
        page.evaluate("(url) => fetch(url, {mode: 'no-cors'}).catch(() => null)", url)
    assert set(recorder.asked) == {"CONNECT signcap.test:443", "GET http://localhost.test/"}
