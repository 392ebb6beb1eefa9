"""Many viewers at once: does any lose a caption, and does the virtual camera keep its pace?

python bench/viewers.py [--seconds 120] [--captions 50] [--videos 4] [--video webrtc|mjpeg] [--json OUT]

Signcap runs on the demo in a process of its own; its virtual camera is a stand-in that notes when pictures come.
First it runs alone for a quarter of the time, then with all viewers, which run in this process and so share the
machine with it. What each viewer was sent is compared with the captions that Signcap itself finished meanwhile.
"""

import argparse
import asyncio
import contextlib
import functools
import json
import statistics
import sys
import time
from collections import Counter
from itertools import pairwise
from pathlib import Path
from typing import Any

from watching import Child, Heard, client, listen_to_captions, until, watch_images, watch_webrtc

SETTLE = 3.0  # seconds that nothing is measured after viewers came
LAST_WORDS = 2.0  # seconds for the last captions to arrive


class _Nowhere:
    """Takes pictures for a virtual camera and says when."""

    width, height, fps, device = 1280, 720, 30.0, "nowhere"

    def send(self, _i420: Any) -> None:
        print(f"bench sent {time.monotonic()}", flush=True)

    def close(self) -> None:
        pass


def child(port: int) -> None:
    """Signcap itself: tells when pictures go to the virtual camera, and which captions are finished."""
    import overlay.media.sinks.virtual_camera as virtual_camera
    import server.session.virtual_camera
    import server.web.app
    from server.cli.run import RunOptions, run

    def nowhere(*_: object, **__: object) -> virtual_camera.VirtualCamera:
        return virtual_camera.VirtualCamera(_Nowhere())

    made = server.web.app.make_app

    def make_app(session: Any, *args: Any, **kwargs: Any) -> Any:
        known: dict[int, str] = {}

        def note(reading: Any) -> None:
            for cue in reading.state.cues[-3:]:
                if known.get(cue.index) != cue.text:
                    known[cue.index] = cue.text
                    print(f"bench cue {cue.index} {cue.text}", flush=True)

        session.pipeline.listen(note)
        return made(session, *args, **kwargs)

    server.session.virtual_camera.open_virtual_camera = nowhere
    server.web.app.make_app = make_app
    run(RunOptions(source="demo", port=port, open_browser=False))


def pacing(child: Child, since: float, until: float) -> dict[str, float]:
    """Milliseconds between pictures at the virtual camera: mean, 95th and 99th percentile."""
    times = [at for (text, *_) in child.told("sent") if since <= (at := float(text)) <= until]
    gaps = [(later - earlier) * 1000 for earlier, later in pairwise(times)]
    if len(gaps) < 20:
        raise SystemExit("Hardly any pictures came: measure for longer.")
    cuts = statistics.quantiles(gaps, n=100)
    return {"mean": statistics.fmean(gaps), "p95": cuts[94], "p99": cuts[98], "pictures": len(times)}


async def span(child: Child, seconds: float) -> dict[str, Any]:
    """Measure for so long."""
    processor, began, memory = child.processor(), time.monotonic(), child.memory()
    while time.monotonic() - began < seconds:
        await asyncio.sleep(0.5)
        memory = max(memory, child.memory())
    ended = time.monotonic()
    return {
        "pacing": pacing(child, began, ended),
        "cores": (child.processor() - processor) / (ended - began),
        "MB": memory,
        "threads": child.threads(),
    }


async def measure(child: Child, arguments: argparse.Namespace) -> dict[str, Any]:
    """Alone, then with everybody."""
    async with contextlib.AsyncExitStack() as sessions:
        owner = await sessions.enter_async_context(client())
        (await owner.get(child.launch)).raise_for_status()
        links = await (await owner.get(f"{child.base}/api/v1/captions/links")).json()
        await until(lambda: child.told("sent") and child.told("cue"), 120, "the first caption")
        print(f"alone for {arguments.seconds / 4:.0f} s ...", file=sys.stderr)
        alone = await span(child, arguments.seconds / 4)

        heard = [Heard() for _ in range(arguments.captions)]
        shown: Counter[int] = Counter()
        work = []
        for one in heard:
            session = await sessions.enter_async_context(client())
            (await session.get(links["second_screen"])).raise_for_status()
            work.append(asyncio.create_task(listen_to_captions(session, child.base, one)))
        watch = watch_webrtc if arguments.video == "webrtc" else watch_images
        work += [
            asyncio.create_task(watch(owner, child.base, functools.partial(shown.update, [number])))
            for number in range(arguments.videos)
        ]
        try:
            await until(
                lambda: (all(one.events for one in heard) and len(shown) == arguments.videos) or _failed(work),
                120,
                "all viewers",
            )
            await asyncio.sleep(SETTLE)
            print(f"with viewers for {arguments.seconds:.0f} s ...", file=sys.stderr)
            counted = Counter(shown)
            together = await span(child, arguments.seconds)
            together["video"] = [(shown[n] - counted[n]) / arguments.seconds for n in range(arguments.videos)]
            server = {int(index): text.rstrip("\n") for index, text in child.told("cue")}
            await asyncio.sleep(LAST_WORDS)
        finally:
            for task in work:
                task.cancel()
            ends = await asyncio.gather(*work, return_exceptions=True)
        for end in ends:
            if isinstance(end, Exception):
                raise end
    return {"alone": alone, "together": together, "server": server, "viewers": compare(server, heard)}


def _failed(work: list["asyncio.Task[None]"]) -> bool:
    for task in work:
        if task.done():
            task.result()
    return False


def compare(server: dict[int, str], heard: list[Heard]) -> list[dict[str, int]]:
    """What of the server's own captions each viewer lacks, has otherwise, or was sent twice."""
    return [
        {
            "events": one.events,
            "captions": len(one.cues),
            "lost": sum(index not in one.cues for index in server),
            "other": sum(one.cues.get(index, text) != text for index, text in server.items()),
            "repeated": one.repeated,
            "out of order": one.out_of_order,
        }
        for one in heard
    ]


def report(result: dict[str, Any]) -> list[str]:
    """The tables, as lines of Markdown."""
    alone, together, viewers = result["alone"], result["together"], result["viewers"]
    lines = ["| | alone | with viewers | ratio |", "|---|---|---|---|"]
    for name in ("mean", "p95", "p99"):
        one, other = alone["pacing"][name], together["pacing"][name]
        lines.append(
            f"| between pictures at the virtual camera, ms, {name} | {one:.2f} | {other:.2f} | {other / one:.3f} |"
        )
    lines += [
        f"| {name} | {alone[name]:.2f} | {together[name]:.2f} | {together[name] / alone[name]:.2f} |"
        for name in ("cores", "MB", "threads")
    ]
    lines += ["", f"{len(result['server'])} captions were finished; {len(viewers)} viewers were sent them.", ""]
    lines += ["| of all viewers | fewest | most |", "|---|---|---|"]
    for name in viewers[0] if viewers else ():
        values = [one[name] for one in viewers]
        lines.append(f"| {name} | {min(values)} | {max(values)} |")
    if together["video"]:
        rates = ", ".join(f"{rate:.1f}" for rate in together["video"])
        lines += ["", f"Pictures a second of each video viewer: {rates}."]
    return lines


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=120.0, help="with viewers; alone a quarter of it")
    parser.add_argument("--captions", type=int, default=50, help="caption viewers")
    parser.add_argument("--videos", type=int, default=4, help="video viewers")
    parser.add_argument("--video", choices=("webrtc", "mjpeg"), default="webrtc")
    parser.add_argument("--port", type=int, default=8797)
    parser.add_argument("--json", type=Path, help="also write all figures here")
    parser.add_argument("--child", nargs=1, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.child:
        child(int(arguments.child[0]))
        return
    signcap = Child(__file__, str(arguments.port))
    try:
        result = asyncio.run(measure(signcap, arguments))
    finally:
        signcap.stop()
    print("\n".join(report(result)))
    if arguments.json:
        arguments.json.write_text(json.dumps(result, indent=2) + "\n", "utf-8")
    if any(one["lost"] or one["other"] or one["repeated"] for one in result["viewers"]):
        raise SystemExit("A viewer lost a caption, or was sent one twice.")


if __name__ == "__main__":
    main()
