"""Captions on their way to services that fail: what arrives, and what is said of the rest."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Iterator
from datetime import datetime
from typing import Any

import pytest
from yarl import URL

from overlay.captions.state import CaptionState, Letter
from overlay.captions.transcript import Transcript
from overlay.core.errors import SigncapError
from overlay.pipeline.final_captions import FinalCaptionStream
from overlay.pipeline.result import CaptionResult
from server.call_captions.links import recognise
from server.call_captions.retry import MOST_WAITING, OLDEST, TRIES
from server.call_captions.service import LAST_CHANCE, TEST, CallCaptions
from tests.clock import MORNING, SteppedClock
from tests.overlay.transcripts.conftest import Person
from tests.server.call_captions.conftest import (
    TEAMS,
    ZOOM,
    Chance,
    FakeTime,
    Service,
    TeamsService,
    Wire,
    ZoomService,
    shows_no_secret,
)

pytestmark = pytest.mark.unit

RUNS = [(1, 500), (2, 150)]  # seed, and how many captions
TURNS = 20_000  # of the event loop, after which what has not come never will
SHARE = 1 / 3
ZOOM_FAULTS = (400, 429, 500, 503, "hang", "hang-taken", "cut", "cut-taken", "500-taken")
TEAMS_FAULTS = (404, 429, 500, 503, "hang", "hang-taken", "cut", "cut-taken")


OpenClient = Callable[[float], Any]


class Calls:
    """Captions of a real transcript, on their way to a service."""

    def __init__(
        self, service: Service, time: FakeTime, open_client: OpenClient | None = None, **pace: float
    ) -> None:
        self.speaker = ""
        self.service, self.time = service, time
        self.notices: list[str | None] = []
        self.free: asyncio.Event | None = None
        pace_ = time.pace(**pace)
        self.calls = CallCaptions(
            self.notices.append,
            speaker=lambda: self.speaker,
            open_client=open_client or self._open,
            pace=pace_,
        )
        self.captions = FinalCaptionStream(pace_.clock)
        self.captions.listen(self.calls.accept)
        self.transcript = Transcript()
        self.link = recognise(ZOOM if isinstance(service, ZoomService) else TEAMS)

    def _open(self, limit: float) -> Any:
        wire = Wire(self.service, self.time, limit)
        wire.free = self.free
        return wire

    async def finish(self, text: str) -> None:
        """Type a caption and end it."""
        self.transcript.type_text(text)
        self.read(self.transcript.finish())
        await asyncio.sleep(0)

    def read(self, state: CaptionState) -> None:
        self.captions.accept(CaptionResult(state=state))

    @property
    def body(self) -> dict[str, Any]:
        body = self.calls.body()
        assert shows_no_secret(repr(body))
        return body

    async def until(self, condition: Callable[[], object]) -> None:
        for _ in range(TURNS):
            if condition():
                return
            await asyncio.sleep(0)
        raise AssertionError("it did not come to be")

    async def until_all_is_told(self) -> None:
        await asyncio.sleep(0)
        await self.until(lambda: self.body["waiting"] == 0)

    async def send_all(self, texts: Iterable[str]) -> None:
        """As fast as they are taken, so that none becomes too old of itself."""
        for text in texts:
            await self.finish(text)
            await self.until(lambda: self.body["waiting"] < 5)
        await self.until_all_is_told()


Play = Callable[[Calls], Awaitable[None]]


@pytest.fixture
def zoom() -> Iterator[ZoomService]:
    """Zoom's part, in memory."""
    service = ZoomService()
    yield service
    assert service.wrong == []


@pytest.fixture
def teams() -> Iterator[TeamsService]:
    """Teams' part, in memory."""
    service = TeamsService()
    yield service
    assert service.wrong == []


@pytest.fixture
def play() -> Callable[..., Calls]:
    """Plays a scene against a service; a link is there from its beginning."""

    def run(service: Service, scene: Play, *, start: bool = True, stepped: bool = False, **pace: float) -> Calls:
        async def whole() -> Calls:
            calls = Calls(service, FakeTime(stepped=stepped), **pace)
            if start:
                await calls.calls.start(calls.link)
                await calls.until(lambda: calls.body["state"] != "asking")
            try:
                await scene(calls)
            finally:
                await calls.calls.stop()
            return calls

        return asyncio.run(whole())

    return run


def captions(count: int) -> list[str]:
    return [f"CAPTION {number} ÉÜ 手話" for number in range(1, count + 1)]


@pytest.mark.parametrize(("seed", "count"), RUNS)
def test_zoom_shows_each_once_and_in_order_or_it_is_reported_lost(
    zoom: ZoomService, play: Any, seed: int, count: int
) -> None:
    texts = captions(count)
    zoom.plan = chance = Chance(seed, SHARE, ZOOM_FAULTS)
    zoom.headers = {"Retry-After": "1"}

    async def scene(calls: Calls) -> None:
        await calls.send_all(texts)
        body = calls.body
        lost = {loss["text"] for loss in body["losses"]}
        assert body["lost"] == len(lost) < count / 50
        assert zoom.shown == [text for text in texts if text not in lost]
        assert body["sent"] == len(zoom.shown)
        assert body["perhaps_lost"] == 0
        assert chance.happened > count / 4
        print(f"Zoom, seed {seed}: {chance.happened} faults, {body['sent']} sent, {body['lost']} lost")

    play(zoom, scene, limit=0.4)


@pytest.mark.parametrize(("seed", "count"), RUNS)
def test_teams_shows_each_once_and_in_order_or_it_is_reported_lost(
    teams: TeamsService, play: Any, seed: int, count: int
) -> None:
    """Without numbers nobody can know of a cut request whether it was taken: it is told to be perhaps lost."""
    texts = captions(count)
    teams.plan = chance = Chance(seed, SHARE, TEAMS_FAULTS)
    teams.headers = {"Retry-After": "1"}
    told: dict[str, bool] = {}

    async def scene(calls: Calls) -> None:
        for text in texts:
            await calls.finish(text)
            await calls.until(lambda: calls.body["waiting"] < 5)
            told.update({loss["text"]: loss["perhaps"] for loss in calls.body["losses"]})
        await calls.until_all_is_told()
        body = calls.body
        told.update({loss["text"]: loss["perhaps"] for loss in body["losses"]})
        shown = set(teams.shown)
        assert teams.shown == [text for text in texts if text in shown]  # once each, and in order
        assert [text for text, perhaps in told.items() if not perhaps and text in shown] == []  # lost is lost
        assert [text for text in texts if text not in shown and text not in told] == []  # sent is shown
        assert body["sent"] == count - len(told)
        assert body["lost"] + body["perhaps_lost"] == len(told) < count / 4
        assert chance.happened > count / 4
        doubts = sum(perhaps and text in shown for text, perhaps in told.items())
        print(f"Teams, seed {seed}: {chance.happened} faults, {body['sent']} sent, {body['lost']} lost,")
        print(f"  {body['perhaps_lost']} perhaps lost, {doubts} of these shown")

    play(teams, scene, limit=0.4)


def test_a_restart_goes_on_with_zooms_numbers(zoom: ZoomService, play: Any) -> None:
    async def first(calls: Calls) -> None:
        await calls.send_all(["ONE", "TWO"])

    async def second(calls: Calls) -> None:
        await calls.send_all(["THREE"])

    play(zoom, first)
    play(zoom, second)
    assert (zoom.shown, zoom.last) == (["ONE", "TWO", "THREE"], 3)


def test_only_what_is_finished_after_the_link_came_is_sent(zoom: ZoomService, play: Any) -> None:
    async def scene(calls: Calls) -> None:
        await calls.finish("BEFORE")
        calls.transcript.type_text("AFT")
        calls.read(calls.transcript.state)
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        await calls.calls.start(calls.link)
        await calls.send_all(["ER"])
        await calls.calls.stop()
        await calls.finish("LATER")
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        assert calls.body["state"] == "off"

    play(zoom, scene, start=False)
    assert zoom.shown == ["AFTER"]


def test_teams_has_long_captions_in_lines_that_can_be_read(teams: TeamsService, play: Any) -> None:
    long = " ".join(f"WORD{number}" for number in range(60))

    async def scene(calls: Calls) -> None:
        await calls.send_all([long, "X" * 300])
        assert calls.body["sent"] == 2

    play(teams, scene)
    assert max(map(len, teams.shown)) <= 120
    assert " ".join(teams.shown[:-3]) == long
    assert teams.shown[-3:] == ["X" * 120, "X" * 120, "X" * 60]


@pytest.mark.parametrize(("status", "hint"), [(400, "Waiting for the meeting"), (404, "Waiting for the meeting")])
def test_zoom_waits_for_the_meeting_and_goes_on_when_it_starts(
    zoom: ZoomService, play: Any, status: int, hint: str
) -> None:
    zoom.plan = lambda: status

    async def scene(calls: Calls) -> None:
        await calls.until(lambda: calls.body["state"] == "waiting")
        assert calls.body["sentence"].startswith(hint)
        await calls.finish("TOO EARLY")
        await calls.until(lambda: calls.body["lost"] == 1)
        assert f"{OLDEST:.0f} seconds" in calls.body["losses"][0]["why"]
        zoom.plan = lambda: None
        await calls.until(lambda: calls.body["state"] == "ready")
        await calls.send_all(["HELLO"])
        assert calls.body["state"] == "sending"

    play(zoom, scene)
    assert zoom.shown == ["HELLO"]


def test_teams_waits_for_the_meeting(teams: TeamsService, play: Any) -> None:
    teams.plan = lambda: 404 if len(teams.asked) < 4 else None

    async def scene(calls: Calls) -> None:
        await calls.send_all(["HELLO"])
        assert calls.body["sent"] == 1

    assert play(teams, scene).time.pauses
    assert teams.shown == ["HELLO"]


@pytest.mark.parametrize(("status", "state"), [(401, "expired"), (403, "refused")])
@pytest.mark.parametrize("kind", ["zoom", "teams"])
def test_a_link_that_is_good_for_nothing_is_let_go_and_a_new_one_asked_for(
    request: Any, play: Any, status: int, state: str, kind: str
) -> None:
    service = request.getfixturevalue(kind)

    async def scene(calls: Calls) -> None:
        await calls.send_all(["BEFORE"])
        service.plan = lambda: status
        await calls.finish("LOST ONE")
        await calls.until(lambda: calls.body["state"] == state)
        await calls.until(lambda: not calls.calls.sending)
        await calls.finish("LOST TWO")
        await calls.until(lambda: calls.body["lost"] == 2)
        assert [(loss["caption"], loss["text"]) for loss in calls.body["losses"]] == [
            (2, "LOST ONE"),
            (3, "LOST TWO"),
        ]
        assert calls.body["link"] is None
        assert "cop" in calls.body["sentence"]
        assert calls.notices[-1] is not None
        service.plan = lambda: None
        await calls.calls.start(calls.link)
        assert calls.notices[-1] is None
        await calls.send_all(["AFTER"])

    play(service, scene)
    assert service.shown == ["BEFORE", "AFTER"]


def test_a_refusal_that_passes_is_no_end(zoom: ZoomService, play: Any) -> None:
    async def scene(calls: Calls) -> None:
        answers = iter([403, 403])
        zoom.plan = lambda: next(answers, None)
        await calls.send_all(["HELLO"])

    play(zoom, scene)
    assert zoom.shown == ["HELLO"]


def test_a_caption_that_the_service_cannot_bear_does_not_hold_up_the_next(zoom: ZoomService, play: Any) -> None:
    async def scene(calls: Calls) -> None:
        answers = iter([500] * TRIES)
        zoom.plan = lambda: next(answers, None)
        await calls.send_all(["BAD", "GOOD"])
        assert [(loss["text"], loss["why"]) for loss in calls.body["losses"]] == [
            ("BAD", "Zoom answers with an error (500)")
        ]
        assert calls.body["sent"] == 1

    play(zoom, scene)
    assert zoom.shown == ["GOOD"]


def test_what_zoom_took_with_its_last_try_is_not_reported_lost(zoom: ZoomService, play: Any) -> None:
    async def scene(calls: Calls) -> None:
        answers = iter([500] * (TRIES - 1) + ["500-taken"])
        zoom.plan = lambda: next(answers, None)
        await calls.send_all(["HELLO", "WORLD"])
        assert (calls.body["sent"], calls.body["lost"]) == (2, 0)

    play(zoom, scene)
    assert zoom.shown == ["HELLO", "WORLD"]


def test_what_teams_may_have_taken_is_sent_again_only_when_asked(teams: TeamsService, play: Any) -> None:
    async def scene(calls: Calls) -> None:
        answers: Any = iter(["cut-taken", "cut", None])
        teams.plan = lambda: next(answers, None)
        await calls.send_all(["SHOWN", "PERHAPS", "ONCE"])
        body = calls.body
        assert (body["sent"], body["lost"], body["perhaps_lost"]) == (1, 0, 2)
        assert body["state"] == "sending"
        assert [(loss["caption"], loss["text"], loss["perhaps"]) for loss in body["losses"]] == [
            (1, "SHOWN", True),
            (2, "PERHAPS", True),
        ]
        assert teams.shown == ["SHOWN", "ONCE"]
        calls.calls.again(2)
        await calls.until_all_is_told()
        assert (calls.body["sent"], calls.body["perhaps_lost"]) == (2, 1)
        assert [loss["text"] for loss in calls.body["losses"]] == ["SHOWN"]
        with pytest.raises(SigncapError, match="Caption 2 is not among those that were lost"):
            calls.calls.again(2)

    play(teams, scene)
    assert teams.shown == ["SHOWN", "ONCE", "PERHAPS"]


def test_a_lost_caption_that_is_sent_again_may_be_lost_again(teams: TeamsService, play: Any) -> None:
    async def scene(calls: Calls) -> None:
        teams.plan = lambda: 500
        await calls.send_all(["ONE"])
        assert (calls.body["lost"], calls.body["perhaps_lost"]) == (1, 0)
        assert calls.body["sentence"] == "Teams answers with an error (500): going on with the next caption."
        teams.plan = lambda: "cut"
        calls.calls.again(1)
        await calls.until_all_is_told()
        assert (calls.body["lost"], calls.body["perhaps_lost"]) == (0, 1)
        assert calls.body["losses"][0]["text"] == "ONE"

    play(teams, scene)
    assert teams.shown == []


@pytest.mark.parametrize("wait", ["7", "Tue, 24 Nov 2099 12:00:00 GMT", "soon", "-3", "", "99999999"])
def test_a_service_that_asks_to_wait_is_left_alone(zoom: ZoomService, play: Any, wait: str) -> None:
    async def scene(calls: Calls) -> None:
        answers = iter([429])
        zoom.plan = lambda: next(answers, None)
        zoom.headers = {"Retry-After": wait}
        await calls.finish("HELLO")
        await calls.until(lambda: calls.body["sent"] + calls.body["lost"] == 1)
        await calls.send_all(["WORLD"])

    pauses = play(zoom, scene).time.pauses
    expected = {"7": 7.0, "99999999": 60.0, "Tue, 24 Nov 2099 12:00:00 GMT": 60.0}.get(wait)
    if expected is None:
        assert sum(pauses) <= 0.25
    else:
        assert sum(pauses) == pytest.approx(expected)
    assert zoom.shown[-1] == "WORLD"


def test_pauses_grow_by_chance_and_end(zoom: ZoomService, play: Any) -> None:
    async def scene(calls: Calls) -> None:
        answers = iter([400] * 9)
        zoom.plan = lambda: next(answers, None)
        await calls.send_all(["HELLO"])

    pauses = play(zoom, scene).time.pauses
    for number, pause in enumerate(pauses):
        longest = min(0.25 * 2**number, 8.0)
        assert longest / 2 <= pause <= longest
    assert len({pause / min(0.25 * 2**number, 8.0) for number, pause in enumerate(pauses)}) > 5


def test_what_waits_is_bounded_by_count_and_age(zoom: ZoomService, play: Any) -> None:
    zoom.plan = lambda: "hang"

    async def scene(calls: Calls) -> None:
        calls.free = asyncio.Event()
        await calls.calls.start(calls.link)
        await calls.until(lambda: bool(zoom.asked))
        for text in captions(MOST_WAITING + 3):
            await calls.finish(text)
        await calls.until(lambda: calls.body["lost"] == 3)
        assert [loss["caption"] for loss in calls.body["losses"]] == [1, 2, 3]
        calls.time.at += OLDEST
        zoom.plan = lambda: None
        calls.free.set()
        await calls.send_all(["NOW"])
        assert calls.body["lost"] == MOST_WAITING + 3

    play(zoom, scene, start=False, limit=0.5)
    assert zoom.shown == ["NOW"]


def test_captions_of_one_meeting_never_go_to_another(zoom: ZoomService, play: Any) -> None:
    async def scene(calls: Calls) -> None:
        zoom.plan = lambda: 400
        await calls.finish("PRIVATE")
        await calls.until(lambda: calls.body["state"] == "waiting")
        await calls.calls.start(calls.link)
        zoom.plan = lambda: None
        await calls.send_all(["PUBLIC"])
        assert calls.body["lost"] == 0

    play(zoom, scene)
    assert zoom.shown == ["PUBLIC"]


def test_a_mistake_of_ours_is_told_without_the_link(zoom: ZoomService, play: Any) -> None:
    async def scene(calls: Calls) -> None:
        async def fail(_method: str, url: object, **_more: object) -> None:
            raise ValueError(f"cannot ask {url}")

        def open_client(_limit: float) -> Any:
            client = Wire(zoom, calls.time, 1.0)
            client.request = fail  # type: ignore[method-assign, assignment]
            return client

        calls.calls.open_client = open_client
        await calls.calls.start(calls.link)
        await calls.until(lambda: calls.body["state"] == "failed")
        assert "ValueError" in calls.body["sentence"]
        assert not calls.calls.sending

    play(zoom, scene, start=False)


def test_stopping_reports_what_did_not_go(teams: TeamsService, play: Any) -> None:
    async def scene(calls: Calls) -> None:
        teams.plan = lambda: "hang"
        calls.free = asyncio.Event()
        await calls.calls.start(calls.link)
        await calls.finish("UNDER WAY")
        await calls.until(lambda: bool(teams.asked))
        await calls.finish("WAITING")
        await calls.until(lambda: calls.body["waiting"] == 2)
        await calls.calls.stop()
        assert [(loss["text"], loss["perhaps"]) for loss in calls.body["losses"]] == [
            ("UNDER WAY", True),
            ("WAITING", False),
        ]
        assert (calls.body["state"], calls.body["link"]) == ("off", None)

    play(teams, scene, start=False)


def test_a_test_caption_waits_for_its_turn(zoom: ZoomService, play: Any) -> None:
    async def scene(calls: Calls) -> None:
        await calls.finish("HELLO")
        await asyncio.sleep(0)
        calls.calls.test()
        await calls.until_all_is_told()
        assert calls.body["sent"] == 2
        assert calls.body["last_at"] is not None

    play(zoom, scene)
    assert zoom.shown == ["HELLO", TEST]


def test_a_signed_caption_waits_until_it_is_no_longer_changed_and_a_typed_one_does_not(
    zoom: ZoomService, play: Any
) -> None:
    async def scene(calls: Calls) -> None:
        person = Person(SteppedClock(), calls.captions.accept, {"HELO": ("HELLO", "HELP")})
        person.say("HELO")
        await calls.time.advance(0.0)
        await calls.time.advance(1.0)
        person.choose(0, "HELO", "HELLO")
        await calls.time.advance(0.9)
        assert zoom.shown == []
        await calls.time.advance(0.2)
        assert zoom.shown == ["HELLO"]
        person.undo()  # too late
        person.type("typed")
        await calls.time.advance(0.0)
        assert zoom.shown == ["HELLO", "typed"]
        assert calls.body["last_at"].startswith(str(datetime.fromtimestamp(MORNING).year))

    play(zoom, scene, stepped=True, settle=2.0)


async def spell(calls: Calls, text: str, each: float = 0.3, pause: float = 0.9) -> list[float]:
    """Spell in the time of the calls, a reading each tenth of a second, and tell when each word ended."""
    ends, transcript = [], calls.transcript

    async def read(seconds: float, letter: str | None = None) -> None:
        began = calls.time.at
        for tenth in range(round(seconds * 10)):
            await calls.time.advance(0.1)
            last = letter is not None and tenth == round(seconds * 10) - 1
            letters = [Letter(letter, 0.9, began, calls.time.at)] if letter is not None and last else []
            state = transcript.accept(letters, None, calls.time.at, hand_up=True, signing=letter is not None)
            calls.captions.accept(CaptionResult(calls.time.at, state, letters=tuple(letters)))
            await calls.time.advance(0.0)

    for word in text.split(" "):
        for letter in word:
            await read(each, letter)
        ends.append(calls.time.at)
        await read(pause)
    return ends


def test_words_reach_the_call_six_seconds_after_they_ended_at_most(zoom: ZoomService, play: Any) -> None:
    text = "PLEASE TELL THE OTHERS THAT MY TRAIN IS LATE AND THAT I WILL BE THERE AT NOON"
    out: list[float] = []

    async def scene(calls: Calls) -> None:
        take = zoom.take

        def note(url: URL, words: str) -> None:
            out.extend([calls.time.at] * len(words.split()))
            take(url, words)

        zoom.take = note  # type: ignore[method-assign]
        ends = await spell(calls, text)
        await calls.time.advance(0.0)
        await spell(calls, "", pause=6.0)
        assert max(went - ended for went, ended in zip(out, ends, strict=True)) <= 6.0
        assert calls.body["lost"] == 0

    calls = play(zoom, scene, stepped=True, settle=2.0)
    assert zoom.page.split() == text.split()  # each once
    lines = zoom.page.splitlines()
    assert [line.rstrip() for line in lines] == [cue.text for cue in calls.transcript.state.cues]  # a line a caption


def test_who_never_pauses_reaches_the_call_too(zoom: ZoomService, play: Any) -> None:
    text = "WHOEVERSPELLSWITHOUTAPAUSEISREADASWELLBYTHOSEWHOREADTHECAPTIONSOFTHECALL"

    async def scene(calls: Calls) -> None:
        spelling = asyncio.ensure_future(spell(calls, text))
        began = calls.time.at
        await calls.until(lambda: zoom.shown)
        assert calls.time.at - began <= 6.0
        await spelling
        await spell(calls, "", pause=6.0)

    play(zoom, scene, stepped=True, settle=2.0)
    assert "".join(zoom.page.split()) == text


def test_teams_has_each_part_of_a_caption_as_a_line(teams: TeamsService, play: Any) -> None:
    async def scene(calls: Calls) -> None:
        await spell(calls, "HELLO MY NAME IS ANN")
        await spell(calls, "", pause=6.0)

    play(teams, scene, stepped=True, settle=2.0)
    assert len(teams.shown) > 1
    assert " ".join(teams.shown) == "HELLO MY NAME IS ANN"


def test_a_line_that_never_got_its_end_does_not_go_on_in_the_next_caption(zoom: ZoomService, play: Any) -> None:
    async def scene(calls: Calls) -> None:
        await spell(calls, "HELLO MY NAME IS")
        assert zoom.page == "HELLO MY "
        while calls.transcript.state.committed != "HELLO MY":
            calls.read(calls.transcript.backspace())
        calls.read(calls.transcript.finish())
        await calls.time.advance(3.0)
        calls.transcript.type_text("Good morning")
        calls.read(calls.transcript.finish())
        await calls.time.advance(3.0)
        calls.calls.test()
        await calls.time.advance(0.0)

    play(zoom, scene, stepped=True, settle=2.0)
    assert zoom.page == f"HELLO MY \nGood morning\n{TEST}\n"


def test_a_line_whose_end_was_lost_does_not_go_on_in_the_next_caption(zoom: ZoomService, play: Any) -> None:
    async def scene(calls: Calls) -> None:
        await spell(calls, "HELLO MY NAME IS")
        assert zoom.page == "HELLO MY "
        answers = iter([500] * TRIES)
        zoom.plan = lambda: next(answers, None)
        calls.read(calls.transcript.finish())
        for _ in range(40):
            await calls.time.advance(1.0)
        assert [loss["text"] for loss in calls.body["losses"]] == ["NAME IS"]
        calls.transcript.type_text("Good morning")
        calls.read(calls.transcript.finish())
        for _ in range(40):
            await calls.time.advance(1.0)

    play(zoom, scene, stepped=True, settle=2.0)
    assert zoom.page == "HELLO MY \nGood morning\n"


def test_what_is_changed_after_it_was_sent_is_told_until_it_stands_there_again(zoom: ZoomService, play: Any) -> None:
    async def scene(calls: Calls) -> None:
        calls.transcript.suggest = lambda read: ("HELLO",) if read == "HELO" else ()
        await spell(calls, "HELO MY NAME IS")
        assert (zoom.page, calls.body["changes"]) == ("HELO MY ", [])
        calls.read(calls.transcript.choose(0, 0, "HELO", "HELLO"))
        await calls.time.advance(0.0)
        assert calls.body["changes"] == [{"caption": 1, "sent": "HELO MY", "now": "HELLO MY"}]
        calls.read(calls.transcript.undo())
        await calls.time.advance(0.0)
        assert calls.body["changes"] == []

    play(zoom, scene, stepped=True, settle=2.0)


def test_the_parts_of_a_caption_that_were_lost_are_sent_again_together(teams: TeamsService, play: Any) -> None:
    async def scene(calls: Calls) -> None:
        teams.plan = lambda: "cut"
        await spell(calls, "HELLO MY NAME IS ANN")
        await spell(calls, "", pause=6.0)
        assert {loss["caption"] for loss in calls.body["losses"]} == {1}
        assert calls.body["perhaps_lost"] == len(calls.body["losses"]) > 1
        teams.plan = lambda: None
        calls.calls.again(1)
        await calls.time.advance(20.0)
        assert (calls.body["perhaps_lost"], calls.body["losses"]) == (0, [])

    play(teams, scene, stepped=True, settle=2.0)
    assert teams.shown == ["HELLO MY NAME IS ANN"]


@pytest.mark.parametrize(("status", "shown"), [(None, ["NEWEST"]), (400, [])])
def test_what_waits_at_the_end_has_a_last_chance(
    zoom: ZoomService, play: Any, status: int | None, shown: list[str]
) -> None:
    async def scene(calls: Calls) -> None:
        Person(SteppedClock(), calls.captions.accept).say("NEWEST")
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        zoom.plan = lambda: status
        closing = asyncio.create_task(calls.calls.close())
        for _ in range(60):
            await calls.time.advance(LAST_CHANCE / 50)
        assert closing.done()
        assert calls.body["lost"] == 1 - len(shown)

    play(zoom, scene, stepped=True, settle=2.0)
    assert zoom.shown == shown


def test_the_speakers_name_stands_before_each_caption_where_one_is_set(zoom: ZoomService, play: Any) -> None:
    async def scene(calls: Calls) -> None:
        await calls.send_all(["ONE"])
        calls.speaker = " Anna  Berg "
        await calls.send_all(["TWO", "THREE"])
        calls.calls.test()
        calls.speaker = ""
        await calls.send_all(["FOUR"])
        assert zoom.shown == ["ONE", "Anna Berg: TWO", "Anna Berg: THREE", f"Anna Berg: {TEST}", "FOUR"]

    play(zoom, scene)


def test_teams_names_the_speaker_once_for_a_caption_of_several_lines(teams: TeamsService, play: Any) -> None:
    async def scene(calls: Calls) -> None:
        calls.speaker = "Anna"
        await calls.send_all(["WORD " * 60])
        assert len(teams.shown) > 1
        assert [line.startswith("Anna: ") for line in teams.shown] == [True] + [False] * (len(teams.shown) - 1)

    play(teams, scene)


def test_of_a_caption_that_goes_out_in_parts_the_first_has_the_speakers_name(
    zoom: ZoomService, teams: TeamsService, play: Any
) -> None:
    async def scene(calls: Calls) -> None:
        calls.speaker = "Anna"
        await spell(calls, "HELLO MY NAME IS ANN")
        await spell(calls, "", pause=6.0)

    for service in (zoom, teams):
        play(service, scene, stepped=True, settle=2.0)
    assert zoom.page.split("\n")[0].rstrip() == "Anna: HELLO MY NAME IS ANN"
    assert len(teams.shown) > 1
    assert " ".join(teams.shown) == "Anna: HELLO MY NAME IS ANN"
