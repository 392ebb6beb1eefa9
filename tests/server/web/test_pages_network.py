"""All pages, as the router has them, with the real recogniser: whom they ask, and what axe-core finds wrong.

What a browser asks others for is recorded. axe-core looks in both colours, on a wide screen and on a phone.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any

import pytest
from aiohttp import web
from axe_playwright_python.base import AXE_SCRIPT

from overlay.captions.state import CaptionState, Cue
from overlay.media.frame import Frame
from overlay.pipeline.live_captioner import LiveCaptioner
from overlay.pipeline.result import CaptionResult
from server.session.folders import Folders
from server.web.navigation import GEAR, MOVED, TABS
from tests.network.recorder import recording
from tests.server.browsers import bare_chromium, chromium
from tests.server.conftest import CalmDemo, RunningServer, serving

pytestmark = [pytest.mark.e2e, pytest.mark.slow]

SERIOUS = {"serious", "critical"}
# Each width and each colour with all rules; what else depends on both at a time is contrast.
CONTRAST = {"runOnly": ["color-contrast", "link-in-text-block"]}
LOOKS: list[tuple[str, int, dict[str, Any]]] = [
    ("light", 1280, {}),
    ("dark", 1280, CONTRAST),
    ("dark", 380, {}),
    ("light", 380, CONTRAST),
]
# Until nothing in the page has changed for a while: what it asks for by itself has come.
SETTLED = """() => new Promise((resolve) => {
    const [quiet, longest] = [400, 800];
    const end = performance.now() + longest;
    let timer = setTimeout(resolve, quiet);
    new MutationObserver(() => {
        clearTimeout(timer);
        timer = setTimeout(resolve, Math.max(0, Math.min(quiet, end - performance.now())));
    }).observe(document, {subtree: true, childList: true, characterData: true, attributes: true});
})"""


@dataclass
class Walk:
    """What came of opening every page.

    Attributes:
        url: where the pages are.
        asked: addresses that pages asked for.
        others: what was asked of others than this machine.
        tried: the same, once a page had tried to.
        faults: what axe-core finds seriously wrong.
    """

    url: str
    asked: list[str] = field(default_factory=list)
    others: list[str] = field(default_factory=list)
    tried: list[str] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)


def page_paths(app: web.Application) -> list[str]:
    """Paths of the pages for people."""
    found = [
        route.resource.canonical
        for route in app.router.routes()
        if route.method == "GET"
        and route.resource is not None
        and not isinstance(route.resource, web.StaticResource)
        and not route.resource.canonical.startswith("/api/")
    ]
    assert {"/", "/captions", *(page.path for tab in (*TABS, GEAR) for page in tab.pages)} <= set(found)
    return [path for path in found if path not in MOVED]


class SlowDemo(CalmDemo):
    """The demo, a few times a second: nobody reads it here."""

    rate = 5.0

    def read(self) -> Frame | None:
        self._tick += 4
        return super().read()


class WithCaptions(LiveCaptioner):
    """The real recogniser, whose captions do not come and go while a page is looked at."""

    def accept(self, frame: Frame) -> CaptionResult:
        state = CaptionState(1, (Cue(0, "HELLO", 0.0, 1.0),), "NICE TO MEE", "T")
        return replace(super().accept(frame), state=state)


def faults(page: Any, options: dict[str, Any]) -> Iterator[str]:
    """What is seriously wrong with the page that is shown."""
    found = page.evaluate("(options) => axe.run({resultTypes: ['violations'], ...options})", options)
    for violation in found["violations"]:
        if violation["impact"] in SERIOUS:
            places = "; ".join(" ".join(map(str, node["target"])) for node in violation["nodes"][:5])
            yield f"{violation['id']} ({violation['help']}) at {places}"


def walk_through(server: RunningServer, browser: Any) -> Walk:
    """Open every page, and look at it in each colour and width."""
    assert server.app
    assert server.access
    walk = Walk(server.url)
    # axe's own script, without the check that it is from us: the pages' policy is bypassed for it.
    context = browser.new_context(bypass_csp=True, reduced_motion="reduce")
    context.on("request", lambda request: walk.asked.append(request.url))
    page = context.new_page()
    page.on("websocket", lambda socket: walk.asked.append(socket.url))
    page.goto(server.access.launch_url())
    page.wait_for_url(server.url + "/")
    page.wait_for_selector(".screen[data-state=playing]")
    for path in page_paths(server.app):
        page.goto(server.url + path)
        page.evaluate(SETTLED)
        page.evaluate(AXE_SCRIPT)
        for scheme, width, options in LOOKS:
            page.emulate_media(color_scheme=scheme)
            page.set_viewport_size({"width": width, "height": 900})
            walk.faults += [f"{path}, {width} px, {scheme}: {fault}" for fault in faults(page, options)]
    context.close()
    return walk


@pytest.fixture(scope="module")
def walk(tmp_path_factory: pytest.TempPathFactory) -> Walk:
    """Once for all tests: through the demo's pages, with Chromium that reaches nothing but this machine."""
    folder = tmp_path_factory.mktemp("walk")
    arguments = ("--no-first-run", "--disable-component-update")
    with pytest.MonkeyPatch.context() as patch:
        for name in ("XDG_STATE_HOME", "XDG_DATA_HOME", "XDG_VIDEOS_DIR"):
            patch.setenv(name, str(folder))  # it is made before the fixture that does so for each test
        with (
            recording() as recorder,
            serving(SlowDemo("HELLO"), WithCaptions, Folders(folder / "data", folder / "runs")) as server,
            chromium(*arguments, *recorder.arguments(), executable=bare_chromium()) as browser,
        ):
            server.notices.notice("test", "A sentence that people should read.")
            walk = walk_through(server, browser)
            walk.others = list(recorder.asked)
            page = browser.new_page()
            for url in ("https://signcap.test/", "http://localhost.test/"):
                page.evaluate("(url) => fetch(url, {mode: 'no-cors'}).catch(() => null)", url)
            walk.tried = recorder.asked[len(walk.others) :]
    return walk


def test_all_pages_with_the_real_recogniser_ask_this_machine_alone(walk: Walk) -> None:
    assert len(walk.asked) > 50
    own = (f"{walk.url}/", f"blob:{walk.url}/", f"{walk.url.replace('http', 'ws')}/")
    assert [url for url in walk.asked if not url.startswith(own)] == []
    assert walk.others == []


def test_the_recorder_sees_what_others_are_asked_for(walk: Walk) -> None:
    assert set(walk.tried) == {"CONNECT signcap.test:443", "GET http://localhost.test/"}


def test_pages_have_no_serious_fault(walk: Walk) -> None:
    assert walk.faults == []
