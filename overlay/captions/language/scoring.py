"""How well spelled words fit what the network saw: CTC's forward algorithm over stretches of the posteriors."""

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

CLASSES: Final = 27  # A to Z, and blank
BLANK: Final = 26
CHANGE: Final = 0.3  # summed difference of posteriors, from which on a step begins another stretch
LONGEST: Final = 4  # steps of one
LEAST: Final = 1e-6  # no symbol is less likely

Floats = NDArray[np.float32]


def stretches(posteriors: Floats) -> tuple[Floats, Floats]:
    """Return stretches of like steps, and how much each counts.

    Neighbouring steps are much alike, and so are their errors: each by itself would count a single misreading many
    times.

    Args:
        posteriors: float32 (T, CLASSES).

    Returns:
        Means (S, CLASSES), and weights (S,): 1 for the longest stretches, less for shorter ones.
    """
    means: list[Floats] = []
    counts: list[int] = []
    for step in posteriors:
        if means and counts[-1] < LONGEST and float(np.abs(means[-1] / counts[-1] - step).sum()) < CHANGE:
            means[-1] = means[-1] + step
            counts[-1] += 1
        else:
            means.append(step)
            counts.append(1)
    lengths = np.array(counts, np.float32)
    together = np.array(means, np.float32).reshape(-1, CLASSES)
    return (together / lengths[:, None]).astype(np.float32), (lengths / LONGEST).astype(np.float32)


def codes_of(words: Sequence[str]) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Return words A to Z as letter numbers (B, longest), padded with `BLANK`, and their lengths (B,)."""
    lengths = np.array([len(word) for word in words], np.intp)
    codes = np.full((len(words), max(int(lengths.max(initial=1)), 1)), BLANK, np.intp)
    for row, word in zip(codes, words, strict=True):
        row[: len(word)] = np.frombuffer(word.encode("ascii"), np.uint8) - ord("A")
    return codes, lengths


def forward(emissions: Floats, words: Sequence[str]) -> NDArray[np.float64]:
    """Return the log probability (B,) of each word A to Z: all ways to spell it, with or without blanks between
    letters (Graves et al., 2006, section 4.1).

    Args:
        emissions: float32 (S, CLASSES), how likely each symbol is in each stretch.
        words: B of them, none empty.
    """
    codes, lengths = codes_of(words)
    count, longest = codes.shape
    states = np.full((count, 2 * longest + 1), BLANK, np.intp)
    states[:, 1::2] = codes
    skips = np.zeros(states.shape, np.float32)
    skips[:, 3::2] = codes[:, 1:] != codes[:, :-1]
    rows = np.arange(count)
    seen = np.maximum(emissions, LEAST)[:, states]  # (S, B, states)
    now = np.zeros(states.shape, np.float32)
    now[:, :2] = seen[0, :, :2]
    total = np.zeros(count)
    for step in range(1, len(seen) + 1):
        scale = now.max(1, keepdims=True)
        scale[scale <= 0] = 1e-30
        total += np.log(scale[:, 0])
        now /= scale
        if step == len(seen):
            break
        new = now.copy()
        new[:, 1:] += now[:, :-1]
        new[:, 2:] += now[:, :-2] * skips[:, 2:]
        now = new * seen[step]
    ends = now[rows, 2 * lengths] + now[rows, 2 * lengths - 1]
    return np.asarray(total + np.log(np.maximum(ends, 1e-30)), np.float64)


def any_word(emissions: Floats, follows: Floats) -> float:
    """Return the log probability of all strings together, each as likely as its letters follow each other.

    Args:
        emissions: float32 (S, CLASSES), how likely each symbol is in each stretch.
        follows: float32 (27, 27), how likely each letter, or the end, follows each letter, or the beginning.
    """
    starts, after, ends = follows[BLANK, :BLANK], follows[:BLANK, :BLANK], follows[:BLANK, BLANK]
    another = after - np.diag(np.diag(after))  # without a blank between, the same letter goes on
    seen = np.maximum(emissions, LEAST)
    letters, blanks, before = starts * seen[0, :BLANK], np.zeros(BLANK, np.float32), seen[0, BLANK]
    total = 0.0
    for step in seen[1:]:
        scale = np.float32(max(letters.max(), blanks.max(), before, 1e-30))
        total += float(np.log(scale))
        letters, blanks, before = letters / scale, blanks / scale, before / scale
        new = letters + letters @ another + blanks @ after + before * starts
        letters, blanks, before = new * step[:BLANK], (letters + blanks) * step[BLANK], before * step[BLANK]
    return total + float(np.log(max(float((letters + blanks) @ ends), 1e-30)))
