"""What comes out of the virtual camera, on two real v4l2loopback devices: one plays the webcam, one is written to.

python bench/devices.py [--seconds 60] [--size 640x360] [--only NAME]

Another process feeds the first device as cameras do that are slow, fast, irregular or stall; Signcap itself captions
it into the second; what a call would get is read there. The pictures carry numbers and times, so that the table says
how many a second come, how evenly, how late, and whether any is torn or comes out of order.
"""

import argparse
import contextlib
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import cv2
import numpy as np
import timecode

from overlay.core.process.native_output import silence_opencv
from overlay.media.v4l2 import video_devices

BENCH = Path(__file__).parent
CAMERAS = {
    "30 a second": ["--rate", "30"],
    "15": ["--rate", "15"],
    "24": ["--rate", "24"],
    "25": ["--rate", "25"],
    "60": ["--rate", "60"],
    "irregular, 30 on average": ["--rate", "30", "--irregular"],
    "30, silent for 4 s in 10": ["--rate", "30", "--stall", "4", "--every", "10"],
}
SETTLING = 4.0  # seconds that Signcap runs before it is measured


@dataclass
class Seen:
    """What a reader of the virtual camera got."""

    times: list[float] = field(default_factory=list)
    numbers: list[int] = field(default_factory=list)
    delays: list[int] = field(default_factory=list)  # milliseconds, of new pictures
    torn: int = 0

    def row(self) -> list[str]:
        """Cells of the table."""
        between = np.diff(self.times) * 1000
        steps = np.diff(self.numbers)
        rate = (len(self.times) - 1) / (self.times[-1] - self.times[0])
        return [
            f"{rate:.2f}",
            f"{np.median(between):.1f} / {np.percentile(between, 95):.1f} / {between.max():.0f}",
            f"{statistics.median(self.delays)} / {np.percentile(self.delays, 95):.0f}",
            f"{(steps == 0).mean():.0%}",
            str(int((steps < 0).sum())),
            str(self.torn),
        ]


HEAD = ["camera", "pictures a second", "between them, ms: median / p95 / most", "capture to reader, ms: median / p95",
        "repeated", "out of order", "torn"]  # fmt: skip


@contextlib.contextmanager
def feeding(device: str, size: str, *options: str) -> Iterator[subprocess.Popen[str]]:
    """Another process that plays the webcam."""
    command = [sys.executable, str(BENCH / "feeder.py"), device, "--size", size, *options]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        if "Feeding" not in process.stdout.readline():
            raise SystemExit(f"{device} cannot be fed: see the message above.")
        yield process
    finally:
        process.kill()
        process.wait()


@contextlib.contextmanager
def signcap(source: str, virtual_camera: str, *options: str) -> Iterator[subprocess.Popen[str]]:
    """Signcap, from when it has the virtual camera open."""
    command = [sys.executable, "-m", "server.cli.main", "run", "--source", source, "--virtual-camera", virtual_camera]
    process = subprocess.Popen([*command, "--no-browser", *options], stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        for line in process.stdout:
            if line.startswith("Virtual camera"):
                break
        else:
            raise SystemExit("Signcap has no virtual camera: see its message above.")
        yield process
    finally:
        process.terminate()
        process.wait(20)


def watch(device: str, seconds: float) -> Seen:
    """Read what a call would get."""
    silence_opencv()
    capture = cv2.VideoCapture(int(device.removeprefix("/dev/video")), cv2.CAP_V4L2)
    capture.set(cv2.CAP_PROP_CONVERT_RGB, 0)
    if not capture.isOpened():
        raise SystemExit(f"{device} cannot be read.")
    size = int(capture.get(cv2.CAP_PROP_FRAME_WIDTH)), int(capture.get(cv2.CAP_PROP_FRAME_HEIGHT))
    seen = Seen()
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        good, raw = capture.read()
        if not good:
            continue
        seen.times.append(time.monotonic())
        code = timecode.read(np.asarray(raw).reshape(-1)[: size[0] * size[1]].reshape(size[1], size[0]))
        if code is None:
            seen.torn += 1
            continue
        number, ms = code
        if not seen.numbers or number != seen.numbers[-1]:
            seen.delays.append(timecode.now_ms() - ms)
        seen.numbers.append(number)
    capture.release()
    return seen


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--size", default="640x360")
    parser.add_argument("--only", choices=CAMERAS, help="this camera alone")
    given = parser.parse_args()
    loopbacks = [str(device.path) for device in video_devices() if device.is_loopback]
    if len(loopbacks) < 2:
        raise SystemExit("Two free v4l2loopback devices are needed: sudo modprobe v4l2loopback devices=2")
    source, output = loopbacks[:2]
    print("| " + " | ".join(HEAD) + " |\n|" + "---|" * len(HEAD), flush=True)
    for name in [given.only] if given.only else CAMERAS:
        with feeding(source, given.size, *CAMERAS[name]), signcap(source, output):
            time.sleep(SETTLING)
            seen = watch(output, given.seconds)
        print("| " + " | ".join([name, *seen.row()]) + " |", flush=True)


if __name__ == "__main__":
    main()
