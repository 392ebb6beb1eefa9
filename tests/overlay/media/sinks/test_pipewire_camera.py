"""The camera of PipeWire, with a PipeWire of its own where the machine has one, read back by GStreamer."""

import json
import os
import select
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

from overlay.core.errors import SinkError
from overlay.media import pipewire_library, v4l2
from overlay.media.frame import Picture, Pixels
from overlay.media.pipewire_cameras import pipewire_is_there
from overlay.media.sinks.pipewire_camera import PIPEWIRE, PipeWireCamera
from overlay.media.sinks.virtual_camera import open_virtual_camera
from tests.waiting import until

pytestmark = pytest.mark.e2e

SIZE = (320, 240)
FIRST = 40  # brightness of pictures that only tell that a reader is there


Daemon = subprocess.Popen[str]


class Reader:
    """GStreamer reading the camera."""

    def __init__(self, size: tuple[int, int] = SIZE) -> None:
        self.size = size
        self._start()

    def _start(self) -> None:
        caps = f"video/x-raw,format=I420,width={self.size[0]},height={self.size[1]}"
        line = f"gst-launch-1.0 -q pipewiresrc target-object=signcap ! {caps} ! fdsink fd=1 sync=false"
        self._process = subprocess.Popen(line.split(), stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, bufsize=0)

    def picture(self, patience: float) -> Pixels | None:
        """The next one, or None when none comes."""
        assert self._process.stdout is not None
        wanted, got = self.size[0] * self.size[1] * 3 // 2, b""
        deadline = time.monotonic() + patience
        while len(got) < wanted:
            ready, _, _ = select.select([self._process.stdout], [], [], max(0.0, deadline - time.monotonic()))
            part = os.read(self._process.stdout.fileno(), wanted - len(got)) if ready else b""
            if not part:
                assert not got, "half a picture came"
                return None
            if not got:  # the rest of it comes
                deadline = time.monotonic() + 20
            got += part
        return np.frombuffer(got, np.uint8).reshape(self.size[1] * 3 // 2, self.size[0])

    def first(self, send: Callable[[], None]) -> Pixels:
        """Call `send` until a picture arrives."""
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            send()
            if self._process.poll() is not None:  # it came before the session manager knew the camera
                self.close()
                self._start()
            if (got := self.picture(0.1)) is not None:
                return got
        raise AssertionError("no picture came")

    def join(self, camera: PipeWireCamera) -> None:
        """Wait until pictures arrive, and take all that were sent for it."""
        self.first(lambda: camera.send(picture(FIRST)))
        while self.picture(0.3) is not None:
            pass

    def tell(self, number: int) -> None:
        self._process.send_signal(number)

    def close(self, how: int = signal.SIGINT) -> None:
        self.tell(how)
        self._process.wait()
        assert self._process.stdout is not None
        self._process.stdout.close()


@pytest.fixture
def read(session: Daemon) -> Iterator[Callable[[], Reader]]:
    """Makes readers, which end with the test."""
    readers: list[Reader] = []

    def one() -> Reader:
        readers.append(Reader())
        return readers[-1]

    yield one
    for reader in readers:
        reader.close(signal.SIGKILL)


@pytest.fixture
def camera(session: Daemon) -> Iterator[PipeWireCamera]:
    camera = PipeWireCamera(SIZE, 30.0)
    yield camera
    camera.close()


def picture(brightness: int, size: tuple[int, int] = SIZE) -> Pixels:
    """One brightness all over, and two colours."""
    i420 = np.empty((size[1] * 3 // 2, size[0]), np.uint8)
    i420[: size[1]] = brightness
    colours = i420[size[1] :].reshape(2, -1)
    colours[0], colours[1] = 90, 200
    return i420


def missed(camera: PipeWireCamera, reader: Reader, count: int = 48) -> int:
    """How many of so many pictures did not arrive; those that do are whole, in order and each once."""
    missing: set[int] = set()
    last = FIRST
    for brightness in range(50, 50 + count):
        camera.send(picture(brightness))
        missing.add(brightness)
        # One that comes late, or was sent before, has to be a right one as well.
        while brightness in missing and (got := reader.picture(5.0)) is not None:
            came = int(got[0, 0])
            np.testing.assert_array_equal(got, picture(came))
            assert last < came <= brightness or last == came == FIRST
            missing.discard(came)
            last = came
        time.sleep(0.005)
    return len(missing)


def nodes() -> list[dict[str, object]]:
    """The properties of what PipeWire knows."""
    listed = subprocess.run(["pw-dump"], check=True, capture_output=True, text=True)
    return [item["info"]["props"] for item in json.loads(listed.stdout) if item["type"] == "PipeWire:Interface:Node"]


def test_pictures_come_out_whole_and_in_order(camera: PipeWireCamera, read: Callable[[], Reader]) -> None:
    reader = read()
    reader.join(camera)
    assert missed(camera, reader) <= 2


def test_it_is_listed_as_a_camera_until_closed(camera: PipeWireCamera) -> None:
    assert pipewire_is_there()
    (node,) = (node for node in nodes() if node.get("node.name") == "signcap")
    # What browsers and the camera portal go by.
    assert (node["media.class"], node["media.role"], node["node.description"]) == (
        "Video/Source",
        "Camera",
        "Signcap",
    )
    camera.close()
    camera.close()
    until(lambda: not [node for node in nodes() if node.get("node.name") == "signcap"], text="it stays in the list")


def test_readers_that_are_killed_take_no_pictures_from_the_next(
    camera: PipeWireCamera, read: Callable[[], Reader]
) -> None:
    for _ in range(3):
        reader = read()
        reader.join(camera)
        assert missed(camera, reader, 4) <= 1
        reader.close(signal.SIGKILL)
    reader = read()
    reader.join(camera)
    assert missed(camera, reader) <= 2


def test_a_reader_that_stands_still_does_not_hold_up_others(
    camera: PipeWireCamera, read: Callable[[], Reader]
) -> None:
    stuck = read()
    stuck.join(camera)
    stuck.tell(signal.SIGSTOP)
    for _ in range(100):
        camera.send(picture(FIRST))
    reader = read()
    reader.join(camera)
    assert missed(camera, reader) <= 2


def test_a_reader_that_keeps_what_it_gets_does_not_hold_up_others(
    camera: PipeWireCamera, read: Callable[[], Reader]
) -> None:
    hoarding, reader = read(), read()
    hoarding.join(camera)
    reader.join(camera)
    for brightness in range(50, 150):  # nobody takes them from the first one: it holds all the memory there is
        camera.send(picture(brightness))
        while reader.picture(0.05) is not None:
            pass
    reader.join(camera)
    assert missed(camera, reader) <= 2
    while hoarding.picture(0.5) is not None:  # once it is taken from, it goes on like others
        pass
    assert hoarding.first(lambda: camera.send(picture(220)))[0, 0] == 220


def test_who_comes_late_gets_no_old_picture(camera: PipeWireCamera, read: Callable[[], Reader]) -> None:
    for _ in range(100):
        camera.send(picture(200))  # read by nobody
    reader = read()
    assert reader.first(lambda: camera.send(picture(60)))[0, 0] == 60


def test_it_is_chosen_by_name_and_keeps_the_shape_of_pictures(read: Callable[[], Reader]) -> None:
    camera = open_virtual_camera(PIPEWIRE, (326, 241))
    assert camera is not None
    assert camera.size == (320, 240)
    reader = read()
    got = reader.first(lambda: camera.send(Picture(picture(120, (326, 240)), 0, time.monotonic())))
    assert got[120, 160] == 120
    camera.close()


def test_one_sentence_when_pipewire_ends(session: Daemon) -> None:
    camera = open_virtual_camera(PIPEWIRE, SIZE)
    assert camera is not None
    session.kill()
    sentence: list[str] = []

    def failed() -> bool:
        try:
            camera.send(Picture(picture(100), 0, time.monotonic()))
        except SinkError as error:
            sentence.append(str(error))
        return bool(sentence)

    until(failed, text="no error came")
    assert "PipeWire has stopped or restarted" in sentence[0]
    assert sentence[0].endswith("start Signcap again.")
    camera.close()


def test_a_picture_of_another_size_is_refused(camera: PipeWireCamera) -> None:
    with pytest.raises(ValueError, match="bytes"):
        camera.send(picture(100, (64, 48)))


def test_it_is_offered_where_there_is_no_driver(session: Daemon, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(v4l2, "video_devices", list)
    with pytest.raises(SinkError, match=r"install v4l2loopback.*--virtual-camera pipewire"):
        open_virtual_camera("auto", SIZE)


@pytest.mark.unit
def test_one_sentence_without_a_running_pipewire(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    try:
        pipewire_library.library()
    except OSError:
        pytest.skip("this machine has no libpipewire")
    for name in ("PIPEWIRE_RUNTIME_DIR", "PIPEWIRE_REMOTE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    assert not pipewire_is_there()
    with pytest.raises(SinkError, match=r"PipeWire does not answer.*systemctl --user restart pipewire"):
        open_virtual_camera(PIPEWIRE, SIZE)
    monkeypatch.setattr(v4l2, "video_devices", list)
    with pytest.raises(SinkError) as error:
        open_virtual_camera("auto", SIZE)
    assert "pipewire" not in str(error.value)


@pytest.mark.unit
@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="PipeWire is for Linux")
def test_one_sentence_without_the_library(monkeypatch: pytest.MonkeyPatch) -> None:
    pipewire_library.library.cache_clear()
    monkeypatch.setattr(pipewire_library, "NAME", "libpipewire-that-nobody-has.so.0")
    assert not pipewire_is_there()
    with pytest.raises(SinkError, match="sudo apt install pipewire wireplumber"):
        open_virtual_camera(PIPEWIRE, SIZE)


@pytest.mark.unit
def test_one_sentence_on_other_systems(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "darwin")
    assert not pipewire_is_there()
    with pytest.raises(SinkError, match="for Linux only"):
        open_virtual_camera(PIPEWIRE, SIZE)
