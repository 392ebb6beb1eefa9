"""A real server on loopback, over a source that draws a moving pattern and a reader that says what a test wants."""

import asyncio
import contextlib
import http.client
import http.server
import json
import queue
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from aiohttp import web

from models.training.runs.store import RunWriter
from overlay.captions.edits import Edit
from overlay.captions.state import CaptionState, Letter
from overlay.captions.suggestions import Suggester
from overlay.captions.transcript import Transcript
from overlay.core.process.listener import listen
from overlay.core.settings import Settings
from overlay.core.settings_store import SettingsStore
from overlay.enrolment.profile import InUse
from overlay.media.frame import Frame
from overlay.media.sinks.jpeg_preview import StillsSink
from overlay.media.sinks.vp8_preview import StreamSink
from overlay.media.source import Source
from overlay.media.sources.switchable import SwitchableSource
from overlay.pipeline.live_captioner import LiveCaptioner
from overlay.pipeline.pipeline import Pipeline
from overlay.pipeline.result import Captioner, CaptionResult
from overlay.recognition.hands.hand_detector import Hand
from overlay.synthesis.demo_source import DemoSource
from overlay.synthesis.signer import SyntheticSigner
from server.session.folders import Folders
from server.session.notices import Notices
from server.session.session import Session
from server.session.source_control import OpenSource, Sources
from server.session.startup import Opened
from server.web.app import PREVIEW, make_app
from server.web.auth.access import Access
from server.web.auth.paired_browsers import PairedBrowsers
from server.web.auth.viewer_links import ViewerSecrets
from server.web.server import start_serving
from tests.server.browsers import bare_chromium, chromium
from tests.server.processes import Signcap

SIZE = (640, 360)

# Text of the page whose contrast with what is behind it is below 4.5 to 1.
FAINT_TEXT = """() => {
    const channel = (value) => (value <= 0.03928 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4);
    const parse = (colour) => colour.match(/[\\d.]+/g).map(Number);
    const luminance = ([red, green, blue]) =>
        0.2126 * channel(red / 255) + 0.7152 * channel(green / 255) + 0.0722 * channel(blue / 255);
    const behind = (element) => {
        for (let one = element; one; one = one.parentElement) {
            const colour = parse(getComputedStyle(one).backgroundColor);
            if (colour.length === 3 || colour[3] === 1) return colour;
        }
        return [255, 255, 255];
    };
    const faint = [];
    for (const element of document.querySelectorAll("body *")) {
        const hasText = [...element.childNodes].some((node) => node.nodeType === 3 && node.data.trim());
        if (!hasText || !element.checkVisibility({opacityProperty: true, visibilityProperty: true})) continue;
        const [one, other] = [luminance(parse(getComputedStyle(element).color)), luminance(behind(element))];
        const contrast = (Math.max(one, other) + 0.05) / (Math.min(one, other) + 0.05);
        if (contrast < 4.5) faint.push(`${element.textContent.trim()}: ${contrast.toFixed(2)}`);
    }
    return faint;
}"""

UNNAMED = """() =>
    [...document.querySelectorAll('button, input, img, [role=progressbar]')].filter((one) =>
        one.checkVisibility() && !one.labels?.length && !one.ariaLabel && !one.hasAttribute("alt")
        && !one.innerText?.trim()).map((one) => one.outerHTML)"""

# In the place of WebRTC: it has come about, and no picture comes. To play one costs as long as the page is open.
NO_PICTURE = """
window.RTCPeerConnection = class extends EventTarget {
    connectionState = "connected";
    addTransceiver() {
        return {receiver: {}};
    }
    setLocalDescription() {
        setTimeout(() => this.dispatchEvent(new Event("connectionstatechange")));
        return new Promise(() => {});
    }
    close() {}
};
"""

# The caret breathes for as long as a page is open, which keeps three of the browser's processes busy.
STILL_CARET = """{
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(".caret { animation: none !important; }");
    document.adoptedStyleSheets.push(sheet);
}"""

# Colours that change slowly are there at once.
END_TRANSITIONS = """() => {
    for (const one of document.getAnimations()) if (one instanceof CSSTransition) one.finish();
}"""


class MovingPattern:
    """A source: a light square that wanders over a grey picture, ten times a second: to encode and show costs."""

    name = "a moving square"
    live = True
    rate = 10.0

    def __init__(self) -> None:
        self.notice: str | None = None
        self._closed = threading.Event()
        self._count = 0

    def read(self) -> Frame | None:
        if self._closed.wait(1 / self.rate):
            return None
        pixels = np.full((SIZE[1], SIZE[0], 3), 90, np.uint8)
        x = 40 + (self._count * 6) % (SIZE[0] - 120)
        cv2.rectangle(pixels, (x, 60), (x + 60, 120), (200, 180, 160), -1)
        frame = Frame(pixels, self._count, time.monotonic())
        self._count += 1
        return frame

    def close(self) -> None:
        self._closed.set()


class CalmDemo(DemoSource):
    """The demo in small pictures, half as many, of a slower hand: read as well, and less work to draw and find."""

    rate = 15.0

    def __init__(self, text: str, *, ready: threading.Event | None = None) -> None:
        super().__init__(text, letters_per_second=2.0, size=SIZE, ready=ready)

    def read(self) -> Frame | None:
        self._tick += 1  # which leaves one out
        return super().read()


class HeldLetter:
    """A source: the synthetic signer holds the letter B before a camera, or takes the hand away."""

    name = "camera 7"
    live = True
    notice: str | None = None

    def __init__(self, rate: float = 30.0, size: tuple[int, int] = (960, 540)) -> None:
        signer = SyntheticSigner("B", letters_per_second=1.0, size=size)
        _, start, end = signer.letters[0]
        self.rate = rate
        self.with_hand = signer.render((start + end) / 2)
        self.without_hand = signer.render(0.0)
        self.hand_up = True
        self._closed = threading.Event()
        self._count = 0

    def read(self) -> Frame | None:
        if self._closed.wait(1 / self.rate):
            return None
        self._count += 1
        return Frame(self.with_hand if self.hand_up else self.without_hand, self._count - 1, time.monotonic())

    def close(self) -> None:
        self._closed.set()


class ScriptedCaptioner:
    """A reader that reports the states that a test puts into `states`."""

    def __init__(self) -> None:
        self.states: queue.SimpleQueue[CaptionState] = queue.SimpleQueue()
        self._state = CaptionState()

    def accept(self, frame: Frame) -> CaptionResult:
        with contextlib.suppress(queue.Empty):
            self._state = self.states.get_nowait()
        return CaptionResult(frame.at, self._state)

    def finish(self) -> CaptionResult:
        return CaptionResult(state=self._state)

    def edit(self, edit: Edit) -> CaptionState:
        return self._state  # the script holds no transcript

    def configure(self, settings: Settings) -> None:
        pass

    def close(self) -> None:
        pass


class HandReader(ScriptedCaptioner):
    """A reader that finds a hand where its source holds one up, without looking for it."""

    def __init__(self, source: Any) -> None:
        super().__init__()
        self._source = source
        around = np.linspace(0, 2 * np.pi, 21, endpoint=False)
        middle = np.array([160.0, 120.0])
        landmarks = np.column_stack([middle + 40 * np.column_stack([np.cos(around), np.sin(around)]), np.zeros(21)])
        self._hand = Hand(landmarks.astype(np.float32), "right", 0.9)

    def accept(self, frame: Frame) -> CaptionResult:
        return CaptionResult(frame.at, hand=self._hand if self._source.hand_up else None)


class _TimeOfLetters(Transcript):
    """A transcript for which time passes with the letters alone, and not with the clock of the frames."""

    def pass_time(self, at: float) -> CaptionState:
        return self.state


class SpelledReader:
    """A reader that reads what a test puts into `spelled`, a letter a frame, into a real transcript.

    A space is a lowered hand, a full stop a long silence. `assisted` says what words are rather than what is read.
    """

    def __init__(self, suggester: Suggester | None = None, assisted: Mapping[str, str] | None = None) -> None:
        self.spelled: queue.SimpleQueue[str] = queue.SimpleQueue()
        assisted = assisted or {}
        self._transcript = _TimeOfLetters(
            suggest=suggester.near if suggester else lambda _read: (),
            assist=lambda read, _start, _end: assisted.get(read),
        )
        self._at = 0.0

    def spell(self, text: str) -> None:
        for letter in text:
            self.spelled.put(letter)

    def accept(self, frame: Frame) -> CaptionResult:
        try:
            letter = self.spelled.get_nowait()
        except queue.Empty:
            return CaptionResult(frame.at, self._transcript.state)
        self._at += {".": 10.0, " ": 0.5}.get(letter, 0.1)
        letters = [Letter(letter, 0.9, self._at, self._at)] if letter.isalpha() else []
        state = self._transcript.accept(letters, None, self._at, hand_up=letter.isalpha())
        return CaptionResult(frame.at, state, letters=tuple(letters))

    def finish(self) -> CaptionResult:
        return CaptionResult(state=self._transcript.finish())

    def edit(self, edit: Edit) -> CaptionState:
        return edit(self._transcript)

    def configure(self, settings: Settings) -> None:
        pass

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
    notices: Notices
    new_links: list[str]
    said: list[str]
    reader: ScriptedCaptioner | None = None
    store: SettingsStore | None = None
    access: Access | None = None
    runner: web.AppRunner | None = None
    app: web.Application | None = None
    session: Session | None = None
    loop: asyncio.AbstractEventLoop | None = None

    @property
    def stream(self) -> StreamSink:
        """The sink behind the WebRTC preview."""
        assert self.session
        return self.session.viewers.stream

    @property
    def stills(self) -> StillsSink:
        """The sink behind the preview as images."""
        assert self.session
        return self.session.viewers.stills

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
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=120)
        try:
            connection.putrequest(method, path, skip_host=True)
            if host != "":
                connection.putheader("Host", host or f"127.0.0.1:{self.port}")
            if body and not {"Content_Length", "Transfer_Encoding"} & set(headers):
                connection.putheader("Content-Length", str(len(body)))
            for name, value in headers.items():
                connection.putheader(name.replace("_", "-"), value)
            connection.endheaders(body)
            response = connection.getresponse()
            return Answer(response.status, response.headers, response.read())
        finally:
            connection.close()

    @contextlib.contextmanager
    def opened(
        self, path: str, cookie: str, body: dict[str, Any] | None = None
    ) -> Iterator[http.client.HTTPResponse]:
        """What answers for as long as it is listened to; with a body it is posted."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=120)
        if body is None:
            connection.request("GET", path, headers={"Cookie": cookie})
        else:
            headers = {"Cookie": cookie, "Content-Type": "application/json", "X-Signcap": "1"}
            connection.request("POST", path, json.dumps(body), headers)
        response = connection.getresponse()
        try:
            yield response
        finally:
            response.close()
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
        return asyncio.run_coroutine_threadsafe(work, self.loop).result(60)


@contextlib.contextmanager
def serving(
    source: Source,
    make_captioner: Callable[[], Captioner],
    folders: Folders | None = None,
    in_use: InUse | None = None,
    open_one: OpenSource | None = None,
    port: int = 0,
    viewer: ViewerSecrets | None = None,
    paired: PairedBrowsers | None = None,
) -> Iterator[RunningServer]:
    """A server that is up, its pipeline running; with `open_one`, which opens other sources, it can be switched."""
    config = tempfile.TemporaryDirectory()
    kept = {"folder": str(Path(config.name) / "transcripts")}  # never the user's own
    store = SettingsStore(Path(config.name) / "settings.json", for_this_run={"transcript": kept})
    pipeline = Pipeline(SwitchableSource(source) if open_one else source, make_captioner)
    server = RunningServer(pipeline, Notices(), [], [])
    server.store = store
    up = threading.Event()
    stop: list[asyncio.Event] = []

    async def serve() -> None:
        listener = listen(port)
        server.loop = asyncio.get_running_loop()
        server.access = Access(listener.getsockname()[1], viewer, paired)
        sources = Sources(pipeline, server.notices, open_one=open_one) if open_one else None
        opened = Opened(
            pipeline,
            server.notices,
            in_use or InUse(),
            store,
            sources or Sources(pipeline, server.notices),
            folders=folders or Folders(),
        )
        server.session = Session(opened, tell=server.said.append)
        server.app = make_app(server.session, server.access, new_link=server.new_links.append)
        server.runner = await start_serving(server.app, listener)
        server.app[PREVIEW].prepare()
        server.session.start()
        stop.append(asyncio.Event())
        up.set()
        await stop[0].wait()
        await server.runner.cleanup()

    thread = threading.Thread(target=lambda: asyncio.run(serve()), daemon=True)
    thread.start()
    assert up.wait(60)
    try:
        yield server
    finally:
        assert server.loop
        server.loop.call_soon_threadsafe(stop[0].set)
        thread.join(60)
        pipeline.stop()
        config.cleanup()


@pytest.fixture
def serve() -> Callable[..., contextlib.AbstractContextManager[RunningServer]]:
    """Servers over sources and readers of a test's own."""
    return serving


@pytest.fixture
def folders(tmp_path: Path) -> Folders:
    """Where the test's server looks for pictures and runs; neither is there yet."""
    return Folders(tmp_path / "data", tmp_path / "runs")


@pytest.fixture
def running(folders: Folders) -> Iterator[RunningServer]:
    """A server over a moving square and a reader that says what a test wants."""
    reader = ScriptedCaptioner()
    with serving(MovingPattern(), lambda: reader, folders) as server:
        server.reader = reader
        yield server


@pytest.fixture(scope="module")
def lasting(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningServer]:
    """As `running`, and one for all tests of a module: for those that leave it as it was."""
    folder = tmp_path_factory.mktemp("lasting")
    with pytest.MonkeyPatch.context() as patch:
        for name in ("XDG_VIDEOS_DIR", "XDG_DATA_HOME", "XDG_STATE_HOME"):
            patch.setenv(name, str(folder / "user"))
        reader = ScriptedCaptioner()
        with serving(MovingPattern(), lambda: reader, Folders(folder / "data", folder / "runs")) as server:
            server.reader = reader
            yield server


@pytest.fixture
def demo(folders: Folders) -> Iterator[RunningServer]:
    """A server over the real demo, which spells HELLO, and the real recogniser."""
    with serving(DemoSource("HELLO"), LiveCaptioner, folders) as server:
        yield server


@pytest.fixture(scope="session")
def suggester() -> Suggester:
    """Knows the dictionary and the hot word José."""
    suggester = Suggester(["JOSÉ"])
    suggester.start()
    while not suggester.loaded:
        time.sleep(0.05)
    return suggester


@pytest.fixture
def spelling(folders: Folders, suggester: Suggester) -> Iterator[tuple[RunningServer, SpelledReader]]:
    """A server over a moving square and a reader that reads what a test spells."""
    reader = SpelledReader(suggester)
    with serving(MovingPattern(), lambda: reader, folders) as server:
        yield server, reader


@pytest.fixture
def transcribing(folders: Folders) -> Iterator[tuple[RunningServer, SpelledReader]]:
    """As `spelling`, and no word is suggested: nothing waits until the dictionary is loaded."""
    reader = SpelledReader()
    with serving(MovingPattern(), lambda: reader, folders) as server:
        yield server, reader


@pytest.fixture
def assisting(folders: Folders) -> Iterator[tuple[RunningServer, SpelledReader]]:
    """As `transcribing`, and two words are read with a language."""
    reader = SpelledReader(assisted={"HRTE": "HORSE", "HELLOWORLD": "HELLO WORLD"})
    with serving(MovingPattern(), lambda: reader, folders) as server:
        yield server, reader


@pytest.fixture
def signing(folders: Folders) -> Iterator[RunningServer]:
    """A server over a camera before which a letter is held, and the real recogniser."""
    with serving(HeldLetter(), LiveCaptioner, folders) as server:
        yield server


@pytest.fixture
def start() -> Iterator[Callable[..., Signcap]]:
    """Starts `signcap` with these arguments and this environment; none outlives the test."""
    started: list[Signcap] = []

    def start(*arguments: str, **environment: str) -> Signcap:
        started.append(Signcap(*arguments, **environment))
        return started[-1]

    yield start
    for signcap in started:
        if signcap.process.poll() is None:
            signcap.process.kill()
            signcap.process.wait()


@pytest.fixture(scope="session")
def one_chromium() -> Iterator[Any]:
    """Chromium without a window, started once: each tab has a profile of its own."""
    arguments = ("--disable-quic", "--no-first-run", "--disable-component-update", "--disable-sync")
    with chromium(*arguments, executable=bare_chromium()) as browser:
        loop = asyncio.get_running_loop()
        asyncio._set_running_loop(None)
        yield browser, loop
        asyncio._set_running_loop(loop)


@pytest.fixture
def browser(one_chromium: tuple[Any, asyncio.AbstractEventLoop]) -> Iterator[Any]:
    """Chromium without a window.

    Playwright leaves its event loop marked as the one that runs in this thread: here until the test ends, because
    those after it may run loops of their own.
    """
    browser, loop = one_chromium
    asyncio._set_running_loop(loop)
    yield browser
    asyncio._set_running_loop(None)


class Tab:
    """A page of a browser profile of its own; collects what it complains about and asks for."""

    def __init__(self, browser: Any, **options: Any) -> None:
        self.context = browser.new_context(**options)
        self.context.set_default_timeout(90_000)
        self.page = self.context.new_page()
        self.complaints: list[str] = []
        self.requests: list[str] = []
        self.page.on("console", lambda message: self.complaints.append(message.text))
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("request", lambda request: self._note(request.url))

    def _note(self, url: str) -> None:
        if not url.startswith("blob:"):  # what the page holds itself
            self.requests.append(url)

    def open(self, url: str) -> None:
        """Go there, and on until the token is gone from the address bar."""
        self.page.goto(url)
        self.page.wait_for_url(lambda url: "?" not in url)

    def enter(self, server: RunningServer, path: str) -> None:
        """Go to a page as the owner, whose cookie is there already: past the start page, which plays the picture."""
        name, _, value = server.owner_cookie().partition("=")
        cookie = {"name": name, "value": value, "url": server.url, "httpOnly": True, "sameSite": "Strict"}
        self.context.add_cookies([cookie])
        self.page.goto(f"{server.url}{path}")

    def until(self, condition: Callable[[], Any], seconds: float = 60) -> Any:
        """Wait until the condition holds."""
        deadline, step = time.monotonic() + seconds, 0.02
        while not (value := condition()):
            assert time.monotonic() < deadline
            time.sleep(step)
            step = min(1.5 * step, 0.25)  # to ask costs both sides more than to wait
        return value

    def look(self, script: str, argument: Any = None) -> Any:
        return self.page.evaluate(script, argument)

    def text(self, selector: str) -> str:
        return str(self.page.locator(selector).inner_text())

    def lines(self) -> list[str]:
        return [str(line) for line in self.page.locator("#finished li").all_inner_texts()]

    def faint_text(self) -> list[str]:
        """Text whose contrast with what is behind it is too low."""
        return [str(one) for one in self.look(FAINT_TEXT)]

    def check_legible(self, widths: tuple[int, ...] = (380, 800, 1280, 2560), height: int = 760) -> None:
        """At each width nothing hangs over; light and dark, all text stands out from what is behind it.

        How far it stands out is looked at where the page is narrowest and widest: its parts are all there then.
        """
        for width in widths:
            self.page.set_viewport_size({"width": width, "height": height})
            assert self.look("document.documentElement.scrollWidth <= innerWidth"), width
            if width in (min(widths), max(widths)):
                for scheme in ("light", "dark"):
                    self.page.emulate_media(color_scheme=scheme)
                    self.look(END_TRANSITIONS)
                    assert self.faint_text() == [], (scheme, width)

    def unnamed(self) -> list[str]:
        """What can be pressed, filled in or seen, and does not say what it is."""
        return [str(one) for one in self.look(UNNAMED)]

    @property
    def plays(self) -> bool:
        return bool(self.look("document.querySelector('.screen')?.dataset.state === 'playing'"))


@pytest.fixture
def tab(browser: Any) -> Iterator[Callable[..., Tab]]:
    tabs: list[Tab] = []

    def open_tab(url: str, **options: Any) -> Tab:
        opened = Tab(browser, **options)
        tabs.append(opened)
        opened.open(url)
        return opened

    yield open_tab
    for opened in tabs:
        opened.context.close()


class LentTab(Tab):
    """A tab that is lent to one test after the other."""

    def __init__(self, browser: Any, parking: str) -> None:
        super().__init__(browser)
        self.context.add_init_script(STILL_CARET)
        self.devtools = self.context.new_cdp_session(self.page)
        self.devtools.send("Page.enable")
        self._parking = parking
        self._script: str | None = None

    def run_before(self, script: str) -> None:
        """Run this before the scripts of each page."""
        added = self.devtools.send("Page.addScriptToEvaluateOnNewDocument", {"source": script})
        self._script = added["identifier"]

    def tidy(self) -> None:
        """Leave nothing of the test behind, and nothing that goes on."""
        if self._script is not None:
            self.devtools.send("Page.removeScriptToEvaluateOnNewDocument", {"identifier": self._script})
            self._script = None
        self.page.unroute_all()
        self.look("localStorage.clear()")
        self.page.goto(self._parking)
        self.page.emulate_media(color_scheme="null", reduced_motion="null")
        self.page.set_viewport_size({"width": 1280, "height": 720})
        self.context.clear_cookies()
        self.complaints.clear()
        self.requests.clear()


class _Parking(http.server.BaseHTTPRequestHandler):
    """An empty page of the same site as all servers of tests, so that the browser needs no other process for it."""

    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.end_headers()

    def log_message(self, *_arguments: Any) -> None:
        pass


@pytest.fixture(scope="session")
def parking() -> Iterator[str]:
    """Where the tab that is lent waits: a page on which nothing goes on."""
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), _Parking) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()
        thread.join()


@pytest.fixture(scope="session")
def lent_tab() -> list[LentTab]:
    """The tab that tests have one after the other, once there is one."""
    return []


@pytest.fixture
def lend(browser: Any, parking: str, lent_tab: list[LentTab]) -> Iterator[Callable[..., LentTab]]:
    """Lends a tab that has shown pages of other tests before, at an empty page; one in each test.

    To open a tab with a profile of its own takes most of a second of a processor. `tab` does.
    """

    def lend(before: str | None = None) -> LentTab:
        """
        Args:
            before: a script that runs before those of each page.
        """
        if not lent_tab:
            lent_tab.append(LentTab(browser, parking))
        if before is not None:
            lent_tab[0].run_before(before)
        return lent_tab[0]

    yield lend
    if lent_tab:
        try:
            # A page that is closed is asked whether it agrees, and once, on a busy machine, it never said so: a test
            # that has opened others beside its own gives all of them back with their profile, which asks nobody.
            assert len(lent_tab[0].context.pages) == 1
            lent_tab[0].tidy()
        except Exception:  # what a test has left it in: the next one has a new tab
            lent_tab.pop().context.close()


@pytest.fixture
def enter(lend: Callable[..., LentTab]) -> Callable[..., Tab]:
    """Opens a page of a server as its owner, in the tab that is lent."""

    def enter(server: RunningServer, path: str, before: str | None = None, picture: bool = True) -> Tab:
        """
        Args:
            picture: for a start page whose picture is not looked at, False: it plays none then.
        """
        lent = lend(before if picture else NO_PICTURE + (before or ""))
        lent.enter(server, path)
        return lent

    return enter


RunMaker = Callable[..., RunWriter]


@pytest.fixture(scope="session")
def letter_pictures(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Rendered pictures, `ann/LETTER/NUMBER.jpg`: three of each of four letters."""
    folder = tmp_path_factory.mktemp("letters")
    for letter in "ABLY":
        signer = SyntheticSigner(letter, size=(320, 240))
        _, start, end = signer.letters[0]
        (folder / "ann" / letter).mkdir(parents=True)
        for index, at in enumerate(np.linspace(start + 0.05, end - 0.05, 3)):
            cv2.imwrite(str(folder / "ann" / letter / f"{index}.jpg"), signer.render(float(at)))
    return folder


@pytest.fixture
def make_run(folders: Folders, letter_pictures: Path) -> RunMaker:
    """Writes a run as a training does: after each epoch, one more of the twelve pictures is read right.

    Those that are not are read as the letter that follows in the alphabet; the first as nothing, the last, a Y, as L.
    """

    def make(
        name: str, epochs: int = 3, *, status: str | None = "finished", kind: str = "train", **hyperparameters: Any
    ) -> RunWriter:
        run = RunWriter(
            folders.runs,
            name,
            {
                "kind": kind,
                "network": "spelling",
                "data": {"folder": str(letter_pictures), "by": "signer", "pictures": {"train": 90, "validation": 12}},
                "hyperparameters": {"rate": 0.001, "batch": 32, "epochs": 20, "colour": True, **hyperparameters},
            },
        )
        paths = _paths(letter_pictures)
        labels = [ord(path.split("/")[1]) - ord("A") for path in paths]
        run.pictures(letter_pictures, paths, labels)
        for number in range(1, epochs + 1):
            _add_epoch(run, number, labels, kind)
        if status is not None:
            run.end(status)
        return run

    return make


@pytest.fixture
def add_epoch(letter_pictures: Path) -> Callable[[RunWriter, int], None]:
    """Adds an epoch to a run of `make_run`."""
    labels = [ord(path.split("/")[1]) - ord("A") for path in _paths(letter_pictures)]
    return lambda run, number: _add_epoch(run, number, labels)


def _paths(folder: Path) -> list[str]:
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*.jpg"))


def _add_epoch(run: RunWriter, number: int, labels: list[int], kind: str = "train") -> None:
    """One more epoch of a run of `make_run`."""
    predicted = [label if index < number else label + 1 for index, label in enumerate(labels)]
    predicted[0], predicted[-1] = 26, ord("L") - ord("A")
    confusion = np.zeros((26, 27), int)
    np.add.at(confusion, (labels, predicted), 1)

    def scores(accuracy: float) -> dict[str, float]:
        return dict.fromkeys(("accuracy", "precision", "recall", "f1"), accuracy) | {"loss": 2 / number}

    splits = (
        {"test": scores(0.9)}
        if kind == "test"
        else {
            "train": scores(1 - 0.5 / number),
            "validation": scores(1 - 0.7 / number),
        }
    )
    run.epoch(
        number,
        splits,
        steps=number * 10,
        seconds=1.5,
        predicted=predicted,
        confidence=[0.5 + 0.04 * index for index in range(len(labels))],
        confusion=confusion.tolist(),
    )
