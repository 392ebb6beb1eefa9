"""What can go wrong with cameras, on real (loopback) devices: each is survived, and this is what the viewer sees."""

import fcntl
import os
import struct
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

from overlay.media.v4l2 import output_size, video_devices
from tests.devices.conftest import Devices, Program
from tests.devices.reading import shown
from tests.devices.viewer import Viewer

SIZE = (640, 360)
RUNNING = "Virtual camera .* choose it as the camera"

pytestmark = [pytest.mark.hardware, pytest.mark.slow]


@pytest.fixture
def view(devices: Devices) -> Iterator[Callable[[], Viewer]]:
    viewers: list[Viewer] = []

    def open_viewer() -> Viewer:
        viewers.append(Viewer(devices.virtual))
        return viewers[-1]

    yield open_viewer
    for viewer in viewers:
        viewer.close()


def says(viewer: Viewer, notice: str) -> bool:
    return shown(viewer.newest, notice, viewer.size, notice=True) > 0.9


def gone(devices: Devices) -> str:
    return f"Camera {devices.webcam} is gone: trying again"


@pytest.mark.parametrize(
    "camera", [("--rate", "15"), ("--rate", "25"), ("--rate", "60"), ("--irregular",)], ids=" ".join
)
def test_whole_pictures_in_order_whatever_the_camera_does(
    camera: tuple[str, ...],
    feed: Callable[..., Program],
    signcap: Callable[..., Program],
    view: Callable[[], Viewer],
) -> None:
    feed(*camera)
    running = signcap()
    running.wait_for(RUNNING)
    viewer = view()
    viewer.until_more(200)
    viewer.close()
    assert viewer.size == SIZE
    assert viewer.backwards <= 2  # of 200: the driver's own doing, see docs/benchmark.md
    assert viewer.torn <= 2
    assert len(set(viewer.numbers)) > 50
    assert running.runs


def test_camera_that_stands_still(
    feed: Callable[..., Program], signcap: Callable[..., Program], view: Callable[[], Viewer], devices: Devices
) -> None:
    feeder = feed()
    running = signcap()
    running.wait_for(RUNNING)
    viewer = view()
    viewer.until_newer()
    feeder.hold()
    viewer.until(lambda: says(viewer, gone(devices)))
    viewer.until_more(30)  # the call still gets pictures
    feeder.go_on()
    viewer.until_newer()
    viewer.until(lambda: not says(viewer, gone(devices)))
    viewer.close()
    assert viewer.backwards <= 2
    assert running.runs


def test_camera_that_vanishes_and_comes_back_with_another_size(
    feed: Callable[..., Program],
    signcap: Callable[..., Program],
    view: Callable[[], Viewer],
    devices: Devices,
    opens_once: bool,
) -> None:
    if opens_once:
        pytest.skip("this v4l2loopback cannot play a camera that comes back")
    feeder = feed()
    running = signcap()
    running.wait_for(RUNNING)
    viewer = view()
    viewer.until_newer()
    feeder.end()
    viewer.until(lambda: says(viewer, gone(devices)))
    viewer.until_more(30)
    feed("--size", "960x540", "--rate", "25")
    viewer.until(lambda: not says(viewer, gone(devices)))
    viewer.until_more(60)
    viewer.close()
    assert viewer.size == SIZE  # a call does not learn of another size: the picture is fitted
    assert running.runs


def test_viewers_come_and_go(
    feed: Callable[..., Program], signcap: Callable[..., Program], view: Callable[[], Viewer]
) -> None:
    feed()
    running = signcap()
    running.wait_for(RUNNING)
    for _ in range(5):
        viewer = view()
        viewer.until_newer(5)
        viewer.close()
        assert viewer.backwards <= 2
    assert running.runs


def test_signcap_is_started_again(
    feed: Callable[..., Program], signcap: Callable[..., Program], view: Callable[[], Viewer], opens_once: bool
) -> None:
    feed()
    first = signcap()
    first.wait_for(RUNNING)
    assert first.end() == 0
    second = signcap()
    if opens_once:
        second.wait_for(r"wants to be loaded again.*modprobe -r v4l2loopback")
        assert second.runs  # the pages work all the same
        return
    second.wait_for(RUNNING)
    view().until_newer()


def test_virtual_camera_that_another_program_writes_to(
    feed: Callable[..., Program], signcap: Callable[..., Program], devices: Devices
) -> None:
    feed()
    feed(device=devices.virtual)
    running = signcap()
    running.wait_for(r"virtual camera.*(in use|close other programs)")
    assert running.runs


def test_camera_that_is_only_an_output(signcap: Callable[..., Program], devices: Devices) -> None:
    webcam = next(known for known in video_devices() if str(known.path) == devices.webcam)
    if webcam.captures:
        pytest.skip("with exclusive_caps=0 a device without a feeder is a camera all the same")
    running = signcap()
    running.wait_for("is not a camera that gives pictures: choose another with --source")
    assert running.process.wait(60) == 1


def test_size_that_a_viewer_has_chosen_before(
    feed: Callable[..., Program], signcap: Callable[..., Program], view: Callable[[], Viewer], devices: Devices
) -> None:
    virtual = next(known for known in video_devices() if str(known.path) == devices.virtual)
    if not virtual.captures:
        pytest.skip("with exclusive_caps=1 nobody can read before Signcap writes")
    feed("--size", "960x540")
    try:
        early = Viewer(devices.virtual, patience=5)  # OpenCV takes the size that the driver has
    except AssertionError:
        pytest.skip("this driver lets nobody read before somebody writes")
    try:
        running = signcap()
        running.wait_for(RUNNING)
        early.until_more(30)
        assert early.newest.shape[:2] == early.size[::-1]
    finally:
        early.close()
    assert running.runs


V4L2_S_FMT = 0xC0D05605  # VIDIOC_S_FMT


def test_camera_of_an_odd_size(signcap: Callable[..., Program], view: Callable[[], Viewer], devices: Devices) -> None:
    """Another program writes BGR pictures of 643x361."""
    width, height = 643, 361
    size = output_size(Path(devices.virtual), (width - 1, height - 1))  # a reader before may have fixed another one
    device = os.open(devices.webcam, os.O_RDWR)
    stop = threading.Event()

    def write() -> None:
        picture = np.full((height, width, 3), (60, 120, 180), np.uint8).tobytes()
        while not stop.wait(1 / 30):
            os.write(device, picture)

    # struct v4l2_format of an output: width, height, format, field, bytes a line, size of the picture, sRGB.
    wanted = struct.pack(
        "<I4x8I", 2, width, height, int.from_bytes(b"BGR3", "little"), 1, 3 * width, 3 * width * height, 8, 0
    )
    fcntl.ioctl(device, V4L2_S_FMT, wanted.ljust(208, b"\0"))
    writer = threading.Thread(target=write)
    writer.start()
    try:
        running = signcap()
        running.wait_for(RUNNING)
        viewer = view()
        viewer.until_more(60)
        viewer.close()
    finally:
        stop.set()
        writer.join()
        os.close(device)
    assert viewer.size == size
    width, height = viewer.size
    middle = viewer.newest[height // 4 : 3 * height // 4, width // 4 : 3 * width // 4].reshape(-1, 3)
    assert np.abs(middle.mean(axis=0) - (60, 120, 180)).max() < 12
    assert middle.std(axis=0).max() < 6  # no green bars, no skewed lines
    assert running.runs
