"""Sources that are exchanged, switched off and on while frames are read."""

import queue
import threading
import time

import numpy as np
import pytest

from overlay.core.errors import SourceError
from overlay.media.frame import Frame
from overlay.media.sources.switchable import OFF_NOTICE, SwitchableSource
from tests.clock import SteppedClock

pytestmark = pytest.mark.unit


class FakeCamera:
    """Gives a frame of one grey for each number put into it; None ends it, an error is raised."""

    live, rate, notice = True, 30.0, None

    def __init__(self, name: str, grey: int) -> None:
        self.name, self.grey = name, grey
        self.given: queue.SimpleQueue[float | SourceError | None] = queue.SimpleQueue()
        self.closed = threading.Event()

    def read(self) -> Frame | None:
        at = self.given.get(timeout=60)
        if isinstance(at, SourceError):
            raise at
        return None if at is None else Frame(np.full((48, 64, 3), self.grey, np.uint8), 7, at)

    def close(self) -> None:
        self.closed.set()
        self.given.put(None)


def grey(frame: Frame | None) -> int:
    assert frame is not None
    return int(frame.pixels.mean())


def test_frames_are_numbered_on_across_sources() -> None:
    one, other = FakeCamera("camera 0", 90), FakeCamera("camera 1", 180)
    source = SwitchableSource(one)
    one.given.put(1.0)
    first = source.read()
    source.use(other)
    assert one.closed.is_set()
    other.given.put(2.0)
    second = source.read()
    assert (grey(first), grey(second)) == (90, 180)
    assert first is not None
    assert second is not None
    assert (first.index, second.index, source.name) == (0, 1, "camera 1")


def test_a_source_that_waits_is_one_until_another_takes_its_place() -> None:
    class Player(FakeCamera):
        patient = True

        def read(self) -> Frame | None:
            return Frame(np.zeros((48, 64, 3), np.uint8), 0, 5.0, behind=2.0)

    source = SwitchableSource(Player("demo", 0))
    frame = source.read()
    assert frame is not None
    assert (source.patient, frame.at, frame.moment) == (True, 5.0, 3.0)
    source.use(FakeCamera("camera 0", 90))
    assert not source.patient


def test_switched_off_the_picture_is_dark_at_once_and_says_so() -> None:
    camera = FakeCamera("camera 0", 200)
    source = SwitchableSource(camera)
    camera.given.put(1.0)
    assert grey(source.read()) == 200
    source.switch_off()
    assert camera.closed.is_set()
    assert not source.on
    dark = source.read()
    assert grey(dark) < 40
    assert dark is not None
    assert dark.size == (64, 48)
    assert dark.notice == source.notice == OFF_NOTICE
    began = time.monotonic()
    assert grey(source.read()) < 40  # now and then, not as fast as it is asked
    assert time.monotonic() - began > 0.3
    again = FakeCamera("camera 0", 120)
    again.given.put(5.0)
    source.use(again)
    assert source.on
    assert grey(source.read()) == 120


@pytest.mark.integration
def test_a_picture_that_was_under_way_when_it_was_switched_off_is_not_shown() -> None:
    camera = FakeCamera("camera 0", 200)
    source = SwitchableSource(camera)
    frames: list[Frame | None] = []
    reading = threading.Thread(target=lambda: frames.append(source.read()))
    reading.start()
    time.sleep(0.1)
    camera.given.put(1.0)
    camera.close = camera.closed.set  # type: ignore[method-assign]  # a driver that still gives its last picture
    source.switch_off()
    reading.join(30)
    assert len(frames) == 1
    # Whichever came first, the next one is dark.
    assert grey(source.read()) < 40


def test_a_camera_that_fails_is_switched_off_with_its_reason() -> None:
    camera = FakeCamera("camera 0", 200)
    source = SwitchableSource(camera)
    camera.given.put(SourceError("The camera is broken: plug in another."))
    assert grey(source.read()) < 40
    assert source.notice == "The camera is broken: plug in another."
    assert not source.on


def test_a_video_that_ends_ends_it() -> None:
    video = FakeCamera("video.mp4", 200)
    video.given.put(None)
    assert SwitchableSource(video).read() is None


@pytest.mark.integration
@pytest.mark.parametrize("off", [False, True])
def test_close_ends_a_read_that_waits(off: bool) -> None:
    camera = FakeCamera("camera 0", 200)
    source = SwitchableSource(camera)
    if off:
        source.switch_off()
        source.read()
    frames: list[Frame | None] = [Frame(np.zeros((2, 2, 3), np.uint8), 0, 0.0)]
    reading = threading.Thread(target=lambda: frames.append(source.read()))
    reading.start()
    time.sleep(0.05)
    source.close()
    reading.join(30)
    assert frames[-1] is None
    late = FakeCamera("camera 1", 10)
    source.use(late)
    assert late.closed.is_set()


def test_dark_frames_come_now_and_then_with_times_that_grow() -> None:
    clock = SteppedClock(at=50.0)
    source = SwitchableSource(FakeCamera("camera 0", 200), clock=clock)
    source.switch_off()
    dark: list[Frame | None] = []
    reader = threading.Thread(target=lambda: dark.extend(source.read() for _ in range(4)))
    reader.start()
    clock.advance(2.0)
    reader.join(60)
    assert [frame.at for frame in dark if frame is not None] == [50.0, 50.5, 51.0, 51.5]


def test_left_and_right_are_exchanged_while_that_is_set() -> None:
    class Half(FakeCamera):
        def read(self) -> Frame | None:
            frame = super().read()
            assert frame is not None
            frame.pixels[:, :32] = 250
            return frame

    camera, flip = Half("camera 0", 10), [False, True, True, False]
    source = SwitchableSource(camera, flip=lambda: flip.pop(0))
    sides = []
    for at in range(4):
        camera.given.put(float(at))
        frame = source.read()
        assert frame is not None
        assert frame.pixels.flags.c_contiguous
        sides.append((int(frame.pixels[0, 0, 0]), int(frame.pixels[0, -1, 0])))
    assert sides == [(250, 10), (10, 250), (10, 250), (250, 10)]
