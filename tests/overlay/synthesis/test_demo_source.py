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


def test_as_a_camera_it_skips_rather_than_falls_behind() -> None:
    clock = TurnedClock()
    source = DemoSource("HI", size=SMALL, clock=clock)
    frames = [source.read()]
    for busy in (0.034, 0.034, 0.5, 0.034, 0.1):
        clock.now += busy
        frames.append(source.read())
    lags = []
    time = 100.0
    for frame, busy in zip(frames, (0, 0.034, 0.034, 0.5, 0.034, 0.1), strict=True):
        assert frame is not None
        time += busy
        lags.append(time - frame.at)
    assert all(abs(lag) <= 1 / RATE + 1e-6 for lag in lags)
    assert [frame.index for frame in frames if frame] == list(range(6))


def test_as_a_camera_it_starts_again_after_a_rest() -> None:
    clock = TurnedClock()
    signer = SyntheticSigner("HI", size=SMALL, lead=RISE)
    source = DemoSource("HI", size=SMALL, clock=clock)
    whole = signer.duration + REST
    assert source.read() is not None
    clock.now += START + signer.duration + REST / 2
    resting = source.read()
    clock.now = 100.0 + START + whole + 1.0
    again = source.read()
    assert resting is not None
    assert again is not None
    assert (resting.pixels == signer.render(signer.duration)).all()
    assert (again.pixels == signer.render((again.at - 100.0 - START) % whole)).all()
    assert np.abs(again.pixels.astype(int) - resting.pixels).max() > 50


def test_as_a_camera_it_begins_with_the_hand_down() -> None:
    clock = TurnedClock()
    source = DemoSource("HI", size=SMALL, clock=clock)
    first = source.read()
    clock.now += START
    later = source.read()
    assert first is not None
    assert later is not None
    assert (first.pixels == later.pixels).all()


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
    shown = after(START + 1.0)
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
