"""What pages, other extensions and other programs try in vain."""

import hashlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

pytestmark = [pytest.mark.e2e, pytest.mark.slow]

# Everything that a page can send over the bridge and around it. It waits for the answers that are expected, and then
# for a while for others.
DRIVE = """async ([extension, expected]) => {
    const heard = [];
    const post = MessagePort.prototype.postMessage;
    MessagePort.prototype.postMessage = function (...given) { // whatever script speaks with the bridge is overheard
        window.port = this;
        this.addEventListener("message", ({data}) => heard.push(data));
        return post.apply(this, given);
    };
    dispatchEvent(new Event("signcap-page"));
    await navigator.mediaDevices.enumerateDevices();
    MessagePort.prototype.postMessage = post;
    const peer = new RTCPeerConnection();
    peer.addTransceiver("video", {direction: "recvonly"});
    const {sdp} = await peer.createOffer();
    const types = ["open", "state", "close", "connection", "view", "pair", "unpair", "site", "answer", "studio",
        "type", "phrases", "box", "place", "hide", "__proto__", "constructor", "toString"];
    const messages = types.map((type, place) => ({
        id: 1000 + place, type, sdp, text: "FORGED", on: true, shown: true, happened: "playing",
        permission: "granted", answer: "always", documentId: "x", place: {x: 0, y: 0}, path: "/api/v1/status",
    }));
    for (const message of messages) {
        window.port?.postMessage(message);
        window.postMessage(message, "*");
        window.dispatchEvent(new MessageEvent("message", {data: message}));
        window.dispatchEvent(new CustomEvent("signcap-bridge-x", {detail: message}));
    }
    const over = async () => chrome.runtime.sendMessage(extension, {type: "open", sdp});
    const sent = await over().catch(() => "nothing");
    const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
    const answers = () => heard.filter(({id}) => id >= 1000);
    const isThere = (type) => answers().some(({id}) => types[id - 1000] === type);
    for (const end = performance.now() + 30_000; !expected.every(isThere) && performance.now() < end; ) {
        await pause(50);
    }
    await pause(750);
    return {heard: answers().map(({id, value, error}) => [types[id - 1000], value, error]), sent};
}"""


@pytest.fixture
def page(paired: Any) -> Iterator[Any]:
    opened = paired.call()
    yield opened
    opened.close()


def test_a_site_that_is_not_on_the_list_holds_nothing(paired: Any, own_globals: Any) -> None:
    page = paired.call("https://call.example.com/room")
    assert page.evaluate("() => find('Signcap')") is None
    assert page.evaluate(own_globals) == []
    got = page.evaluate(DRIVE, [paired.id, []])
    assert got == {"heard": [], "sent": "nothing"}
    paired.allow_site("https://call.example.com")  # the manifest does not know it
    page.reload()
    assert page.evaluate(own_globals) == []
    page.close()


def test_a_site_that_is_not_switched_on_holds_nothing_also_after_it_was_on(
    paired: Any, signcap: Any, own_globals: Any, until: Any, freed: Any
) -> None:
    page = paired.call("https://meet.jit.si/room")
    assert page.evaluate(DRIVE, [paired.id, []]) == {"heard": [], "sent": "nothing"}
    paired.switch_on("jitsi", "https://meet.jit.si")
    page.close()
    page = paired.call("https://meet.jit.si/room")
    page.evaluate("async () => { window.track = (await open1()).getVideoTracks()[0]; }")
    until(lambda: signcap.viewers == 1)
    paired.switch_off("jitsi")
    freed()
    until(lambda: page.evaluate("() => track.readyState") == "ended")
    assert page.evaluate("() => find('Signcap')") is None  # our scripts are there still, and get nothing
    page.close()
    page = paired.call("https://meet.jit.si/room")
    assert page.evaluate(own_globals) == []
    assert "signcap" not in page.content().lower()
    assert page.evaluate(DRIVE, [paired.id, []]) == {"heard": [], "sent": "nothing"}
    page.close()


def test_a_page_that_drives_the_bridge_gets_what_getusermedia_gives_and_no_more(
    page: Any, paired: Any, signcap: Any
) -> None:
    before = paired.ask("view")
    expected = ["open", "state", "close", "connection"]
    got = page.evaluate(DRIVE, [paired.id, expected])
    assert got["sent"] == "nothing"
    assert {type for type, _, _ in got["heard"]} == set(expected)
    text = json.dumps(got)
    assert paired.token() not in text
    assert "FORGED" not in json.dumps(signcap.captions())
    after = paired.ask("view")
    assert [after[name] for name in ("paired", "box", "sites")] == [
        before[name] for name in ("paired", "box", "sites")
    ]


@pytest.mark.parametrize("said", ["prompt", "denied"])
def test_without_a_yes_to_cameras_the_bridge_gives_no_picture(
    paired: Any, signcap: Any, until: Any, said: str
) -> None:
    paired.set_permission("https://meet.google.com", "camera", said)
    try:
        page = paired.call()
        assert page.evaluate("() => find('Signcap')") is None  # nameless until the site is allowed cameras
        ids = (
            "async () => (await navigator.mediaDevices.enumerateDevices()).filter(({kind}) => kind === 'videoinput')"
        )
        assert [one["deviceId"] for one in page.evaluate(ids)] == [""]
        answered = ["state", "close", "connection"]
        if said == "denied":
            answered.append("open")  # else the person is asked
        got = page.evaluate(DRIVE, [paired.id, answered])
        assert {type for type, _, _ in got["heard"]} == set(answered)
        assert [type for type, value, _ in got["heard"] if type == "open" and value] == []
        assert signcap.viewers == 0
        asked = ["https://meet.google.com"] if said == "prompt" else []
        until(lambda: [one["origin"] for one in paired.ask("view")["questions"]] == asked)
        until(lambda: paired.badge() == ("?" if asked else ""))
        page.close()
        until(lambda: paired.ask("view")["questions"] == [])
    finally:
        paired.set_permission("https://meet.google.com", "camera", "granted")


def test_another_extension_gets_nothing(paired: Any, signcap: Any, other_extension: Path) -> None:
    token = paired.token()
    digest = hashlib.sha256(str(other_extension.resolve()).encode()).hexdigest()[:32]
    other_id = "".join(chr(ord("a") + int(digit, 16)) for digit in digest)
    other = paired.context.new_page()
    other.goto(f"chrome-extension://{other_id}/page.html")
    got = other.evaluate(
        """async ([id, port, token]) => {
            const ask = (message) => chrome.runtime.sendMessage(id, message).then(JSON.stringify, () => "nothing");
            const change = {"Content-Type": "application/json", "X-Signcap": "1"};
            const post = (path, body, more = {}) => fetch(`http://127.0.0.1:${port}${path}`, {
                method: "POST", headers: {...change, ...more}, body: JSON.stringify(body),
            }).then(({status}) => status, () => "nothing");
            const read = (path) => fetch(`http://127.0.0.1:${port}${path}`)
                .then(({status}) => status, () => "nothing");
            const lasting = new Promise((resolve) => {
                const port = chrome.runtime.connect(id);
                port.onMessage.addListener((message) => resolve(JSON.stringify(message)));
                port.onDisconnect.addListener(() => resolve("nothing"));
                port.postMessage({type: "captions", on: true});
            });
            return {
                messages: [await ask({type: "view"}), await ask({type: "open", sdp: "v=0"}), await lasting],
                posts: [
                    await post("/api/v1/pairings", {browser: "Other"}),
                    await post("/api/v1/preview", {sdp: "v=0"}),
                    await post("/api/v1/preview", {sdp: "v=0"}, {Authorization: `Bearer ${token}`}),
                ],
                reads: [await read("/api/v1/extension/state"), await read("/api/v1/captions/events")],
                file: await fetch(`chrome-extension://${id}/worker/worker.js`).then(() => "read", () => "nothing"),
            };
        }""",
        [paired.id, signcap.port, token],
    )
    other.close()
    assert got["messages"] == ["nothing", "nothing", "nothing"]
    assert got["posts"] == [403, 403, 403]
    assert got["reads"] == [401, 401]
    assert got["file"] == "nothing"


def test_a_stolen_code_is_worth_nothing(paired: Any, signcap: Any) -> None:
    origin = {"Origin": f"chrome-extension://{paired.id}"}
    status, _, body = signcap.ask("POST", "/api/v1/pairings", {"browser": "Another"}, **origin)
    assert status == 201
    asked = json.loads(body)
    for secret in (asked["code"], asked["code"].replace(" ", "")):
        bearer = {"Authorization": f"Bearer {secret}"}
        assert signcap.ask("GET", f"/api/v1/pairings/{asked['name']}", **bearer)[0] == 401
        assert signcap.ask("GET", "/api/v1/extension/state", **bearer)[0] == 401
        assert signcap.ask("POST", "/api/v1/preview", {"sdp": "v=0"}, **bearer, **origin)[0] == 401
    signcap.owner("POST", f"/api/v1/pairings/{asked['name']}", {"do": "refuse"})


def test_a_token_that_was_taken_back_is_forgotten_and_the_call_ends(
    paired: Any, signcap: Any, until: Any, freed: Any
) -> None:
    page = paired.call()
    page.evaluate("async () => { window.track = (await open1()).getVideoTracks()[0]; }")
    token = paired.token()
    (browser,) = signcap.owner("GET", "/api/v1/pairings")["paired"]
    signcap.owner("DELETE", f"/api/v1/pairings/{browser['name']}")
    until(lambda: page.evaluate("() => track.readyState") == "ended")
    freed()
    assert page.evaluate("() => find('Signcap')") is None
    paired.popup.locator("#unpaired").wait_for()
    assert "no longer knows this browser" in paired.popup.locator("#unpaired-why").inner_text()
    for path in ("/api/v1/extension/state", "/api/v1/captions/events"):
        assert signcap.ask("GET", path, Authorization=f"Bearer {token}")[0] == 401
    page.close()
    paired.pair(signcap)


def test_no_script_in_a_page_can_read_the_token(page: Any, paired: Any) -> None:
    """Not even one of ours: the storage is the worker's and the popup's alone."""
    assert "not allowed" in paired.in_bridge("local")
    assert "not allowed" in paired.in_bridge("session")
    assert paired.in_bridge("state").startswith('{"error')
