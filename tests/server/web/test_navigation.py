"""The tabs, and the addresses that pages had before them."""

import asyncio
import re
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import make_mocked_request

from server.web.navigation import GEAR, MOVED, TABS, add_moved_pages

pytestmark = pytest.mark.unit

PAGES = [page.path for tab in (*TABS, GEAR) for page in tab.pages]


def lead(path: str) -> str:
    """Where an old address leads."""
    app = web.Application()
    add_moved_pages(app)
    request = make_mocked_request("GET", path, app=app)

    async def answer() -> str:
        match = await app.router.resolve(request)
        try:
            await match.handler(request)
        except web.HTTPSeeOther as leads:
            return leads.location
        raise AssertionError(f"{path} leads nowhere.")

    return asyncio.run(answer())


def test_there_are_four_tabs_and_a_gear_and_each_page_is_in_one_of_them() -> None:
    assert [tab.name for tab in TABS] == ["Live", "Captions", "Practise", "Train"]
    assert len(PAGES) == len(set(PAGES))
    assert all(tab.holds(tab.path) for tab in (*TABS, GEAR))


@pytest.mark.parametrize("path", MOVED)
def test_each_old_address_leads_to_a_page(path: str) -> None:
    assert path not in PAGES
    assert lead(path) in PAGES


def test_what_an_old_address_asks_for_goes_along() -> None:
    assert lead("/runs?run=first&run=a%20b%26c") == "/train/runs?run=first&run=a+b%26c"


@pytest.mark.integration
def test_old_addresses_lead_the_owner_alone(lasting: Any) -> None:
    answer = lasting.get("/history?q=ann", Cookie=lasting.owner_cookie())
    assert (answer.status, answer.headers["Location"]) == (303, "/captions/history?q=ann")
    for cookie in ({}, {"Cookie": lasting.viewer_cookie()}):
        refused = lasting.get("/history", **cookie)
        assert refused.status in (401, 403)
        assert "Location" not in refused.headers


@pytest.mark.integration
@pytest.mark.parametrize("path", PAGES)
def test_each_page_names_its_tab_and_itself_and_begins_with_a_link_past_them(path: str, lasting: Any) -> None:
    text = lasting.get(path, Cookie=lasting.owner_cookie()).body.decode()
    header = text[: text.index("</header>")]
    assert header.count("aria-current") == 1
    assert text.count('aria-current="page"') >= 1
    assert text.index('<a class="skip" href="#content"') < text.index("<header")
    assert '<main id="content" tabindex="-1"' in text
    assert 'id="keys-sheet"' in text
    names = re.findall(r'\sid="([^"]+)"', text)
    assert sorted(set(names)) == sorted(names)
    assert not re.search(r'<[^>]*\sid="[^>]*\sid="', text)
