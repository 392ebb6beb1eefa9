"""The whole live path at 720p, alone and with the start page open in a browser, beside what it is made of.

python bench/pipeline.py [--seconds 30] [--starts 3] [--no-page] [--busy N [--stubborn]] [--json OUT]

Signcap runs in a process of its own, as a user starts it. The camera is a stand-in that plays a recording of the
synthetic signer as motion JPEG, see `bench/replay.py`; the virtual camera one that takes pictures and throws them
away. In the same run are measured, each in a process of its own: decoding the camera's pictures, MediaPipe's hand
landmarker on them, the report's network, and a plain copy from camera to virtual camera. For how long a start takes,
Signcap shows its demo. With --busy other processes spin meanwhile; --stubborn takes the giving way out of Signcap, to
see what it is worth. Figures come from the status that the pages show, from /proc (Linux only), and from the
stand-ins.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
import replay
from running import STUBBORN, Signcap

PERIOD = 1000 / 30  # ms
BESIDE = {
    "camera_alone": "decoding the camera's JPEGs",
    "plain_copy": "that, and a plain copy to the virtual camera",
    "landmarker": "that, and the hand landmarker",
    "report_network": "that, and the report's network in PyTorch",
}


def measure(signcap: Signcap, seconds: float) -> dict[str, Any]:
    """Let it run, then read the last ten seconds' figures; processor time over the whole span."""
    time.sleep(5)  # the rolling figures forget the start
    processor, began = signcap.processor(), time.monotonic()
    memory = []
    signcap.letters.clear()
    before = signcap.status()
    while time.monotonic() - began < seconds:
        memory.append(signcap.memory())
        time.sleep(1)
    cores = (signcap.processor() - processor) / (time.monotonic() - began)
    status = signcap.status()
    return {
        "cores": cores,
        "MB": max(memory),
        "letters": signcap.letters.copy(),
        "seconds": seconds,
        "skipped": delay_of(status["stages"])["dropped"] - delay_of(before["stages"])["dropped"],
        "status": status,
        "stages": status["stages"],
    }


def delay_of(stages: dict[str, Any]) -> dict[str, float]:
    return next(stage for name, stage in stages.items() if name.startswith("delay virtual camera"))


def skipped(run: dict[str, Any]) -> float:
    return float(run["skipped"] / run["seconds"])


def repeated(run: dict[str, Any]) -> float:
    return next(float(stage["rate"]) for name, stage in run["stages"].items() if name.startswith("repeat virtual"))


def beside(path: Path, seconds: float) -> dict[str, dict[str, float]]:
    """What each of `BESIDE` takes, one after the other, each in a process of its own."""
    results = {}
    for name, words in BESIDE.items():
        print(f"measuring for {seconds:.0f} s: {words} ...", file=sys.stderr)
        done = subprocess.run(
            [sys.executable, __file__, "--beside", name, str(path), str(seconds)], stdout=subprocess.PIPE, text=True
        )
        if done.returncode == 0:
            results[name] = json.loads(done.stdout)
    return results


def report(
    moments: dict[str, float], runs: dict[str, dict[str, Any]], others: dict[str, dict[str, float]]
) -> list[str]:
    """The tables, as lines of Markdown."""
    lines = ["| | " + " | ".join(runs) + " | aim |", "|---|" + "---|" * (len(runs) + 1)]

    def row(name: str, values: list[str], aim: str = "") -> None:
        lines.append(f"| {name} | " + " | ".join(values) + f" | {aim} |")

    every = list(runs.values())

    def times(stage: str) -> list[str]:
        cells = [run["stages"].get(stage) for run in every]
        return [f"{cell['median_ms']:.2f} / {cell['p95_ms']:.2f}" if cell else "" for cell in cells]

    out = next(name for name in every[0]["stages"] if name.startswith("out virtual camera"))
    row("pictures a second at the virtual camera", [f"{run['stages'][out]['rate']:.2f}" for run in every], "30 ± 0.5")
    for at, label, aim in (("median_ms", "median", "1"), ("p95_ms", "95th percentile", "2")):
        behind = [delay_of(run["stages"])[at] for run in every]
        row(
            f"capture to virtual camera, frames, {label}",
            [f"{value / PERIOD:.2f}, {value:.1f} ms" for value in behind],
            aim,
        )
    row(
        "pictures skipped, times a picture was sent again, a second",
        [f"{skipped(run):.2f}, {repeated(run):.2f}" for run in every],
    )
    row("at the end every n-th frame is read", [str(run["status"]["reads_every"]) for run in every])
    row("processor cores", [f"{run['cores']:.2f}" for run in every])
    if "landmarker" in others:
        ratios = [f"{run['cores'] / others['landmarker']['cores']:.2f}" for run in every]
        row("that, as a multiple of the landmarker beside it", ratios, "1.5")
    row("memory, MB", [f"{run['MB']:.0f}" for run in every], "400")
    row(
        "from a letter's sign to its place in the captions, ms, median / 95th percentile",
        [f"{np.median(run['letters']):.0f} / {np.percentile(run['letters'], 95):.0f}" for run in every],
    )
    for stage in ("capture", "recognise", "hands", "encode", "window", "compose"):
        row(f"{stage}, ms, median / 95th percentile", times(stage))
    for name in sorted({name for run in every for name in run["stages"] if name.startswith("sink ")}):
        row(f"{name}, ms, median / 95th percentile", times(name))
    row(
        "frames that the recogniser skipped, since the start",
        [str(run["stages"]["recognise"]["dropped"]) for run in every],
    )
    lines += [
        "",
        "| beside it, at most 30 a second | frames a second | cores | of Signcap's alone |",
        "|---|---|---|---|",
    ]
    for name, figures in others.items():
        share = figures["cores"] / every[0]["cores"]
        lines.append(f"| {BESIDE[name]} | {figures['fps']:.1f} | {figures['cores']:.2f} | {share:.2f} |")
    lines += ["", "| from start to | s | aim |", "|---|---|---|"]
    for what, name, aim in (
        ("launch", "the page can be opened", ""),
        ("picture", "the first picture at the virtual camera", ""),
        ("caption", "the first picture there with a letter of the demo", "2"),
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
    parser.add_argument("--port", type=int, default=8799)
    parser.add_argument("--no-page", action="store_true", help="do not open the page in a browser")
    parser.add_argument("--starts", type=int, default=3, help="starts to take the median of")
    parser.add_argument("--busy", type=int, default=0, help="processes that spin meanwhile")
    parser.add_argument("--stubborn", action="store_true", help="Signcap does not give way")
    parser.add_argument("--json", type=Path, help="also write all figures here")
    parser.add_argument("--beside", nargs=3, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.beside:
        name, path, seconds = arguments.beside
        print(json.dumps(getattr(replay, name)(Path(path), float(seconds))))
        return
    if arguments.stubborn:
        os.environ[STUBBORN] = "1"
    spinning = [subprocess.Popen([sys.executable, "-c", "while True: pass"]) for _ in range(arguments.busy)]
    try:
        measure_and_report(arguments)
    finally:
        for process in spinning:
            process.kill()


def measure_and_report(arguments: argparse.Namespace) -> None:
    starts = []
    for index in range(arguments.starts):
        signcap = Signcap("demo", arguments.port + index)
        try:
            signcap.wait_for("picture", "caption")
            starts.append(signcap.moments)
        finally:
            signcap.stop()
    with tempfile.TemporaryDirectory() as folder:
        recording = Path(folder) / "recording.mjpeg"
        replay.record(recording)
        others = beside(recording, arguments.seconds)
        signcap = Signcap(str(recording), arguments.port)
        try:
            runs = measure_all(signcap, arguments.seconds, page=not arguments.no_page)
        finally:
            signcap.stop()
    moments = {name: statistics.median(start[name] for start in starts) for name in starts[0]}
    print("\n".join(report(moments, runs, others)))
    if arguments.json:
        arguments.json.write_text(
            json.dumps({"starts": starts, "runs": runs, "beside": others}, indent=2) + "\n", "utf-8"
        )


if __name__ == "__main__":
    main()
