"""The captioned picture in the browser, over WebRTC."""

import asyncio
import contextlib
import secrets
from collections import deque
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from typing import Any, Final

import av
from aiortc import (
    MediaStreamTrack,
    RTCConfiguration,
    RTCPeerConnection,
    RTCRtpSender,
    RTCSessionDescription,
)
from aiortc.exceptions import OperationError
from aiortc.mediastreams import MediaStreamError

from overlay.media.sinks.vp8_preview import TIME_BASE, EncodedPicture, StreamSink
from server.web.auth.security import RefusedError
from server.web.streams.ice import offer_loopback_only, without_candidates

PEERS: Final = 8  # at a time, and as many more in calls: no page locks a call out
CONNECT_LIMIT: Final = 20.0  # seconds from the offer until the picture flows, or the peer is let go
WAITING: Final = 8  # pictures that may wait for one viewer before it starts anew at a key frame

NO_VP8 = (
    "This browser cannot play the picture (WebRTC with VP8). The captions and the virtual camera work all the same."
)
NO_OFFER = "That is not a WebRTC offer for one video."


class PreviewTrack(MediaStreamTrack):
    """One viewer's share of the encoded pictures. Lives in the event loop.

    A viewer that is too slow loses pictures and begins again at the next key frame; it never holds up
    the others or gathers a delay.
    """

    kind = "video"

    def __init__(self, want_key_frame: Callable[[], None]) -> None:
        super().__init__()
        self._want_key_frame = want_key_frame
        self._pictures: deque[EncodedPicture] = deque()
        self._came = asyncio.Event()
        self._started = False

    def put(self, picture: EncodedPicture) -> None:
        """Take the next picture."""
        if len(self._pictures) >= WAITING:
            self._pictures.clear()
            self._started = False
        if not self._started and not picture.is_key:
            self._want_key_frame()
            return
        self._started = True
        self._pictures.append(picture)
        self._came.set()

    def stop(self) -> None:
        """No more pictures."""
        super().stop()
        self._came.set()

    async def recv(self) -> Any:
        """The next picture as an `av.Packet`, which aiortc sends as it is."""
        while not self._pictures:
            if self.readyState != "live":
                raise MediaStreamError
            self._came.clear()
            await self._came.wait()
        picture = self._pictures.popleft()
        packet = av.Packet(picture.data)
        packet.pts = picture.pts
        packet.time_base = TIME_BASE
        return packet


@dataclass(slots=True)
class _Peer:
    connection: RTCPeerConnection
    track: PreviewTrack
    in_call: bool
    unwatch: list[Callable[[], None]] = field(default_factory=list)


class Preview:
    """The peers that watch. Made and used in the event loop."""

    def __init__(self, sink: StreamSink) -> None:
        offer_loopback_only()
        self._sink = sink
        self._loop = asyncio.get_running_loop()
        self._peers: dict[str, _Peer] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    @property
    def peers(self) -> int:
        """The number of connections, those that are being made included."""
        return len(self._peers)

    async def open(self, offer: str, *, in_call: bool = False) -> tuple[str, str]:
        """Answer a browser's offer.

        Args:
            offer: SDP.
            in_call: the picture goes on into a call.

        Returns:
            The peer's name, for `close`, and the answer.

        Raises:
            RefusedError: too many peers, no offer, or nothing in common with it.
        """
        if sum(peer.in_call == in_call for peer in self._peers.values()) >= PEERS:
            raise RefusedError(503, "Too many browsers show the picture: close one and try again.")
        name = secrets.token_urlsafe(12)
        connection = RTCPeerConnection(RTCConfiguration(iceServers=[]))
        peer = _Peer(connection, PreviewTrack(self._sink.want_key_frame), in_call)
        self._peers[name] = peer

        @peer.connection.on("connectionstatechange")
        async def changed() -> None:
            state = peer.connection.connectionState
            if state == "connected" and not peer.unwatch and name in self._peers:
                peer.unwatch.append(
                    self._sink.watch(lambda picture: self._deliver(peer.track, picture), in_call=in_call)
                )
            elif state in ("failed", "closed"):
                await self.close(name)

        try:
            answer = await _answer(peer, without_candidates(offer), self._sink.want_key_frame)
        except BaseException:
            await self.close(name)
            raise
        self._spawn(self._let_go_of_the_unconnected(name))
        return name, answer

    async def close(self, name: str) -> None:
        """Let go of a peer; of one that is gone already, too."""
        peer = self._peers.pop(name, None)
        if peer is not None:
            for end in peer.unwatch:
                end()
            peer.track.stop()
            await peer.connection.close()

    async def close_all(self) -> None:
        """Let go of everybody."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*(self.close(name) for name in list(self._peers)))

    def _deliver(self, track: PreviewTrack, picture: EncodedPicture) -> None:
        with contextlib.suppress(RuntimeError):  # the loop has ended before the sink
            self._loop.call_soon_threadsafe(track.put, picture)

    async def _let_go_of_the_unconnected(self, name: str) -> None:
        await asyncio.sleep(CONNECT_LIMIT)
        peer = self._peers.get(name)
        if peer is not None and peer.connection.connectionState != "connected":
            await self.close(name)

    def _spawn(self, work: Coroutine[Any, Any, None]) -> None:
        task = self._loop.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


async def _answer(peer: _Peer, offer: str, want_key_frame: Callable[[], None]) -> str:
    connection = peer.connection
    sender = connection.addTrack(peer.track)
    # aiortc drops a viewer's request for a key frame when the track gives packets instead of frames.
    sender._send_keyframe = want_key_frame  # type: ignore[method-assign]
    codecs = RTCRtpSender.getCapabilities("video").codecs
    vp8 = [codec for codec in codecs if codec.mimeType in ("video/VP8", "video/rtx")]
    for transceiver in connection.getTransceivers():
        transceiver.setCodecPreferences(vp8)
    try:
        await connection.setRemoteDescription(RTCSessionDescription(sdp=offer, type="offer"))
        if [transceiver.kind for transceiver in connection.getTransceivers()] != ["video"]:
            raise RefusedError(400, NO_OFFER)
        await connection.setLocalDescription(await connection.createAnswer())
    except RefusedError:
        raise
    except OperationError:
        raise RefusedError(422, NO_VP8) from None
    except Exception:  # aiortc answers garbage with whatever its parser stumbles over
        raise RefusedError(400, NO_OFFER) from None
    return str(connection.localDescription.sdp)
