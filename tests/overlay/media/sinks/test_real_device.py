"""The virtual camera and the camera on a real v4l2loopback device, where the machine has one."""

import threading
import time

import cv2
import numpy as np
import pytest

from overlay.media.frame import Picture
from overlay.media.sinks.virtual_camera import open_virtual_camera
from overlay.media.sources.webcam import open_source
from overlay.media.v4l2 import video_devices
from tests.waiting import until

pytestmark = pytest.mark.hardware


def picture(grey: int, size: tuple[int, int]) -> Picture:
    """A grey picture."""
    bgr = np.full((size[1], size[0], 3), grey, np.uint8)
    return Picture(np.asarray(cv2.cvtColor(bgr, cv2.COLOR_BGR2YUV_I420), np.uint8), 0, time.monotonic())


def test_what_is_written_comes_out_of_the_camera() -> None:
    loopbacks = [device for device in video_devices() if device.is_loopback]
    if not loopbacks:
        pytest.skip("this machine has no v4l2loopback device that can be written to")
    camera = open_virtual_camera(str(loopbacks[0].path), (640, 360))
    assert camera is not None
    stop = threading.Event()

    def feed() -> None:
        while not stop.wait(0.03):
            camera.send(picture(200, (640, 360)))

    feeder = threading.Thread(target=feed)
    feeder.start()
    try:
        # With exclusive_caps=1 it becomes a camera only once pictures flow.
        until(lambda: loopbacks[0].path in [d.path for d in video_devices() if d.captures])
        webcam = open_source(str(loopbacks[0].path))
        frames = [webcam.read() for _ in range(10)]
        webcam.close()
    finally:
        stop.set()
        feeder.join()
        camera.close()
    frame = frames[-1]
    assert frame is not None
    assert frame.size == camera.size
    assert abs(float(frame.pixels.mean()) - 200) < 12
