"""One WebSocket for all streams that a page follows.

Browsers open six connections to a server and no more, over all their tabs: where pages hold one for each of their
streams, none is left for the seventh page, nor for a button. Browsers open some two hundred sockets beside those six.
"""

import asyncio
import contextlib
import json
import logging
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from aiohttp import WSCloseCode, WSMsgType, hdrs, web
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from server.web.auth.access import Role
from server.web.auth.security import ACCESS, RefusedError, check_role, may_ask, requires_role, streams
from server.web.openapi import API, operation
from server.web.pages import FAILED
from server.web.streams.sse import WRITE_LIMIT
from server.web.streams.stream import Event, MakeItems, items_of

SOCKETS: Final = 128  # at a time
OWNERS: Final = 32  # more for the owner: viewers cannot lock the owner out
EACH: Final = 8  # streams of one socket
HEARTBEAT: Final = 10.0  # seconds between two pings; how soon a client that went away is noticed
LONGEST: Final = 2048  # bytes of what a client sends
LAST_WORDS: Final = 0.15  # seconds for events that are on their way when Signcap ends
CLOSE_LIMIT: Final = 0.5  # seconds for the client's answer to the end

_log = logging.getLogger(__name__)

_FULL: Final = "Too many pages are open: close one and try again."
_MISUSE: Final = 'Send {"follow": NUMBER, "stream": PATH} or {"leave": NUMBER}.'


class Wish(BaseModel):
    """What a client sends: a stream to follow from now on, or the number of one to leave."""

    model_config = ConfigDict(extra="forbid", strict=True)

    follow: int | None = Field(None, ge=0, le=255)
    stream: str | None = None
    leave: int | None = Field(None, ge=0, le=255)


@dataclass(frozen=True, slots=True)
class _Route:
    """A route that a socket can carry."""

    path: str
    handler: object
    items: MakeItems


class Sockets:
    """The open sockets of an application. Lives in the event loop."""

    def __init__(self) -> None:
        self._open: set[_Socket] = set()

    def __len__(self) -> int:
        return len(self._open)

    def check_room(self, *, owner: bool) -> None:
        """Check that one more may be opened.

        Raises:
            RefusedError: there are too many.
        """
        if len(self._open) >= SOCKETS + (OWNERS if owner else 0):
            raise RefusedError(503, _FULL)

    async def serve(self, request: web.Request) -> web.StreamResponse:
        """Carry streams until the client leaves."""
        socket = _Socket(request)
        self._open.add(socket)
        try:
            return await socket.run()
        finally:
            self._open.discard(socket)

    async def close(self) -> None:
        """Say what is still to be said, and end all sockets."""
        await asyncio.gather(*(socket.end() for socket in list(self._open)))


SOCKETS_OPEN: Final = web.AppKey("sockets", Sockets)


class _Socket:
    """One client. Streams are told apart by numbers that the client gives."""

    def __init__(self, request: web.Request) -> None:
        self._request = request
        self._routes = {route.path: route for route in _routes(request.app)}
        self._socket = web.WebSocketResponse(
            heartbeat=HEARTBEAT, compress=False, max_msg_size=LONGEST, timeout=CLOSE_LIMIT
        )
        self._tasks: dict[int, asyncio.Task[None]] = {}
        self._pictures: set[int] = set()

    async def run(self) -> web.StreamResponse:
        """Carry what is asked for, until the client leaves or `end`."""
        await self._socket.prepare(self._request)
        try:
            async for message in self._socket:
                if not self._accept(message.data if message.type is WSMsgType.TEXT else ""):
                    await self._socket.close(code=WSCloseCode.POLICY_VIOLATION, message=_MISUSE.encode())
        finally:
            await self._leave(*self._tasks)
        return self._socket

    async def end(self) -> None:
        """Let the streams say the last of it, and close."""
        await self._leave(*self._pictures)
        if self._tasks:
            await asyncio.wait(self._tasks.values(), timeout=LAST_WORDS)
        with contextlib.suppress(ConnectionError):
            await self._socket.close(code=WSCloseCode.GOING_AWAY)

    def _accept(self, text: str) -> bool:
        """Do what a client asks for; False if it cannot be understood."""
        try:
            wish = Wish.model_validate_json(text)
        except ValidationError:
            return False
        if wish.leave is not None:
            if wish.leave in self._tasks:
                self._tasks[wish.leave].cancel()
            return wish.follow is None and wish.stream is None
        number = wish.follow
        if number is None or wish.stream is None or number in self._tasks:
            return False
        full = len(self._tasks) >= EACH
        task = asyncio.get_running_loop().create_task(self._carry(number, wish.stream, full=full))
        self._tasks[number] = task
        task.add_done_callback(lambda _task: self._forget(number))
        return True

    def _forget(self, number: int) -> None:
        self._tasks.pop(number, None)
        self._pictures.discard(number)

    async def _leave(self, *numbers: int) -> None:
        tasks = [self._tasks[number] for number in numbers if number in self._tasks]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _carry(self, number: int, stream: str, *, full: bool) -> None:
        try:
            try:
                if full:
                    raise RefusedError(503, "That is too much at once.")
                await self._send_items(number, stream)
            except RefusedError as refused:
                await self._send(number, refused=refused.status, error=refused.sentence)
            except (ConnectionError, TimeoutError):
                raise
            except Exception:
                # The path alone, as for requests. The page is told, and asks again: else it would show what was.
                _log.exception("Stream %r failed", stream.partition("?")[0])
                await self._send(number, refused=500, error=FAILED)
            else:
                await self._send(number, ended=True)
        except (ConnectionError, TimeoutError):
            # It does not read, or is gone: nothing that follows would reach it either.
            if (transport := self._request.transport) is not None:
                transport.abort()

    async def _send_items(self, number: int, stream: str) -> None:
        path, _, query = stream.partition("?")
        route = self._routes.get(path)
        if route is None:
            raise RefusedError(404, "There is no such stream.")
        check_role(self._request, route.handler)
        request = self._request.clone(rel_url=self._request.rel_url.with_path(path).with_query(query))
        async with contextlib.aclosing(route.items(request)) as items:
            await anext(items)
            await self._send(number, open=True)
            async for item in items:
                check_role(self._request, route.handler)
                if isinstance(item, Event):
                    await self._send(number, event=item.name, data=item.data)
                elif item is not None:
                    self._pictures.add(number)
                    async with asyncio.timeout(WRITE_LIMIT):
                        await self._socket.send_bytes(bytes([number]) + item)

    async def _send(self, number: int, **what: Any) -> None:
        async with asyncio.timeout(WRITE_LIMIT):
            await self._socket.send_str(json.dumps({"of": number, **what}))


def _routes(app: web.Application) -> Iterator[_Route]:
    """The streams of the API."""
    for route in app.router.routes():
        items = items_of(route.handler)
        if items is not None and route.resource is not None and route.method == hdrs.METH_GET:
            yield _Route(route.resource.canonical, route.handler, items)


@requires_role(Role.VIEWER)
@streams
@operation(
    'All streams that a page follows, through one WebSocket. The client sends `{"follow": NUMBER, "stream": '
    "PATH}`, with a number from 0 to 255 that it chooses and the path of a stream of this API, query included, and "
    '`{"leave": NUMBER}`. It gets `{"of": NUMBER, "open": true}`, then `{"of": NUMBER, "event": NAME, '
    '"data": ...}` for each event; for each image, a binary message: the number as one byte, then the JPEG image. '
    '`{"of": NUMBER, "refused": STATUS, "error": SENTENCE}` says that it cannot be followed, or no longer, '
    '`{"of": NUMBER, "ended": true}` that it has ended. '
    "Without an upgrade, the answer says which streams there are for who asks.",
    answers={
        101: "The socket, until the client leaves.",
        200: "`streams`: paths.",
        503: "Too many pages are open.",
    },
)
async def socket(request: web.Request) -> web.StreamResponse:
    """`GET /api/v1/socket`."""
    sockets = request.app[SOCKETS_OPEN]
    sockets.check_room(owner=request.app[ACCESS].role(request) is Role.OWNER)
    if not web.WebSocketResponse().can_prepare(request):
        paths = [route.path for route in _routes(request.app) if may_ask(request, route.handler)]
        return web.json_response({"streams": paths})
    return await sockets.serve(request)


def add_socket(app: web.Application) -> None:
    """Add the address."""
    app[SOCKETS_OPEN] = Sockets()
    app.router.add_get(f"{API}v1/socket", socket, allow_head=False)
