"""Whether this processor reads frames as fast as a camera gives them."""

import math
import time
from pathlib import Path

import numpy as np

from overlay.doctor.finding import Finding, good, problem, unknown, warning

NAME = "speed"
RATE = 30.0  # frames a second that cameras give
NEEDED = 25.0  # milliseconds a frame, so that something is left for the picture
SLOWEST = 100.0  # beyond it, letters pass unseen
SETTLING, COUNTED = 5, 25  # frames that are read before the clock counts, and while it does
LONGEST = 6.0  # seconds after which fewer frames must do


def measure(hand_model: Path) -> float:
    """Milliseconds in which a frame is read, the median: hands, network and all, on the synthetic signer."""
    from overlay.media.frame import Frame
    from overlay.pipeline.live_captioner import LiveCaptioner
    from overlay.synthesis.signer import SyntheticSigner

    signer = SyntheticSigner("SPEED")
    start = signer.letters[0][1]
    captioner = LiveCaptioner(hand_model=hand_model)
    took: list[float] = []
    end = time.perf_counter() + LONGEST
    try:
        while len(took) < SETTLING + COUNTED and (len(took) < 2 or time.perf_counter() < end):
            at = len(took) / RATE
            frame = Frame(signer.render(start + at), len(took), at)
            began = time.perf_counter()
            captioner.accept(frame)
            took.append((time.perf_counter() - began) * 1000)
    finally:
        captioner.close()
    return float(np.median(took[min(SETTLING, len(took) // 2) :]))


def judge(milliseconds: float | None) -> Finding:
    """Return the finding for a measured time.

    Args:
        milliseconds: a frame; None where it could not be measured.
    """
    if milliseconds is None:
        return unknown(NAME, "is measured once the hand model is there")
    found = f"a frame is read in {milliseconds:.0f} ms, {min(1000 / milliseconds, 999):.0f} a second"
    if milliseconds <= NEEDED:
        return good(NAME, found)
    if milliseconds >= 1000:
        found = f"a frame is read in {milliseconds / 1000:.1f} s"
    every = math.ceil(milliseconds * RATE / 1000)
    skipping = "a few frames" if every < 2 else "every second frame" if every == 2 else f"about one frame in {every}"
    reading = f"Signcap leaves out {skipping}" if every < 2 else f"Signcap reads {skipping}, the newest each time"
    advice = (
        f"Less than {NEEDED:.0f} ms would be good. {reading}; the picture stays smooth. "
        "Hold letters a little longer, close other programs, plug the power in"
    )
    if milliseconds <= SLOWEST:
        return warning(NAME, found, f"{advice}.")
    return problem(NAME, found, f"{advice}, or use a faster computer: most letters pass unseen here.")
