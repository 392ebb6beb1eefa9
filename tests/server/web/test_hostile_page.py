"""A page of another site in the browser of the owner, cookies and all: it reads nothing and changes nothing.

The site is on another port of this machine (another origin, yet the same site, so that even SameSite=Strict
cookies are sent), under a name that leads to 127.0.0.1 (another site), and under such a name with Signcap's own
port (DNS rebinding).
"""

import http.server
import json
import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest

from overlay.captions.state import CaptionState, Cue
from overlay.core.errors import SigncapError
from tests.server.browsers import chromium

pytestmark = pytest.mark.e2e

SECRET = "MEETINGATNOON"
PAGE = b"<!doctype html><meta charset=utf-8><title>Evil</title><body></body>"

# Everything that a page can try; each attempt tells what it got, or "nothing" after some milliseconds, or half a
# minute where something is expected.
ATTEMPTS = """async ([base, expected, others]) => {
    const patience = (name) => (expected.includes(name) ? 30000 : others);
    const within = (promise, ms) => Promise.race([
        promise, new Promise((resolve) => setTimeout(() => resolve("nothing"), ms)),
    ]);
    const body = JSON.stringify({edit: "undo"});
    const custom = {"Content-Type": "application/json", "X-Signcap": "1"};
    const got = {};
    const attempt = async (name, work) => {
        try {
            got[name] = await within(work(), patience(name));
        } catch {
            got[name] = "nothing";
        }
    };
    const read = (path, options) => fetch(base + path, {credentials: "include", ...options})
        .then(async (answer) => (answer.type === "opaque" ? "nothing" : `${answer.status} ${await answer.text()}`));
    await attempt("fetch", () => read("/api/v1/status"));
    await attempt("fetch page", () => read("/"));
    await attempt("window", () => new Promise((resolve) => {
        const opened = window.open(`${base}/`);
        let left = (patience("window") - 1000) / 100;
        const looks = setInterval(() => {
            let text = "";
            try {
                text = opened.document.body.innerText;
            } catch {
                // of another origin
            }
            left -= 1;
            if (text || left <= 0) {
                clearInterval(looks);
                opened.close(); // a browser makes six connections to a host, and that page holds some
                resolve(text || "nothing");
            }
        }, 100);
    }));
    await attempt("fetch no-cors", () => read("/api/v1/status", {mode: "no-cors"}));
    await attempt("fetch with header", () => read("/api/v1/captions/edits", {method: "POST", headers: custom, body}));
    await attempt("simple post", () => read("/api/v1/captions/edits", {method: "POST", mode: "no-cors", body}));
    await attempt("beacon", async () => {
        navigator.sendBeacon(`${base}/api/v1/captions/edits`, new Blob([body], {type: "text/plain"}));
        return "nothing";
    });
    await attempt("collect", () => read("/api/v1/collect/start", {method: "POST", mode: "no-cors", body: "{}"}));
    await attempt("upload", () => read("/api/v1/try/picture", {method: "POST", mode: "no-cors", body: "x"}));
    await attempt("delete", () => read("/api/v1/preview/x", {method: "DELETE", headers: custom}));
    await attempt("webrtc", async () => {
        const offer = {sdp: "v=0"};
        return read("/api/v1/preview", {method: "POST", headers: custom, body: JSON.stringify(offer)});
    });
    for (const path of ["/api/v1/socket", "/api/v1/captions/events"]) {
        await attempt(`websocket ${path}`, () => new Promise((resolve) => {
            const socket = new WebSocket(base.replace("http", "ws") + path);
            socket.onopen = () => resolve("open");
            socket.onerror = () => resolve("nothing");
        }));
    }
    for (const credentials of [true, false]) {
        await attempt(`event source ${credentials}`, () => new Promise((resolve) => {
            const source = new EventSource(`${base}/api/v1/captions/events`, {withCredentials: credentials});
            source.addEventListener("captions", (event) => resolve(event.data));
            source.onerror = () => (source.close(), resolve("nothing"));
        }));
    }
    const element = (tag, attribute, path, more = {}) => new Promise((resolve) => {
        const one = Object.assign(document.createElement(tag), more, {[attribute]: base + path});
        one.onload = () => resolve("loaded");
        one.onerror = () => resolve("nothing");
        document.body.append(one);
    });
    const pictures = ["/api/v1/preview.mjpeg", "/api/v1/collect/view.mjpeg", "/api/v1/enrol/view.mjpeg",
        "/api/v1/enrol/shown/view.mjpeg", "/api/v1/collect/letter/A.jpg", "/api/v1/data/samples.jpg"];
    for (const path of pictures) {
        await attempt(`img ${path}`, () => element("img", "src", path));
        await attempt(`img cors ${path}`, () => element("img", "src", path, {crossOrigin: "use-credentials"}));
    }
    await attempt("video", () => element("video", "src", "/api/v1/preview.mjpeg"));
    await attempt("script", () => element("script", "src", "/api/v1/status"));
    await attempt("module", () => element("script", "src", "/static/js/start/start.js", {type: "module"}));
    await attempt("static script", () => element("script", "src", "/static/js/start/start.js"));
    await attempt("style", () => element("link", "href", "/static/css/signcap.css", {rel: "stylesheet"}));
    await attempt("iframe", () => new Promise((resolve) => {
        const frame = document.createElement("iframe");
        frame.src = `${base}/`;
        frame.onload = () => {
            try {
                resolve(frame.contentDocument ? frame.contentDocument.body.innerText || "nothing" : "nothing");
            } catch {
                resolve("nothing");
            }
        };
        document.body.append(frame);
    }));
    await attempt("form", () => new Promise((resolve) => {
        const frame = Object.assign(document.createElement("iframe"), {name: "sink"});
        document.body.append(frame);
        const form = Object.assign(document.createElement("form"), {
            action: `${base}/api/v1/captions/edits`, method: "post", enctype: "text/plain", target: "sink",
        });
        form.append(Object.assign(document.createElement("input"), {name: '{"edit":"undo","x":"', value: '"}'}));
        document.body.append(form);
        form.submit();
        setTimeout(() => resolve("nothing"), 300);
    }));
    return got;
}"""


EXPECTED = ["fetch", "window", "fetch with header", "event source true", "img /api/v1/preview.mjpeg"]


class Evil(http.server.BaseHTTPRequestHandler):
    """Serves the same page whatever is asked."""

    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.send_header("Content-Length", str(len(PAGE)))
        self.end_headers()
        self.wfile.write(PAGE)

    def log_message(self, format: str, *args: object) -> None:
        pass


@pytest.fixture(scope="module")
def evil_port() -> Iterator[int]:
    """Where another site is served on this machine."""
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Evil) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server.server_address[1]
        server.shutdown()


@pytest.fixture(scope="module")
def misled_browser() -> Iterator[Any]:
    """Chromium for which every name under evil.example is 127.0.0.1."""
    with chromium(
        "--host-resolver-rules=MAP *.evil.example 127.0.0.1",
        # The browser's own guard of local addresses is taken away: ours alone must hold.
        "--disable-features=LocalNetworkAccessChecks,BlockInsecurePrivateNetworkRequests,"
        "PrivateNetworkAccessSendPreflights,PrivateNetworkAccessRespectPreflightResults",
    ) as browser:
        yield browser


@pytest.fixture
def watched(running: Any, monkeypatch: pytest.MonkeyPatch) -> Any:
    """The server with a caption that nobody else may read; `running.changed` notes what changed."""
    running.changed = []
    monkeypatch.setattr(running.pipeline, "edit", lambda *_: running.changed.append("edit"))
    monkeypatch.setattr(running.pipeline, "listen_frames", lambda *_: running.changed.append("frames"))
    for sink, name in ((running.stills, "stills"), (running.stream, "stream")):
        monkeypatch.setattr(sink, "watch", lambda *_, name=name: running.changed.append(name))
    monkeypatch.setattr(running.session.viewers.captions, "join", lambda *_, **__: running.changed.append("captions"))
    running.say(CaptionState(1, (Cue(0, SECRET, 0.0, 1.0),)))
    while running.session.viewers.captions.state.revision != 1:
        time.sleep(0.01)
    return running


def become_owner(context: Any, running: Any) -> None:
    """Open the launch link without a page, which would go on asking for a while after it is closed."""
    assert context.request.get(running.access.launch_url()).status == 200
    assert len(context.cookies()) == 1


@pytest.mark.slow
@pytest.mark.parametrize("site", ["127.0.0.1", "www.evil.example"])
def test_another_site_reads_and_changes_nothing(watched: Any, misled_browser: Any, evil_port: int, site: str) -> None:
    """Whatever it calls us. The last name is DNS rebinding: the name is the site's, the address and port are ours."""
    names = ("127.0.0.1", "localhost", "own.evil.example")
    context = misled_browser.new_context()
    become_owner(context, watched)
    page = context.new_page()
    state = watched.pipeline.reading.state
    watched.changed.clear()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(f"http://{site}:{evil_port}/")
    all_at_once = f"(all) => Promise.all(all.map({ATTEMPTS}))"
    answers = page.evaluate(all_at_once, [[f"http://{name}:{watched.port}", [], 3000] for name in names])
    context.close()
    for name, got in zip(names, answers, strict=True):
        assert {attempt: text for attempt, text in got.items() if text != "nothing"} == {}, name
        assert len([url for url in asked if url.startswith(f"http://{name}:{watched.port}/")]) > 20, "they were made"
    assert SECRET not in json.dumps(answers)
    assert watched.changed == []
    assert watched.pipeline.reading.state == state
    assert watched.new_links == []


@pytest.mark.slow
def test_a_rebound_name_is_no_way_in(watched: Any, misled_browser: Any) -> None:
    """A page that is at the same origin as its requests, as after DNS rebinding, gets refusals only."""
    context = misled_browser.new_context()
    host = f"own.evil.example:{watched.port}"
    # As if the cookie could be had for the site's own name.
    context.add_cookies(
        [{"name": watched.access.owner_cookie, "value": "x", "domain": "own.evil.example", "path": "/"}]
    )
    page = context.new_page()
    answer = page.goto(f"http://{host}/")
    assert answer.status == 403
    paths = ["/", "/captions", "/api/v1/status", "/api/v1/captions/events", "/static/js/start/start.js"]
    statuses = page.evaluate(
        """(paths) => Promise.all(paths.map((path) => fetch(path, {headers: {"X-Signcap": "1"}})
            .then((answer) => answer.status)))""",
        paths,
    )
    assert set(statuses) == {403}
    assert watched.changed == []
    context.close()


@pytest.mark.slow
def test_the_attempts_would_be_noticed(running: Any, misled_browser: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """The same attempts from Signcap's own page read and change: the test above is not blind."""
    edits: list[Any] = []

    def edit(made: Any) -> None:
        edits.append(made)
        raise SigncapError("There is nothing to undo.")

    monkeypatch.setattr(running.pipeline, "edit", edit)
    context = misled_browser.new_context(bypass_csp=True)
    become_owner(context, running)
    page = context.new_page()
    page.goto(running.url + "/")
    running.say(CaptionState(1, (Cue(0, SECRET, 0.0, 1.0),)))
    got = page.evaluate(ATTEMPTS, [running.url, EXPECTED, 500])
    context.close()
    assert got["fetch"].startswith("200 {")
    assert SECRET in got["event source true"]
    assert got["img /api/v1/preview.mjpeg"] == "loaded"
    assert got["window"] != "nothing"
    assert len(edits) == 1
