"""The fixed time grid."""

import numpy as np
import pytest

from overlay.recognition.feature_window import GRID_RATE, LONGEST_GAP, MOTION, STEPS, Sample, Step, Window

pytestmark = pytest.mark.unit

PALM = 50.0


def sample(at: float, speed: float = 1.0) -> Sample:
    """A hand whose feature and place move evenly; `speed` in palms a second, to the right."""
    feature = np.array([at, -at, 1.0], np.float32)
    place = np.array([[speed * at * PALM, 7.0]] * 3, np.float32)
    return Sample(at, feature, place, PALM)


def run(window: Window, times: list[float], **keywords: float) -> list[Step]:
    return [step for at in times for step in window.accept(at, sample(at, **keywords))]


@pytest.mark.parametrize("rate", [15, 24, 25, 29.97, 30, 60])
def test_any_frame_rate_gives_the_same_rows(rate: float) -> None:
    steps = run(Window(3), [k / rate for k in range(int(3 * rate) + 1)])
    assert len(steps) == pytest.approx(3 * GRID_RATE + 1, abs=1)
    last = steps[-1]
    assert last.rows.shape == (STEPS, 3 + MOTION)
    assert last.hands == STEPS
    times = last.at - np.arange(STEPS)[::-1] / GRID_RATE
    np.testing.assert_allclose(last.rows[:, 0], times, atol=1e-4)
    # one palm a second is a third of a tenth of a palm each step
    np.testing.assert_allclose(last.rows[:, 3], 1 / GRID_RATE / 0.1, atol=0.02)
    np.testing.assert_allclose(last.rows[:, 4], 0, atol=1e-4)


def test_irregular_frames_give_the_same_rows() -> None:
    rng = np.random.default_rng(0)
    times = np.cumsum(rng.uniform(0.005, 0.1, 80)).tolist()
    last = run(Window(3), times)[-1]
    np.testing.assert_allclose(last.rows[:, 0], last.at - np.arange(STEPS)[::-1] / GRID_RATE, atol=1e-3)


def test_steps_come_on_the_grid_and_never_ahead_of_the_frames() -> None:
    window = Window(3)
    for k in range(40):
        at = k * 0.041
        for step in window.accept(at, sample(at)):
            assert step.at <= at + 1e-6
            assert step.at * GRID_RATE == pytest.approx(round(step.at * GRID_RATE))


def test_rows_without_a_hand_are_empty() -> None:
    window = Window(3)
    for k in range(10):
        list(window.accept(k / 30, sample(k / 30)))
    steps = [step for k in range(10, 20) for step in window.accept(k / 30, None)]
    assert not steps[-1].rows[-9:].any()
    assert steps[-1].hands == pytest.approx(10, abs=1)


def test_a_hand_that_returns_elsewhere_has_not_moved_there() -> None:
    window = Window(3)
    for k in range(10):
        list(window.accept(k / 30, sample(k / 30)))
    for k in range(10, 15):
        list(window.accept(k / 30, None))
    far = Sample(0.5, np.zeros(3, np.float32), np.full((3, 2), 900, np.float32), PALM)
    steps = list(window.accept(15 / 30, far))
    assert steps[-1].rows[-1, -1] == 1
    assert not steps[-1].rows[-1, 3:-1].any()


def test_a_long_gap_is_not_bridged_by_inventing_a_path() -> None:
    window = Window(3)
    list(window.accept(0.0, sample(0.0)))
    steps = list(window.accept(2 * LONGEST_GAP, sample(2 * LONGEST_GAP)))
    features = np.array([step.rows[-1, 0] for step in steps])
    assert set(np.round(features, 4)) <= {0.0, np.float32(2 * LONGEST_GAP)}


def test_a_camera_that_stood_still_begins_anew() -> None:
    window = Window(3)
    run(window, [k / 30 for k in range(40)])
    steps = list(window.accept(100.0, sample(100.0)))
    assert len(steps) <= 1
    assert all(step.hands == 1 for step in steps)


def test_motion_counts_in_palms_whatever_the_distance() -> None:
    rows = []
    for scale in (0.2, 1.0, 3.0):
        window, last = Window(3), None
        for k in range(40):
            near = sample(k / 30)
            scaled = Sample(near.at, near.feature, near.traced * np.float32(scale), near.palm * scale)
            for step in window.accept(near.at, scaled):
                last = step
        assert last is not None
        rows.append(last.rows)
    np.testing.assert_allclose(rows[0], rows[1], atol=1e-3)
    np.testing.assert_allclose(rows[2], rows[1], atol=1e-3)
