"""Who reads small trials."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from models.evaluation.live import Eyes, Scene, Seen

RATE = 15.0  # frames a second, the fewest that a camera gives


class FewFrames(Eyes):
    """Eyes before a camera of few frames a second, whatever the trial asks for."""

    def read(self, scenes: Sequence[Scene], title: str) -> list[Seen]:
        return super().read([replace(scene, rate=RATE) for scene in scenes], title)


@pytest.fixture
def few_frames(hand_model: Path) -> Eyes:
    return FewFrames(None, hand_model, 1)
