"""When less is done, and when all again. Time is simulated."""

import pytest

from overlay.pipeline.load_shedding import LEVELS, LoadShedder

pytestmark = pytest.mark.unit

PERIOD = 1 / 30


class Machine:
    """Draws thirty pictures a second, and reads what it is told to."""

    def __init__(self) -> None:
        self.now = 0.0
        self.load = LoadShedder(PERIOD, self.now)
        self.lost = 0
        self.levels = [0]

    def run(self, seconds: float, *, reading: float = 0.012, late: float = 0.005, loses: int = 0) -> None:
        """Args: seconds that reading a frame takes, that pictures are late; of how many frames one is lost."""
        for number in range(round(seconds / PERIOD)):
            self.now += PERIOD
            if number % self.load.step.every == 0:
                self.load.read(self.now, reading)
            self.lost += loses > 0 and number % loses == 0
            if self.load.drawn(self.now, late, self.lost):
                self.levels.append(self.load.level)


def test_all_is_done_where_the_machine_is_fast_enough() -> None:
    machine = Machine()
    machine.run(60)
    assert machine.levels == [0]


def test_a_slow_camera_leaves_more_time_for_each_frame() -> None:
    load, now = LoadShedder(PERIOD, 0.0), 0.0
    for _ in range(900):
        now += 1 / 15
        load.read(now, 0.032)
        load.drawn(now, 0.005, 0)
    assert load.level == 0


def test_slow_reading_leaves_out_every_second_frame() -> None:
    machine = Machine()
    machine.run(60, reading=0.032)
    assert machine.levels == [0, 1]
    assert machine.load.step.every == 2


def test_reading_that_is_slower_still_goes_to_the_end() -> None:
    machine = Machine()
    machine.run(60, reading=0.2)
    assert machine.load.step == LEVELS[-1]


def test_late_pictures_are_a_reason_whatever_reading_takes() -> None:
    machine = Machine()
    machine.run(6, late=0.02)
    assert machine.load.level >= 1


def test_lost_pictures_are_a_reason() -> None:
    machine = Machine()
    machine.run(6, loses=20)
    assert machine.load.level >= 1


def test_a_hiccup_is_none() -> None:
    machine = Machine()
    machine.run(10)
    machine.run(0.15, reading=0.2, late=0.1)
    machine.run(10)
    assert machine.levels == [0]


def test_back_to_all_after_a_calm_time_and_not_to_and_fro() -> None:
    machine = Machine()
    machine.run(20, reading=0.032)
    assert machine.load.level == 1
    machine.run(9)
    assert machine.load.level == 1
    machine.run(60)
    assert machine.load.level == 0
    assert machine.levels == [0, 1, 0]


def test_no_step_back_that_would_bring_the_strain_back() -> None:
    machine = Machine()
    machine.run(6, reading=0.032)
    machine.run(120, reading=0.024)  # 36 % of the time at every second frame, 72 % at each
    assert machine.levels == [0, 1]
