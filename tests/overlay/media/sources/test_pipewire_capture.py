"""Cameras of PipeWire that other programs offer, with a PipeWire of its own where the machine has one."""

import contextlib
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import cv2
import numpy as np
import pytest

from overlay.core.errors import SourceError
from overlay.media.frame import Pixels
from overlay.media.pipewire_cameras import list_nodes
from overlay.media.sinks.pipewire_camera import PipeWireCamera
from overlay.media.sources.webcam import Webcam, list_cameras, open_source
from tests.overlay.media.conftest import Daemon
from tests.overlay.media.pipewire_program import LABEL, NAME
from tests.waiting import until

pytestmark = pytest.mark.e2e

SIZE = (160, 120)
BLUE, RED = (200, 60, 40), (30, 40, 220)
# The source of test pictures that PipeWire itself brings, which changes all the time.
TEST_SOURCE = (
    "create-node adapter { factory.name=videotestsrc library.name=videotestsrc/libspa-videotestsrc "
    'media.class=Video/Source media.role=Camera node.name=test-camera node.description="Test Camera" }\n'
)


def picture() -> Pixels:
    pixels = np.empty((SIZE[1], SIZE[0], 3), np.uint8)
    pixels[:, : SIZE[0] // 2], pixels[:, SIZE[0] // 2 :] = BLUE, RED
    return pixels


def nv12() -> bytes:
    y, u, v = np.split(cv2.cvtColor(picture(), cv2.COLOR_BGR2YUV_I420).reshape(-1), [19200, 24000])
    return y.tobytes() + np.stack([u, v], -1).tobytes()


PADDED = 704  # bytes of a row of BGRx with a gap after it


def padded() -> bytes:
    rows = cv2.cvtColor(picture(), cv2.COLOR_BGR2BGRA).reshape(SIZE[1], -1)
    return np.pad(rows, ((0, 0), (0, PADDED - rows.shape[1])), constant_values=77).tobytes()


# By the letters that V4L2 has for a format: a picture in it, and the bytes of a row.
FORMATS: dict[str, tuple[Callable[[], bytes], int]] = {
    "XR24": (padded, PADDED),
    "RGB3": (lambda: cv2.cvtColor(picture(), cv2.COLOR_BGR2RGB).tobytes(), 3 * SIZE[0]),
    "YUYV": (lambda: cv2.cvtColor(picture(), cv2.COLOR_BGR2YUV_YUY2).tobytes(), 2 * SIZE[0]),
    "NV12": (nv12, SIZE[0]),
    "MJPG": (lambda: cv2.imencode(".jpg", picture())[1].tobytes(), 0),
}


@pytest.fixture
def offer(session: Daemon, tmp_path: Path) -> Iterator[Callable[..., subprocess.Popen[str]]]:
    """Starts another program that offers a camera, and waits until it is listed; it ends with the test."""
    running: list[subprocess.Popen[str]] = []

    def start(*command: str, name: str, typed: str = "") -> subprocess.Popen[str]:
        program = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, text=True
        )
        running.append(program)
        assert program.stdin is not None
        program.stdin.write(typed)
        program.stdin.flush()
        until(lambda: name in [node.name for node in list_nodes()], text="the camera is not offered")
        return program

    yield start
    for program in running:
        program.kill()
        program.communicate()


def opened(spec: str) -> Webcam:
    """The camera, as soon as the session manager knows it too."""
    found: list[Webcam] = []

    def known() -> bool:
        with contextlib.suppress(SourceError):
            found.append(Webcam(spec))
        return bool(found)

    until(known, text="the camera cannot be opened")
    return found[0]


def assert_drawn(camera: Webcam) -> None:
    frame = camera.read()
    assert frame is not None
    assert frame.size == SIZE
    assert np.abs(frame.pixels[:, :70].mean((0, 1)) - BLUE).max() < 5
    assert np.abs(frame.pixels[:, 90:].mean((0, 1)) - RED).max() < 5


@pytest.mark.parametrize("fourcc", FORMATS)
def test_pictures_of_another_program(
    offer: Callable[..., subprocess.Popen[str]], tmp_path: Path, fourcc: str
) -> None:
    content, stride = FORMATS[fourcc]
    (tmp_path / "picture").write_bytes(content())
    facts = (str(tmp_path / "picture"), fourcc, str(SIZE[0]), str(SIZE[1]), str(stride))
    offer(sys.executable, "-m", "tests.overlay.media.pipewire_program", *facts, name=NAME)
    assert [(one.spec, one.name) for one in list_cameras()] == [(f"pipewire:{NAME}", LABEL)]
    camera = opened(f"pipewire:{NAME}")
    for _ in range(5):
        assert_drawn(camera)
    assert (camera.name, camera.rate, camera.notice) == (f"camera {NAME}", 30.0, None)
    assert camera.facts is not None
    assert camera.facts.fourcc == fourcc
    camera.close()
    assert camera.read() is None


def test_camera_that_is_unplugged_comes_back(offer: Callable[..., subprocess.Popen[str]]) -> None:
    program = offer("pw-cli", name="test-camera", typed=TEST_SOURCE)
    camera = opened("pipewire:Test Camera")
    frame = camera.read()
    assert frame is not None
    assert frame.size == (1280, 720)  # of all sizes that it offers
    program.kill()
    until(lambda: not list_nodes(), text="the camera stays listed")
    notices: set[str | None] = set()

    def plugged_in_again() -> bool:
        notices.add(camera.notice)
        return camera.notice is None and len(notices) > 1

    reading = threading.Thread(target=lambda: [camera.read() for _ in range(60)])
    reading.start()
    until(lambda: camera.notice == "Camera Test Camera is gone: trying again", text="nothing is said")
    notices.add(camera.notice)
    offer("pw-cli", name="test-camera", typed=TEST_SOURCE)
    until(plugged_in_again, text="the camera does not come back")
    reading.join(30)
    assert not reading.is_alive()
    camera.close()


def test_two_programs_read_one_camera(offer: Callable[..., subprocess.Popen[str]]) -> None:
    offer("pw-cli", name="test-camera", typed=TEST_SOURCE)
    first, second = opened("pipewire:test-camera"), opened("pipewire:test-camera")
    for _ in range(5):
        assert first.read() is not None
        assert second.read() is not None
    first.close()
    second.close()


def test_signcaps_own_camera_is_none_to_read(session: Daemon) -> None:
    camera = PipeWireCamera(SIZE, 30.0)
    assert list_nodes() == []
    with pytest.raises(SourceError, match="PipeWire offers no camera"):
        open_source("pipewire:signcap")
    camera.close()


def test_one_sentence_when_there_is_no_such_camera(offer: Callable[..., subprocess.Popen[str]]) -> None:
    offer("pw-cli", name="test-camera", typed=TEST_SOURCE)
    with pytest.raises(SourceError, match=r'of "pipewire:test-camera" \(Test Camera\), or try the demo'):
        open_source("pipewire:another")


def test_pipewire_that_ends_is_a_camera_that_is_gone(
    session: Daemon, offer: Callable[..., subprocess.Popen[str]]
) -> None:
    offer("pw-cli", name="test-camera", typed=TEST_SOURCE)
    camera = opened("pipewire:test-camera")
    assert camera.read() is not None
    session.kill()
    reading = threading.Thread(target=lambda: list(iter(camera.read, None)))
    reading.start()
    until(lambda: camera.notice is not None, text="nothing is said")
    camera.close()
    reading.join(30)
    assert not reading.is_alive()
