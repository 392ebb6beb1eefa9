"""A call of two: the far side sees and hears what the near one sends, the captions in it."""

from typing import Any

import pytest

pytestmark = [pytest.mark.e2e, pytest.mark.slow]

# What a page of a call does, between two peers of one page: its own camera list, offer, answer, candidates.
JOIN = """async () => {
    const camera = (await navigator.mediaDevices.enumerateDevices()).find(({label}) => label === "Signcap");
    const stream = await navigator.mediaDevices.getUserMedia({
        audio: {echoCancellation: true},
        video: {
            deviceId: {exact: camera.deviceId},
            width: {ideal: 1280, max: 1280}, height: {ideal: 720, max: 720}, frameRate: {max: 30},
        },
    });
    const [near, far] = [new RTCPeerConnection(), new RTCPeerConnection()];
    near.onicecandidate = ({candidate}) => far.addIceCandidate(candidate);
    far.onicecandidate = ({candidate}) => near.addIceCandidate(candidate);
    const received = new MediaStream();
    far.ontrack = ({track}) => received.addTrack(track);
    window.senders = stream.getTracks().map((track) => near.addTrack(track.clone(), stream));
    stream.getTracks().forEach((track) => track.stop()); // as calls do that keep a copy
    await near.setLocalDescription();
    await far.setRemoteDescription(near.localDescription);
    await far.setLocalDescription();
    await near.setRemoteDescription(far.localDescription);
    Object.assign(window, {near, far, received, camera});
}"""


def test_the_far_side_sees_the_captions_and_hears(paired: Any, signcap: Any, until: Any, freed: Any) -> None:
    paired.switch_on("jitsi", "https://meet.jit.si")
    page = paired.call("https://meet.jit.si/SignedRoom")
    page.evaluate(JOIN)
    until(lambda: page.evaluate("() => received.getTracks().map(({kind}) => kind).sort()") == ["audio", "video"])
    signcap.type("HELLO FROM HERE")
    until(lambda: page.evaluate("() => magenta(received.getVideoTracks()[0])") > 100)
    with signcap.white():
        until(lambda: page.evaluate("() => magenta(received.getVideoTracks()[0])") < 50)
    heard = """async () => {
        const reports = [...(await far.getStats()).values()];
        return reports.find((one) => one.type === "inbound-rtp" && one.kind === "audio")?.packetsReceived ?? 0;
    }"""
    until(lambda: page.evaluate(heard) > 20)

    # To another camera and back, as a call does it.
    change = """async (label) => {
        const {deviceId} = await find(label);
        const stream = await navigator.mediaDevices.getUserMedia({video: {deviceId: {exact: deviceId}}});
        const sender = senders.find(({track}) => track.kind === "video");
        sender.track.stop();
        await sender.replaceTrack(stream.getVideoTracks()[0]);
    }"""
    page.evaluate(change, "fake_device_0")
    freed()
    page.evaluate(change, "Signcap")
    signcap.type("BACK ON THE LINE")
    until(lambda: page.evaluate("() => magenta(received.getVideoTracks()[0])") > 100)
    page.evaluate("() => senders.forEach(({track}) => track.stop())")
    freed()
    page.close()
    assert paired.complaints == []
