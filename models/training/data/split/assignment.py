"""Whole signers to train, validation and test, so that pictures and letters are shared out nearest to the wish."""

from collections.abc import Sequence
from itertools import islice, product
from typing import Final

import numpy as np
from numpy.typing import NDArray

SPLITS: Final = 3
MOST_TRIED: Final = 60_000  # assignments; up to ten signers that is all there are
CHUNK: Final = 4096
RESTARTS: Final = 30
EMPTY: Final = 100.0  # cost of a split that nobody is in, though somebody may be
UNTRAINED: Final = 1.0  # cost of a letter that the training split lacks
MISSING: Final = 0.1  # cost of a letter that another split lacks


def assign(
    counts: NDArray[np.int64], shares: Sequence[float], allowed: Sequence[Sequence[int]], seed: int
) -> list[int]:
    """The split of each signer.

    Every assignment is tried where there are few signers; otherwise many are improved step by step.

    Args:
        counts: pictures (signers, letters).
        shares: wanted of each split.
        allowed: the splits that each signer may go to.
        seed: of the choice among equals, and of where the search begins.
    """
    rng = np.random.default_rng(seed)
    order = rng.permutation(len(counts))
    shuffled, choices = counts[order], [list(allowed[number]) for number in order]
    if np.prod([float(len(some)) for some in choices]) <= MOST_TRIED:
        best = _try_all(shuffled, shares, choices)
    else:
        best = _improve(shuffled, shares, choices, rng)
    found = [0] * len(counts)
    for place, number in enumerate(order):
        found[number] = int(best[place])
    return found


def costs(
    assignments: NDArray[np.int64], counts: NDArray[np.int64], shares: Sequence[float], wanted: Sequence[int]
) -> NDArray[np.float64]:
    """How far assignments (n, signers) are from the shares, in total and letter by letter; (n,), less is better.

    Args:
        assignments: the split of each signer.
        counts: pictures (signers, letters).
        shares: wanted of each split.
        wanted: splits that should not be empty.
    """
    there = counts[:, counts.sum(0) > 0]
    inside = (assignments[..., None] == np.arange(SPLITS)).astype(np.float64)  # (n, signers, splits)
    sums = np.einsum("nks,kl->nsl", inside, there.astype(np.float64))
    targets = np.asarray(shares)[:, None]
    total = np.abs(sums.sum(2) / there.sum() - targets[:, 0]).sum(1)
    by_letter = np.abs(sums / there.sum(0) - targets).sum(1).mean(1)
    lacking = (sums == 0).sum(2) / there.shape[1]
    cost: NDArray[np.float64] = total + by_letter + UNTRAINED * (sums[:, 0] == 0).sum(1)
    for split in wanted:
        cost += MISSING * lacking[:, split] + EMPTY * ~inside[:, :, split].any(1)
    return cost


def _try_all(
    counts: NDArray[np.int64], shares: Sequence[float], choices: Sequence[Sequence[int]]
) -> NDArray[np.int64]:
    wanted = sorted(set().union(*choices))
    every = product(*choices)
    best, least = np.zeros(len(counts), np.int64), np.inf
    while some := list(islice(every, CHUNK)):
        tried = np.array(some, np.int64)
        cost = costs(tried, counts, shares, wanted)
        if cost.min() < least - 1e-12:
            best, least = tried[cost.argmin()], float(cost.min())
    return best


def _improve(
    counts: NDArray[np.int64],
    shares: Sequence[float],
    choices: Sequence[Sequence[int]],
    rng: np.random.Generator,
) -> NDArray[np.int64]:
    wanted = sorted(set().union(*choices))
    best, least = np.zeros(len(counts), np.int64), np.inf
    for _ in range(RESTARTS):
        now = np.array([_drawn(some, shares, rng) for some in choices], np.int64)
        cost = float(costs(now[None], counts, shares, wanted)[0])
        while True:
            near = _neighbours(now, choices)
            tried = costs(near, counts, shares, wanted)
            if tried.min() >= cost - 1e-12:
                break
            now, cost = near[tried.argmin()], float(tried.min())
        if cost < least - 1e-12:
            best, least = now, cost
    return best


def _drawn(choices: Sequence[int], shares: Sequence[float], rng: np.random.Generator) -> int:
    weights = np.array([shares[split] + 1e-6 for split in choices])
    return int(rng.choice(choices, p=weights / weights.sum()))


def _neighbours(now: NDArray[np.int64], choices: Sequence[Sequence[int]]) -> NDArray[np.int64]:
    """Every assignment in which one signer goes elsewhere, or two change places."""
    found = []
    for one, splits in enumerate(choices):
        for split in splits:
            if split != now[one]:
                moved = now.copy()
                moved[one] = split
                found.append(moved)
        for other in range(one):
            if now[one] != now[other] and now[other] in splits and now[one] in choices[other]:
                swapped = now.copy()
                swapped[[one, other]] = now[[other, one]]
                found.append(swapped)
    return np.array(found, np.int64)
