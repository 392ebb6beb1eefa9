"""What the commands show while they work."""

import pytest

from models.console import all_in_parallel

pytestmark = pytest.mark.unit


class _Doubler:
    def __call__(self, number: int) -> int:
        return 2 * number


def test_what_is_done_in_parallel_comes_back_in_order(capsys: pytest.CaptureFixture[str]) -> None:
    assert all_in_parallel(_Doubler, [3, 1, 2], 1, "doubling") == [6, 2, 4]
    assert all_in_parallel(_Doubler, [], 1, "doubling") == []
    assert "doubling" not in capsys.readouterr().out  # standard output is for results
