"""A real server on loopback, over a source that draws a moving pattern and a reader that says what a test wants."""

import asyncio
import contextlib
import http.client
import os
import queue
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
import pytest
from aiohttp import web

from overlay.caption import CaptionState
from overlay.captioner import Captioner
from overlay.demo import DemoSource
from overlay.frame import Frame
from overlay.pipeline import Pipeline
from overlay.reading import Reader, Reading
from overlay.sinks.stills import StillsSink
from overlay.sinks.stream import StreamSink
from overlay.source import Source
from server.access import Access
from server.app import make_app
from server.folders import Folders
from server.listening import listen
from server.status import STREAM, Situation
from server.stills import STILLS

SIZE = (640, 360)


class MovingPattern:
    """A source: a light square that wanders over a grey picture, 30 times a second."""

    name = "a moving square"
    live = True
    rate = 30.0

    def __init__(self) -> None:
        self.notice: str | None = None
        self._closed = threading.Event()
        self._count = 0

    def read(self) -> Frame | None:
        if self._closed.wait(1 / 30):
            return None
        pixels = np.full((SIZE[1], SIZE[0], 3), 90, np.uint8)
        x = 40 + (self._count * 6) % (SIZE[0] - 120)
        cv2.rectangle(pixels, (x, 60), (x + 60, 120), (200, 180, 160), -1)
        frame = Frame(pixels, self._count, time.monotonic())
        self._count += 1
        return frame

    def close(self) -> None:
        self._closed.set()


class ScriptedReader:
    """A reader that reports the states that a test puts into `states`."""

    def __init__(self) -> None:
        self.states: queue.SimpleQueue[CaptionState] = queue.SimpleQueue()
        self._state = CaptionState()

    def accept(self, frame: Frame) -> Reading:
        with contextlib.suppress(queue.Empty):
            self._state = self.states.get_nowait()
        return Reading(frame.at, self._state)

    def finish(self) -> Reading:
        return Reading(state=self._state)

    def close(self) -> None:
        pass


@dataclass
class Answer:
    """What came back over HTTP."""

    status: int
    headers: http.client.HTTPMessage
    body: bytes

    @property
    def cookie(self) -> str:
        """The cookie that was set, as a client sends it back."""
        return (self.headers["Set-Cookie"] or "").split(";")[0]


@dataclass
class RunningServer:
    """A server in a thread of its own."""

    pipeline: Pipeline
    situation: Situation
    new_links: list[str]
    reader: ScriptedReader | None = None
    access: Access | None = None
    runner: web.AppRunner | None = None
    app: web.Application | None = None
    loop: asyncio.AbstractEventLoop | None = None

    @property
    def stream(self) -> StreamSink:
        """The sink behind the WebRTC preview."""
        assert self.app
        return self.app[STREAM]

    @property
    def stills(self) -> StillsSink:
        """The sink behind the preview as images."""
        assert self.app
        return self.app[STILLS]

    @property
    def port(self) -> int:
        assert self.access
        return self.access.port

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def say(self, state: CaptionState) -> None:
        """Let the scripted reader report this text from its next frame on."""
        assert self.reader
        self.reader.states.put(state)

    def cut_all_connections(self) -> None:
        """As if the network had gone for a moment."""

        async def cut() -> None:
            assert self.runner
            assert self.runner.server
            for connection in self.runner.server.connections:
                if connection.transport is not None:
                    connection.transport.abort()

        self.call(cut())

    def get(
        self, path: str, *, method: str = "GET", body: bytes = b"", host: str | None = None, **headers: str
    ) -> Answer:
        """Ask over HTTP. Header names with _ for -; host "" sends no Host at all."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        try:
            connection.putrequest(method, path, skip_host=True)
            if host != "":
                connection.putheader("Host", host or f"127.0.0.1:{self.port}")
            if body:
                connection.putheader("Content-Length", str(len(body)))
            for name, value in headers.items():
                connection.putheader(name.replace("_", "-"), value)
            connection.endheaders(body)
            response = connection.getresponse()
            return Answer(response.status, response.headers, response.read())
        finally:
            connection.close()

    def owner_cookie(self) -> str:
        """Open the launch link and keep the cookie."""
        assert self.access
        return self.get(self.path_of(self.access.launch_url())).cookie

    def viewer_cookie(self) -> str:
        """Open the link for a second screen and keep the cookie."""
        assert self.access
        return self.get(self.access.viewer_path()).cookie

    def path_of(self, url: str) -> str:
        """Path and query of one of this server's addresses."""
        return url.removeprefix(self.url)

    def call(self, work: Any) -> Any:
        """Run a coroutine in the server's loop."""
        assert self.loop
        return asyncio.run_coroutine_threadsafe(work, self.loop).result(20)


@contextlib.contextmanager
def serving(
    source: Source, make_reader: Callable[[], Reader], folders: Folders | None = None
) -> Iterator[RunningServer]:
    """A server that is up, its pipeline running."""
    pipeline = Pipeline(source, make_reader)
    server = RunningServer(pipeline, Situation(), [])
    up = threading.Event()
    stop: list[asyncio.Event] = []

    async def serve() -> None:
        listener = listen(0)
        server.loop = asyncio.get_running_loop()
        server.access = Access(listener.getsockname()[1])
        server.app = make_app(
            pipeline,
            server.access,
            situation=server.situation,
            folders=folders,
            new_link=server.new_links.append,
        )
        server.runner = web.AppRunner(server.app, access_log=None, handler_cancellation=True, shutdown_timeout=0.2)
        await server.runner.setup()
        await web.SockSite(server.runner, listener).start()
        stop.append(asyncio.Event())
        up.set()
        await stop[0].wait()
        await server.runner.cleanup()

    thread = threading.Thread(target=lambda: asyncio.run(serve()), daemon=True)
    thread.start()
    assert up.wait(20)
    pipeline.start()
    try:
        yield server
    finally:
        assert server.loop
        server.loop.call_soon_threadsafe(stop[0].set)
        thread.join(10)
        pipeline.stop()


@pytest.fixture
def running() -> Iterator[RunningServer]:
    """A server over a moving square and a reader that says what a test wants."""
    reader = ScriptedReader()
    with serving(MovingPattern(), lambda: reader) as server:
        server.reader = reader
        yield server


@pytest.fixture
def demo() -> Iterator[RunningServer]:
    """A server over the real demo, which spells HELLO, and the real recogniser."""
    with serving(DemoSource("HELLO"), Captioner) as server:
        yield server


@pytest.fixture(scope="module")  # Playwright holds the thread's event loop as long as it is there
def browser() -> Iterator[Any]:
    """Chromium without a window; SIGNCAP_CHROMIUM names another one than Debian's."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=os.environ.get("SIGNCAP_CHROMIUM", "/usr/bin/chromium"),
            args=[
                "--no-sandbox",
                "--disable-gpu",
                "--disable-quic",
                "--no-first-run",
                "--disable-background-networking",
                "--disable-component-update",
                "--disable-sync",
            ],
        )
        yield browser
        browser.close()
