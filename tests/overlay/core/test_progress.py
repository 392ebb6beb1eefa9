"""The progress bar of work that takes long."""

import re

import pytest

from overlay.core.progress import progress_bar

pytestmark = pytest.mark.unit


def test_no_time_is_told_that_nobody_knows(capfd: pytest.CaptureFixture[str]) -> None:
    with progress_bar() as show:
        show(0.0, "Fetching the hand model")
    said = capfd.readouterr().err
    assert "Fetching the hand model" in said
    assert "0%" in said
    assert not re.search(r"[\d-]+:[\d-]+", said)
