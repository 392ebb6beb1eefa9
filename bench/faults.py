"""Signcap on two real v4l2loopback devices for a long time, with faults at random.

python bench/faults.py [--minutes 30] [--seed 0]

The feed stalls, ends, comes back with another size or rate; the camera's device file is taken away and put back;
readers of the virtual camera come and go, and while there are none the camera rests. Prints what happened as it does,
and at the end a table: how long each reader waited for its first picture, the longest gap between two pictures, torn
pictures, and memory by the minute. Ends with an error if Signcap has ended.
"""

import argparse
import os
import random
import re
import signal
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import timecode
from devices import BENCH, signcap

from overlay.core.process.native_output import silence_opencv
from overlay.media.v4l2 import video_devices


class Feed:
    """The webcam, played by another program; and what can happen to it."""

    def __init__(self, device: str, dice: random.Random) -> None:
        self._device, self._dice = Path(device), dice
        self._away = Path("/dev/taken-away")
        self._process: subprocess.Popen[str] | None = None
        self.starts = 0

    def start(self) -> None:
        if self._process is not None:
            return
        size, rate = self._dice.choice(["640x360", "640x480", "960x540"]), self._dice.choice(["15", "24", "30", "60"])
        command = [sys.executable, str(BENCH / "feeder.py"), str(self._device), "--size", size, "--rate", rate]
        self._process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        assert self._process.stdout is not None
        if "Feeding" not in self._process.stdout.readline():
            raise SystemExit("The camera cannot be fed: see the message above.")
        self.starts += 1

    def stall(self) -> None:
        if self._process is not None:
            self._process.send_signal(signal.SIGSTOP)
            time.sleep(self._dice.uniform(0.2, 8.0))
            self._process.send_signal(signal.SIGCONT)

    def end(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    def end_and_return(self) -> None:
        self.end()
        time.sleep(self._dice.uniform(0.5, 10.0))
        self.start()

    def take_away(self) -> None:
        self.end()
        os.rename(self._device, self._away)
        time.sleep(self._dice.uniform(2.0, 12.0))
        os.rename(self._away, self._device)
        self.start()


class Reader:
    """A call that comes and goes."""

    def __init__(self, device: str, dice: random.Random, over: threading.Event) -> None:
        self._number, self._dice, self._over = int(device.removeprefix("/dev/video")), dice, over
        self.firsts: list[float] = []
        self.gaps: list[float] = []  # the longest of each visit
        self.pictures = self.torn = 0
        self.thread = threading.Thread(target=self._run, daemon=True)
        self.thread.start()

    def _run(self) -> None:
        silence_opencv()
        while not self._over.is_set():
            self._visit(self._dice.uniform(5.0, 60.0))
            self._over.wait(self._dice.choice([1.0, 3.0, 25.0]))  # the long ones let the camera rest

    def _visit(self, seconds: float) -> None:
        began = last = time.monotonic()
        capture = cv2.VideoCapture(self._number, cv2.CAP_V4L2)
        capture.set(cv2.CAP_PROP_CONVERT_RGB, 0)
        width, height = (int(capture.get(side)) for side in (cv2.CAP_PROP_FRAME_WIDTH, cv2.CAP_PROP_FRAME_HEIGHT))
        longest, first = 0.0, True
        while time.monotonic() - began < seconds and not self._over.is_set():
            good, raw = capture.read()
            now = time.monotonic()
            if not good:
                if now - last > 30:
                    break
                continue
            if first:
                self.firsts.append(now - began)
            else:
                longest = max(longest, now - last)
            last, first = now, False
            self.pictures += 1
            flat = np.asarray(raw).reshape(-1)
            if flat.size >= width * height and width >= timecode.WIDTH:
                # Pictures with a notice, dark ones and fitted ones bear no code; halves of two would differ.
                luma = flat[: width * height].reshape(height, width)
                self.torn += timecode.read(luma) is None and timecode.is_coded(luma)
        self.gaps.append(longest)
        capture.release()


def memory(process: int) -> float:
    found = re.search(r"VmRSS:\s+(\d+) kB", Path(f"/proc/{process}/status").read_text())
    return int(found.group(1)) / 1024 if found else 0.0


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=float, default=30.0)
    parser.add_argument("--seed", type=int, default=0)
    given = parser.parse_args()
    loopbacks = [str(device.path) for device in video_devices() if device.is_loopback]
    if len(loopbacks) < 2:
        raise SystemExit("Two free v4l2loopback devices are needed: sudo modprobe v4l2loopback devices=2")
    dice = random.Random(given.seed)
    feed, over = Feed(loopbacks[0], dice), threading.Event()
    feed.start()
    happenings: dict[str, int] = {}
    megabytes: list[float] = []
    with signcap(*loopbacks[:2]) as running:
        threading.Thread(target=lambda: [None for _ in running.stdout or ()], daemon=True).start()
        time.sleep(3)
        reader = Reader(loopbacks[1], random.Random(given.seed + 1), over)
        end = time.monotonic() + 60 * given.minutes
        minute = time.monotonic()
        while time.monotonic() < end:
            time.sleep(dice.uniform(1.0, 15.0))
            what: Callable[[], None] = dice.choice([feed.stall, feed.end_and_return, feed.take_away, lambda: None])
            name = getattr(what, "__name__", "").replace("<lambda>", "nothing")
            happenings[name] = happenings.get(name, 0) + 1
            what()
            if running.poll() is not None:
                raise SystemExit(f"Signcap ended with {running.returncode} after {name}.")
            if time.monotonic() >= minute:
                minute += 60
                megabytes.append(memory(running.pid))
                left = (end - time.monotonic()) / 60
                print(f"{left:.0f} minutes to go, {megabytes[-1]:.0f} MB, {reader.pictures} pictures", flush=True)
        over.set()
        reader.thread.join(60)
    feed.end()
    faults = ", ".join(f"{count} × {name.replace('_', ' ')}" for name, count in sorted(happenings.items()))
    halves = megabytes[len(megabytes) // 4 : len(megabytes) // 2], megabytes[len(megabytes) // 2 :]
    print("\n| | |\n|---|---|")
    print(f"| faults | {faults} |")
    print(f"| starts of the feed | {feed.starts} |")
    print(f"| visits of a reader, pictures read | {len(reader.gaps)}, {reader.pictures} |")
    for name, seconds in (("to a reader's first picture", reader.firsts), ("longest gap in a visit", reader.gaps)):
        print(f"| {name}, s: median / most | {statistics.median(seconds):.2f} / {max(seconds):.2f} |")
    print(f"| torn | {reader.torn} |")
    if all(halves):
        figures = [*(statistics.median(half) for half in halves), max(megabytes)]
        cells = " / ".join(f"{figure:.0f}" for figure in figures)
        print(f"| memory, MB: median of the second quarter / of the second half / most | {cells} |")


if __name__ == "__main__":
    main()
