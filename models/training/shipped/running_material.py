"""Running spelling by real people as training material: the text says what was spelled, an alignment says when."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import torch
from numpy.random import Generator
from numpy.typing import NDArray
from rich.progress import track

from models.training.data.rows import DELAY, IGNORED
from models.training.data.tree import MOVING_LABELS
from models.training.networks.shipped import Encoder, Temporal
from models.training.shipped.clips import Clip, make_clip
from models.training.shipped.sequences import Rows, encode_clip, rows_of_clip
from models.training.shipped.train_encoder import Examples
from overlay.recognition.feature_window import GRID_RATE
from overlay.recognition.landmark_file import RunningTake, in_pixels
from overlay.recognition.letter_model import BLANK, CLASSES, LETTERS

LEAST: Final = 1e-4  # probability that any letter has anywhere: a text is right though the network saw another letter
DOUBTFUL: Final = 0.02  # mean probability of a letter in its steps, below which nothing is learnt from these steps
UNLIKELY: Final = 0.25  # share of such letters from which on a whole take is left out: its text is another

Floats = NDArray[np.float32]


@dataclass(frozen=True)
class Aligned:
    """A take, and which letter is made when.

    Attributes:
        rows: of the time grid, with labels.
        clip: its frames, labelled alike.
        signer: who spells.
    """

    rows: Rows
    clip: Clip
    signer: str


def clip_of(take: RunningTake) -> Clip:
    """A take's frames without labels."""
    points = [None if np.isnan(frame).any() else frame for frame in in_pixels(take.landmarks, take.aspect)]
    return make_clip(np.arange(len(points)) / take.rate, points, [None] * len(points))


def align(probabilities: NDArray[np.floating], labels: Sequence[int]) -> NDArray[np.int64]:
    """The likeliest way to read a text, step by step: Viterbi over CTC's states (Graves et al., 2006, section 3).

    Args:
        probabilities: (T, CLASSES).
        labels: of the text's letters.

    Returns:
        int (T,): the place of the letter in the text that is made in each step, or -1 for none.

    Raises:
        ValueError: there are too few steps for the text.
    """
    states = [BLANK]
    for label in labels:
        states += [label, BLANK]
    logs = np.log(np.maximum(probabilities, LEAST))[:, states]
    repeated = np.array([k >= 3 and k % 2 == 1 and states[k] == states[k - 2] for k in range(len(states))])
    skips = (np.arange(len(states)) % 2 == 1) & ~repeated  # a letter may follow another without a blank
    best = np.full(len(states), -np.inf)
    best[:2] = logs[0, :2]
    came = np.zeros((len(logs), len(states)), np.int64)
    for t in range(1, len(logs)):
        one, two = np.full(len(states), -np.inf), np.full(len(states), -np.inf)
        one[1:] = best[:-1]
        two[2:] = np.where(skips[2:], best[:-2], -np.inf)
        choices = np.stack([best, one, two])
        came[t] = choices.argmax(0)
        best = choices.max(0) + logs[t]
    state = len(states) - 1 if len(states) == 1 or best[-1] >= best[-2] else len(states) - 2
    if not np.isfinite(best[state]):
        raise ValueError("too few steps for the text")
    way = np.empty(len(logs), np.int64)
    for t in range(len(logs) - 1, -1, -1):
        way[t] = state
        state -= came[t, state]
    return np.where(way % 2 == 1, way // 2, -1)


@torch.no_grad()
def align_takes(encoder: Encoder, temporal: Temporal, takes: Sequence[RunningTake], rng: Generator) -> list[Aligned]:
    """Let a trained model say when each letter is made; takes that do not fit their text are left out."""
    temporal.eval()
    result = []
    for take in track(takes, description="aligning running spelling"):
        clip = clip_of(take)
        labels = [LETTERS.index(letter) for letter in take.text if letter != " "]
        if not labels or not clip.present.any():
            continue
        rows = rows_of_clip(clip, encode_clip(encoder, clip, rng, augment=False)).rows
        padded = np.concatenate([rows, np.zeros((DELAY, rows.shape[1]), np.float32)])
        said = temporal.every_step(torch.from_numpy(padded)[None]).softmax(-1)[0].numpy()[DELAY:]
        said[rows[:, -1] == 0] = np.eye(CLASSES, dtype=np.float32)[BLANK]
        try:
            places = align(said, labels)
        except ValueError:
            continue
        marked = _marked(said, places, labels)
        if marked is not None:
            result.append(_labelled(take, clip, rows, marked))
    return result


def _marked(said: NDArray[np.floating], places: NDArray[np.int64], labels: Sequence[int]) -> NDArray[np.int64] | None:
    """Labels of the steps: what is doubtful is left open. None where the text is hardly what was spelled."""
    marked = np.full(len(places), BLANK)
    doubtful = 0
    for place, label in enumerate(labels):
        mine = places == place
        sure = float(said[mine, label].mean()) >= DOUBTFUL
        marked[mine] = label if sure else IGNORED
        doubtful += not sure
    return None if doubtful > UNLIKELY * len(labels) else marked


def _labelled(take: RunningTake, clip: Clip, rows: Floats, marked: NDArray[np.int64]) -> Aligned:
    first = int(np.ceil(clip.times[0] * GRID_RATE))
    steps = np.clip(np.round(clip.times * GRID_RATE).astype(int) - first, 0, len(marked) - 1)
    labelled = Clip(clip.times, clip.present, None, clip.landmarks, clip.traced, clip.palm, marked[steps])
    return Aligned(Rows(rows, marked), labelled, take.signer)


def running_rows(encoder: Encoder, aligned: Sequence[Aligned], rng: Generator) -> list[Rows]:
    """Each take once more, turned a little, as it is encoded by another encoder perhaps."""
    return [rows_of_clip(one.clip, encode_clip(encoder, one.clip, rng)) for one in aligned]


def running_examples(aligned: Sequence[Aligned], share: float) -> Examples:
    """The frames in which a letter is made, for the encoder; all letters but J and Z."""
    landmarks, labels, signers = [], [], []
    for number, one in enumerate(aligned):
        made = one.clip.present & (one.clip.labels >= 0) & ~np.isin(one.clip.labels, [BLANK, *MOVING_LABELS])
        landmarks.append(one.clip.landmarks[made])
        labels.append(one.clip.labels[made])
        signers.append(np.full(int(made.sum()), one.signer or f"take {number}"))
    return Examples(None, np.concatenate(landmarks), np.concatenate(labels), np.concatenate(signers), share)
