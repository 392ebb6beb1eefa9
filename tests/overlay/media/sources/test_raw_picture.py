"""Raw pictures of cameras, with gaps between their rows and in one block or many."""

import cv2
import numpy as np
import pytest

from overlay.media.frame import Pixels
from overlay.media.sources.raw_picture import to_bgr

pytestmark = pytest.mark.unit

WIDTH, HEIGHT, GAP = 16, 8, 5


def picture() -> Pixels:
    """Blue on the left and red on the right, and dark below."""
    pixels = np.empty((HEIGHT, WIDTH, 3), np.uint8)
    pixels[:, : WIDTH // 2], pixels[:, WIDTH // 2 :] = (200, 60, 40), (30, 40, 220)
    pixels[HEIGHT // 2 :] //= 4
    return pixels


def i420() -> list[Pixels]:
    planes = cv2.cvtColor(picture(), cv2.COLOR_BGR2YUV_I420).reshape(-1)
    brightness, u, v = np.split(planes, [WIDTH * HEIGHT, WIDTH * HEIGHT * 5 // 4])
    return [brightness.reshape(HEIGHT, WIDTH), u.reshape(HEIGHT // 2, -1), v.reshape(HEIGHT // 2, -1)]


def encoded(fourcc: str) -> list[Pixels]:
    """The rows of each plane."""
    y, u, v = i420()
    packed = {
        "BGR3": lambda: picture(),
        "RGB3": lambda: cv2.cvtColor(picture(), cv2.COLOR_BGR2RGB),
        "XR24": lambda: cv2.cvtColor(picture(), cv2.COLOR_BGR2BGRA),
        "AR24": lambda: cv2.cvtColor(picture(), cv2.COLOR_BGR2BGRA),
        "XB24": lambda: cv2.cvtColor(picture(), cv2.COLOR_BGR2RGBA),
        "AB24": lambda: cv2.cvtColor(picture(), cv2.COLOR_BGR2RGBA),
        "YUYV": lambda: cv2.cvtColor(picture(), cv2.COLOR_BGR2YUV_YUY2),
        "UYVY": lambda: cv2.cvtColor(picture(), cv2.COLOR_BGR2YUV_UYVY),
    }
    planar = {
        "YU12": [y, u, v],
        "YV12": [y, v, u],
        "NV12": [y, np.dstack([u, v]).reshape(HEIGHT // 2, WIDTH)],
        "NV21": [y, np.dstack([v, u]).reshape(HEIGHT // 2, WIDTH)],
    }
    return planar[fourcc] if fourcc in planar else [packed[fourcc]().reshape(HEIGHT, -1)]


def block(rows: Pixels, gap: int) -> bytes:
    return np.pad(rows, ((0, 0), (0, gap)), constant_values=77).tobytes()


ALL = ["BGR3", "RGB3", "XR24", "AR24", "XB24", "AB24", "YUYV", "UYVY", "YU12", "YV12", "NV12", "NV21"]


@pytest.mark.parametrize("fourcc", ALL)
@pytest.mark.parametrize("gap", [0, GAP * 2])
def test_every_format_with_and_without_gaps(fourcc: str, gap: int) -> None:
    planes = encoded(fourcc)
    # In one block the rows of halved colours have half the gap.
    together = b"".join(block(rows, gap * rows.shape[1] // planes[0].shape[1]) for rows in planes)
    stride = planes[0].shape[1] + gap if gap else 0
    apart = [(block(rows, gap), rows.shape[1] + gap if gap else 0) for rows in planes]
    for blocks in ([(together, stride)], apart):
        got = to_bgr(blocks, fourcc, (WIDTH, HEIGHT))
        assert got is not None
        assert got.shape == (HEIGHT, WIDTH, 3)
        assert np.abs(got.astype(int) - picture()).max() <= 4


def test_jpeg_and_grey() -> None:
    content = cv2.imencode(".jpg", picture(), [cv2.IMWRITE_JPEG_QUALITY, 100])[1].tobytes()
    got = to_bgr([(content, 0)], "MJPG", (WIDTH, HEIGHT))
    assert got is not None
    assert np.abs(got[1, 2].astype(int) - picture()[1, 2]).max() <= 12
    grey = to_bgr([(bytes(range(WIDTH * HEIGHT)), 0)], "GREY", (WIDTH, HEIGHT))
    assert grey is not None
    assert grey[1, 3].tolist() == [WIDTH + 3] * 3


@pytest.mark.parametrize("fourcc", ALL)
def test_picture_that_is_not_whole_is_none(fourcc: str) -> None:
    planes = encoded(fourcc)
    together = b"".join(rows.tobytes() for rows in planes)
    assert to_bgr([(together[:-1], 0)], fourcc, (WIDTH, HEIGHT)) is None
    assert to_bgr([(together, planes[0].shape[1] - 1)], fourcc, (WIDTH, HEIGHT)) is None
    assert to_bgr([], fourcc, (WIDTH, HEIGHT)) is None
    assert to_bgr([(b"", 0)], fourcc, (WIDTH, HEIGHT)) is None


def test_what_cannot_be_read_is_none() -> None:
    assert to_bgr([(bytes(1000), 0)], "H264", (WIDTH, HEIGHT)) is None
    assert to_bgr([(b"no picture", 0)], "MJPG", (WIDTH, HEIGHT)) is None
    assert to_bgr([(b"", 0)], "MJPG", (WIDTH, HEIGHT)) is None
