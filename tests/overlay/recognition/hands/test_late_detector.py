"""Nothing waits for the hand model: no hand is found until it is there."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from overlay.recognition.hands.late_detector import LateDetector

pytestmark = pytest.mark.unit

PIXELS = np.zeros((2, 2, 3), np.uint8)


class Detector:
    """Finds the same each time."""

    def __init__(self, bundle: Path) -> None:
        self.bundle, self.closed = bundle, False

    def find(self, _pixels: Any, at: float) -> Any:
        return at

    def close(self) -> None:
        self.closed = True


def test_hands_are_found_from_when_the_model_is_there() -> None:
    bundles: list[Path | None] = [None]
    opened: list[Detector] = []
    log: list[str] = []

    def open_one(bundle: Path) -> Any:
        opened.append(Detector(bundle))
        return opened[-1]

    detector = LateDetector(lambda: bundles[0], lambda: log.append("opened"), open_one)
    assert [detector.find(PIXELS, 1.0), log] == [None, []]
    bundles[0] = Path("bundle")
    assert [detector.find(PIXELS, at) for at in (2.0, 3.0)] == [2.0, 3.0]
    assert ([one.bundle for one in opened], log) == ([Path("bundle")], ["opened"])
    detector.close()
    assert opened[0].closed


def test_it_can_be_closed_before() -> None:
    with LateDetector(lambda: None, lambda: None) as detector:
        assert detector.find(PIXELS, 1.0) is None


def test_what_is_no_fault_of_the_network_comes_out() -> None:
    def broken() -> Path:
        raise KeyError("a fault")

    with pytest.raises(KeyError):
        LateDetector(broken, lambda: None).find(PIXELS, 1.0)


def test_another_hand_is_asked_for_where_the_model_is_there() -> None:
    asked: list[str] = []

    class Choosing(Detector):
        def take_other(self) -> None:
            asked.append("other")

    bundles: list[Path] = []

    def open_one(bundle: Path) -> Any:
        return Choosing(bundle)

    with LateDetector(lambda: bundles[0] if bundles else None, lambda: None, open_one) as detector:
        detector.take_other()
        assert asked == []
        bundles.append(Path("bundle"))
        detector.find(PIXELS, 0.0)
        detector.take_other()
    assert asked == ["other"]
