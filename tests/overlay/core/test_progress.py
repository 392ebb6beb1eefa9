"""The bar in the terminal."""

import re

import pytest

from overlay.core.progress import progress_bar

pytestmark = pytest.mark.unit


def test_no_time_is_named_that_nobody_knows(
    capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "100")
    with progress_bar() as show:
        show(0.0, "Fetching the hand model")
        show(0.42, "Fetching the hand model")
    said = capfd.readouterr().err
    assert "Fetching the hand model" in said
    assert "42%" in said
    assert not re.search(r":\d\d|-:--", said)


def test_nothing_is_shown_where_there_is_nothing_to_wait_for(capfd: pytest.CaptureFixture[str]) -> None:
    with progress_bar():
        pass
    assert capfd.readouterr().err == ""
