"""The demo: every frame once as a file, or for ever and on time as a camera."""

import threading

import numpy as np
import pytest

from overlay.core.clock import Clock
from overlay.core.errors import SigncapError
from overlay.media.frame import Frame
from overlay.media.sources.webcam import open_source
from overlay.synthesis.demo_source import RATE, REST, RISE, START, DemoSource
from overlay.synthesis.signer import SyntheticSigner

pytestmark = pytest.mark.unit

SMALL = (128, 96)


def test_as_a_file_it_gives_every_frame_once() -> None:
    source = DemoSource("HI", realtime=False, size=SMALL)
    signer = SyntheticSigner("HI", size=SMALL, lead=RISE)
    frames = []
    while (frame := source.read()) is not None:
        frames.append(frame)
    assert len(frames) == int(signer.duration * RATE) + 1
    assert [frame.index for frame in frames] == list(range(len(frames)))
    assert [frame.at for frame in frames] == [number / RATE for number in range(len(frames))]
    assert (frames[20].pixels == signer.render(20 / RATE)).all()
    assert source.read() is None


class TurnedClock(Clock):
    """Time that passes only when told to, or while frames are waited for."""

    def __init__(self) -> None:
        self.now = 100.0

    def monotonic(self) -> float:
        return self.now


def test_as_a_camera_it_plays_slower_rather_than_skips() -> None:
    clock = TurnedClock()
    signer = SyntheticSigner("HI", size=SMALL, lead=RISE)
    source = DemoSource("HI", size=SMALL, clock=clock)
    assert source.patient
    frames, times = [], []
    for busy in (0.0, *[1.5 / RATE] * 30, 0.5, 0.034, 0.1):
        clock.now += busy
        times.append(clock.now)
        frame = source.read()
        assert frame is not None
        frames.append(frame)
    assert [frame.at for frame in frames] == pytest.approx(times)
    assert [frame.moment - 100.0 for frame in frames] == pytest.approx([number / RATE for number in range(34)])
    assert [frame.index for frame in frames] == list(range(34))
    shown = [signer.render(max(0.0, number / RATE - START)) for number in range(34)]
    assert all((frame.pixels == picture).all() for frame, picture in zip(frames, shown, strict=True))


def test_as_a_camera_it_starts_again_after_a_rest() -> None:
    clock = TurnedClock()
    signer = SyntheticSigner("HI", size=SMALL, lead=RISE)
    source = DemoSource("HI", size=SMALL, clock=clock)
    whole = signer.duration + REST
    assert source.read() is not None

    def at(seconds: float) -> Frame:
        while (frame := source.read()) is not None and frame.at < 100.0 + seconds:
            clock.now = frame.at + 1 / RATE
        assert frame is not None
        return frame

    resting = at(START + signer.duration + REST / 2)
    again = at(START + whole + 1.0)
    assert (resting.pixels == signer.render(signer.duration)).all()
    assert (again.pixels == signer.render((again.moment - 100.0 - START) % whole)).all()
    assert np.abs(again.pixels.astype(int) - resting.pixels).max() > 50


def test_as_a_camera_it_begins_with_the_hand_down() -> None:
    clock = TurnedClock()
    source = DemoSource("HI", size=SMALL, clock=clock)
    first = source.read()
    frames = [source.read() for _ in range(round(START * RATE))]
    assert first is not None
    assert all(frame is not None and (frame.pixels == first.pixels).all() for frame in frames)


def test_as_a_camera_it_spells_nothing_before_the_recogniser_is_ready() -> None:
    clock, ready = TurnedClock(), threading.Event()
    signer = SyntheticSigner("HI", size=SMALL, lead=RISE)
    source = DemoSource("HI", size=SMALL, clock=clock, ready=ready)

    def after(seconds: float) -> Frame:
        clock.now += seconds
        frame = source.read()
        assert frame is not None
        return frame

    assert all((after(0.7).pixels == signer.render(0)).all() for _ in range(12))
    ready.set()
    for _ in range(round((START + 1.0) * RATE)):
        shown = after(1 / RATE)
    expected = [signer.render(1.0 + late / RATE) for late in (-1, 0, 1, 2)]
    assert any((shown.pixels == pixels).all() for pixels in expected)


def test_close_ends_it() -> None:
    source = DemoSource("HI", size=SMALL)
    source.close()
    assert source.read() is None


@pytest.mark.parametrize("text", ["", "  ", "CAFÉ 7"])
def test_text_that_cannot_be_spelled(text: str) -> None:
    with pytest.raises(SigncapError) as caught:
        open_source("demo", text=text)
    assert "\n" not in str(caught.value)


def test_text_is_for_the_demo_only() -> None:
    with pytest.raises(SigncapError, match="for the demo, not for 0"):
        open_source("0", text="HELLO")
