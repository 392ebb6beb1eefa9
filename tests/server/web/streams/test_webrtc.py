"""The preview over WebRTC, with aiortc as the browser."""

import asyncio
import json
from collections.abc import Awaitable, Callable, Iterator
from typing import Any

import numpy as np
import pytest
from aiortc import RTCConfiguration, RTCPeerConnection, RTCRtpSender, RTCSessionDescription

from overlay.media.sinks import vp8_preview as stream
from overlay.media.sinks.vp8_preview import EncodedPicture
from server.web.app import PREVIEW
from server.web.streams import webrtc
from server.web.streams.ice import offer_loopback_only, without_candidates
from tests.waiting import until

pytestmark = pytest.mark.integration

JSON = {"Content_Type": "application/json", "X_Signcap": "1"}


@pytest.fixture(autouse=True)
def _loopback() -> None:
    offer_loopback_only()  # for the viewers in these tests


def post_offer(running: Any, sdp: Any, cookie: str) -> Any:
    body = json.dumps({"sdp": sdp}).encode()
    return running.get("/api/v1/preview", method="POST", body=body, Cookie=cookie, **JSON)


class Viewer:
    """A browser's part of the connection."""

    def __init__(self, running: Any, cookie: str) -> None:
        self.running, self.cookie = running, cookie
        self.peer = RTCPeerConnection(RTCConfiguration(iceServers=[]))
        self.transceiver = self.peer.addTransceiver("video", direction="recvonly")
        self.name = ""
        self.answer = ""

    async def open(self) -> "Viewer":
        await self.peer.setLocalDescription(await self.peer.createOffer())
        answer = await asyncio.to_thread(post_offer, self.running, self.peer.localDescription.sdp, self.cookie)
        assert answer.status == 201, answer.body
        content = json.loads(answer.body)
        self.name, self.answer = content["name"], content["sdp"]
        await self.peer.setRemoteDescription(RTCSessionDescription(self.answer, "answer"))
        return self

    async def frames(self, count: int) -> list[Any]:
        track = self.transceiver.receiver.track
        return [await asyncio.wait_for(track.recv(), 60) for _ in range(count)]


def watch(running: Any, script: Callable[[Viewer], Awaitable[Any]]) -> Any:
    """Run a viewer's script in an event loop of its own."""
    cookie = running.owner_cookie()

    async def run() -> Any:
        viewer = Viewer(running, cookie)
        try:
            return await script(await viewer.open())
        finally:
            await viewer.peer.close()

    return asyncio.run(run())


def peers(running: Any) -> int:
    async def count() -> int:
        return (await running.app[PREVIEW].get()).peers

    return int(running.call(count()))


def test_a_viewer_sees_the_moving_picture(running: Any) -> None:
    async def script(viewer: Viewer) -> list[Any]:
        return await viewer.frames(12)

    frames = [frame.to_ndarray(format="gray") for frame in watch(running, script)]
    assert frames[-1].shape == (360, 640)
    squares = [float(np.argwhere(frame[60:120] > 140)[:, 1].mean()) for frame in frames]
    moves = np.diff(squares)
    assert moves[moves > 0].sum() > 20  # it moves to the right, 6 pixels a frame
    assert (moves < -1).sum() <= 1  # and begins again at the left every 87 frames


def test_the_answer_names_this_machine_and_vp8_only(running: Any) -> None:
    async def script(viewer: Viewer) -> str:
        return viewer.answer

    answer = watch(running, script)
    candidates = [line.split()[4] for line in answer.splitlines() if line.startswith("a=candidate:")]
    assert candidates == ["127.0.0.1"]
    codecs = {line.split()[1].split("/")[0] for line in answer.splitlines() if line.startswith("a=rtpmap:")}
    assert codecs == {"VP8", "rtx"}


def test_a_newcomer_need_not_wait_for_a_key_frame(running: Any) -> None:
    async def script(viewer: Viewer) -> int:
        await viewer.frames(10)
        newcomer = await Viewer(running, viewer.cookie).open()
        try:
            await newcomer.frames(1)
            return running.stream.viewers  # type: ignore[no-any-return]
        finally:
            await newcomer.peer.close()

    assert watch(running, script) == 2


def test_a_lost_picture_is_mended_by_a_key_frame(running: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """aiortc forwards a viewer's request only to encoders of its own; ours must hear of it too."""
    monkeypatch.setattr(stream, "KEY_FRAME_EVERY", 9000)  # none comes by itself
    seen: list[EncodedPicture] = []

    async def script(viewer: Viewer) -> None:
        await viewer.frames(5)
        running.stream.watch(seen.append)
        while not any(picture.is_key for picture in seen):  # the one for the watcher itself
            await viewer.frames(1)
        await asyncio.sleep(0.5)
        seen.clear()
        receiver = viewer.transceiver.receiver
        (source,) = receiver.getSynchronizationSources()
        await receiver._send_rtcp_pli(source.source)
        while not any(picture.is_key for picture in seen):
            await viewer.frames(1)
            assert len(seen) < 300, "no key frame within ten seconds"

    watch(running, script)


def test_who_leaves_is_let_go_and_nothing_is_encoded_any_more(running: Any) -> None:
    async def script(viewer: Viewer) -> None:
        await viewer.frames(1)
        assert running.stream.viewers == 1
        answer = await asyncio.to_thread(
            running.get, f"/api/v1/preview/{viewer.name}", method="DELETE", Cookie=viewer.cookie, **JSON
        )
        assert answer.status == 204

    watch(running, script)
    until(lambda: running.stream.viewers == 0 and peers(running) == 0)


def test_who_closes_without_a_word_is_let_go_too(running: Any) -> None:
    async def script(viewer: Viewer) -> None:
        await viewer.frames(1)

    watch(running, script)
    until(lambda: running.stream.viewers == 0 and peers(running) == 0)


def test_who_never_connects_is_let_go(running: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(webrtc, "CONNECT_LIMIT", 0.2)
    assert post_offer(running, make_offer(), running.owner_cookie()).status == 201
    assert peers(running) in (0, 1)
    until(lambda: peers(running) == 0)


def test_there_is_a_limit(running: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(webrtc, "PEERS", 1)
    cookie = running.owner_cookie()
    assert post_offer(running, make_offer(), cookie).status == 201
    refused = post_offer(running, make_offer(), cookie)
    assert refused.status == 503
    assert "close one" in json.loads(refused.body)["error"]


def test_pages_lock_no_call_out_of_the_picture(running: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(webrtc, "PEERS", 1)
    token = running.access.paired.add("browser-1", "Chromium")
    body = json.dumps({"sdp": make_offer()}).encode()

    def in_call() -> int:
        headers = {"Content_Type": "application/json", "X_Signcap": "1", "Authorization": f"Bearer {token}"}
        return int(running.get("/api/v1/preview", method="POST", body=body, **headers).status)

    assert post_offer(running, make_offer(), running.owner_cookie()).status == 201
    assert [in_call(), in_call()] == [201, 503]


def make_offer(mime_type: str = "video/VP8") -> str:
    async def offer() -> str:
        peer = RTCPeerConnection(RTCConfiguration(iceServers=[]))
        try:
            transceiver = peer.addTransceiver("video", direction="recvonly")
            codecs = RTCRtpSender.getCapabilities("video").codecs
            transceiver.setCodecPreferences([codec for codec in codecs if codec.mimeType == mime_type])
            await peer.setLocalDescription(await peer.createOffer())
            return str(peer.localDescription.sdp)
        finally:
            await peer.close()

    return asyncio.run(offer())


def test_a_browser_without_vp8_is_told_so(running: Any) -> None:
    refused = post_offer(running, make_offer("video/H264"), running.owner_cookie())
    assert refused.status == 422
    assert "cannot play the picture" in json.loads(refused.body)["error"]
    assert peers(running) == 0


@pytest.mark.parametrize(
    "sdp",
    [
        "",
        "hello",
        "v=0\r\n",
        "v=0\r\no=- 1 1 IN IP4 0.0.0.0\r\ns=-\r\nt=0 0\r\n",
        "v=0\r\no=- 1 1 IN IP4 0.0.0.0\r\ns=-\r\nt=0 0\r\nm=video 9 RTP/AVP 96\r\n",
        "\x00" * 100,
        None,
        7,
        {"type": "offer"},
    ],
)
def test_garbage_is_refused_and_leaves_nothing_behind(running: Any, sdp: Any) -> None:
    refused = post_offer(running, sdp, running.owner_cookie())
    assert refused.status == 400
    assert json.loads(refused.body)["error"]
    assert peers(running) == 0


def test_an_offer_with_more_than_one_video_is_refused(running: Any) -> None:
    async def offer() -> str:
        peer = RTCPeerConnection(RTCConfiguration(iceServers=[]))
        try:
            peer.addTransceiver("video", direction="recvonly")
            peer.addTransceiver("audio", direction="sendonly")
            await peer.setLocalDescription(await peer.createOffer())
            return str(peer.localDescription.sdp)
        finally:
            await peer.close()

    assert post_offer(running, asyncio.run(offer()), running.owner_cookie()).status == 400
    assert peers(running) == 0


@pytest.mark.unit
def test_a_slow_viewer_starts_anew_at_a_key_frame() -> None:
    def pictures(first: int, count: int, key: bool = False) -> Iterator[EncodedPicture]:
        for number in range(first, first + count):
            yield EncodedPicture(b"x", number, key and number == first)

    async def script() -> list[int]:
        asked: list[int] = []
        track = webrtc.PreviewTrack(lambda: asked.append(1))
        for picture in pictures(0, webrtc.WAITING, key=True):
            track.put(picture)
        for picture in pictures(100, 3):  # too many: what waited is dropped, and these build on it
            track.put(picture)
        assert asked
        for picture in pictures(200, 2, key=True):
            track.put(picture)
        return [(await asyncio.wait_for(track.recv(), 60)).pts for _ in range(2)]

    assert asyncio.run(script()) == [200, 201]


@pytest.mark.unit
def test_offers_lose_the_browsers_addresses() -> None:
    offer = "a=mid:0\r\na=candidate:1 1 udp 1 name.local 9 typ host\r\na=end-of-candidates\r\na=setup:actpass\r\n"
    assert without_candidates(offer) == "a=mid:0\r\na=setup:actpass\r\n"
