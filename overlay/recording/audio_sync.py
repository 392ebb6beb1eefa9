"""Sound on another clock: a microphone's own runs a little fast or slow, and now and then it stops."""

import math
from fractions import Fraction
from typing import Final

import av
import numpy as np
from numpy.typing import NDArray

RATE: Final = 48_000  # samples a second
STEADY: Final = 2.0  # seconds over which the times of blocks are evened out
GAP: Final = 0.1  # seconds that a block may be off before sound is missing, or there twice
FASTEST: Final = RATE // 100  # samples a second that are squeezed in or stretched out: nobody hears a hundredth
PRIMING: Final = 1024  # samples that an AAC decoder gives before the first one: sound begins after them

Samples = NDArray[np.float32]


class SoundInStep:
    """Brings blocks of sound to the time of the pictures.

    Blocks say when they were heard, give or take some milliseconds; those times are evened out. FFmpeg's `aresample`
    then stretches or squeezes the sound until it fits them, and fills with silence what is missing.

    Args:
        zero: where the recording begins, in the seconds of the blocks.
        rate: samples a second of the blocks; what comes out has `RATE`.
    """

    def __init__(self, zero: float, rate: int = RATE) -> None:
        self._zero, self._rate = zero, rate
        self._next: float | None = None  # when the next block is to be heard
        graph = av.filter.Graph()
        self._source = graph.add_abuffer(format="flt", sample_rate=rate, layout="mono", time_base=Fraction(1, rate))
        step = graph.add("aresample", f"{RATE}:async={FASTEST}:min_hard_comp={GAP / 2}:first_pts={PRIMING}")
        self._sink = graph.add("abuffersink")
        self._source.link_to(step)
        step.link_to(self._sink)
        graph.configure()
        self._graph = graph

    def add(self, samples: Samples, at: float) -> list[av.AudioFrame]:
        """Take a block.

        Args:
            samples: float32 (N,), -1 to 1.
            at: when its first sample was heard, in seconds.

        Returns:
            What is ready, without gaps, with its place in the recording in `pts`.
        """
        length = len(samples) / self._rate
        if self._next is None or abs(at - self._next) > GAP:
            self._next = at
        else:
            self._next += (at - self._next) * -math.expm1(-length / STEADY)
        begins, self._next = self._next - self._zero, self._next + length
        if begins + length <= PRIMING / self._rate:
            return []  # heard before the first picture
        frame = av.AudioFrame.from_ndarray(samples[np.newaxis], format="flt", layout="mono")
        frame.sample_rate, frame.time_base = self._rate, Fraction(1, self._rate)
        frame.pts = round(begins * self._rate)
        self._source.push(frame)
        return self._ready()

    def _ready(self) -> list[av.AudioFrame]:
        ready: list[av.AudioFrame] = []
        while True:
            try:
                frame = self._sink.pull()
            except (av.error.BlockingIOError, av.error.EOFError):
                return ready
            assert isinstance(frame, av.AudioFrame)
            ready.append(frame)
