"""Milliseconds to draw one frame of the synthetic signer.

python bench/signer.py [frames]
"""

import sys
import time

import cv2
import numpy as np

from overlay.synthesis.signer import SyntheticSigner

SIZES = ((1280, 720), (640, 480), (320, 240))
TEXT = "THE QUICK BROWN FOX JUMPS OVER THE LAZY DOG"


def measure(size: tuple[int, int], frames: int) -> tuple[float, float, float, float]:
    """Seconds to set up, then milliseconds a frame: median, 95th percentile, and processor time (mean)."""
    started = time.perf_counter()
    signer = SyntheticSigner(TEXT, size=size)
    ready = time.perf_counter() - started
    for t in (0.7, 0.8, 0.9):
        signer.render(t)
    walls = []
    processor = time.process_time()
    for t in np.linspace(0.7, signer.duration - 1.2, frames):
        start = time.perf_counter()
        signer.render(float(t))
        walls.append((time.perf_counter() - start) * 1e3)
    processor = (time.process_time() - processor) / frames * 1e3
    return ready, float(np.median(walls)), float(np.percentile(walls, 95)), processor


def main() -> None:
    frames = int(sys.argv[1]) if len(sys.argv) > 1 else 300
    cv2.setNumThreads(1)
    print(f"{'size':>10} {'set up, ms':>11} {'median, ms':>11} {'95 %, ms':>9} {'processor, ms':>14}")
    for size in SIZES:
        ready, median, high, processor = measure(size, frames)
        shape = f"{size[0]}x{size[1]}"
        print(f"{shape:>10} {ready * 1e3:11.0f} {median:11.2f} {high:9.2f} {processor:14.2f}")


if __name__ == "__main__":
    main()
