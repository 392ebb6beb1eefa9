"""The shared encoder of the preview, with the real codec."""

import itertools

import av
import cv2
import numpy as np
import pytest

from overlay.core.clock import Clock
from overlay.media.frame import Picture, Pixels
from overlay.media.sinks.vp8_preview import KEY_FRAME_PAUSE, EncodedPicture, StreamSink, fit, scale

pytestmark = pytest.mark.unit


class ReadClock(Clock):
    """Goes on by a thirtieth of a second each time it is read."""

    def __init__(self) -> None:
        self.now = 100.0

    def monotonic(self) -> float:
        self.now += 1 / 30
        return self.now


def picture(number: int, width: int = 640, height: int = 360) -> Picture:
    pixels = np.full((height, width, 3), 80, np.uint8)
    cv2.rectangle(pixels, (20 + number * 4, 40), (90 + number * 4, 110), (200, 180, 160), -1)
    return Picture(cv2.cvtColor(pixels, cv2.COLOR_BGR2YUV_I420), number, number / 30)


def decode(pictures: list[EncodedPicture]) -> list[Pixels]:
    codec = av.CodecContext.create("vp8", "r")
    frames = [frame for encoded in pictures for frame in codec.decode(av.Packet(encoded.data))]
    return [np.asarray(frame.to_ndarray(format="bgr24")) for frame in frames]


def test_what_is_encoded_looks_like_the_picture() -> None:
    sink = StreamSink(ReadClock())
    seen: list[EncodedPicture] = []
    sink.watch(seen.append)
    for number in range(20):
        sink.send(picture(number))
    decoded = decode(seen)
    assert len(decoded) == 20
    original = cv2.cvtColor(picture(19).i420, cv2.COLOR_YUV2BGR_I420)
    assert np.abs(decoded[-1].astype(int) - original).mean() < 3
    assert all(one.pts < other.pts for one, other in itertools.pairwise(seen))


def test_viewers_share_one_encoding_and_begin_at_a_key_frame() -> None:
    sink = StreamSink(ReadClock())
    first: list[EncodedPicture] = []
    second: list[EncodedPicture] = []
    sink.watch(first.append)
    for number in range(15):
        sink.send(picture(number))
    assert [encoded.is_key for encoded in first] == [True] + [False] * 14
    leave = sink.watch(second.append)
    for number in range(15, 20):
        sink.send(picture(number))
    assert second[0].is_key
    assert all(one is other for one, other in zip(first[15:], second, strict=True))
    assert len(decode(second)) == 5
    leave()
    sink.send(picture(20))
    assert (len(first), len(second), sink.viewers) == (21, 5, 1)


def test_nothing_is_encoded_while_nobody_watches(monkeypatch: pytest.MonkeyPatch) -> None:
    scaled = []
    monkeypatch.setattr("overlay.media.sinks.vp8_preview.scale", lambda i420, *size: scaled.append(size) or i420)
    sink = StreamSink(ReadClock())
    sink.send(picture(0))
    assert scaled == []
    leave = sink.watch(lambda _encoded: None)
    sink.send(picture(1))
    assert scaled == [(640, 360)]
    leave()
    sink.send(picture(2))
    assert len(scaled) == 1


def test_key_frames_asked_for_together_come_once() -> None:
    sink = StreamSink(ReadClock())
    seen: list[EncodedPicture] = []
    sink.watch(seen.append)
    sink.send(picture(0))
    for number in range(1, 30):
        sink.want_key_frame()
        sink.send(picture(number))
    keys = [encoded.pts / 90_000 for encoded in seen if encoded.is_key]
    assert len(keys) >= 3
    assert min(other - one for one, other in itertools.pairwise(keys)) >= KEY_FRAME_PAUSE


def test_a_source_that_changes_its_size_goes_on() -> None:
    sink = StreamSink(ReadClock())
    seen: list[EncodedPicture] = []
    sink.watch(seen.append)
    sink.send(picture(0))
    sink.send(picture(1, 320, 240))
    assert seen[1].is_key
    assert [frame.shape for frame in decode(seen)] == [(360, 640, 3), (240, 320, 3)]


@pytest.mark.parametrize(
    ("size", "fitted"),
    [
        ((1280, 720), (960, 540)),
        ((1920, 1080), (960, 540)),
        ((640, 480), (640, 480)),
        ((1024, 768), (720, 540)),
        ((720, 1280), (540, 960)),
        ((2, 2), (2, 2)),
        ((4096, 2), (960, 2)),
    ],
)
def test_pictures_fit_into_the_bounds(size: tuple[int, int], fitted: tuple[int, int]) -> None:
    assert fit(*size) == fitted
    assert scale(picture(0, *size).i420, *fitted).shape == (fitted[1] * 3 // 2, fitted[0])


def test_scaling_keeps_colours_in_their_place() -> None:
    pixels = np.zeros((720, 1280, 3), np.uint8)
    pixels[:, :640] = (40, 60, 220)
    pixels[:, 640:] = (210, 90, 30)
    scaled = scale(cv2.cvtColor(pixels, cv2.COLOR_BGR2YUV_I420), 960, 540)
    back = cv2.cvtColor(scaled, cv2.COLOR_YUV2BGR_I420).astype(int)
    assert np.abs(back[:, :470] - (40, 60, 220)).max() < 6
    assert np.abs(back[:, 490:] - (210, 90, 30)).max() < 6
