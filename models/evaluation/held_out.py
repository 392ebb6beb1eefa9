"""Held letters that were cut out before, read as the live path reads them: quick enough to compare models."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray

from models.training.shipped.augmentation import normalise_all, upright
from models.training.shipped.stills import Stills
from overlay.recognition.crop import HandCrop, trace
from overlay.recognition.letter_model import LETTERS, LetterModel
from overlay.recognition.still import read_held_crop

Reader = Callable[[NDArray[np.uint8], NDArray[np.float32]], str]


@dataclass(frozen=True)
class Score:
    """How many of each signer's letters were read right.

    Attributes:
        shares: of the hands found, by signer.
        confusions: (letter, what was read), with how often.
    """

    shares: dict[str, float]
    confusions: Counter[tuple[str, str]]

    @property
    def mean(self) -> float:
        """Over signers."""
        return float(np.mean(list(self.shares.values())))

    @property
    def worst(self) -> float:
        """Of the signers."""
        return min(self.shares.values())


@dataclass(frozen=True)
class HeldAnswers:
    """What a model says to stills.

    Attributes:
        texts: what was read from each.
        logs: float64 (N, CLASSES), logarithms of the settled posteriors.
    """

    texts: list[str]
    logs: torch.Tensor


def read_stills(letter_model: LetterModel, stills: Stills, *, pixels: bool = True) -> HeldAnswers:
    """Each still, held for a second, through window, LSTM and decoder.

    Args:
        letter_model: with a model that wants upright hands.
        stills: with crops.
        pixels: let the model see them.
    """
    assert stills.crops is not None
    points = normalise_all(stills.landmarks)
    texts, posteriors = [], []
    for index, landmarks in enumerate(stills.landmarks):
        crop = upright(stills.crops[index], landmarks) if pixels else None
        held = read_held_crop(letter_model, HandCrop(crop, points[index], *trace(landmarks, mirror=False)))
        texts.append(held.text)
        posteriors.append(held.posteriors)
    return HeldAnswers(texts, torch.from_numpy(np.stack(posteriors)).double().clamp(min=1e-9).log())


def score(texts: list[str], stills: Stills) -> Score:
    """Right is just the letter, once."""
    letters = [LETTERS[label] for label in stills.labels]
    right = np.array([text == letter for text, letter in zip(texts, letters, strict=True)])
    shares = {str(name): float(right[stills.signers == name].mean()) for name in np.unique(stills.signers)}
    wrong = Counter(pair for pair, good in zip(zip(letters, texts, strict=True), right, strict=True) if not good)
    return Score(shares, wrong)
