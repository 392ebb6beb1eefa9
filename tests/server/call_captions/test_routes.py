"""Captions in calls over HTTP: the link comes in, captions go out, and no answer holds the link."""

import json
import threading
import time
from collections.abc import Callable
from typing import Any

import pytest

from overlay.pipeline.result import CaptionResult
from server.call_captions import service as call_captions
from server.call_captions.retry import Pace
from server.call_captions.service import TEST
from tests.server.call_captions.conftest import (
    TEAMS,
    ZOOM,
    Network,
    TeamsService,
    ZoomService,
    shows_no_secret,
)

pytestmark = pytest.mark.integration

PATH = "/api/v1/call-captions"


class Owner:
    """Asks as the owner's page does."""

    def __init__(self, server: Any, reader: Any) -> None:
        self.server, self.reader = server, reader
        self.cookie = server.owner_cookie()

    def ask(self, method: str, path: str = PATH, body: Any = None) -> tuple[int, Any]:
        data = b"" if method == "GET" else json.dumps({} if body is None else body).encode()
        answer = self.server.get(
            path, method=method, body=data, Cookie=self.cookie, Content_Type="application/json", X_Signcap="1"
        )
        assert shows_no_secret(answer.body.decode() + str(answer.headers))
        return answer.status, json.loads(answer.body)

    def until(self, condition: Callable[[dict[str, Any]], object]) -> dict[str, Any]:
        deadline = time.monotonic() + 60
        while not condition(state := self.ask("GET")[1]):
            assert time.monotonic() < deadline, state
            time.sleep(0.05)
        return dict(state)


@pytest.fixture
def owner(spelling: Any) -> Owner:
    return Owner(*spelling)


def test_signed_and_typed_captions_go_out_in_order_and_late_edits_do_not(
    request: pytest.FixtureRequest, zoom: ZoomService, network: Network, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(call_captions, "Pace", lambda: Pace(settle=5.0))
    owner = request.getfixturevalue("owner")  # only now: the pace is set when the server starts
    owner.server.session.call_captions.open_client = network(zoom)
    owner.reader.spell("BEFORE.")
    owner.until(lambda _: len(owner.server.pipeline.reading.state.cues) == 1)
    assert owner.ask("GET")[1]["state"] == "off"
    status, body = owner.ask("PUT", body={"link": ZOOM})
    assert (status, body["service"], body["link"]) == (200, "Zoom", "wmcapi.zoom.us …x4yZ")
    owner.reader.spell("HELO.")
    owner.until(lambda _: len(owner.server.pipeline.reading.state.cues) == 2)
    edit = {"edit": "choose", "caption": 1, "word": 0, "read": "HELO", "chosen": "HELLO"}
    assert owner.ask("POST", "/api/v1/captions/edits", edit)[0] == 200
    owner.until(lambda state: state["sent"] == 1)  # after a while in which it could still be changed
    assert owner.ask("POST", "/api/v1/captions/edits", {"edit": "undo"})[0] == 200
    typed = {"edit": "type", "text": "Grüße, José", "end": True}
    assert owner.ask("POST", "/api/v1/captions/edits", typed)[0] == 200
    assert owner.ask("POST", f"{PATH}/test")[0] == 202
    state = owner.until(lambda state: state["sent"] == 3)
    assert sorted(zoom.shown[1:]) == sorted(["Grüße, José", TEST])
    assert zoom.shown[0] == "HELLO"
    assert state["state"] == "sending"
    assert owner.ask("GET", "/api/v1/status")[1]["call_captions"] == state
    status, body = owner.ask("DELETE")
    assert (status, body["state"], body["link"], body["sent"]) == (200, "off", None, 3)
    assert owner.ask("POST", f"{PATH}/test")[0] == 409
    assert owner.ask("POST", f"{PATH}/again", {"caption": 1})[0] == 409


def test_a_lost_caption_is_sent_again_when_asked(owner: Owner, teams: TeamsService, network: Network) -> None:
    owner.server.session.call_captions.open_client = network(teams)
    owner.ask("PUT", body={"link": TEAMS})
    teams.plan = lambda: "cut"
    typed = {"edit": "type", "text": "HELLO", "end": True}
    assert owner.ask("POST", "/api/v1/captions/edits", typed)[0] == 200
    (loss,) = owner.until(lambda state: state["perhaps_lost"] == 1)["losses"]
    for wrong in ({}, {"caption": "1"}, {"caption": 1, "more": 1}):
        assert owner.ask("POST", f"{PATH}/again", wrong)[0] == 400
    status, body = owner.ask("POST", f"{PATH}/again", {"caption": loss["caption"] + 1})
    assert status == 409
    assert body["error"].startswith("Caption 2 is not among those that were lost: ")
    teams.plan = lambda: None
    status, body = owner.ask("POST", f"{PATH}/again", {"caption": loss["caption"]})
    assert (status, body["perhaps_lost"], body["losses"]) == (202, 0, [])
    owner.until(lambda state: state["sent"] == 1)
    assert teams.shown == ["HELLO"]


def test_a_new_caption_lets_the_one_before_go_at_once(owner: Owner, teams: TeamsService, network: Network) -> None:
    owner.server.session.call_captions.open_client = network(teams)
    assert owner.ask("PUT", body={"link": TEAMS})[1]["service"] == "Teams"
    owner.reader.spell("ONE.TWO.")
    owner.until(lambda state: state["sent"] == 2)
    assert teams.shown == ["ONE", "TWO"]


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"link": ZOOM.replace("zoom.us", "evilzoom.us")}, 422),
        ({"link": ZOOM.replace("https", "http")}, 422),
        ({"link": [ZOOM]}, 400),
        ({"link": ZOOM, "more": ZOOM}, 400),
        ({"link": ZOOM * 50}, 400),
        ({ZOOM: ZOOM}, 400),
        ({}, 400),
    ],
)
def test_what_is_no_link_is_refused_and_not_repeated(owner: Owner, body: Any, status: int) -> None:
    assert owner.ask("PUT", body=body)[0] == status
    assert owner.ask("GET")[1]["state"] == "off"


def test_sending_counts_as_being_watched_until_it_ends(owner: Owner, zoom: ZoomService, network: Network) -> None:
    session = owner.server.session
    session.call_captions.open_client = network(zoom)
    assert session.watching() == 0
    owner.ask("PUT", body={"link": ZOOM})
    assert session.watching() == 1
    zoom.plan = lambda: 403
    owner.ask("POST", f"{PATH}/test")
    owner.until(lambda state: state["state"] == "refused")
    owner.until(lambda _: session.watching() == 0)
    owner.until(lambda _: any("no longer reach the call" in notice for notice in owner.server.notices.sentences))
    owner.ask("DELETE")
    assert owner.server.notices.sentences == []


def test_what_was_finished_last_still_goes_out_when_signcap_ends(
    owner: Owner, zoom: ZoomService, network: Network, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(call_captions, "LAST_CHANCE", 15.0)
    calls = owner.server.session.call_captions
    calls.open_client = network(zoom)
    owner.ask("PUT", body={"link": ZOOM})
    owner.until(lambda state: state["state"] == "ready")
    told = threading.Event()

    def note(reading: CaptionResult) -> None:
        if reading.state.cues:
            told.set()

    owner.server.pipeline.listen(note)  # who listened before has heard it when this one has
    owner.reader.spell("BYE.")
    assert told.wait(60)
    owner.server.call(calls.close())
    assert zoom.shown == ["BYE"]
