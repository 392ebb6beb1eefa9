"""The panel of the start page in a real browser, with a service that acts as Zoom."""

from collections.abc import Callable
from typing import Any

import pytest

from server.call_captions.service import TEST
from tests.server.call_captions.conftest import SECRETS, TEAMS, ZOOM, Network, TeamsService, ZoomService

pytestmark = pytest.mark.e2e

LINK = "Caption link of Zoom or Teams"


def check_state(page: Any, state: str) -> None:
    """In this state the panel can be read and fits."""
    assert page.look("document.querySelector('#call-captions').dataset.state") == state
    page.check_legible((320, 1280), 900)


@pytest.mark.slow
def test_a_link_is_pasted_tried_out_lost_and_pasted_again_by_keyboard(
    transcribing: Any, zoom: ZoomService, network: Network, enter: Callable[..., Any]
) -> None:
    server, _ = transcribing
    server.session.call_captions.open_client = network(zoom)
    zoom.plan = lambda: 400
    page = enter(server, "/", picture=False)
    page.until(lambda: page.text("#call-state") == "Captions are not sent to a call.")
    page.page.locator("#call-how summary").click()
    check_state(page, "off")

    page.page.get_by_label(LINK).fill("https://evilzoom.us/closedcaption?id=1&signature=2")
    assert page.look("getComputedStyle(document.querySelector('#call-link')).webkitTextSecurity") == "disc"
    page.page.keyboard.press("Enter")
    page.until(lambda: "this link leads elsewhere" in page.text("#call-note"))
    page.complaints.clear()  # of the refused request

    page.page.get_by_label(LINK).fill(ZOOM)
    page.page.keyboard.press("Enter")
    page.until(lambda: page.text("#call-state") == "Waiting for the meeting to start.")
    page.until(lambda: page.text("#call-note") == "")
    assert page.text("#call-link-shown") == "To wmcapi.zoom.us …x4yZ"
    assert page.text("#stays") == "Captions go to Zoom. Everything else stays on this computer."
    assert not page.page.get_by_label(LINK).is_visible()
    check_state(page, "waiting")

    zoom.plan = lambda: None
    page.until(lambda: page.text("#call-state") == "Ready: captions go to Zoom from now on.", 90)
    check_state(page, "ready")
    page.page.keyboard.press("Enter")  # the focus went on to the test caption
    page.until(lambda: zoom.shown == [TEST])
    page.until(lambda: page.text("#call-counts").startswith("1 sent, the last at "))

    page.page.get_by_label("Type to caption").fill("HOW ARE YOU")
    page.page.keyboard.press("Enter")
    page.until(lambda: zoom.shown == [TEST, "HOW ARE YOU"])

    zoom.plan = lambda: 403
    page.page.get_by_label("Type to caption").fill("STILL THERE")
    page.page.keyboard.press("Enter")
    page.until(lambda: page.text("#call-state").startswith("Zoom does not accept this link"))
    page.until(lambda: page.text("#call-doubts") == "1 lost")
    page.page.locator("#call-doubts").click()
    assert page.text("#call-lost li") == "Caption 2 “STILL THERE”: the link was no longer good."
    assert page.page.get_by_label(LINK).is_visible()
    assert page.page.get_by_label(LINK).input_value() == ""
    check_state(page, "refused")
    page.until(lambda: "no longer reach the call" in page.text("#notices"))

    zoom.plan = lambda: None
    page.page.get_by_label(LINK).fill(ZOOM)
    page.page.keyboard.press("Enter")
    page.until(lambda: "no longer reach the call" not in page.text("#notices"))
    page.page.get_by_role("button", name="Stop", exact=True).click()
    page.until(lambda: page.text("#call-state") == "Captions are not sent to a call.")
    page.until(lambda: page.look("document.activeElement.id") == "call-link")
    page.until(lambda: page.text("#stays") == "Everything stays on this computer.")

    assert page.complaints == []
    assert not [url for url in page.requests if any(secret in url for secret in SECRETS)]
    assert not any(secret in page.page.content() for secret in SECRETS)
    assert page.look("JSON.stringify([{...localStorage}, {...sessionStorage}])").find("signature") == -1


@pytest.mark.slow
def test_what_perhaps_was_lost_is_sent_again_by_keyboard(
    transcribing: Any, teams: TeamsService, network: Network, enter: Callable[..., Any]
) -> None:
    server, _ = transcribing
    server.session.call_captions.open_client = network(teams)
    page = enter(server, "/", picture=False)
    page.page.get_by_label(LINK).fill(TEAMS)
    page.page.keyboard.press("Enter")
    page.until(lambda: page.text("#call-state") == "Ready: captions go to Teams from now on.")
    teams.plan = lambda: "cut-taken"
    page.page.get_by_label("Type to caption").fill("THERE IT IS")
    page.page.keyboard.press("Enter")
    page.until(lambda: page.text("#call-doubts") == "1 perhaps lost")
    teams.plan = lambda: "cut"
    page.page.get_by_label("Type to caption").fill("NOT THERE")
    page.page.keyboard.press("Enter")
    page.until(lambda: page.text("#call-doubts") == "2 perhaps lost")
    teams.plan = lambda: None
    page.page.locator("#call-doubts").click()
    page.page.get_by_role("button", name="Send caption 2 again").focus()
    page.page.keyboard.press("Enter")
    page.until(lambda: page.text("#call-doubts") == "1 perhaps lost")
    page.until(lambda: page.text("#call-counts").startswith("1 sent, the last at "))
    page.until(lambda: page.look("document.activeElement.textContent") == "Send again")  # of the other one
    assert teams.shown == ["THERE IT IS", "NOT THERE"]
    assert page.complaints == []
