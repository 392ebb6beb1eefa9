"""Formats of PipeWire, in the bytes that it speaks."""

import pytest

from overlay.media import pipewire_format as pods
from overlay.media.v4l2_modes import JPEG, Mode, best_mode

pytestmark = pytest.mark.unit

# What PipeWire 0.3.65 says of its own source of test pictures: RGB and UYVY, of any size and rate.
TEST_SOURCE = bytes.fromhex(
    "d80000000f000000030004000300000001000000000000000400000003000000020000000000000002000000000000000400000003000000"
    "010000000000000001000200000000001c00000013000000030000000000000004000000030000000f0000000f0000000500000000000000"
    "030002000000000028000000130000000100000000000000080000000a00000040010000f00000000100000001000000ffffff7fffffff7f"
    "040002000000000028000000130000000100000000000000080000000b00000019000000010000000000000001000000ffffff7f01000000"
)


def pod(fourccs: list[str], *, size: bytes, rate: bytes) -> bytes:
    """A format as cameras list it."""
    if fourccs == [JPEG]:
        return pods._object(
            pods._FORMAT, 3, {1: pods._id(pods._VIDEO), 2: pods._id(pods._MJPG), pods._SIZE: size, pods._RATE: rate}
        )
    numbers = [pods._NUMBERS[one].to_bytes(4, "little") for one in fourccs]
    kinds = pods._choice_of(pods._ENUM, pods._ID, numbers[0], *numbers)
    return pods._object(
        pods._FORMAT,
        3,
        {
            1: pods._id(pods._VIDEO),
            2: pods._id(pods._RAW),
            pods._VIDEO_FORMAT: kinds,
            pods._SIZE: size,
            pods._RATE: rate,
        },
    )


def pairs(kind: int, child: int, *values: tuple[int, int]) -> bytes:
    packed = [first.to_bytes(4, "little") + second.to_bytes(4, "little") for first, second in values]
    return pods._choice_of(kind, child, *packed)


def test_modes_of_a_real_source() -> None:
    listed = list(pods.offered_modes(TEST_SOURCE, 30.0))
    assert {mode.fourcc for mode in listed} == {"RGB3", "UYVY"}
    assert best_mode(listed, (1280, 720), 30.0, pods.READABLE) == Mode("UYVY", 1280, 720, 30.0)


def test_modes_that_are_enumerated() -> None:
    size = pairs(pods._ENUM, pods._RECTANGLE, (640, 480), (640, 480), (1280, 720))
    rate = pairs(pods._ENUM, pods._FRACTION, (60, 1), (60, 1), (30000, 1001), (15, 1))
    listed = list(pods.offered_modes(pod([JPEG], size=size, rate=rate), 30.0))
    assert listed == [Mode(JPEG, 640, 480, 30000 / 1001), Mode(JPEG, 1280, 720, 30000 / 1001)]
    slow = pairs(pods._ENUM, pods._FRACTION, (15, 1), (10, 1), (15, 1))
    assert {mode.rate for mode in pods.offered_modes(pod(["NV12", "XR24"], size=size, rate=slow), 30.0)} == {15.0}


def test_rate_that_changes_with_the_light_is_told_as_0() -> None:
    size = pods._pod(pods._RECTANGLE, (640).to_bytes(4, "little") + (480).to_bytes(4, "little"))
    rate = pods._pod(pods._FRACTION, (0).to_bytes(4, "little") + (1).to_bytes(4, "little"))
    assert list(pods.offered_modes(pod(["YUYV"], size=size, rate=rate), 30.0)) == [Mode("YUYV", 640, 480, 0.0)]


@pytest.mark.parametrize("fourcc", [*pods._NUMBERS, JPEG])
@pytest.mark.parametrize("rate", [30.0, 30000 / 1001, 15.0])
def test_mode_is_asked_for_first_and_as_it_was_offered(fourcc: str, rate: float) -> None:
    mode = Mode(fourcc, 1280, 720, rate)
    wished = pods.wished_formats(mode, (640, 480), 30.0)
    assert pods.agreed_mode(wished[0]) == mode
    assert len(wished) == 3


def test_whatever_another_program_has_chosen_will_do() -> None:
    *_, raw, compressed = pods.wished_formats(None, (1280, 720), 30.0)
    assert {mode.fourcc for mode in pods.offered_modes(raw, 30.0)} == set(pods.READABLE) - {JPEG}
    assert {mode.fourcc for mode in pods.offered_modes(compressed, 30.0)} == {JPEG}


@pytest.mark.parametrize("part", [1, 2, pods._VIDEO_FORMAT, pods._SIZE])
def test_format_without_a_part_is_none(part: int) -> None:
    """As one of audio, or one that cannot be read, is."""
    whole = pods.picture_format((640, 480), 30.0)
    assert pods.agreed_mode(whole) == Mode("YU12", 640, 480, 30.0)
    assert pods.agreed_mode(whole.replace(part.to_bytes(4, "little") + bytes(4), bytes(8), 1)) is None


def test_damaged_pods_give_nothing_or_less() -> None:
    for end in range(len(TEST_SOURCE)):
        assert {mode.fourcc for mode in pods.offered_modes(TEST_SOURCE[:end], 30.0)} <= {"RGB3", "UYVY"}
    for place in range(8, len(TEST_SOURCE)):
        for value in (0, 0x7F, 0xFF):
            list(pods.offered_modes(TEST_SOURCE[:place] + bytes([value]) + TEST_SOURCE[place + 1 :], 30.0))
