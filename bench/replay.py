"""A webcam that shows a recording of the synthetic signer, so that drawing the signer is not in the figures.

It gives motion JPEG at 1280x720 and 30 frames a second, as most webcams do; the pictures lie in a file.
"""

import contextlib
import json
import os
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from overlay.media.frame import Pixels
from overlay.synthesis.signer import SyntheticSigner

TEXT = "HELLO  I AM SIGNCAP"
SIZE, RATE, REST = (1280, 720), 30.0, 3.0
QUALITY = 90


def record(path: Path) -> None:
    """Write the pictures of one round, one after the other, and where each begins, to `path` and `path`.json."""
    signer = SyntheticSigner(TEXT, letters_per_second=3.0, size=SIZE)
    ends = []
    with path.open("wb") as file:
        for number in range(int((signer.duration + REST) * RATE)):
            picture = signer.render(min(number / RATE, signer.duration))
            file.write(cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, QUALITY])[1].tobytes())
            ends.append(file.tell())
    letters = [(text, start) for text, start, _ in signer.letters]
    path.with_suffix(".json").write_text(json.dumps({"ends": ends, "letters": letters}))


class Replay:
    """The part of `cv2.VideoCapture` that Signcap uses, on a recording."""

    def __init__(self, path: Path) -> None:
        about = json.loads(path.with_suffix(".json").read_text())
        self._file = os.open(path, os.O_RDONLY)
        self._spans = list(zip([0, *about["ends"]], about["ends"], strict=False))
        self.letters: list[tuple[str, float]] = about["letters"]
        self.round = len(self._spans) / RATE  # seconds
        self.began = time.monotonic()
        self._number = -1

    def isOpened(self) -> bool:  # noqa: N802, OpenCV's name
        return True

    def grab(self) -> bool:
        now = time.monotonic()
        # The first that is not over yet: who is late loses pictures, as with a camera.
        self._number = max(self._number + 1, int((now - self.began) * RATE))
        time.sleep(max(0.0, self.began + self._number / RATE - now))
        return True

    def retrieve(self) -> tuple[bool, Pixels]:
        start, end = self._spans[self._number % len(self._spans)]
        jpeg = np.frombuffer(os.pread(self._file, end - start, start), np.uint8)
        return True, np.asarray(cv2.imdecode(jpeg, cv2.IMREAD_COLOR), np.uint8)

    def get(self, prop: int) -> float:
        return {cv2.CAP_PROP_FPS: RATE}.get(prop, 0.0)

    def set(self, prop: int, value: float) -> bool:
        return False

    def release(self) -> None:
        with contextlib.suppress(OSError):
            os.close(self._file)


def processor() -> float:
    """Seconds of processor time of this process, all threads, so far."""
    return sum(os.times()[:2])


def _at_pace(path: Path, seconds: float) -> Iterator[tuple[int, Pixels]]:
    camera, end = Replay(path), time.monotonic() + seconds
    number = 0
    while time.monotonic() < end and camera.grab():
        yield number, camera.retrieve()[1]
        number += 1
    camera.release()


def _run(path: Path, seconds: float, work: Any) -> dict[str, float]:
    for _, pixels in _at_pace(path, 1.0):
        work(pixels)  # the first are slow
    began, spent, count = time.monotonic(), processor(), 0
    for _, pixels in _at_pace(path, seconds):
        work(pixels)
        count += 1
    return {"cores": (processor() - spent) / (time.monotonic() - began), "fps": count / seconds}


def camera_alone(path: Path, seconds: float) -> dict[str, float]:
    """Decoding the camera's pictures, nothing else."""
    return _run(path, seconds, lambda pixels: None)


def landmarker(path: Path, seconds: float) -> dict[str, float]:
    """MediaPipe's hand landmarker on each picture, as its documentation has it."""
    from mediapipe import Image, ImageFormat
    from mediapipe.tasks.python import BaseOptions, vision

    from overlay.core.process.offline import OfflineThread
    from overlay.recognition.hands.hand_model import hand_model_path

    options = vision.HandLandmarkerOptions(
        base_options=BaseOptions(model_asset_path=str(hand_model_path())),
        running_mode=vision.RunningMode.VIDEO,
        num_hands=1,
    )
    thread = OfflineThread()  # or it calls its maker
    finder = thread.call(lambda: vision.HandLandmarker.create_from_options(options))
    last = [0]

    def find(pixels: Pixels) -> None:
        last[0] = max(last[0] + 1, int(time.monotonic() * 1000))
        rgb = cv2.cvtColor(pixels, cv2.COLOR_BGR2RGB)
        thread.call(lambda: finder.detect_for_video(Image(image_format=ImageFormat.SRGB, data=rgb), last[0]))

    try:
        return _run(path, seconds, find)
    finally:
        thread.call(finder.close)
        thread.stop()


def report_network(path: Path, seconds: float) -> dict[str, float]:
    """The report's three convolutions at 224x224 on each picture, in PyTorch, on one thread; untrained."""
    import torch

    from models.training.networks.registry import architecture

    torch.set_num_threads(1)
    network = architecture("cnn").build().eval()
    size = architecture("cnn").size

    def read(pixels: Pixels) -> None:
        rgb = cv2.cvtColor(cv2.resize(pixels, (size, size)), cv2.COLOR_BGR2RGB)
        with torch.inference_mode():
            network(torch.from_numpy(rgb)[None])

    return _run(path, seconds, read)


def plain_copy(path: Path, seconds: float) -> dict[str, float]:
    """Camera to virtual camera, converted to I420 and handed on."""
    out = np.empty((SIZE[1] * 3 // 2, SIZE[0]), np.uint8)

    def copy(pixels: Pixels) -> None:
        np.copyto(out, cv2.cvtColor(pixels, cv2.COLOR_BGR2YUV_I420))

    return _run(path, seconds, copy)
