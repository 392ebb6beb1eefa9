"""Another program that reads the virtual camera, as a call does."""

import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np

from overlay.core.process.native_output import silence_opencv
from overlay.media.frame import Pixels
from overlay.media.v4l2 import video_devices
from tests.devices.conftest import PATIENCE

sys.path.insert(0, str(Path(__file__).parents[2] / "bench"))
import timecode


class Viewer:
    """Reads pictures in a thread until `close`.

    Attributes:
        numbers: of the pictures that came, see `bench/timecode.py`; those of one feeder only grow.
        torn: how many had halves of two pictures.
        size: width and height of the pictures.
    """

    def __init__(self, device: str, patience: float = PATIENCE) -> None:
        silence_opencv()
        deadline = time.monotonic() + patience
        while not any(known.captures for known in video_devices() if str(known.path) == device):
            assert time.monotonic() < deadline, f"{device} does not become a camera"
            time.sleep(0.05)
        while not (capture := cv2.VideoCapture(int(device.removeprefix("/dev/video")), cv2.CAP_V4L2)).isOpened():
            assert time.monotonic() < deadline, f"{device} cannot be read"
            time.sleep(0.5)
        self._capture = capture
        self._capture.set(cv2.CAP_PROP_CONVERT_RGB, 0)
        width, height = (self._capture.get(side) for side in (cv2.CAP_PROP_FRAME_WIDTH, cv2.CAP_PROP_FRAME_HEIGHT))
        self.size = (int(width), int(height))
        self.numbers: list[int] = []
        self.torn = 0
        self.pictures = 0
        self._newest: Pixels | None = None
        self._closed = threading.Event()
        self._thread = threading.Thread(target=self._read, daemon=True)
        self._thread.start()

    def _read(self) -> None:
        width, height = self.size
        while not self._closed.is_set():
            good, raw = self._capture.read()
            if not good:
                continue
            i420 = np.asarray(raw, np.uint8).reshape(-1)[: width * height * 3 // 2].reshape(height * 3 // 2, width)
            self._newest = i420.copy()
            self.pictures += 1
            if width >= timecode.WIDTH:
                code = timecode.read(i420[:height])
                if code is None:
                    self.torn += 1
                else:
                    self.numbers.append(code[0])

    @property
    def newest(self) -> Pixels:
        """The last picture, BGR uint8 (H, W, 3)."""
        assert self._newest is not None
        return np.asarray(cv2.cvtColor(self._newest, cv2.COLOR_YUV2BGR_I420), np.uint8)

    def until(self, condition: Callable[[], object]) -> None:
        """Wait until it holds."""
        deadline = time.monotonic() + PATIENCE
        while not condition():
            assert time.monotonic() < deadline, f"{self.pictures} pictures, the newest {self.numbers[-3:]}"
            time.sleep(0.05)

    def until_more(self, pictures: int) -> None:
        """Wait for so many more pictures."""
        wanted = self.pictures + pictures
        self.until(lambda: self.pictures >= wanted)

    def until_newer(self, count: int = 10) -> None:
        """Wait until so many more pictures have come that were not there before."""
        before = set(self.numbers)
        self.until(lambda: len(set(self.numbers[-200:]) - before) >= count)

    @property
    def backwards(self) -> int:
        """How many pictures came after a later one."""
        return sum(one > other for one, other in zip(self.numbers, self.numbers[1:], strict=False))

    def close(self) -> None:
        self._closed.set()
        self._thread.join(10)
        self._capture.release()
