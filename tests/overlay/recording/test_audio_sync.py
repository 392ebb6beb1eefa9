"""A microphone whose clock is wrong, over an hour of made-up time."""

import numpy as np
import pytest

from overlay.recording.audio_sync import PRIMING, RATE, SoundInStep

pytestmark = pytest.mark.unit

ZERO = 1000.0
BLOCK = 0.01  # seconds, as of most microphones


class Heard:
    """Puts what comes out together by its places; a click a little after each `every` seconds goes in."""

    def __init__(self, rate: int = RATE, every: float = 5.0) -> None:
        self.step = SoundInStep(ZERO, rate)
        self.rate, self.every = rate, every
        self.clicks: list[float] = []
        self.next_place: int | None = None
        self.first_place = 0
        self.asked: list[float] = []
        self.number = 0

    def hear(self, true_time: float, samples: int, late: float = 0.0) -> None:
        """A block whose first sample is from `true_time`, said to be from a little later."""
        block = np.zeros(samples, np.float32)
        click = 1.0 + self.number * self.every
        offset = round((click - true_time) * self.rate)
        if offset < samples:
            if offset >= 0:
                block[offset] = 1.0
                self.asked.append(click)
            self.number += 1
        for frame in self.step.add(block, ZERO + true_time + late):
            assert frame.pts is not None
            if self.next_place is None:
                self.first_place = frame.pts
            else:
                assert frame.pts == self.next_place, "there is a hole in the sound"
            self.next_place = frame.pts + frame.samples
            loud = frame.to_ndarray()[0]
            place = int(np.argmax(np.abs(loud)))
            if abs(loud[place]) > 0.3:
                self.clicks.append((frame.pts + place) / RATE)

    def worst(self) -> float:
        """Seconds by which a click was heard too early or too late."""
        assert len(self.clicks) >= len(self.asked) - 1
        return max(abs(heard - asked) for heard, asked in zip(self.clicks, self.asked, strict=False))


def run(
    heard: Heard, seconds: float, drift: float = 0.0, jitter: float = 0.01, begin: float = 0.0, block: float = BLOCK
) -> None:
    """Blocks of a microphone that gives a little more (`drift`) or fewer samples a second than it says."""
    generator = np.random.default_rng(7)
    samples = round(block * heard.rate)
    length = samples / (heard.rate * (1 + drift))
    for number in range(int(seconds / length)):
        heard.hear(begin + number * length, samples, generator.uniform(0, jitter))


@pytest.mark.parametrize("drift", [1800e-6, -1800e-6])
def test_after_an_hour_it_is_as_near_as_at_the_beginning(drift: float) -> None:
    """Told in ten minutes, by clocks that are six times as wrong as those of microphones."""
    heard = Heard(every=30.0)
    run(heard, 600.0, drift, block=0.5)  # uncorrected, it would be off by more than a second at the end
    assert len(heard.asked) == 20
    assert heard.worst() < 0.02


def test_another_rate() -> None:
    heard = Heard(44_100)
    run(heard, 20.0)
    assert heard.worst() < 0.02


def test_blocks_that_come_late_and_together_are_where_they_were_heard() -> None:
    """A busy machine hands a second's blocks over at once: they still say when they were heard."""
    heard = Heard()
    run(heard, 30.0, jitter=0.04)
    assert heard.worst() < 0.05


def test_sound_that_is_missing_leaves_silence_and_what_follows_is_in_its_place() -> None:
    heard = Heard()
    run(heard, 10.5)
    run(heard, 30.0, begin=14.0)
    assert 11.0 not in heard.asked
    after = [click for click in heard.clicks if click > 13]
    assert after == pytest.approx([16.0, 21.0, 26.0, 31.0, 36.0, 41.0], abs=0.03)


def test_what_was_heard_before_the_first_picture_is_left_out() -> None:
    heard = Heard()
    run(heard, 14.0, begin=-3.0)
    assert heard.first_place == PRIMING
    assert heard.worst() < 0.02


def test_a_microphone_that_begins_late_is_silent_until_then() -> None:
    heard = Heard()
    run(heard, 10.0, begin=4.0)
    assert heard.first_place == PRIMING
    assert heard.clicks == pytest.approx([6.0, 11.0], abs=0.02)
