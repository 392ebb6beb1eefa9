"""Captions over real connections: what services and networks do to requests, and what is never sent to anybody."""

import asyncio
from collections.abc import Awaitable, Callable
from itertools import chain, repeat
from typing import Any

import pytest

from tests.server.call_captions.conftest import FakeTime, Network, Service, TeamsService, ZoomService
from tests.server.call_captions.test_sending import TEAMS_FAULTS, ZOOM_FAULTS, Calls, captions

pytestmark = pytest.mark.integration

Play = Callable[[Calls], Awaitable[None]]


class ConnectedCalls(Calls):
    """Waits for what comes over a network."""

    async def until(self, condition: Callable[[], object]) -> None:
        async with asyncio.timeout(60):
            while not condition():
                await asyncio.sleep(0.002)


@pytest.fixture
def play(network: Network) -> Callable[..., Calls]:
    """Plays a scene against a service over TLS; a link is there from its beginning."""

    def run(service: Service, scene: Play, *, trusting: bool = True) -> Calls:
        async def whole() -> Calls:
            calls = ConnectedCalls(service, FakeTime(), network(service, trusting=trusting), limit=0.3)
            await calls.calls.start(calls.link)
            try:
                await scene(calls)
            finally:
                await calls.calls.stop()
            return calls

        return asyncio.run(whole(), debug=True)

    return run


def faults(kinds: tuple[int | str, ...]) -> Callable[[], int | str | None]:
    """Each kind in turn, with two requests between them to which nothing happens."""
    plan = chain(chain.from_iterable((None, None, kind) for kind in kinds), repeat(None))
    return lambda: next(plan)


def test_zoom_shows_each_once_and_in_order_whatever_happens_to_requests(zoom: ZoomService, play: Any) -> None:
    zoom.plan = faults(ZOOM_FAULTS)
    zoom.headers = {"Retry-After": "1"}

    async def scene(calls: Calls) -> None:
        await calls.send_all(captions(20))
        assert (calls.body["sent"], calls.body["lost"], calls.body["perhaps_lost"]) == (20, 0, 0)

    assert 1.0 in play(zoom, scene).time.pauses  # as it asked for
    assert zoom.shown == captions(20)


def test_teams_shows_each_once_and_in_order_or_it_is_told_to_be_perhaps_lost(teams: TeamsService, play: Any) -> None:
    teams.plan = faults(TEAMS_FAULTS)

    async def scene(calls: Calls) -> None:
        await calls.send_all(captions(20))
        body = calls.body
        doubtful = [loss["text"] for loss in body["losses"] if loss["perhaps"]]
        assert (body["lost"], body["perhaps_lost"], len(doubtful)) == (0, 4, 4)  # two hung, and two were cut
        assert body["sent"] == 16
        shown = [text for text in captions(20) if text in teams.shown]
        assert teams.shown == shown
        assert len(shown) == 18  # two of the four were taken
        assert {text for text in captions(20) if text not in shown} < set(doubtful)

    play(teams, scene)


def test_a_redirect_is_not_followed(zoom: ZoomService, teams: TeamsService, play: Any) -> None:
    async def scene(calls: Calls) -> None:
        zoom.plan = lambda: 307
        zoom.headers = {"Location": f"https://127.0.0.1:{teams.port}/closedcaption"}
        await calls.finish("HELLO")
        await calls.until(lambda: "(307)" in calls.body["sentence"])

    play(zoom, scene)
    assert (zoom.shown, teams.asked) == ([], [])


def test_a_service_with_a_wrong_certificate_is_told_nothing(zoom: ZoomService, play: Any) -> None:
    async def scene(calls: Calls) -> None:
        await calls.finish("HELLO")
        await calls.until(lambda: "certificate" in calls.body["sentence"])

    play(zoom, scene, trusting=False)
    assert (zoom.shown, zoom.asked) == ([], [])


def test_a_service_that_cannot_be_reached_is_tried_until_the_caption_is_too_old(zoom: ZoomService, play: Any) -> None:
    async def scene(calls: Calls) -> None:
        await calls.until(lambda: calls.body["state"] != "asking")
        await asyncio.to_thread(zoom.close)
        await calls.finish("HELLO")
        await calls.until(lambda: calls.body["lost"] == 1)
        assert not calls.body["losses"][0]["perhaps"]
        assert "cannot be reached" in calls.body["sentence"] or "cut" in calls.body["sentence"]

    play(zoom, scene)


def test_stopping_ends_a_request_that_is_under_way(teams: TeamsService, play: Any) -> None:
    async def scene(calls: Calls) -> None:
        teams.plan = lambda: "hang"
        await calls.finish("UNDER WAY")
        await calls.until(lambda: bool(teams.asked))
        await calls.calls.stop()
        assert [(loss["text"], loss["perhaps"]) for loss in calls.body["losses"]] == [("UNDER WAY", True)]

    play(teams, scene)
