"""axe-core on every page: taken from the router, in both colours, on a wide screen and on a phone."""

from collections.abc import Iterator
from itertools import product
from typing import Any

import pytest
from aiohttp import web
from axe_playwright_python.sync_playwright import Axe

from overlay.caption import CaptionState, Cue

pytestmark = pytest.mark.e2e

SERIOUS = {"serious", "critical"}
SCHEMES = ("light", "dark")
WIDTHS = (1280, 380)


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
    assert {"/", "/captions", "/collect", "/doctor", "/enrol", "/history", "/runs", "/spell", "/try"} <= set(found)
    return found


def faults(page: Any) -> Iterator[str]:
    """What is seriously wrong with the page that is shown."""
    # axe's own script, without the check that it is from us: the pages' policy is bypassed for it.
    for violation in Axe().run(page).response["violations"]:
        if violation["impact"] in SERIOUS:
            places = "; ".join(" ".join(map(str, node["target"])) for node in violation["nodes"][:5])
            yield f"{violation['id']} ({violation['help']}) at {places}"


@pytest.mark.slow
def test_pages_have_no_serious_fault(running: Any, browser: Any) -> None:
    running.situation.notice("test", "A sentence that people should read.")
    running.say(CaptionState(1, (Cue(0, "HELLO", 0.0, 1.0),), "NICE TO MEE", "T"))
    context = browser.new_context(bypass_csp=True, reduced_motion="reduce")
    page = context.new_page()
    page.goto(running.access.launch_url())
    page.wait_for_url(running.url + "/")
    found = []
    for path in page_paths(running.app):
        page.goto(running.url + path)
        page.wait_for_timeout(800)  # until what the page asks for is shown
        for scheme, width in product(SCHEMES, WIDTHS):
            page.emulate_media(color_scheme=scheme)
            page.set_viewport_size({"width": width, "height": 900})
            found += [f"{path}, {width} px, {scheme}: {fault}" for fault in faults(page)]
    context.close()
    assert found == []
