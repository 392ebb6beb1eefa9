"""Calibration of a threshold to a signer: labelled tries, decoded again with one after the other."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from overlay.core.edit_distance import edits
from overlay.core.settings import Decoding
from overlay.pipeline.replay import decode
from overlay.recognition.letter_stream import DecoderStep

THRESHOLDS: Final = tuple(round(0.2 + 0.03 * step, 2) for step in range(27))  # 0.2 to 0.98


@dataclass(frozen=True, slots=True)
class Try:
    """A text that was meant, and what the network saw and said.

    Attributes:
        text: letters in order; none where the signer rested or gestured on purpose.
        moments: from beginning to end.
        posteriors: float32 (classes,) of each.
    """

    text: str
    moments: tuple[DecoderStep, ...]
    posteriors: tuple[NDArray[np.float32], ...]


@dataclass(frozen=True, slots=True)
class Point:
    """The result of the tries with one threshold.

    Attributes:
        threshold: `Decoding.letter_confidence`.
        missed: letters that were meant and are not there, or are others.
        false: letters that are there and were not meant.
    """

    threshold: float
    missed: int
    false: int


def curve(tries: Sequence[Try], rules: Decoding) -> list[Point]:
    """The errors of all tries together at each threshold, all else being as in `rules`.

    A letter read as another is missed and false at once.
    """
    points = []
    for threshold in THRESHOLDS:
        tried = replace_confidence(rules, threshold)
        missed = false = 0
        for one in tries:
            read = "".join(letter.text for letter in decode(one.moments, one.posteriors, tried))
            differing = edits(one.text, read)
            missed += differing.deletions + differing.substitutions
            false += differing.insertions + differing.substitutions
        points.append(Point(threshold, missed, false))
    return points


def replace_confidence(rules: Decoding, threshold: float) -> Decoding:
    """The rules with another confidence for all letters; a letter never goes on below it for less than it began."""
    return rules.model_copy(
        update={
            "letter_confidence": threshold,
            "release_confidence": min(rules.release_confidence, threshold),
            "letters": {},
        }
    )


def balanced(points: Sequence[Point]) -> Point:
    """The threshold with the fewest errors; of several, the middle one of those whose misses and false letters
    differ least.

    Raises:
        ValueError: there is no point.
    """
    fewest = min(point.missed + point.false for point in points)
    best = [point for point in points if point.missed + point.false == fewest]
    difference = min(abs(point.missed - point.false) for point in best)
    best = [point for point in best if abs(point.missed - point.false) == difference]
    return best[len(best) // 2]
