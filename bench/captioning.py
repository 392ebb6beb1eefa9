"""How fast videos are captioned: `signcap caption` as its users run it, against the time that the videos last.

python bench/captioning.py [--seconds 20] [--write docs/benchmark.md]

The synthetic signer spells, at 30 frames a second with sound, in as many equal videos as there are jobs at most. Each
run reads them all: text alone, and the captioned videos with sound and a track; one process, and two. Counted are the
seconds that pass, and those of all processors, for each second of video, from the start of the program to its end.
"""

import argparse
import os
import resource
import subprocess
import sys
import tempfile
import time
from fractions import Fraction
from pathlib import Path

import av
import numpy as np

from overlay.synthesis.demo_source import DemoSource

SIZES = ((640, 360), (1280, 720))
JOBS = (1, 2)
RATE = 48_000
BEGIN, END = "<!-- captioning: begin -->", "<!-- captioning: end -->"


def write_video(path: Path, size: tuple[int, int], seconds: float) -> float:
    """A video of the signer about that long, with a tone; how long it is."""
    words = "THE QUICK BROWN FOX JUMPS OVER THE LAZY DOG " * 9
    demo = DemoSource(words, realtime=False, size=size)
    heard, last = 0, 0.0
    with av.open(str(path), "w") as container:
        video = container.add_stream("libx264", rate=30, options={"preset": "veryfast"})
        video.width, video.height, video.pix_fmt = *size, "yuv420p"
        sound = container.add_stream("aac", rate=RATE, layout="mono")
        while (frame := demo.read()) is not None and frame.at < seconds:
            last = frame.at
            picture = av.VideoFrame.from_ndarray(frame.pixels, format="bgr24")
            picture.pts, picture.time_base = frame.index, Fraction(1, 30)
            container.mux(video.encode(picture))
            while heard < last * RATE:
                wave = 0.1 * np.sin((heard + np.arange(1024)) / RATE * 2000 * np.pi)
                tone = av.AudioFrame.from_ndarray(wave[None].astype(np.float32), format="fltp", layout="mono")
                tone.sample_rate, tone.pts, tone.time_base = RATE, heard, Fraction(1, RATE)
                container.mux(sound.encode(tone))
                heard += 1024
        container.mux(video.encode(None))
        container.mux(sound.encode(None))
    return last + 1 / 30


def measure(videos: list[Path], seconds: float, *, output: bool, jobs: int) -> tuple[float, float]:
    """Seconds that pass, and processor seconds, for each second of video."""
    with tempfile.TemporaryDirectory() as folder:
        command = [
            sys.executable,
            "-m",
            "server.cli.main",
            "caption",
            *map(str, videos),
            "--jobs",
            str(jobs),
            "--quiet",
        ]
        command += ["--text", f"{folder}/"] + (["--output", f"{folder}/"] if output else [])
        before, began = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
        took, after = time.monotonic() - began, resource.getrusage(resource.RUSAGE_CHILDREN)
    used = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return took / seconds / len(videos), used / seconds / len(videos)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seconds", type=float, default=20.0, help="that each video lasts, about")
    parser.add_argument("--write", type=Path, help="put the table into this file, between its marks")
    options = parser.parse_args()
    rows = [
        "| size | written | processes | seconds a second of video | times as fast as it plays | processor seconds |",
        "|---|---|---|---|---|---|",
    ]
    with tempfile.TemporaryDirectory() as folder:
        for size in SIZES:
            videos = [Path(folder, f"{size[0]}-{number}.mp4") for number in range(max(JOBS))]
            lasts = write_video(videos[0], size, options.seconds)
            for video in videos[1:]:
                video.write_bytes(videos[0].read_bytes())
            for output in (False, True):
                for jobs in JOBS:
                    took, used = measure(videos, lasts, output=output, jobs=jobs)
                    written = "text and video" if output else "text"
                    row = f"| {size[0]} × {size[1]} | {written} | {jobs} | {took:.2f} | {1 / took:.1f} | {used:.2f} |"
                    print(row, file=sys.stderr)
                    rows.append(row)
    text = f"{max(JOBS)} videos of {lasts:.0f} s a run, {os.cpu_count()} processors.\n\n" + "\n".join(rows)
    print(text)
    if options.write is not None:
        content = options.write.read_text("utf-8")
        head, tail = content[: content.index(BEGIN) + len(BEGIN)], content[content.index(END) :]
        options.write.write_text(f"{head}\n{text}\n{tail}", "utf-8")


if __name__ == "__main__":
    main()
