"""Contrast as WCAG counts it."""

import pytest

from overlay.captions.contrast import contrast, contrast_warnings
from overlay.core.settings import CaptionStyle

pytestmark = pytest.mark.unit


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [("#000000", "#ffffff", 21.0), ("#ffffff", "#767676", 4.54), ("#777777", "#777777", 1.0)],
)
def test_contrast_is_that_of_the_standard(one: str, other: str, expected: float) -> None:
    assert contrast(one, other) == contrast(other, one) == pytest.approx(expected, abs=0.01)


def test_the_default_style_can_be_read_over_anything() -> None:
    assert contrast_warnings(CaptionStyle()) == []


def test_faint_text_and_faint_boxes_are_warned_of() -> None:
    (faint,) = contrast_warnings(CaptionStyle(colour="#333333"))
    assert faint.startswith("Final text")
    clear = contrast_warnings(CaptionStyle(box_opacity=0.1))
    assert len(clear) == 2
    assert all("bright" in sentence for sentence in clear)
