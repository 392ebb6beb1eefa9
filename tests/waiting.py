"""Waiting for what other threads, processes and browsers do: the one way to, in all tests."""

import time
from collections.abc import Callable
from typing import TypeVar

Value = TypeVar("Value")

LONGEST = 60.0  # seconds for what a machine that is busy, or stands still for a moment, does late
STEP = 0.02  # seconds between two looks


def until(condition: Callable[[], Value], seconds: float = LONGEST, *, text: str = "") -> Value:
    """Wait until the condition holds, and return what it gave.

    Args:
        condition: asked again and again.
        seconds: after which it is a failure.
        text: what to say then.
    """
    deadline = time.monotonic() + seconds
    while not (value := condition()):
        assert time.monotonic() < deadline, text or f"it did not come to be in {seconds:g} s"
        time.sleep(STEP)
    return value
