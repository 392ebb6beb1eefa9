"""Chromium with the extension, sites of call services that are this machine's own, and Signcap."""

import contextlib
import datetime
import http.client
import http.server
import json
import os
import queue
import re
import signal
import ssl
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from overlay.captions.state import Letter
from overlay.media.frame import Frame
from overlay.pipeline.result import CaptionResult
from server.web.auth.paired_browsers import PairedBrowsers
from tests.network.recorder import Recorder, recording
from tests.server.browsers import CHROMIUM
from tests.server.conftest import MovingPattern, SpelledReader, serving
from tests.waiting import until

ROOT = Path(__file__).parent.parent.parent
EXTENSION = ROOT / "extension"
EXTENSION_ID = "dnnbomcihcbilhdkfcmlcjfigcochhep"
ORIGIN = f"chrome-extension://{EXTENSION_ID}"
MEET = "https://meet.google.com/abc-defg-hij"
_GREY = np.full((720, 1280, 3), 90, np.uint8)
SITES = ("meet.google.com", "meet.jit.si", "call.example.com", "app.zoom.us")
POLICY = (
    "script-src 'nonce-signcaptest' 'strict-dynamic'; connect-src 'self'; style-src 'self'; object-src 'none'; "
    "base-uri 'none'; require-trusted-types-for 'script'; trusted-types 'none'"
)
PAGE = """<!doctype html><meta charset="utf-8"><title>A call</title>
<body><h1>A call</h1><script nonce="signcaptest">
window.keys = [];
for (const type of ["keydown", "keyup", "keypress", "input", "beforeinput"]) {
    window.addEventListener(type, (event) => keys.push(event.key ?? event.data), {capture: true});
}
window.heard = [];
window.addEventListener("message", (event) => heard.push(JSON.stringify(event.data)));
window.globals = Object.getOwnPropertyNames(window);
window.atFirst = MediaDevices.prototype.getUserMedia;
window.patched = Object.getOwnPropertyDescriptor(MediaDeviceInfo.prototype, "label").get.toString();
</script></body>"""


class Asked:
    """What a running Signcap is asked, and answers."""

    port: int
    cookie: str

    def ask(
        self, method: str, path: str, body: Any = None, **headers: str
    ) -> tuple[int, http.client.HTTPMessage, bytes]:
        """A request with these headers and no others, _ for -."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=90)
        try:
            sent = {name.replace("_", "-"): value for name, value in headers.items()}
            if method != "GET":
                sent |= {"Content-Type": "application/json", "X-Signcap": "1"}
            connection.request(method, path, None if body is None else json.dumps(body), sent)
            response = connection.getresponse()
            return response.status, response.headers, response.read()
        finally:
            connection.close()

    def become_owner(self, launch: str) -> None:
        """Open the launch link and keep the cookie."""
        answer = self.ask("GET", launch)
        self.cookie = (answer[1]["Set-Cookie"] or "").split(";")[0]
        assert self.cookie

    def owner(self, method: str, path: str, body: Any = None) -> Any:
        """What the owner is answered."""
        status, _, answer = self.ask(method, path, body, Cookie=self.cookie)
        assert status < 300, (path, status, answer)
        return json.loads(answer) if answer else None

    @property
    def viewers(self) -> int:
        """How many watch the picture."""
        return int(self.owner("GET", "/api/v1/status")["viewers"])

    def colour(self, colour: str) -> None:
        """Let captions have this colour from now on."""
        style = {"colour": colour, "partial_colour": colour, "box_colour": "#000000", "size": 0.12}
        self.owner("PATCH", "/api/v1/settings", {"caption": style})

    @contextlib.contextmanager
    def white(self) -> Iterator[None]:
        """Captions are white meanwhile, and magenta again."""
        self.colour("#ffffff")
        try:
            yield
        finally:
            self.colour("#ff00ff")

    def captions(self) -> str:
        """The whole transcript as text."""
        return self.ask("GET", "/api/v1/captions.txt", Cookie=self.cookie)[2].decode()

    def type(self, text: str) -> None:
        """As the owner: a caption that is finished at once."""
        self.owner("POST", "/api/v1/captions/edits", {"edit": "type", "text": text, "end": True})


class StillDemo(MovingPattern):
    """A source: the demo to those who ask, a grey picture of a call's size to those who look, which costs little."""

    name = "demo"

    def read(self) -> Frame | None:
        frame = super().read()
        return None if frame is None else Frame(_GREY, frame.index, frame.at)


class TimedReader(SpelledReader):
    """The same, by the time of the pictures: what is finished stands in them for a while."""

    def accept(self, frame: Frame) -> CaptionResult:
        letters = []
        with contextlib.suppress(queue.Empty):
            letters.append(Letter(self.spelled.get_nowait(), 0.9, frame.at, frame.at))
        state = self._transcript.accept(letters, None, frame.at, hand_up=bool(letters))
        return CaptionResult(frame.at, state, letters=tuple(letters))


class Signcap(Asked):
    """A server in this process with a reader that reads what a test spells; its captions are pure magenta.

    It can be stopped and started again at the same port, where it knows the browsers that were paired, as a run does.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._running = contextlib.ExitStack()
        self.port = 0

    def start(self) -> None:
        self.reader = TimedReader()
        paired = PairedBrowsers(self._folder / "browsers.json")
        server = self._running.enter_context(serving(StillDemo(), lambda: self.reader, port=self.port, paired=paired))
        self.port = server.port
        assert server.access
        self.become_owner(server.path_of(server.access.launch_url()))
        self.colour("#ff00ff")

    def stop(self) -> None:
        self._running.close()


class SigncapRun(Asked):
    """`signcap run` in a process of its own, over the demo; a run before it has paired a browser."""

    def __init__(self, folder: Path) -> None:
        self.paired_path = folder / "state" / "signcap" / "browsers.json"
        PairedBrowsers(self.paired_path).add("browser-1", "Of the run before")
        options = ["--source", "demo", "--text", "HELLO", "--no-browser", "--virtual-camera", "off"]
        self.process = subprocess.Popen(
            [sys.executable, "-m", "server.cli.main", "run", *options],
            env={
                **os.environ,
                "PYTHONUNBUFFERED": "1",
                "PYTHONPATH": str(ROOT),
                "XDG_CONFIG_HOME": str(folder / "config"),
                "XDG_STATE_HOME": str(folder / "state"),
                "XDG_DATA_HOME": str(folder / "data"),
            },
            cwd=folder,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        said = []
        assert self.process.stdout is not None
        for line in self.process.stdout:
            said.append(line)
            if found := re.search(r"http://127\.0\.0\.1:(\d+)(/\?launch=\S+)", line):
                break
        else:
            raise AssertionError("".join(said))
        threading.Thread(target=self.process.stdout.read, daemon=True).start()
        self.port = int(found.group(1))
        self.become_owner(found.group(2))

    def stop(self) -> None:
        self.process.send_signal(signal.SIGINT)
        self.process.wait(60)


@pytest.fixture(scope="package")
def signcap(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Signcap]:
    """A server whose captions are large and pure magenta."""
    folder = tmp_path_factory.mktemp("run")
    with pytest.MonkeyPatch.context() as patch:
        for name in ("XDG_CONFIG_HOME", "XDG_STATE_HOME", "XDG_DATA_HOME"):
            patch.setenv(name, str(folder))  # it is made before the fixture that does so for each test
        server = Signcap(folder)
        server.start()
        yield server
        server.stop()


@pytest.fixture
def start_run(tmp_path: Path, hand_model: Path) -> Iterator[Callable[[], SigncapRun]]:
    """Starts a run as people start it, with the recogniser: its captions are large and pure magenta."""
    with contextlib.ExitStack() as stack:

        def start() -> SigncapRun:
            run = SigncapRun(tmp_path)
            stack.callback(run.stop)
            run.colour("#ff00ff")
            return run

        yield start


def _certificate(folder: Path) -> Path:
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "signcap test")])
    now = datetime.datetime.now(datetime.UTC)
    names = x509.SubjectAlternativeName([x509.DNSName(site) for site in SITES])
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(names, critical=False)
        .sign(key, hashes.SHA256())
    )
    path = folder / "site.pem"
    path.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        + made.public_bytes(serialization.Encoding.PEM)
    )
    return path


class _Site(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        body = PAGE.encode()
        self.send_response(200)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Security-Policy", POLICY)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture(scope="session")
def sites(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """The port at which all sites are, with a policy as strict as Meet's."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(_certificate(tmp_path_factory.mktemp("site")))
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), _Site)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server.server_address[1]
    server.shutdown()
    server.server_close()


class Browser:
    """Chromium with the extension and another one; collects what pages complain about."""

    id = EXTENSION_ID

    @property
    def look(self) -> str:
        """What tests look with, for a page that was loaded anew."""
        return LOOK

    def __init__(self, context: Any) -> None:
        self.context = context
        self.complaints: list[str] = []
        self._devtools: Any = None
        self._extensions: Any = None
        self._allowed: set[str] = set()
        self.popup = until(self._open_popup)

    def _open_popup(self) -> Any:
        """None while the extension is not loaded yet."""
        try:
            return self.open(f"{ORIGIN}/popup/popup.html")
        except Exception:
            return None

    def reset(self) -> None:
        """Leave nothing behind: no page, no pairing, no site that is on, and not who somebody is to Signcap."""
        for page in self.context.pages:
            if page not in (self.popup, self._extensions):
                page.close()
        for site in ("meet", "zoom", "teams", "jitsi"):
            self.ask("site", id=site, on=False)
        for left in ("unpair", "seen", "stop"):
            self.ask(left)
        self.ask("box", shown=False)
        self.context.clear_cookies()
        self.complaints.clear()

    def open(self, url: str) -> Any:
        page = self.context.new_page()
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("console", lambda message: self.complaints.append(message.text) if message.type == "error" else None)
        try:
            page.goto(url)
        except Exception:
            page.close()
            raise
        return page

    @property
    def worker(self) -> Any:
        self.ask("view")  # which wakes it
        return until(lambda: next((one for one in self.context.service_workers if one.url.startswith(ORIGIN)), None))

    def ask(self, type: str, **more: Any) -> Any:
        """As the popup does."""
        answer = self.popup.evaluate("(message) => chrome.runtime.sendMessage(message)", {"type": type, **more})
        assert "error" not in answer, answer
        return answer["value"]

    def pair(self, signcap: Asked) -> str:
        """Pair as a person does: the port, the button, the same code in Signcap. Returns the code."""
        self.ask("port", port=signcap.port)
        self.popup.locator("#pair").click()
        code = self.popup.locator("#code")
        code.wait_for()
        shown = str(code.inner_text())
        (asking,) = signcap.owner("GET", "/api/v1/pairings")["asking"]
        assert asking["code"] == shown
        signcap.owner("POST", f"/api/v1/pairings/{asking['name']}", {"do": "allow"})
        self.popup.locator("#paired").wait_for()
        return shown

    def allow_site(self, *origins: str) -> None:
        """The yes to the browser's question that the popup's switch asks: a browser without a window shows none."""
        for origin in sorted(set(origins) - self._allowed):
            if self._extensions is None:  # it stays open: to load it takes seconds
                self._extensions = self.context.new_page()
                self._extensions.goto("chrome://extensions")
            self._extensions.evaluate(
                "([id, host]) => new Promise((done) => chrome.developerPrivate.addHostPermission(id, host, done))",
                [EXTENSION_ID, f"{origin}/*"],
            )
            self._allowed.add(origin)

    def call(self, url: str = MEET) -> Any:
        """A page of a call, with what tests look with."""
        page = self.open(url)
        page.evaluate(f"() => {{{LOOK}}}")
        return page

    def switch_on(self, site: str = "meet", origin: str = "https://meet.google.com") -> None:
        self.allow_site(origin)
        self.popup.locator(f"#site-{site}").check()
        self._until_switched(site, on=True)

    def switch_off(self, site: str) -> None:
        self.popup.locator(f"#site-{site}").uncheck()
        self._until_switched(site, on=False)

    def _until_switched(self, site: str, *, on: bool) -> None:
        """Pages that open from now on hold our scripts, or hold them no longer."""
        scripts = {f"{site}-bridge", f"{site}-page"}
        registered = "async () => (await chrome.scripting.getRegisteredContentScripts()).map(({id}) => id)"
        until(lambda: any(one["id"] == site and one["on"] is on for one in self.ask("view")["sites"]))
        until(lambda: scripts.intersection(self.popup.evaluate(registered)) == (scripts if on else set()))

    def set_permission(self, origin: str, name: str, setting: Any) -> None:
        """What the browser lets a site do: granted, denied, or prompt."""
        if self._devtools is None:  # what it sets holds as long as it is open
            self._devtools = self.context.new_cdp_session(self.popup)
        setting = {"permission": {"name": name}, "setting": setting, "origin": origin}
        self._devtools.send("Browser.setPermission", setting)

    def in_bridge(self, script: str) -> str:
        """What a function gives that runs where our scripts in the page of a call run, as seen by the browser."""
        return str(
            self.popup.evaluate(
                """async (script) => {
                    const [{id}] = await chrome.tabs.query({url: "https://meet.google.com/*"});
                    const func = {
                        state: () => chrome.runtime.sendMessage({type: "view"}).then(JSON.stringify),
                        local: () => chrome.storage.local.get(null).then(JSON.stringify, String),
                        session: () => chrome.storage.session.get(null).then(JSON.stringify, String),
                    }[script];
                    const [{result}] = await chrome.scripting.executeScript({target: {tabId: id}, func});
                    return result;
                }""",
                script,
            )
        )

    def badge(self) -> str:
        """What stands on the extension's button."""
        return str(self.popup.evaluate("() => chrome.action.getBadgeText({})"))

    def token(self) -> str:
        """The secret that the worker holds."""
        return str(self.worker.evaluate("async () => (await chrome.storage.local.get('pairing')).pairing.token"))


# For a page: how much of the captions' colour, pure magenta, is in the lower half of a picture, in parts of
# 100,000: a short word has 500, also where the browser sends a smaller picture; captions of another colour have a
# few, where the picture is coded coarsely. It waits where nothing plays.
LOOK = """
window.findNatively ??= window.find;
window.find = async (label) => (await navigator.mediaDevices.enumerateDevices()).find((one) => one.label === label);
window.open1 = async (more = {}) => {
    const {deviceId} = await find("Signcap");
    return navigator.mediaDevices.getUserMedia({video: {deviceId: {exact: deviceId}}, ...more});
};
window.magenta = async (track) => {
    const video = document.createElement("video");
    video.muted = true;
    video.srcObject = new MediaStream([track]);
    await video.play();
    const canvas = document.createElement("canvas");
    const {videoWidth: width, videoHeight: height} = video;
    Object.assign(canvas, {width, height});
    const context = canvas.getContext("2d", {willReadFrequently: true});
    context.drawImage(video, 0, 0);
    const {data} = context.getImageData(0, height / 2, width, height / 2);
    let count = 0;
    for (let at = 0; at < data.length; at += 4) {
        count += data[at] > 150 && data[at + 1] < 110 && data[at + 2] > 150 ? 1 : 0;
    }
    video.srcObject = null;
    return count / data.length * 4 * 100_000;
};
window.error = (promise) => promise.then(
    () => "none",
    ({name, constraint}) => [name, constraint].filter(Boolean).join(" "),
);
"""


@pytest.fixture(scope="session")
def make_browser() -> Callable[[Any], Browser]:
    """What tests do in one."""
    return Browser


@pytest.fixture(name="until", scope="session")
def until_fixture() -> Callable[..., Any]:
    """Waits until a condition holds."""
    return until


@pytest.fixture(scope="package")
def freed(signcap: Signcap) -> Callable[[], None]:
    """Waits until nobody watches the picture: they say so, for by itself WebRTC finds out later than this."""
    return lambda: until(lambda: signcap.viewers == 0, 20)


def open_chromium(playwright: Any, folder: Path, *arguments: str, extensions: tuple[Path, ...] = (EXTENSION,)) -> Any:
    """Chromium with extensions and switches, its profile in `folder`: a context of Playwright's, to be closed."""
    loaded = ",".join(map(str, extensions))
    context = playwright.chromium.launch_persistent_context(
        str(folder),
        executable_path=CHROMIUM,
        headless=False,
        ignore_https_errors=True,
        args=[
            "--headless=new",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-quic",
            "--no-first-run",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
            f"--disable-extensions-except={loaded}",
            f"--load-extension={loaded}",
            "--use-fake-device-for-media-stream",
            "--ignore-certificate-errors",
            *arguments,
        ],
    )
    context.set_default_timeout(60_000)
    return context


@pytest.fixture(scope="package")  # Playwright holds the thread's event loop as long as it is there
def launch(sites: int) -> Iterator[Callable[..., Any]]:
    """Starts Chromium with extensions and switches, a profile of its own, in which the sites are public pages."""
    from playwright.sync_api import sync_playwright

    at_sites = [
        "--host-resolver-rules=" + ", ".join(f"MAP {site}:443 127.0.0.1:{sites}" for site in SITES),
        f"--ip-address-space-overrides=127.0.0.1:{sites}=public",
    ]
    with sync_playwright() as playwright, contextlib.ExitStack() as stack:

        def start(folder: Path, *arguments: str, extensions: tuple[Path, ...] = (EXTENSION,)) -> Any:
            context = open_chromium(playwright, folder, *at_sites, *arguments, extensions=extensions)
            stack.callback(context.close)
            return context

        yield start


@pytest.fixture(scope="session")
def other_extension(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An extension of somebody else's with every permission that it needs to try; its id is made of its folder."""
    folder = tmp_path_factory.mktemp("other")
    manifest = {
        "manifest_version": 3,
        "name": "Other",
        "version": "1",
        "host_permissions": ["http://127.0.0.1/*"],
    }
    (folder / "manifest.json").write_text(json.dumps(manifest))
    (folder / "page.html").write_text("<!doctype html><title>Other</title>")
    return folder


@pytest.fixture(scope="session")
def own_globals() -> str:
    """Names of a page's globals and marks that tell of an extension's script in it."""
    return """() => [
        ...globals.filter((name) => /signcap/i.test(name)),
        ...(performance.getEntriesByType("mark").map(({name}) => name)),
        ...(String(Object.getOwnPropertyDescriptor(MediaDeviceInfo.prototype, "label").get).includes("label")
            ? [] : ["label"]),
        ...(String(MediaDevices.prototype.getUserMedia).includes("getUserMedia") ? [] : ["getUserMedia"]),
    ]"""


@pytest.fixture(scope="package")
def recorder() -> Iterator[Recorder]:
    """Notes whom the browser asks besides this machine and the sites."""
    with recording() as recorder:
        yield recorder


@pytest.fixture(scope="package")
def one_browser(
    tmp_path_factory: pytest.TempPathFactory, launch: Callable[..., Any], other_extension: Path, recorder: Recorder
) -> Browser:
    profile = tmp_path_factory.mktemp("profile")
    return Browser(launch(profile, *recorder.arguments(*SITES), extensions=(EXTENSION, other_extension)))


@pytest.fixture(scope="module")
def browser(one_browser: Browser) -> Iterator[Browser]:
    """With no site on, not paired."""
    yield one_browser
    one_browser.reset()


@pytest.fixture(scope="module")
def paired(browser: Browser, signcap: Signcap) -> Browser:
    """Paired with the run, the switch of Meet on."""
    browser.pair(signcap)
    for name in ("camera", "microphone"):
        browser.set_permission("https://meet.google.com", name, "granted")
        browser.set_permission("https://meet.jit.si", name, "granted")
    browser.switch_on()
    return browser
