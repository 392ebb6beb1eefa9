"""Forced alignment: which frames of a spelled word show which letter, when the word is known."""

import numpy as np
from numpy.typing import NDArray

from overlay.enrolment.clip import EnrolmentClip, Replay
from overlay.enrolment.prototypes import MOVING
from overlay.recognition.feature_window import Sample
from overlay.recognition.letter_model import BLANK, LETTERS

ANY_LETTER = 0.05  # how much another letter speaks for the wanted one: it is at least no blank
LEAST = 1e-4  # no posterior counts as less
TEMPO = 0.05  # against a letter for each letter that it is early or late, were all equally long: breaks ties
MIDDLE = 0.6  # of a letter's steps; at both ends the hand is still on its way


def align(posteriors: NDArray[np.float32], word: str) -> NDArray[np.int64]:
    """Return which letter of the word each step shows (S,): its place in the word, or -1 for none.

    The best path through letters and blanks (CTC's topology: Graves et al., 2006, section 4.1) by Viterbi's
    algorithm. Fewer steps than letters give -1 throughout.
    """
    labels = [LETTERS.index(letter) for letter in word]
    count = len(posteriors)
    signed = posteriors[:, :BLANK].sum(1)
    states = 2 * len(labels) + 1  # blank, letter, blank, ..., letter, blank
    scores = np.empty((count, states))
    scores[:, ::2] = np.log(np.maximum(posteriors[:, BLANK], LEAST))[:, None]
    own = posteriors[:, labels]
    scores[:, 1::2] = np.log(np.maximum(own + ANY_LETTER * (signed[:, None] - own), LEAST))
    clock = (np.cumsum(signed) - signed / 2) / max(float(signed.sum()), LEAST) * len(labels) - 0.5
    scores[:, 1::2] -= TEMPO * np.abs(clock[:, None] - np.arange(len(labels)))
    may_skip = np.array(
        [state % 2 == 1 and state > 1 and labels[state // 2] != labels[state // 2 - 1] for state in range(states)]
    )
    best = np.full(states, -np.inf)
    best[:2] = scores[0, :2] if count else -np.inf
    came = np.zeros((count, states), np.int64)
    for step in range(1, count):
        one = np.concatenate([[-np.inf], best[:-1]])
        two = np.where(may_skip, np.concatenate([[-np.inf, -np.inf], best[:-2]]), -np.inf)
        ways = np.stack([best, one, two])
        came[step] = ways.argmax(0)
        best = ways.max(0) + scores[step]
    if not count or not np.isfinite(best[-2:].max()):
        return np.full(count, -1, np.int64)
    state = states - 2 + int(best[-1] > best[-2])
    shown = np.full(count, -1, np.int64)
    for step in range(count - 1, -1, -1):
        shown[step] = state // 2 if state % 2 else -1
        state -= int(came[step, state])
    return shown


def letter_samples(take: EnrolmentClip, heard: Replay) -> list[tuple[str, list[Sample]]]:
    """The samples of each letter of a spelled word but J and Z, from the middle of each.

    Args:
        take: of the word.
        heard: what was read in it.
    """
    shown = align(heard.posteriors, take.text)
    samples = take.samples
    times = np.array([sample.at for sample in samples])
    found = []
    for place, letter in enumerate(take.text):
        steps = np.flatnonzero(shown == place)
        if letter in MOVING or not len(steps) or not len(times):
            continue
        spare = int(len(steps) * (1 - MIDDLE) / 2)
        moments = heard.times[steps[spare : len(steps) - spare]]
        nearest = sorted({int(np.abs(times - moment).argmin()) for moment in moments})
        found.append((letter, [samples[index] for index in nearest]))
    return found
