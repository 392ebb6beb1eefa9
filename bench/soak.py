"""A long session in a short time: does anything grow?

python bench/soak.py [--minutes 10] [--json OUT]

The synthetic signer signs as fast as the recogniser reads: frames carry times 1/30 s apart, and the next one comes
when the last was read. Viewers of captions and of the picture come and go, suggestions are taken and taken back,
settings change. Memory, threads and open files of the server are sampled; exits with 1 when any of them grows.
"""

import argparse
import asyncio
import contextlib
import json
import random
import statistics
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp
from watching import CHANGE, Child, Heard, client, listen_to_captions, until, watch_images, watch_webrtc

TEXT = "HELO WORLD  NICE TO MET YOU  I AM SIGNCAP"  # misspelt, so that there is something to suggest
RATE = 30.0
REST = 3.0  # seconds with the hand down: a caption ends
SAMPLES = 240
WARM = 0.25  # of the time: caches fill, the dictionary loads
# What may be more in the last quarter than in the second, by the medians: megabytes, threads, open files.
ALLOWED = {"MB": 25.0, "threads": 4.0, "open files": 6.0}
SECONDS_OF_A_VIEWER = (1.0, 12.0)


class FastDemo:
    """The demo's signer, as fast as the recogniser takes frames, with times as if 30 came a second."""

    name = "demo"
    live = True
    rate = RATE
    notice: str | None = None

    def __init__(self) -> None:
        from overlay.synthesis.signer import SyntheticSigner

        self._signer = SyntheticSigner(TEXT, size=(640, 360))
        self._cycle = int((self._signer.duration + REST) * RATE)
        self._pictures: dict[int, Any] = {}  # as JPEG files: half a gigabyte would hide what the server takes
        self._closed = False
        self._read = threading.Event()
        self._read.set()
        self.count = 0

    def read(self) -> Any:
        import cv2

        from overlay.media.frame import Frame

        # A frame that is not read, as while the reader loads or captions are paused, must not stop the picture.
        self._read.wait(0.5)
        self._read.clear()
        if self._closed:
            return None
        tick = self.count % self._cycle
        if tick not in self._pictures:
            pixels = self._signer.render(min(tick / RATE, self._signer.duration))
            self._pictures[tick] = cv2.imencode(".jpg", pixels)[1]
        self.count += 1
        pixels = cv2.imdecode(self._pictures[tick], cv2.IMREAD_COLOR)
        return Frame(pixels, self.count, self.count / RATE)

    def was_read(self, *_: object) -> None:
        """The recogniser is done with the last frame."""
        self._read.set()

    def close(self) -> None:
        self._closed = True
        self._read.set()


async def child(port: int) -> None:
    """Signcap over the fast demo, with a virtual camera that throws pictures away."""
    from overlay.captions.suggestions import Suggester
    from overlay.core.process.listener import listen
    from overlay.core.settings_store import SettingsStore
    from overlay.enrolment.profile import InUse
    from overlay.pipeline.live_captioner import LiveCaptioner
    from overlay.pipeline.pipeline import Pipeline
    from server.session.notices import Notices
    from server.session.session import Session
    from server.session.source_control import Sources
    from server.session.startup import Opened
    from server.web.app import make_app
    from server.web.auth.access import Access
    from server.web.server import start_serving

    source = FastDemo()
    suggester = Suggester()
    suggester.start()
    pipeline = Pipeline(source, lambda: LiveCaptioner(suggest=suggester.suggest))
    pipeline.listen_frames(source.was_read)
    listener = listen(port or None)
    access = Access(listener.getsockname()[1])
    notices = Notices()
    sources = Sources(pipeline, notices)
    session = Session(Opened(pipeline, notices, InUse(), SettingsStore(), sources))
    runner = await start_serving(make_app(session, access), listener)
    session.start()
    print(access.launch_url(), flush=True)
    try:
        while True:
            await asyncio.sleep(1)
            print(f"bench frames {source.count} {len(pipeline.reading.state.cues)}", flush=True)
    finally:
        await runner.cleanup()
        pipeline.stop()


@dataclass(frozen=True)
class Sample:
    """The server at one moment."""

    at: float
    values: dict[str, float]


class Guests:
    """Viewers that come and go, and what the owner does meanwhile."""

    def __init__(self, owner: aiohttp.ClientSession, base: str, second_screen: str) -> None:
        self._owner, self._base, self._second_screen = owner, base, second_screen
        self._random = random.Random(1)
        self.did = {"caption viewers": 0, "video viewers": 0, "edits": 0, "edits that fitted": 0, "settings": 0}

    async def come_and_go(self) -> None:
        """One viewer after another, until cancelled."""
        while True:
            seconds = self._random.uniform(*SECONDS_OF_A_VIEWER)
            kind = self._random.choice(("captions", "captions", "captions", "images", "webrtc"))
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(seconds):
                    if kind == "captions":
                        self.did["caption viewers"] += 1
                        await self._read_captions()
                    else:
                        self.did["video viewers"] += 1
                        watch = watch_images if kind == "images" else watch_webrtc
                        await watch(self._owner, self._base, lambda: None)

    async def _read_captions(self) -> None:
        async with client() as session:
            (await session.get(self._second_screen)).raise_for_status()
            await listen_to_captions(session, self._base, Heard())

    async def edit(self) -> None:
        """Take a suggestion, or take an edit back, every other second, until cancelled."""
        heard = Heard()
        listening = asyncio.create_task(listen_to_captions(self._owner, self._base, heard))
        try:
            while True:
                await asyncio.sleep(self._random.uniform(0.5, 3))
                body = self._edit_of(heard.newest)
                if body is not None:
                    self.did["edits"] += 1
                    self.did["edits that fitted"] += await self._post("POST", "captions/edits", body) == 200
        finally:
            listening.cancel()

    def _edit_of(self, state: dict[str, Any]) -> dict[str, Any] | None:
        if state.get("can_undo") and self._random.random() < 0.3:
            return {"edit": "undo"}
        for one in state.get("suggestions", ()):
            if one["words"]:
                place = {"caption": one["caption"], "word": one["word"]}
                return {"edit": "choose", **place, "read": one["read"], "chosen": one["words"][0]}
        return None

    async def change_settings(self) -> None:
        """Change how captions look and how surely letters are read, until cancelled."""
        while True:
            await asyncio.sleep(self._random.uniform(2, 6))
            name = self._random.choice(("beginner", "normal", "fast"))
            await self._post("POST", f"settings/presets/{name}", {})
            self.did["settings"] += 1

    async def _post(self, method: str, path: str, body: dict[str, Any]) -> int:
        data = json.dumps(body)
        async with self._owner.request(method, f"{self._base}/api/v1/{path}", data=data, headers=CHANGE) as answer:
            if answer.status >= 500:
                raise SystemExit(f"{path} was answered with {answer.status}.")
            return answer.status


async def soak(child: Child, minutes: float, viewers: int) -> tuple[list[Sample], dict[str, int]]:
    """Sample for so long."""
    async with client() as owner:
        (await owner.get(child.launch)).raise_for_status()
        links = await (await owner.get(f"{child.base}/api/v1/captions/links")).json()
        await until(lambda: any(int(cues) for _, cues in child.told("frames")), 120, "the first caption")
        guests = Guests(owner, child.base, links["second_screen"])
        work = [asyncio.create_task(guests.come_and_go()) for _ in range(viewers)]
        work += [asyncio.create_task(guests.edit()), asyncio.create_task(guests.change_settings())]
        samples: list[Sample] = []
        began = time.monotonic()
        try:
            while (at := time.monotonic() - began) < minutes * 60:
                frames = float(child.told("frames")[-1][0])
                values = {"MB": child.memory(), "threads": child.threads(), "open files": child.handles()}
                samples.append(Sample(at, {**values, "hours signed": frames / RATE / 3600}))
                for task in work:
                    if task.done():
                        task.result()
                await asyncio.sleep(minutes * 60 / SAMPLES)
        finally:
            for task in work:
                task.cancel()
            await asyncio.gather(*work, return_exceptions=True)
    return samples, guests.did


def growth(samples: list[Sample], name: str) -> tuple[float, float]:
    """How much more there is in the last quarter than in the second, and what that is an hour."""
    warm = samples[int(len(samples) * WARM) :]
    early, late = warm[: len(warm) // 3], warm[-(len(warm) // 3) :]
    more = statistics.median(one.values[name] for one in late) - statistics.median(one.values[name] for one in early)
    between = statistics.fmean(one.at for one in late) - statistics.fmean(one.at for one in early)
    return more, more / between * 3600


def report(samples: list[Sample], did: dict[str, int]) -> list[str]:
    """The table, as lines of Markdown."""
    places = [round(part * (len(samples) - 1) / 4) for part in range(5)]
    lines = ["| | start | 1/4 | 1/2 | 3/4 | end | more, last quarter than second | allowed | slope an hour |"]
    lines.append("|---|---|---|---|---|---|---|---|---|")
    for name in ("hours signed", *ALLOWED):
        cells = [f"{samples[place].values[name]:.2f}" for place in places]
        if name in ALLOWED:
            more, slope = growth(samples, name)
            cells += [f"{more:.2f}", f"{ALLOWED[name]:g}", f"{slope:.1f}"]
        else:
            cells += ["", "", ""]
        lines.append(f"| {name} | {' | '.join(cells)} |")
    return [*lines, "", ", ".join(f"{count} {what}" for what, count in did.items()) + "."]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=float, default=10.0)
    parser.add_argument("--viewers", type=int, default=8, help="how many come and go at a time")
    parser.add_argument("--port", type=int, default=8796)
    parser.add_argument("--json", type=Path, help="also write all samples here")
    parser.add_argument("--child", nargs=1, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.child:
        asyncio.run(child(int(arguments.child[0])))
        return
    signcap = Child(__file__, str(arguments.port))
    try:
        samples, did = asyncio.run(soak(signcap, arguments.minutes, arguments.viewers))
    finally:
        signcap.stop()
    if len(samples) < 16:
        raise SystemExit("Too few samples: soak for longer.")
    print("\n".join(report(samples, did)))
    if arguments.json:
        arguments.json.write_text(json.dumps([{"at": one.at, **one.values} for one in samples]) + "\n", "utf-8")
    growing = [name for name, allowed in ALLOWED.items() if growth(samples, name)[0] > allowed]
    if growing:
        raise SystemExit(f"It grows: {', '.join(growing)}.")


if __name__ == "__main__":
    main()
