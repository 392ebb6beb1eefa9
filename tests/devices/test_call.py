"""A call: the far side sees the captions of what is signed before a real (loopback) camera."""

import base64
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from overlay.media.frame import Pixels
from overlay.media.v4l2 import video_devices
from tests.devices.conftest import PATIENCE, Devices, Program
from tests.devices.reading import shown

pytestmark = pytest.mark.hardware

SIZE = (640, 360)
TEXT, OTHERS = "HELLO", ("HALLO", "JELLY", "WORLD", "HELL")

# Two pages of one browser: the signer's side opens the camera, the far side shows what arrives.
SIGNER = """async (label) => {
    const all = await navigator.mediaDevices.enumerateDevices();
    const found = all.find((device) => device.kind === "videoinput" && device.label.startsWith(label));
    if (!found) return all.map((device) => device.label).join(", ") || "no camera";
    const stream = await navigator.mediaDevices.getUserMedia({
        video: { deviceId: { exact: found.deviceId }, width: 640, height: 360 },
    });
    window.call = new RTCPeerConnection();
    stream.getTracks().forEach((track) => window.call.addTrack(track, stream));
    await window.call.setLocalDescription();
    while (window.call.iceGatheringState !== "complete") await new Promise((done) => setTimeout(done, 50));
    return { offer: window.call.localDescription.sdp };
}"""
FAR_SIDE = """async (offer) => {
    window.call = new RTCPeerConnection();
    window.call.ontrack = ({ streams }) => { document.querySelector("video").srcObject = streams[0]; };
    await window.call.setRemoteDescription({ type: "offer", sdp: offer });
    await window.call.setLocalDescription();
    while (window.call.iceGatheringState !== "complete") await new Promise((done) => setTimeout(done, 50));
    return window.call.localDescription.sdp;
}"""
ANSWERED = "(answer) => window.call.setRemoteDescription({ type: 'answer', sdp: answer })"
PICTURE = """() => {
    const video = document.querySelector("video");
    if (!video.videoWidth) return "";
    const { videoWidth: width, videoHeight: height } = video;
    const canvas = Object.assign(document.createElement("canvas"), { width, height });
    canvas.getContext("2d").drawImage(video, 0, 0);
    return canvas.toDataURL("image/png").split(",")[1];
}"""
PAGE = "<!doctype html><title>A call</title><video autoplay muted playsinline></video>"


def picture_of(page: Any) -> Pixels | None:
    png = base64.b64decode(page.evaluate(PICTURE))
    return np.asarray(cv2.imdecode(np.frombuffer(png, np.uint8), cv2.IMREAD_COLOR), np.uint8) if png else None


def card_of(path: str) -> str:
    return (Path("/sys/class/video4linux") / Path(path).name / "name").read_text().strip()


@pytest.fixture
def context(chromium: Any) -> Iterator[Any]:
    """A profile that may use cameras."""
    context = chromium.new_context(permissions=["camera"])
    yield context
    context.close()


@pytest.mark.slow
def test_the_far_side_sees_the_captions(
    feed: Callable[..., Program],
    signcap: Callable[..., Program],
    devices: Devices,
    context: Any,
    tmp_path: Path,
) -> None:
    if any(known.captures for known in video_devices() if str(known.path) == devices.virtual):
        pytest.skip("Chromium does not list a device with exclusive_caps=0")
    feed("--spell", TEXT, "--size", "640x360", "--speed", "1.5")
    running = signcap()
    running.wait_for("Virtual camera .* choose it as the camera")
    context.route("http://localhost/**", lambda route: route.fulfill(body=PAGE, content_type="text/html"))
    signer, far_side = context.new_page(), context.new_page()
    for page in (signer, far_side):
        page.goto("http://localhost/")
    said = signer.evaluate(SIGNER, card_of(devices.virtual))
    assert isinstance(said, dict), f"Chromium lists {said}"
    signer.evaluate(ANSWERED, far_side.evaluate(FAR_SIDE, said["offer"]))

    best, kept = 0.0, None
    deadline = time.monotonic() + 2 * PATIENCE
    while best < 0.88 and time.monotonic() < deadline:
        received = picture_of(far_side)
        if received is not None and (likeness := shown(received, TEXT, SIZE)) > best:
            best, kept = likeness, received
            cv2.imwrite(str(tmp_path / "received.png"), received)
        time.sleep(0.2)
    assert kept is not None, "no picture arrived"
    assert best >= 0.88, f"the nearest picture is {tmp_path / 'received.png'}"
    likenesses = {other: shown(kept, other, SIZE) for other in OTHERS}
    assert max(likenesses.values()) < best, likenesses
    assert running.runs
