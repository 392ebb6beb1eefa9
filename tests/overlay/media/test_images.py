"""What is refused of a picture file before a native library sees it."""

from pathlib import Path

import cv2
import numpy as np
import pytest

from overlay.core.errors import SigncapError
from overlay.media import images as picture_file
from overlay.media.frame import LONGEST_SIDE
from overlay.media.images import MOST_MARKERS, decode_picture, picture_size, read_picture

pytestmark = pytest.mark.unit

LONG = LONGEST_SIDE + 1


def png(width: int, height: int) -> bytes:
    return bytes(cv2.imencode(".png", np.full((height, width, 3), 90, np.uint8))[1])


@pytest.mark.parametrize(("width", "height"), [(LONG, 2), (2, LONG), (60_000, 1)])
def test_a_side_that_is_too_long_is_refused_before_it_is_decoded(
    width: int, height: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = png(width, height)
    monkeypatch.setattr(cv2, "imdecode", lambda *_: pytest.fail("decoded"))
    with pytest.raises(SigncapError) as refused:
        decode_picture(data, "screen.png")
    assert str(refused.value) == (
        f"screen.png has {width} × {height} pixels: choose a picture with sides of at most 8192 pixels, "
        "or cut the hand out of it."
    )


def test_the_longest_side_is_read() -> None:
    assert decode_picture(png(LONGEST_SIDE, 2), "screen.png").shape == (2, LONGEST_SIDE, 3)


def test_a_file_whose_head_lies_is_refused_by_what_comes_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(picture_file, "picture_size", lambda _data: (10, 10))
    with pytest.raises(SigncapError, match="sides of at most"):
        decode_picture(png(LONG, 1), "screen.png")


def test_a_picture_in_a_folder_is_none_where_a_side_is_too_long_or_the_file_too_large(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "long.png").write_bytes(png(LONG, 1))
    (tmp_path / "good.png").write_bytes(png(30, 20))
    assert read_picture(tmp_path / "long.png") is None
    assert read_picture(tmp_path / "absent.png") is None
    good = read_picture(tmp_path / "good.png")
    assert good is not None
    assert good.shape == (20, 30, 3)
    monkeypatch.setattr(picture_file, "LARGEST_FILE", 10)
    assert read_picture(tmp_path / "good.png") is None


def jpeg_with(markers: bytes) -> bytes:
    data = bytes(cv2.imencode(".jpg", np.zeros((20, 30, 3), np.uint8))[1])
    return data[:2] + markers + data[2:]


def test_markers_before_the_size_are_passed_over_up_to_a_bound() -> None:
    comment = b"\xff\xfe\x00\x04ab"
    assert picture_size(jpeg_with(comment * 300)) == (30, 20)
    assert picture_size(jpeg_with(b"\xff" * 5_000_000)) == (30, 20), "filling of any length"
    assert picture_size(jpeg_with(comment * MOST_MARKERS)) is None
    assert picture_size(jpeg_with(b"\xff\x01" * 10_000_000)) is None, "20 MB of markers that nothing belongs to"
    assert picture_size(b"\xff\xd8\xff" + b"\xff" * 20_000_000) is None
