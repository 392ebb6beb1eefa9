"""All streams that a page follows, through one socket over real HTTP."""

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import aiohttp
import pytest

from overlay.captions.state import CaptionState, Cue
from server.web.auth.security import EXTENSION_ORIGIN
from server.web.pages import FAILED
from server.web.streams import caption_events, socket
from tests.waiting import LONGEST, until

pytestmark = pytest.mark.integration

CAPTIONS = "/api/v1/captions/events?page=captions"
PICTURE = "/api/v1/preview.mjpeg"
STREAMS = {
    "/api/v1/captions/events",
    "/api/v1/clean.mjpeg",
    "/api/v1/events",
    "/api/v1/preview.mjpeg",
    *(f"/api/v1/{page}/{what}" for page in ("collect", "enrol", "enrol/shown") for what in ("events", "view.mjpeg")),
}


class Client:
    """One socket, opened as a page does."""

    def __init__(self, opened: aiohttp.ClientWebSocketResponse) -> None:
        self.socket = opened

    async def follow(self, number: int, stream: str) -> None:
        await self.socket.send_json({"follow": number, "stream": stream})

    async def next(self) -> Any:
        """What comes next: an object, or the bytes of a picture."""
        async with asyncio.timeout(LONGEST):
            message = await self.socket.receive()
        if message.type is aiohttp.WSMsgType.BINARY:
            return message.data
        assert message.type is aiohttp.WSMsgType.TEXT, message
        return json.loads(message.data)

    async def closed(self) -> int | None:
        """Read on until the server ends it, and return its code."""
        async with asyncio.timeout(LONGEST):
            async for _ in self.socket:
                pass
        return self.socket.close_code


@contextlib.asynccontextmanager
async def client(running: Any, cookie: str = "", **headers: str) -> AsyncIterator[Client]:
    headers = {"Cookie": cookie, "Origin": running.url} | headers
    sent = {name.replace("_", "-"): value for name, value in headers.items()}
    async with aiohttp.ClientSession(headers=sent) as web, web.ws_connect(f"{running.url}/api/v1/socket") as opened:
        yield Client(opened)


def with_client(running: Any, cookie: str, work: Callable[[Client], Awaitable[None]], **headers: str) -> None:
    async def script() -> None:
        async with client(running, cookie, **headers) as opened:
            await work(opened)

    asyncio.run(script())


def test_several_streams_come_side_by_side(running: Any) -> None:
    async def page(socket: Client) -> None:
        await socket.follow(0, CAPTIONS)
        await socket.follow(7, "/api/v1/events?strip=1")
        await socket.follow(255, PICTURE)
        opened, events, pictures = set(), set(), 0
        while opened != {0, 7, 255} or not {(0, "captions"), (7, "settings")} <= events or pictures < 3:
            message = await socket.next()
            if isinstance(message, bytes):
                assert (message[0], message[1:3]) == (255, b"\xff\xd8")
                pictures += 1
            elif message.get("open"):
                opened.add(message["of"])
            else:
                assert message["of"] in opened
                events.add((message["of"], message["event"]))

    with_client(running, running.owner_cookie(), page)
    viewers = running.session.viewers
    until(lambda: viewers.count == 0)
    until(lambda: len(running.app[socket.SOCKETS_OPEN]) == 0)


def test_captions_are_those_of_the_stream_alone(running: Any) -> None:
    async def page(socket: Client) -> None:
        await socket.follow(1, CAPTIONS)
        assert await socket.next() == {"of": 1, "open": True}
        first = await socket.next()
        assert (first["of"], first["event"], first["data"]["cues"]) == (1, "captions", [])
        running.say(CaptionState(1, (Cue(0, "HELLO", 0.0, 1.0),), "W"))
        data = (await socket.next())["data"]
        assert (data["cues"], data["committed"]) == ([{"index": 0, "text": "HELLO"}], "W")
        assert running.session.viewers.captions.count("captions") == 1

    with_client(running, running.viewer_cookie(), page)


def test_a_stream_that_is_left_ends_and_makes_room(running: Any) -> None:
    async def page(socket: Client) -> None:
        await socket.follow(1, PICTURE)
        assert await socket.next() == {"of": 1, "open": True}
        assert running.stills.viewers == 1
        await socket.socket.send_json({"leave": 1})
        await socket.socket.send_json({"leave": 1})  # twice does no harm
        await asyncio.to_thread(until, lambda: running.stills.viewers == 0)
        await socket.follow(2, PICTURE)
        while (message := await socket.next()) != {"of": 2, "open": True}:
            assert message[0] == 1  # one that was on its way

    with_client(running, running.owner_cookie(), page)


def test_a_viewer_follows_captions_and_nothing_else(lasting: Any) -> None:
    async def page(socket: Client) -> None:
        for number, stream in enumerate(sorted(STREAMS)):
            await socket.follow(number, stream)
            while (answer := await socket.next())["of"] != number:
                pass
            assert answer.get("refused") == (None if stream == "/api/v1/captions/events" else 403), stream

    with_client(lasting, lasting.viewer_cookie(), page)


def test_one_socket_carries_so_many_streams_and_no_more(lasting: Any) -> None:
    async def page(client: Client) -> None:
        for number in range(socket.EACH + 1):
            await client.follow(number, CAPTIONS)
        answers: dict[int, Any] = {}
        while len(answers) <= socket.EACH:
            message = await client.next()
            answers.setdefault(message["of"], message)
        refused = [number for number, answer in answers.items() if "refused" in answer]
        assert (refused, answers[socket.EACH]["refused"]) == ([socket.EACH], 503)

    with_client(lasting, lasting.owner_cookie(), page)


def test_the_list_of_streams_is_of_the_role(lasting: Any) -> None:
    def listed(cookie: str) -> set[str]:
        return set(json.loads(lasting.get("/api/v1/socket", Cookie=cookie).body)["streams"])

    assert listed(lasting.owner_cookie()) == STREAMS
    assert listed(lasting.viewer_cookie()) == {"/api/v1/captions/events"}


@pytest.mark.parametrize(
    "headers",
    [
        {"Cookie": "", "status": "401"},
        {"Origin": "https://evil.example", "status": "403"},
        {"Origin": "http://127.0.0.1:1", "status": "403"},  # the same site for cookies, and another program's page
        {"Origin": "null", "status": "403"},
        {"Origin": EXTENSION_ORIGIN, "status": "403"},
        {"Sec_Fetch_Site": "same-site", "status": "403"},
        {"Host": "evil.example", "status": "403"},
    ],
)
def test_no_other_page_opens_a_socket_whatever_cookies_come_along(lasting: Any, headers: dict[str, str]) -> None:
    headers = dict(headers)
    status, cookie = int(headers.pop("status")), headers.pop("Cookie", lasting.owner_cookie())

    async def page(_socket: Client) -> None:
        raise AssertionError("it was opened")

    with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
        with_client(lasting, cookie, page, **headers)
    assert refused.value.status == status


def test_a_browser_that_is_no_longer_paired_hears_nothing_more(running: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(caption_events, "HEARTBEAT", 0.05)
    token = running.access.paired.add("browser-1", "Chromium")

    async def page(socket: Client) -> None:
        await socket.follow(1, CAPTIONS)
        assert await socket.next() == {"of": 1, "open": True}
        assert (await socket.next())["event"] == "captions"
        running.access.paired.remove("browser-1")
        refused = await socket.next()
        assert (refused["of"], refused["refused"]) == (1, 401)
        await socket.follow(2, CAPTIONS)
        assert (await socket.next())["refused"] == 401

    with_client(running, "", page, Authorization=f"Bearer {token}")


@pytest.mark.parametrize(
    "message",
    [
        "",
        "{}",
        "[]",
        "nonsense",
        '{"follow": 1}',
        '{"follow": 256, "stream": "/api/v1/events"}',
        '{"follow": -1, "stream": "/api/v1/events"}',
        '{"follow": true, "stream": "/api/v1/events"}',
        '{"follow": 1, "stream": 2}',
        '{"follow": 1, "stream": "/api/v1/events", "leave": 2}',
        '{"follow": 1, "stream": "/api/v1/events", "more": 2}',
        '{"follow": 1, "stream": "\\ud800"}',
        "[" * 1000,
        b"bytes",
        '{"follow": 1, "stream": "' + "x" * socket.LONGEST + '"}',
    ],
)
def test_what_cannot_be_understood_ends_the_socket(lasting: Any, message: str | bytes) -> None:
    async def page(socket: Client) -> None:
        if isinstance(message, bytes):
            await socket.socket.send_bytes(message)
        else:
            await socket.socket.send_str(message)
        assert await socket.closed() in (1007, 1008, 1009)

    with_client(lasting, lasting.owner_cookie(), page)


@pytest.mark.parametrize(
    "stream",
    [
        "",
        "/",
        "/api/v1/status",
        "/api/v1/nothing",
        "/api/v1/socket",
        "//evil.example/api/v1/events",
        "http://evil.example/api/v1/events",
        "/api/v1/../v1/events",
        "/api/v1/recording",
    ],
)
def test_nothing_but_streams_of_the_api_is_followed(lasting: Any, stream: str) -> None:
    async def page(socket: Client) -> None:
        await socket.follow(3, stream)
        answer = await socket.next()
        assert (answer["of"], answer["refused"]) == (3, 404)

    with_client(lasting, lasting.owner_cookie(), page)


@pytest.mark.parametrize("query", ["", "page=captions&page=start", "%00=%ff", "a#b", "\u2028\u00e9 ;=&&", "=" * 500])
def test_any_query_is_followed(lasting: Any, query: str) -> None:
    async def page(socket: Client) -> None:
        await socket.follow(3, f"/api/v1/captions/events?{query}")
        assert await socket.next() == {"of": 3, "open": True}

    with_client(lasting, lasting.owner_cookie(), page)


def test_the_same_number_twice_ends_the_socket(lasting: Any) -> None:
    async def page(socket: Client) -> None:
        await socket.follow(1, CAPTIONS)
        await socket.follow(1, CAPTIONS)
        assert await socket.closed() == 1008

    with_client(lasting, lasting.owner_cookie(), page)


def test_there_is_a_limit_and_viewers_cannot_lock_the_owner_out(
    running: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(socket, "SOCKETS", 2)
    monkeypatch.setattr(socket, "OWNERS", 1)
    viewer, owner = running.viewer_cookie(), running.owner_cookie()

    async def script() -> None:
        async with client(running, viewer), client(running, viewer):
            with pytest.raises(aiohttp.WSServerHandshakeError) as full:
                async with client(running, viewer):
                    pass
            assert full.value.status == 503
            async with client(running, owner):
                pass

    asyncio.run(script())
    until(lambda: len(running.app[socket.SOCKETS_OPEN]) == 0)


def test_of_a_stream_that_fails_the_page_is_told_and_the_others_go_on(
    running: Any, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    async def failing() -> dict[str, Any]:
        raise OSError("/home/anna is no longer there")

    monkeypatch.setattr(running.session.collecting, "look", failing)

    async def page(opened: Client) -> None:
        await opened.follow(1, "/api/v1/collect/events?secret=1")
        assert await opened.next() == {"of": 1, "open": True}
        assert await opened.next() == {"of": 1, "refused": 500, "error": FAILED}
        await opened.follow(1, CAPTIONS)
        assert await opened.next() == {"of": 1, "open": True}

    with_client(running, running.owner_cookie(), page)
    assert "'/api/v1/collect/events' failed" in caplog.text
    assert running.session.collecting.pages == 0


def test_at_the_end_the_last_line_comes_and_nobody_is_waited_for(running: Any) -> None:
    async def page(opened: Client) -> None:
        await opened.follow(1, CAPTIONS)
        await opened.follow(2, PICTURE)
        while not isinstance(await opened.next(), bytes):
            pass
        running.say(CaptionState(5, (Cue(0, "LAST WORDS", 0.0, 1.0),)))
        await asyncio.to_thread(until, lambda: running.session.viewers.captions.state.revision == 5)

        async def end() -> None:
            running.session.viewers.captions.close()
            await running.app[socket.SOCKETS_OPEN].close()

        ending = asyncio.create_task(asyncio.to_thread(running.call, end()))
        async with asyncio.timeout(LONGEST):
            heard = [message.data async for message in opened.socket if message.type is aiohttp.WSMsgType.TEXT]
        assert opened.socket.close_code == 1001
        assert any("LAST WORDS" in text for text in heard)
        await ending

    with_client(running, running.owner_cookie(), page)
