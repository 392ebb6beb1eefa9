"""Plays a webcam: writes pictures to a v4l2loopback device, as another program would.

python bench/feeder.py DEVICE [--rate 30] [--size 640x360] [--irregular] [--stall 4 --every 10] [--spell TEXT]

Without --spell the pictures carry a number and a time, see `bench/timecode.py`; with it the synthetic signer spells.
"Feeding" is printed when the first picture is out.
"""

import argparse
import random
import time
from collections.abc import Iterator

import cv2
import numpy as np
import pyvirtualcam
import timecode
from numpy.typing import NDArray

from overlay.media.frame import Pixels
from overlay.synthesis.demo_source import DemoSource

SHORTEST = 0.005  # seconds between two pictures of an irregular camera


def coded(size: tuple[int, int]) -> Iterator[NDArray[np.uint8]]:
    width, height = size
    i420 = np.full((height * 3 // 2, width), 128, np.uint8)
    luma = i420[:height]
    luma[:] = np.linspace(40, 200, width).astype(np.uint8)
    number = 0
    while True:
        timecode.write(luma, number, timecode.now_ms())
        yield i420
        number += 1


def spelled(text: str, size: tuple[int, int], speed: float) -> Iterator[NDArray[np.uint8]]:
    source = DemoSource(text, realtime=False, letters_per_second=speed, size=size)
    pictures: list[Pixels] = []
    while (frame := source.read()) is not None:
        pictures.append(np.asarray(cv2.cvtColor(frame.pixels, cv2.COLOR_BGR2YUV_I420), np.uint8))
    while True:
        yield from pictures
        yield from [pictures[0]] * 90  # the hand is down: a caption ends


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("device")
    parser.add_argument("--rate", type=float, default=30.0)
    parser.add_argument("--size", default="640x360")
    parser.add_argument(
        "--irregular", action="store_true", help="pictures come at random, as many a second as --rate"
    )
    parser.add_argument("--stall", type=float, default=0.0, help="seconds without pictures ...")
    parser.add_argument("--every", type=float, default=10.0, help="... once in so many seconds")
    parser.add_argument("--spell", metavar="TEXT")
    parser.add_argument("--speed", type=float, default=2.0, help="letters a second")
    parser.add_argument("--seconds", type=float, default=1e9, help="end after")
    given = parser.parse_args()
    width, height = map(int, given.size.split("x"))
    pictures = spelled(given.spell, (width, height), given.speed) if given.spell else coded((width, height))
    dice = random.Random(0)
    with pyvirtualcam.Camera(
        width, height, given.rate, fmt=pyvirtualcam.PixelFormat.I420, device=given.device
    ) as camera:
        began = due = time.monotonic()
        next_stall = began + given.every
        while due < began + given.seconds:
            time.sleep(max(0.0, due - time.monotonic()))
            camera.send(next(pictures))
            if due == began:
                print("Feeding", flush=True)
            due += dice.uniform(SHORTEST, 2 / given.rate - SHORTEST) if given.irregular else 1 / given.rate
            if given.stall and due > next_stall:
                due += given.stall
                next_stall = due + given.every


if __name__ == "__main__":
    main()
