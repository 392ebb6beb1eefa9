"""The whole live path on the demo at 720p, alone and with the start page open in a browser.

python bench/pipeline.py [--seconds 30] [--no-page] [--source demo] [--json OUT]

Signcap runs in a process of its own, as a user starts it; only the virtual camera is a stand-in that takes
pictures and throws them away, so that the bench runs where there is no driver. Figures come from the status that
the pages show, from /proc (Linux only), and from the stand-in, which reports when the first picture and the first
caption arrived.
"""

import argparse
import json
import os
import re
import statistics
import subprocess
import sys
import time
import urllib.request
from http.cookiejar import CookieJar
from pathlib import Path
from typing import Any

TICKS = os.sysconf("SC_CLK_TCK")
AIMS = {"frames a second": 30.0, "frames behind": 2.0, "cores": 1.5, "MB": 500.0, "first frame, s": 3.0}


class _Nowhere:
    """Takes pictures for a virtual camera and says when the first one, and the first caption, came."""

    width, height, fps, device = 1280, 720, 30.0, "nowhere"

    def __init__(self) -> None:
        self.sent = 0
        self.captioned = False

    def send(self, i420: Any) -> None:
        if not self.sent:
            self._say("picture")
        self.sent += 1
        if not self.captioned:
            # The brightest thing at the bottom left of the demo's picture is the caption.
            bottom = i420[int(self.height * 0.75) : int(self.height * 0.97), : self.width // 2]
            if (bottom > 225).sum() > 150:
                self.captioned = True
                self._say("caption")

    def close(self) -> None:
        pass

    def _say(self, what: str) -> None:
        print(f"bench {what} {time.monotonic()}", flush=True)


def child(source: str, port: int) -> None:
    """Signcap itself, its virtual camera replaced."""
    import overlay.sinks.virtual_camera as virtual_camera
    import server.virtual_camera
    from server.run import run
    from server.run_options import RunOptions

    def nowhere(*_: object, **__: object) -> virtual_camera.VirtualCamera:
        return virtual_camera.VirtualCamera(_Nowhere())

    server.virtual_camera.open_virtual_camera = nowhere  # the name that the server has taken over
    run(RunOptions(source=source, port=port, open_browser=False))


class Signcap:
    """A running Signcap, and what can be asked of it from outside."""

    def __init__(self, source: str, port: int) -> None:
        self.started = time.monotonic()
        self.base = f"http://127.0.0.1:{port}"
        self.process = subprocess.Popen(
            [sys.executable, __file__, "--child", source, str(port)], stdout=subprocess.PIPE, text=True
        )
        self.moments: dict[str, float] = {}
        assert self.process.stdout is not None
        while "launch" not in self.moments:
            line = self.process.stdout.readline()
            if not line:
                raise SystemExit("Signcap did not start: see its message above.")
            self._note(line)
        self.opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(CookieJar()))
        self.opener.open(self.launch).read()

    def _note(self, line: str) -> None:
        if found := re.search(r"http://\S+launch=\S+", line):
            self.launch = found.group()
            self.moments["launch"] = time.monotonic() - self.started
        elif line.startswith("bench "):
            _, what, at = line.split()
            self.moments[what] = float(at) - self.started

    def wait_for(self, *moments: str) -> None:
        assert self.process.stdout is not None
        while not set(moments) <= set(self.moments):
            self._note(self.process.stdout.readline())

    def status(self) -> dict[str, Any]:
        with self.opener.open(f"{self.base}/api/v1/status") as answer:
            result: dict[str, Any] = json.load(answer)
        return result

    def cookies(self) -> list[dict[str, str]]:
        jar = next(h for h in self.opener.handlers if isinstance(h, urllib.request.HTTPCookieProcessor)).cookiejar
        return [{"name": c.name, "value": c.value or "", "url": self.base} for c in jar]

    def processor(self) -> float:
        """Seconds of processor time so far."""
        fields = Path(f"/proc/{self.process.pid}/stat").read_text().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / TICKS

    def memory(self) -> float:
        """Resident megabytes."""
        text = Path(f"/proc/{self.process.pid}/status").read_text()
        found = re.search(r"VmRSS:\s+(\d+) kB", text)
        assert found is not None
        return int(found.group(1)) / 1024

    def stop(self) -> None:
        self.process.terminate()
        self.process.wait(10)


def measure(signcap: Signcap, seconds: float) -> dict[str, Any]:
    """Let it run, then read the last ten seconds' figures; processor time over the whole span."""
    time.sleep(5)  # the rolling figures forget the start
    processor, began = signcap.processor(), time.monotonic()
    memory = []
    while time.monotonic() - began < seconds:
        memory.append(signcap.memory())
        time.sleep(1)
    cores = (signcap.processor() - processor) / (time.monotonic() - began)
    return {"cores": cores, "MB": max(memory), "stages": signcap.status()["stages"]}


def delay_of(stages: dict[str, Any]) -> dict[str, float]:
    return next(stage for name, stage in stages.items() if name.startswith("delay virtual camera"))


def report(moments: dict[str, float], runs: dict[str, dict[str, Any]]) -> list[str]:
    """The table, as lines of Markdown."""
    lines = ["| | " + " | ".join(runs) + " | aim |", "|---|" + "---|" * (len(runs) + 1)]

    def row(name: str, values: list[str], aim: str = "") -> None:
        lines.append(f"| {name} | " + " | ".join(values) + f" | {aim} |")

    every = list(runs.values())
    period = 1000 / 30

    def against(value: float, aim: float, form: str) -> str:
        return f"{value:{form}} ({value / aim:.2f} of the aim)"

    fps = [run["stages"]["compose"]["rate"] for run in every]
    row("frames a second sustained", [against(v, AIMS["frames a second"], ".1f") for v in fps], "30")
    for at in ("median_ms", "p95_ms"):
        behind = [delay_of(run["stages"])[at] / period for run in every]
        label = "median" if at == "median_ms" else "95th percentile"
        row(
            f"capture to virtual camera, frames, {label}",
            [f"{against(v, AIMS['frames behind'], '.2f')}, {v * period:.1f} ms" for v in behind],
            "2",
        )
    row("processor cores", [against(run["cores"], AIMS["cores"], ".2f") for run in every], "1.5 with a page open")
    row("memory, MB", [against(run["MB"], AIMS["MB"], ".0f") for run in every], "500")
    for stage in ("capture", "recognise", "hands", "encode", "window", "compose"):
        row(
            f"{stage}, ms, median / 95th percentile",
            [f"{run['stages'][stage]['median_ms']:.2f} / {run['stages'][stage]['p95_ms']:.2f}" for run in every],
        )
    names = sorted({name for run in every for name in run["stages"] if name.startswith("sink ")})
    for name in names:
        cells = [run["stages"].get(name) for run in every]
        row(
            f"{name}, ms, median / 95th percentile",
            [f"{cell['median_ms']:.2f} / {cell['p95_ms']:.2f}" if cell else "" for cell in cells],
        )
    row(
        "frames that the recogniser skipped, since the start",
        [str(run["stages"]["recognise"]["dropped"]) for run in every],
    )
    lines += ["", "| from start to | s | aim |", "|---|---|---|"]
    for what, name, aim in (
        ("launch", "the page can be opened", ""),
        ("picture", "the first picture at the virtual camera", "3"),
        (
            "caption",
            "the first picture there with a caption (the demo's first letter comes 1 s after the recogniser)",
            "",
        ),
    ):
        lines.append(f"| {name} | {moments[what]:.2f} | {aim} |")
    return lines


def measure_all(signcap: Signcap, seconds: float, *, page: bool) -> dict[str, dict[str, Any]]:
    """Measure alone, then with the page open."""
    print(f"measuring for {seconds:.0f} s alone ...", file=sys.stderr)
    runs = {"alone": measure(signcap, seconds)}
    if page:
        from playwright.sync_api import sync_playwright

        print(f"measuring for {seconds:.0f} s with the page open ...", file=sys.stderr)
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(
                executable_path=os.environ.get("SIGNCAP_CHROMIUM", "/usr/bin/chromium"),
                args=["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-quic"],
            )
            context = browser.new_context(viewport={"width": 1280, "height": 900})
            context.add_cookies(signcap.cookies())  # type: ignore[arg-type]
            tab = context.new_page()
            tab.goto(signcap.base)
            # By hand: the page's policy forbids what wait_for_function does.
            deadline = time.monotonic() + 30
            while tab.evaluate("document.querySelector('video').currentTime") < 0.5:
                if time.monotonic() > deadline:
                    raise SystemExit("The page shows no picture.")
                time.sleep(0.1)
            runs["with a page open"] = measure(signcap, seconds)
            shown = tab.evaluate("document.querySelector('video').getVideoPlaybackQuality().totalVideoFrames")
            print(f"the page showed {shown} frames", file=sys.stderr)
            browser.close()
    return runs


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=30.0, help="length of each measurement")
    parser.add_argument("--source", default="demo")
    parser.add_argument("--port", type=int, default=8799)
    parser.add_argument("--no-page", action="store_true", help="do not open the page in a browser")
    parser.add_argument("--starts", type=int, default=3, help="starts to take the median of")
    parser.add_argument("--json", type=Path, help="also write all figures here")
    parser.add_argument("--child", nargs=2, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.child:
        child(arguments.child[0], int(arguments.child[1]))
        return
    starts = []
    for index in range(arguments.starts):
        signcap = Signcap(arguments.source, arguments.port + index)
        try:
            signcap.wait_for("picture", "caption")
            starts.append(signcap.moments)
            if index == arguments.starts - 1:
                runs = measure_all(signcap, arguments.seconds, page=not arguments.no_page)
        finally:
            signcap.stop()
    moments = {name: statistics.median(start[name] for start in starts) for name in starts[0]}
    print("\n".join(report(moments, runs)))
    if arguments.json:
        arguments.json.write_text(json.dumps({"starts": starts, "runs": runs}, indent=2) + "\n", "utf-8")


if __name__ == "__main__":
    main()
