"""What the benches of viewers share: a Signcap in a process of its own, clients, and figures of a process.

Not a bench itself. Figures come from /proc: Linux only.
"""

import asyncio
import json
import os
import re
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp

TICKS = os.sysconf("SC_CLK_TCK")
CHANGE = {"X-Signcap": "1", "Content-Type": "application/json"}


class Child:
    """A bench's own file, run as `python FILE --child ...`: prints its launch link, then lines "bench WHAT ..."."""

    def __init__(self, file: str, *arguments: str) -> None:
        folder = tempfile.mkdtemp(prefix="signcap-bench-")
        own = dict.fromkeys(("XDG_CONFIG_HOME", "XDG_STATE_HOME", "XDG_DATA_HOME"), folder)
        self.lines: list[tuple[str, ...]] = []
        self.process = subprocess.Popen(
            [sys.executable, file, "--child", *arguments],
            stdout=subprocess.PIPE,
            stdin=subprocess.PIPE,
            text=True,
            env=os.environ | own,
            cwd=folder,
        )
        self._launch = ""
        self._up = threading.Event()
        threading.Thread(target=self._read, daemon=True).start()
        if not self._up.wait(90) or not self._launch:
            self.stop()
            raise SystemExit("Signcap did not start: see its message above.")
        self.base = self._launch.partition("/?")[0]

    @property
    def launch(self) -> str:
        """The link that opens it, once."""
        return self._launch

    def told(self, what: str) -> list[tuple[str, ...]]:
        """What came after "bench WHAT", so far."""
        return [line[1:] for line in list(self.lines) if line[0] == what]

    def stop(self) -> None:
        """End it."""
        self.process.terminate()
        try:
            self.process.wait(15)
        except subprocess.TimeoutExpired:
            self.process.kill()

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            if found := re.search(r"http://\S+launch=\S+", line):
                self._launch = found.group()
                self._up.set()
            elif line.startswith("bench "):
                self.lines.append(tuple(line.split(" ", 3)[1:]))
        self._up.set()

    # From /proc.

    def processor(self) -> float:
        """Seconds of processor time so far."""
        fields = self._proc("stat").read_text().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / TICKS

    def memory(self) -> float:
        """Resident megabytes."""
        found = re.search(r"VmRSS:\s+(\d+) kB", self._proc("status").read_text())
        assert found is not None
        return int(found.group(1)) / 1024

    def threads(self) -> int:
        """How many there are."""
        return len(list(self._proc("task").iterdir()))

    def handles(self) -> int:
        """Open files and sockets."""
        return len(list(self._proc("fd").iterdir()))

    def _proc(self, name: str) -> Path:
        return Path("/proc", str(self.process.pid), name)


def client() -> aiohttp.ClientSession:
    """A browser profile: keeps cookies, also those of 127.0.0.1."""
    return aiohttp.ClientSession(
        cookie_jar=aiohttp.CookieJar(unsafe=True), timeout=aiohttp.ClientTimeout(total=None, sock_connect=20)
    )


@dataclass
class Heard:
    """What a caption viewer was sent.

    Attributes:
        cues: finished captions by index, their newest text.
        repeated: how often one came again unchanged.
        out_of_order: how often one came after a later one.
        events: how many came.
        newest: the data of the last one.
    """

    cues: dict[int, str] = field(default_factory=dict)
    repeated: int = 0
    out_of_order: int = 0
    events: int = 0
    newest: dict[str, Any] = field(default_factory=dict)

    def take(self, data: dict[str, Any]) -> None:
        """Note one event."""
        self.events += 1
        self.newest = data
        for cue in data["cues"]:
            self.repeated += self.cues.get(cue["index"]) == cue["text"]
            self.out_of_order += cue["index"] not in self.cues and cue["index"] < max(self.cues, default=0)
            self.cues[cue["index"]] = cue["text"]


async def listen_to_captions(session: aiohttp.ClientSession, base: str, heard: Heard) -> None:
    """Be a caption page until cancelled."""
    async with session.get(f"{base}/api/v1/captions/events?page=captions") as answer:
        answer.raise_for_status()
        async for line in answer.content:
            if line.startswith(b"data: "):
                heard.take(json.loads(line[6:]))


async def watch_images(session: aiohttp.ClientSession, base: str, shown: Callable[[], None]) -> None:
    """Be a browser that shows the picture as images, until cancelled."""
    async with session.get(f"{base}/api/v1/preview.mjpeg") as answer:
        answer.raise_for_status()
        while length := await answer.content.readline():
            if length.startswith(b"Content-Length: "):
                await answer.content.readline()
                await answer.content.readexactly(int(length[16:]))
                shown()


class _NoDecoder:
    """Stands in the place of the decoder: a viewer's own work is not what is measured."""

    def decode(self, frame: Any) -> list[Any]:
        return [frame]


async def watch_webrtc(session: aiohttp.ClientSession, base: str, shown: Callable[[], None]) -> None:
    """Be a browser that shows the picture over WebRTC, until cancelled."""
    from aiortc import RTCConfiguration, RTCPeerConnection, RTCSessionDescription, rtcrtpreceiver

    from server.web.streams.ice import offer_loopback_only

    offer_loopback_only()
    rtcrtpreceiver.get_decoder = lambda _codec: _NoDecoder()  # type: ignore[assignment, return-value]
    peer = RTCPeerConnection(RTCConfiguration(iceServers=[]))
    name = ""
    try:
        transceiver = peer.addTransceiver("video", direction="recvonly")
        await peer.setLocalDescription(await peer.createOffer())
        offer = json.dumps({"sdp": peer.localDescription.sdp})
        async with session.post(f"{base}/api/v1/preview", data=offer, headers=CHANGE) as answer:
            answer.raise_for_status()
            content = await answer.json()
        name = content["name"]
        await peer.setRemoteDescription(RTCSessionDescription(content["sdp"], "answer"))
        while True:
            await transceiver.receiver.track.recv()
            shown()
    finally:
        if name:
            await session.delete(f"{base}/api/v1/preview/{name}", headers=CHANGE)
        await peer.close()


async def until(condition: Callable[[], object], seconds: float, what: str) -> None:
    """Wait until the condition holds.

    Raises:
        SystemExit: it does not.
    """
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            raise SystemExit(f"Waited {seconds:.0f} s for {what} in vain.")
        await asyncio.sleep(0.1)
