"""The camera that the extension adds to a call, in a browser, with a server behind it."""

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Error

pytestmark = [pytest.mark.e2e, pytest.mark.slow]


@pytest.fixture
def page(paired: Any) -> Iterator[Any]:
    opened = paired.call()
    yield opened
    if not opened.is_closed():
        opened.close()
    assert paired.complaints == []


def test_the_camera_is_in_the_list_and_shows_the_captions(page: Any, signcap: Any, until: Any) -> None:
    assert page.evaluate("async () => (await find('Signcap')).kind") == "videoinput"
    page.evaluate("async () => { window.stream = await open1(); window.track = stream.getVideoTracks()[0]; }")
    signcap.type("SEEN BY ALL")
    until(lambda: page.evaluate("() => magenta(track)") > 100)
    with signcap.white():
        until(lambda: page.evaluate("() => magenta(track)") < 50)
    until(lambda: page.evaluate("() => magenta(track)") > 100)


def test_it_behaves_as_a_camera(page: Any) -> None:
    got = page.evaluate(
        """async () => {
            const stream = await open1({audio: true});
            const [track] = stream.getVideoTracks();
            const {deviceId, groupId} = await find("Signcap");
            const settings = track.getSettings();
            const most = track.getCapabilities();
            await track.applyConstraints({width: {ideal: 640}, frameRate: {max: 30}});
            return {
                audio: stream.getAudioTracks().map(({label, readyState}) => [label !== "", readyState]),
                label: track.label, kind: track.kind, muted: track.muted, state: track.readyState,
                same: settings.deviceId === deviceId && settings.groupId === groupId && most.deviceId === deviceId,
                size: [settings.width, settings.height, settings.frameRate],
                most: [most.width.max, most.height.max, most.frameRate.max],
                applied: track.getConstraints(),
                tooLarge: await error(track.applyConstraints({width: {min: 4000}})),
                own: Object.getOwnPropertyNames(track),
                text: [String(MediaDevices.prototype.getUserMedia), String(track.stop)],
                name: MediaDevices.prototype.getUserMedia.name,
                json: JSON.parse(JSON.stringify(await find("Signcap"))).label,
                other: JSON.parse(JSON.stringify(await find("fake_device_0"))).label,
            };
        }"""
    )
    assert got["audio"] == [[True, "live"]]
    assert [got["label"], got["kind"], got["muted"], got["state"]] == ["Signcap", "video", False, "live"]
    assert got["same"]
    assert got["size"] == [1280, 720, 30]
    assert got["most"] == [1280, 720, 30]
    assert got["applied"] == {"width": {"ideal": 640}, "frameRate": {"max": 30}}
    assert got["tooLarge"] == "OverconstrainedError width"
    assert got["own"] == []
    assert all("[native code]" in text for text in got["text"])
    assert got["name"] == "getUserMedia"
    assert [got["json"], got["other"]] == ["Signcap", "fake_device_0"]


def test_audio_passes(page: Any, until: Any) -> None:
    page.evaluate(
        """async () => {
            const context = new AudioContext();
            window.analyser = context.createAnalyser();
            context.createMediaStreamSource(await open1({audio: true})).connect(analyser);
            await context.resume();
        }"""
    )
    loudest = """() => {
        const samples = new Float32Array(analyser.fftSize);
        analyser.getFloatTimeDomainData(samples);
        return Math.max(...samples.map(Math.abs));
    }"""
    until(lambda: page.evaluate(loudest) > 0.01)  # the browser's fake microphone beeps


def test_every_way_to_ask_for_it_and_for_others(page: Any) -> None:
    got = page.evaluate(
        """async () => {
            const {deviceId: ours, groupId} = await find("Signcap");
            const {deviceId: other} = await find("fake_device_0");
            const open = async (video, more) => {
                const stream = await navigator.mediaDevices.getUserMedia({video, ...more});
                const [{label}] = stream.getVideoTracks();
                stream.getTracks().forEach((track) => track.stop());
                return label;
            };
            const old = (options) => new Promise((yes, no) => navigator.webkitGetUserMedia(options, yes, no));
            return {
                ours: [
                    await open({deviceId: ours}),
                    await open({deviceId: {ideal: ours}}),
                    await open({deviceId: {ideal: [ours, other]}}),
                    await open({deviceId: {exact: [ours, other]}}),
                    await open({deviceId: [ours]}),
                    await open({groupId: {exact: groupId}}),
                    await open({deviceId: {exact: ours}, width: {ideal: 4000}, height: {min: 180, max: 720}}),
                    (await old({video: {mandatory: {sourceId: ours}}})).getVideoTracks()[0].label,
                ],
                others: [
                    await open(true),
                    await open({}),
                    await open({width: 640, height: 480}),
                    await open({deviceId: {exact: other}}),
                    await open({deviceId: other}),
                    await open({deviceId: {exact: [other, ours]}}),
                    await open({deviceId: "unknown"}),
                ],
                errors: [
                    await error(open({deviceId: {exact: "unknown"}})),
                    await error(open({deviceId: {exact: ours}, width: {exact: 5000}})),
                    await error(open({deviceId: {exact: ours}, facingMode: {exact: "user"}})),
                    await error(navigator.mediaDevices.getUserMedia()),
                    await error(navigator.mediaDevices.getUserMedia({video: false})),
                    await error(MediaDevices.prototype.getUserMedia.call(null, {video: true})),
                ],
            };
        }"""
    )
    assert got["ours"] == ["Signcap"] * 8
    assert got["others"] == ["fake_device_0"] * 7
    assert got["errors"] == [
        "OverconstrainedError deviceId",
        "OverconstrainedError width",
        "OverconstrainedError facingMode",
        "TypeError",
        "TypeError",
        "TypeError",
    ]


def test_a_screen_that_is_asked_for_in_the_manner_of_old_is_never_the_camera(page: Any) -> None:
    got = page.evaluate(
        """async () => {
            const desktop = {mandatory: {chromeMediaSource: "desktop", chromeMediaSourceId: "none"}};
            const {deviceId} = await find("Signcap");
            const named = {mandatory: {...desktop.mandatory, sourceId: deviceId}};
            const old = (options) => new Promise((yes, no) => navigator.webkitGetUserMedia(options, yes, no));
            const open = (options) => navigator.mediaDevices.getUserMedia(options);
            const errors = [];
            for (const video of [desktop, named]) {
                for (const ask of [open, old]) {
                    errors.push(await error(ask({video})), await error(ask({video, audio: desktop})));
                }
            }
            return errors;
        }"""
    )
    assert len(got) == 8
    assert "none" not in got
    assert page.evaluate("async () => (await open1()).getVideoTracks()[0].label") == "Signcap"  # the page lives


def test_one_connection_for_all_and_none_when_the_last_copy_has_stopped(
    page: Any, signcap: Any, until: Any, freed: Any
) -> None:
    seen: list[int] = []

    def one_watches() -> bool:
        seen.append(signcap.viewers)
        return seen[-1] == 1

    freed()
    page.evaluate(
        """async () => {
            const [one, two] = await Promise.all([open1(), open1()]);
            window.tracks = [...one.getTracks(), ...two.getTracks(), ...one.clone().getTracks()];
            tracks.push(tracks[0].clone());
        }"""
    )
    assert page.evaluate("() => tracks.map(({label}) => label)") == ["Signcap"] * 4
    until(one_watches)
    page.evaluate("() => tracks.slice(1).forEach((track) => track.stop())")
    assert page.evaluate("() => tracks.map(({readyState}) => readyState)") == ["live", "ended", "ended", "ended"]
    assert page.evaluate("() => magenta(tracks[0])") >= 0  # it would fail or wait where nothing plays
    until(one_watches)  # where the computer is busy, the picture may stall and be fetched anew
    assert max(seen) == 1
    page.evaluate("() => tracks[0].stop()")
    freed()
    assert page.evaluate("() => open1().then((stream) => stream.getVideoTracks()[0].readyState)") == "live"


@pytest.mark.parametrize("leave", ["close", "navigate"])
def test_a_page_that_goes_frees_the_camera(paired: Any, signcap: Any, until: Any, freed: Any, leave: str) -> None:
    page = paired.call()
    page.evaluate("async () => { window.stream = await open1(); }")
    until(lambda: signcap.viewers == 1)
    page.close() if leave == "close" else page.goto("about:blank")
    freed()
    until(lambda: paired.ask("view")["viewers"] == 0, 15)


def test_a_worker_that_the_browser_puts_to_sleep_loses_nothing(
    page: Any, paired: Any, until: Any, freed: Any
) -> None:
    def another_is_awake() -> bool:
        try:
            return bool(paired.worker.evaluate("() => !globalThis.mark"))
        except Error:
            return False  # the browser is stopping it

    page.evaluate("async () => { window.stream = await open1(); }")
    paired.worker.evaluate("() => { globalThis.mark = true; }")
    tools = paired.context.new_cdp_session(paired.popup)
    tools.send("ServiceWorker.enable")
    tools.send("ServiceWorker.stopAllWorkers")
    until(another_is_awake)
    until(lambda: paired.ask("view")["viewers"] == 1)
    assert page.evaluate("() => magenta(stream.getVideoTracks()[0])") >= 0
    page.close()
    freed()


def test_changes_of_the_camera_are_told_once(page: Any, paired: Any, signcap: Any, until: Any) -> None:
    page.evaluate(
        """async () => {
            window.changes = 0;
            navigator.mediaDevices.addEventListener("devicechange", () => { changes += 1; });
            (await open1()).getTracks().forEach((track) => track.stop());
        }"""
    )
    assert page.evaluate("() => changes") == 0
    paired.popup.locator("#unpair").click()
    until(lambda: page.evaluate("() => changes") == 1)
    assert page.evaluate("() => find('Signcap')") is None
    paired.pair(signcap)
    until(lambda: page.evaluate("() => changes") == 2)
    assert page.evaluate("async () => (await find('Signcap')).label") == "Signcap"


def test_pages_that_open_while_another_site_is_switched_get_the_camera(paired: Any) -> None:
    registered = paired.popup.evaluate(
        """async () => {
            const seen = [];
            let switching = true;
            const switched = (async () => {
                for (let time = 0; time < 20; time += 1) {
                    await chrome.runtime.sendMessage({type: "site", id: "jitsi", on: time % 2 === 0});
                }
                switching = false;
            })();
            while (switching) {
                seen.push((await chrome.scripting.getRegisteredContentScripts()).map(({id}) => id));
            }
            await switched;
            return seen;
        }"""
    )
    assert registered
    assert [scripts for scripts in registered if not {"meet-bridge", "meet-page"} <= set(scripts)] == []


def test_ids_are_of_the_origin(paired: Any) -> None:
    paired.switch_on("jitsi", "https://meet.jit.si")
    pages = [paired.call(), paired.call(), paired.call("https://meet.jit.si/room")]
    ids = [page.evaluate("async () => (await find('Signcap')).deviceId") for page in pages]
    for page in pages:
        page.close()
    assert ids[0] == ids[1] != ids[2]
    assert all(len(one) == 64 for one in ids)


def test_a_run_that_ends_leaves_the_picture_still_and_the_next_one_goes_on(
    page: Any, paired: Any, signcap: Any, until: Any
) -> None:
    page.evaluate(
        """async () => {
            window.track = (await open1()).getVideoTracks()[0];
            window.events = [];
            ["mute", "unmute", "ended"].forEach((type) => track.addEventListener(type, () => events.push(type)));
        }"""
    )
    signcap.stop()
    until(lambda: page.evaluate("() => [track.readyState, track.muted]") == ["live", True])
    until(lambda: paired.badge() == "!")
    paired.popup.locator("#absent").wait_for()
    assert page.evaluate("() => error(open1())") == "none"  # a copy of the same, which stands still too
    signcap.start()
    until(lambda: page.evaluate("() => events.at(-1)") == "unmute")
    signcap.type("BACK AGAIN")
    until(lambda: page.evaluate("() => magenta(track)") > 100)
    until(lambda: paired.badge() == "on")
    assert paired.ask("view")["problem"] is None
    # Each told once, and in turn. Where the computer is busy, the picture may stand still by itself as well.
    events = page.evaluate("() => events")
    assert events == [("mute", "unmute")[place % 2] for place in range(len(events))]
    paired.complaints.clear()
