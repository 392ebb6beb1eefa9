"""The status of a run: what is told of a source that plays slower."""

import pytest

from overlay.core.metrics import StageStats
from server.web.routes.status import plays_slower

pytestmark = pytest.mark.unit


@pytest.mark.parametrize(
    ("capture", "recognise", "compose", "slower"),
    [(33.3, 12.0, 8.0, False), (34.0, 60.0, 8.0, True), (90.0, 20.0, 8.0, True), (33.3, 38.0, 30.0, False)],
    ids=["quick", "slow recogniser", "slow source", "just in time"],
)
def test_a_source_plays_slower_where_a_stage_takes_longer_than_a_frame_lasts(
    capture: float, recognise: float, compose: float, slower: bool
) -> None:
    taken = {"capture": capture, "recognise": recognise, "compose": compose}
    assert plays_slower(30.0, {stage: StageStats(20.0, ms, ms) for stage, ms in taken.items()}) is slower
